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

// What has become of a job: answers to the first `commands` of it.
struct JobAnswers {
  std::string replies = {};
  size_t commands = 0;
};

// Carries out the commands of the job: of a transaction all, else as many as
// there is room for the answers of, and one at least. A transaction does
// nothing, and is answered with null, if something that it watches has changed.
JobAnswers CarryOutJob(const Job& job, Workspace& rows);

// The answer to that.
JobAnswers ChangedReply();

// So much of the job is done, and answered like this. The rest is given back.
JobResult Answered(Job& job, JobAnswers answers);
// The error for each command, or for the transaction.
JobResult Refused(const Job& job, std::string_view error);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_CARRY_OUT_H_
