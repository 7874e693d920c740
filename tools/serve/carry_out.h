#ifndef TRIMARAN_TOOLS_SERVE_CARRY_OUT_H_
#define TRIMARAN_TOOLS_SERVE_CARRY_OUT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "tools/serve/job.h"
#include "tools/serve/workspace.h"

// What the commands of a job do to a workspace, and how jobs are answered. No
// database, no thread.
//
// Thread: all functions may be called from any thread.

namespace trimaran::serve {

struct JobSize {
  // Of all words of all commands; and how many there are.
  size_t bytes = 0;
  size_t words = 0;
};
JobSize SizeOf(const Job& job);

// Appends the answer to one command, which gets no more than `bytes_max`.
void CarryOutCommand(const KnownCommand& command, size_t bytes_max,
                     Workspace& rows, std::string& replies);

// Carries out all commands of the job. A transaction does nothing, and is
// answered with null, if something that it watches has changed.
std::string CarryOutJob(const Job& job, Workspace& rows);

// The answer to that.
std::string ChangedReply();

// The job is done, and answered like this.
JobResult Answered(const Job& job, std::string replies);
// The error for each command, or for the transaction.
JobResult Refused(const Job& job, std::string_view error);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_CARRY_OUT_H_
