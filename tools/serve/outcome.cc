#include "tools/serve/outcome.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "trimaran/errors.h"

namespace trimaran::serve {
namespace {

std::string_view WordOf(const absl::Status& status) {
  if (IsNotLeader(status)) return "NOTLEADER";
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kUnimplemented:
      return "ERR";
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kFailedPrecondition:
      return "TRYAGAIN";
    default:
      return "FAILED";
  }
}

}  // namespace

std::string WriteErrorReply(const absl::Status& status) {
  if (OutcomeOf(status) == WriteOutcome::kUnknown) {
    return absl::StrCat("UNKNOWN the write may or may not be applied: ",
                        status.message());
  }
  return NotAppliedReply(status);
}

std::string NotAppliedReply(const absl::Status& status) {
  return absl::StrCat(ToAbsl(WordOf(status)),
                      " not applied: ", status.message());
}

std::string ReadErrorReply(const absl::Status& status) {
  return absl::StrCat(ToAbsl(WordOf(status)), " not read: ", status.message());
}

}  // namespace trimaran::serve
