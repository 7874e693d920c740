#include "tools/trimaran/exit_code.h"

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"

namespace trimaran::tool {

// The engine has no such error of its own about what is stored.
absl::Status RefusedError(std::string_view message) {
  return absl::AbortedError(ToAbsl(message));
}

absl::Status ErrorOfOpen(const absl::Status& error) {
  if (!absl::IsFailedPrecondition(error) || IsNewerFormat(error)) return error;
  return RefusedError(ToStd(error.message()));
}

absl::Status WithHintIfOpen(const absl::Status& error,
                            std::string_view scheme) {
  if (!absl::IsUnavailable(error)) return error;
  return absl::UnavailableError(
      absl::StrCat(error.message(), "; --at ", ToAbsl(scheme),
                   "://HOST:PORT asks a replica that runs"));
}

ExitCode ExitCodeFor(const absl::Status& status) {
  if (IsNewerFormat(status)) return ExitCode::kNewerFormat;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kOk;
    case absl::StatusCode::kInvalidArgument:
      return ExitCode::kUsage;
    case absl::StatusCode::kNotFound:
      return ExitCode::kNoStore;
    case absl::StatusCode::kUnavailable:
      return ExitCode::kInUse;
    // What should be a file is a directory, or the other way round; a home that
    // wants to be repaired first.
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kFailedPrecondition:
      return ExitCode::kDamaged;
    case absl::StatusCode::kPermissionDenied:
      return ExitCode::kPermission;
    case absl::StatusCode::kAlreadyExists:
      return ExitCode::kExists;
    case absl::StatusCode::kResourceExhausted:
      return ExitCode::kNoRoom;
    case absl::StatusCode::kAborted:
      return ExitCode::kRefused;
    // OutcomeUnknownError().
    case absl::StatusCode::kUnknown:
      return ExitCode::kOutcomeUnknown;
    case absl::StatusCode::kCancelled:
      return ExitCode::kInterrupted;
    default:
      return ExitCode::kIoError;
  }
}

}  // namespace trimaran::tool
