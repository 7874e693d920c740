#ifndef TRIMARAN_TOOLS_SERVE_JOB_H_
#define TRIMARAN_TOOLS_SERVE_JOB_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "tools/serve/absent_rows.h"
#include "tools/serve/command.h"
#include "tools/serve/command_table.h"
#include "trimaran/options.h"

namespace trimaran::serve {

// A command, and what the table says of it.
struct KnownCommand {
  const CommandSpec* spec = nullptr;
  Command command;
};

struct WatchedKey {
  std::string key = {};
  uint64_t version = 0;
  // Of a row that was not there: of all those of one WATCH.
  std::shared_ptr<AbsentRows> absent = {};
};

// What a connection wants of the database: one thing at a time, so that what
// it does is done in its order.
struct Job {
  enum class Kind : uint8_t {
    // Commands that only look.
    kRead,
    // Commands that look at nothing.
    kWrite,
    // Commands of both kinds, and those that do both.
    kUpdate,
    // One command that walks over rows.
    kScan,
    // Asks for the versions of the keys that are `watched`.
    kWatch,
  };
  Kind kind = Kind::kRead;
  // How fresh what is read has to be.
  ReadLevel level = ReadLevel::kLinearizable;
  std::vector<KnownCommand> commands = {};
  // The commands are a transaction, with one answer, and done only if nobody
  // has changed what is `watched`.
  bool exec = false;
  std::vector<WatchedKey> watched = {};
  // Of each answer; and how much may be answered before the rest of the
  // commands is given back.
  size_t reply_bytes_max = 0;
  size_t output_bytes_max = 0;
};

struct JobResult {
  // The answers to the first `answered` commands of the job, or, of a
  // transaction and of kWatch, to the job as a whole.
  std::string replies = {};
  size_t answered = 0;
  // The commands that were not carried out, lest too much is answered at once.
  std::vector<KnownCommand> rest = {};
  // For kWatch.
  std::vector<WatchedKey> watched = {};
};

// Called once, on the thread that has submitted the job, never within Submit.
using JobDone = absl::AnyInvocable<void(JobResult)>;

// Carries jobs out.
//
// Thread: the loop's.
class JobRunner {
 public:
  virtual ~JobRunner() = default;
  // Does not wait.
  virtual void Submit(Job job, JobDone done) = 0;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_JOB_H_
