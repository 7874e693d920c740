#ifndef TRIMARAN_ENGINE_WT_WT_STATUS_H_
#define TRIMARAN_ENGINE_WT_WT_STATUS_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"

// The one place that knows what WiredTiger's return codes mean: which status a
// code becomes, and which codes end the life of a connection. Both are pure
// functions of the code and of what was being done.
//
// Thread: any.

namespace trimaran::wt {

// What WiredTiger was asked to do.
enum class Operation : uint8_t {
  kOpen,
  kClose,
  kOpenSession,
  kOpenCursor,
  // Moves of a cursor, and reading what is under it.
  kRead,
  // Changes through a cursor inside a transaction, which can be rolled back.
  kWrite,
  kBulkLoad,
  kBegin,
  kCommit,
  kRollback,
  kCheckpoint,
  kCreateTable,
  kDropTable,
  kStatistics,
};

// "commit", "drop table": for messages.
std::string_view OperationName(Operation operation);

// OK for 0. Otherwise an error that names the operation, `subject` (a table, a
// path; may be empty) and WiredTiger's own text:
//
//   code                         status
//   WT_ROLLBACK                  Aborted, not applied: roll back, try again
//   EBUSY                        Unavailable: somebody uses it; try later
//   WT_NOTFOUND, ENOENT          NotFound
//   WT_DUPLICATE_KEY, EEXIST     AlreadyExists
//   ENOSPC, EDQUOT, EFBIG        ResourceExhausted
//   ENOMEM, EMFILE, ENFILE, WT_CACHE_FULL
//                                ResourceExhausted
//   EACCES, EPERM, EROFS         PermissionDenied
//   EINVAL                       InvalidArgument
//   WT_RUN_RECOVERY              FailedPrecondition
//   WT_TRY_SALVAGE               Corruption (engine/base/errors.h)
//   WT_PANIC, EIO, WT_ERROR, and whatever else
//                                Internal
//
// WT_NOTFOUND of a lookup is an answer and never gets here; neither does the
// end of a scan.
absl::Status ToStatus(int code, Operation operation, std::string_view subject);

// Whether a code means that nothing may be believed of this connection any
// more. What may have left a commit, a checkpoint or the list of tables half
// done does: a failed sync must not be tried again. A clean refusal
// (WT_ROLLBACK, EBUSY, a name that does or does not exist) does not, nor does a
// change that its transaction takes back, nor a read that found no page.
bool Poisons(int code, Operation operation);

// Whether WiredTiger's error handler reports the end of the connection or
// damage to its files, in so many words. `home` is left out of account, since
// its path may contain any word.
bool ReportPoisons(int code, std::string_view message, std::string_view home);

// WiredTiger's code, if ToStatus made `status`.
std::optional<int> CodeOf(const absl::Status& status);

// The transaction met another one that wrote the same rows, or took too much
// of the cache: roll it back and try again.
bool IsRollback(const absl::Status& status);
// Somebody uses what was to be dropped, taken anew, or opened.
bool IsBusy(const absl::Status& status);
// WiredTiger cannot make sense of what it was told, or of what it read: where
// it was told nothing new, of the latter.
bool MakesNoSense(const absl::Status& status);

}  // namespace trimaran::wt

#endif  // TRIMARAN_ENGINE_WT_WT_STATUS_H_
