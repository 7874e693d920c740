#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "api/c/boundary.h"
#include "trimaran/errors.h"

namespace trimaran::c {
namespace {

// Attached to a Refusal, whose outcome is certain.
constexpr char kRefusalUrl[] = "trimaran/refusal";

absl::string_view ToAbsl(std::string_view text) {
  return {text.data(), text.size()};
}

// The codes are those of Abseil, which names theirs for good.
static_assert(static_cast<int>(absl::StatusCode::kOk) == TRIMARAN_OK);
static_assert(static_cast<int>(absl::StatusCode::kCancelled) ==
              TRIMARAN_CANCELLED);
static_assert(static_cast<int>(absl::StatusCode::kUnknown) == TRIMARAN_UNKNOWN);
static_assert(static_cast<int>(absl::StatusCode::kInvalidArgument) ==
              TRIMARAN_INVALID_ARGUMENT);
static_assert(static_cast<int>(absl::StatusCode::kDeadlineExceeded) ==
              TRIMARAN_DEADLINE_EXCEEDED);
static_assert(static_cast<int>(absl::StatusCode::kNotFound) ==
              TRIMARAN_NOT_FOUND);
static_assert(static_cast<int>(absl::StatusCode::kAlreadyExists) ==
              TRIMARAN_ALREADY_EXISTS);
static_assert(static_cast<int>(absl::StatusCode::kPermissionDenied) ==
              TRIMARAN_PERMISSION_DENIED);
static_assert(static_cast<int>(absl::StatusCode::kResourceExhausted) ==
              TRIMARAN_RESOURCE_EXHAUSTED);
static_assert(static_cast<int>(absl::StatusCode::kFailedPrecondition) ==
              TRIMARAN_FAILED_PRECONDITION);
static_assert(static_cast<int>(absl::StatusCode::kAborted) == TRIMARAN_ABORTED);
static_assert(static_cast<int>(absl::StatusCode::kOutOfRange) ==
              TRIMARAN_OUT_OF_RANGE);
static_assert(static_cast<int>(absl::StatusCode::kUnimplemented) ==
              TRIMARAN_UNIMPLEMENTED);
static_assert(static_cast<int>(absl::StatusCode::kInternal) ==
              TRIMARAN_INTERNAL);
static_assert(static_cast<int>(absl::StatusCode::kUnavailable) ==
              TRIMARAN_UNAVAILABLE);
static_assert(static_cast<int>(absl::StatusCode::kDataLoss) ==
              TRIMARAN_DATA_LOSS);
static_assert(static_cast<int>(WriteOutcome::kApplied) == TRIMARAN_APPLIED);
static_assert(static_cast<int>(WriteOutcome::kNotApplied) ==
              TRIMARAN_NOT_APPLIED);
static_assert(static_cast<int>(WriteOutcome::kUnknown) ==
              TRIMARAN_OUTCOME_UNKNOWN);

}  // namespace

absl::Status Refusal(absl::StatusCode code, std::string_view text) {
  absl::Status status(code, ToAbsl(text));
  status.SetPayload(kRefusalUrl, absl::Cord());
  return status;
}

trimaran_error Describe(const absl::Status& status) {
  trimaran_error error;
  error.code = static_cast<trimaran_code>(status.code());
  error.outcome = status.GetPayload(kRefusalUrl).has_value()
                      ? TRIMARAN_NOT_APPLIED
                      : static_cast<trimaran_outcome>(OutcomeOf(status));
  error.message.assign(status.message().data(), status.message().size());
  error.leader = LeaderIdOf(status);
  error.not_leader = IsNotLeader(status);
  error.compacted = IsCompacted(status);
  error.corruption = IsCorruption(status);
  error.newer_format = IsNewerFormat(status);
  return error;
}

trimaran_error& NoMemory() {
  // Short enough for a text that needs no memory.
  static trimaran_error error = {.code = TRIMARAN_RESOURCE_EXHAUSTED,
                                 .message = "out of memory"};
  return error;
}

trimaran_error& Unexpected() {
  static trimaran_error error = {.code = TRIMARAN_INTERNAL,
                                 .message = "was thrown"};
  return error;
}

trimaran_code Report(const absl::Status& status, trimaran_error** error) {
  if (!status.ok() && error != nullptr) {
    *error = new trimaran_error(Describe(status));
  }
  return static_cast<trimaran_code>(status.code());
}

}  // namespace trimaran::c

using trimaran::c::NoMemory;
using trimaran::c::Unexpected;

const char* trimaran_code_name(trimaran_code code) {
  switch (code) {
    case TRIMARAN_OK:
      return "OK";
    case TRIMARAN_CANCELLED:
      return "CANCELLED";
    case TRIMARAN_UNKNOWN:
      return "UNKNOWN";
    case TRIMARAN_INVALID_ARGUMENT:
      return "INVALID_ARGUMENT";
    case TRIMARAN_DEADLINE_EXCEEDED:
      return "DEADLINE_EXCEEDED";
    case TRIMARAN_NOT_FOUND:
      return "NOT_FOUND";
    case TRIMARAN_ALREADY_EXISTS:
      return "ALREADY_EXISTS";
    case TRIMARAN_PERMISSION_DENIED:
      return "PERMISSION_DENIED";
    case TRIMARAN_RESOURCE_EXHAUSTED:
      return "RESOURCE_EXHAUSTED";
    case TRIMARAN_FAILED_PRECONDITION:
      return "FAILED_PRECONDITION";
    case TRIMARAN_ABORTED:
      return "ABORTED";
    case TRIMARAN_OUT_OF_RANGE:
      return "OUT_OF_RANGE";
    case TRIMARAN_UNIMPLEMENTED:
      return "UNIMPLEMENTED";
    case TRIMARAN_INTERNAL:
      return "INTERNAL";
    case TRIMARAN_UNAVAILABLE:
      return "UNAVAILABLE";
    case TRIMARAN_DATA_LOSS:
      return "DATA_LOSS";
    default:
      return "";
  }
}

void trimaran_error_free(trimaran_error* error) {
  if (error != &NoMemory() && error != &Unexpected()) delete error;
}

trimaran_code trimaran_error_code(const trimaran_error* error) {
  return error == nullptr ? TRIMARAN_OK : error->code;
}

const char* trimaran_error_message(const trimaran_error* error) {
  return error == nullptr ? "" : error->message.c_str();
}

trimaran_outcome trimaran_error_outcome(const trimaran_error* error) {
  return error == nullptr ? TRIMARAN_APPLIED : error->outcome;
}

bool trimaran_error_is_not_leader(const trimaran_error* error) {
  return error != nullptr && error->not_leader;
}

uint64_t trimaran_error_leader(const trimaran_error* error) {
  return error == nullptr ? 0 : error->leader;
}

bool trimaran_error_is_compacted(const trimaran_error* error) {
  return error != nullptr && error->compacted;
}

bool trimaran_error_is_corruption(const trimaran_error* error) {
  return error != nullptr && error->corruption;
}

bool trimaran_error_is_newer_format(const trimaran_error* error) {
  return error != nullptr && error->newer_format;
}
