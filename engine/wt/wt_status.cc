#include "engine/wt/wt_status.h"

#include <wiredtiger.h>

#include <cerrno>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/types/optional.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"

namespace trimaran::wt {
namespace {

constexpr absl::string_view kCodeUrl = "trimaran/wiredtiger-code";

absl::StatusCode StatusCodeOf(int code) {
  switch (code) {
    case WT_ROLLBACK:
      return absl::StatusCode::kAborted;
    case EBUSY:
      return absl::StatusCode::kUnavailable;
    case WT_NOTFOUND:
    case ENOENT:
      return absl::StatusCode::kNotFound;
    case WT_DUPLICATE_KEY:
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case WT_CACHE_FULL:
      return absl::StatusCode::kResourceExhausted;
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    case EINVAL:
      return absl::StatusCode::kInvalidArgument;
    case WT_RUN_RECOVERY:
      return absl::StatusCode::kFailedPrecondition;
    default:
      return absl::StatusCode::kInternal;
  }
}

// A refusal by which nothing has changed.
bool IsCleanRefusal(int code) {
  switch (code) {
    case WT_ROLLBACK:
    case WT_DUPLICATE_KEY:
    case WT_NOTFOUND:
    case EBUSY:
    case ENOENT:
    case EEXIST:
      return true;
    default:
      return false;
  }
}

// Says by itself that the files or the device are not what they should be.
bool IsFatal(int code) {
  switch (code) {
    case WT_PANIC:
    case WT_TRY_SALVAGE:
    case WT_RUN_RECOVERY:
    case WT_ERROR:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string_view OperationName(Operation operation) {
  switch (operation) {
    case Operation::kOpen:
      return "open";
    case Operation::kClose:
      return "close";
    case Operation::kOpenSession:
      return "open session";
    case Operation::kOpenCursor:
      return "open cursor";
    case Operation::kRead:
      return "read";
    case Operation::kWrite:
      return "write";
    case Operation::kBulkLoad:
      return "bulk load";
    case Operation::kBegin:
      return "begin";
    case Operation::kCommit:
      return "commit";
    case Operation::kRollback:
      return "rollback";
    case Operation::kCheckpoint:
      return "checkpoint";
    case Operation::kCreateTable:
      return "create table";
    case Operation::kDropTable:
      return "drop table";
    case Operation::kStatistics:
      return "read statistics";
  }
  return "unknown operation";
}

absl::Status ToStatus(int code, Operation operation, std::string_view subject) {
  if (code == 0) return absl::OkStatus();
  const std::string message =
      absl::StrCat("WiredTiger: ", ToAbsl(OperationName(operation)),
                   subject.empty() ? "" : " ", ToAbsl(subject), ": ",
                   wiredtiger_strerror(code));
  absl::Status status = code == WT_TRY_SALVAGE
                            ? CorruptionError(message)
                            : absl::Status(StatusCodeOf(code), message);
  if (code == WT_ROLLBACK) {
    status = WithOutcome(std::move(status), WriteOutcome::kNotApplied);
  }
  status.SetPayload(kCodeUrl, absl::Cord(absl::StrCat(code)));
  return status;
}

bool Poisons(int code, Operation operation) {
  if (code == 0 || IsCleanRefusal(code)) return false;
  if (IsFatal(code)) return true;
  switch (operation) {
    case Operation::kCommit:
    case Operation::kRollback:
    case Operation::kCheckpoint:
    case Operation::kCreateTable:
    case Operation::kDropTable:
    case Operation::kClose:
      return true;
    case Operation::kWrite:
    case Operation::kBulkLoad:
      // The thread that writes may have to make room in the cache, that is
      // write to the disk, for others too.
      return code == EIO;
    case Operation::kOpen:
    case Operation::kOpenSession:
    case Operation::kOpenCursor:
    case Operation::kRead:
    case Operation::kBegin:
    case Operation::kStatistics:
      return false;
  }
  return true;
}

bool ReportPoisons(int code, std::string_view message, std::string_view home) {
  if (code == WT_PANIC || code == WT_TRY_SALVAGE) return true;
  const std::string text = absl::AsciiStrToLower(
      home.empty()
          ? std::string(message)
          : absl::StrReplaceAll(ToAbsl(message), {{ToAbsl(home), ""}}));
  return absl::StrContains(text, "corrupt") ||
         absl::StrContains(text, "checksum error");
}

std::optional<int> CodeOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kCodeUrl);
  int code = 0;
  if (!payload.has_value()) return std::nullopt;
  const std::string text(*payload);
  if (!absl::SimpleAtoi(text, &code)) {
    return std::nullopt;
  }
  return code;
}

bool IsRollback(const absl::Status& status) {
  return !status.ok() && CodeOf(status) == WT_ROLLBACK;
}

bool IsBusy(const absl::Status& status) {
  return !status.ok() && CodeOf(status) == EBUSY;
}

bool MakesNoSense(const absl::Status& status) {
  if (status.ok()) return false;
  switch (CodeOf(status).value_or(0)) {
    case EINVAL:
    case WT_ERROR:
      return true;
    default:
      return false;
  }
}

}  // namespace trimaran::wt
