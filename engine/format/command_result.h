#ifndef TRIMARAN_ENGINE_FORMAT_COMMAND_RESULT_H_
#define TRIMARAN_ENGINE_FORMAT_COMMAND_RESULT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/ids.h"

namespace trimaran::engine {

// What became of one command. The same on every replica.
struct CommandResult {
  // OK, or why the command was refused: a deterministic answer, the command
  // has changed nothing. InvalidArgument, NotFound (family, member),
  // AlreadyExists (family, a member bound elsewhere), ResourceExhausted (a
  // limit), FailedPrecondition (an expired session, a sequence already
  // forgotten). What
  // stands below then has its default, but for `repeated` and `index`.
  absl::Status status;
  // Whether a WriteCommand's compares held; true for everything else.
  bool succeeded = true;
  // The command was done before, and this is the answer that it had then.
  bool repeated = false;
  // The entry that did it: for a repeated command the first one's.
  LogIndex index;
  // The id that was given, or the number of rows that were deleted.
  uint64_t value = 0;
  // Answers of the GetOps that were done, in order. Lost (empty, and
  // `reads_dropped`) where they are longer than kSessionReadBytesMax and the
  // command is a repeated one, or its entry has no room for them within
  // kReadBytesMax.
  std::vector<std::optional<std::string>> reads;
  bool reads_dropped = false;

  friend bool operator==(const CommandResult&, const CommandResult&) = default;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FORMAT_COMMAND_RESULT_H_
