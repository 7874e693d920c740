#include "engine/base/errors.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"

// Users call these as well, under the same names (trimaran/errors.h).
#define TRIMARAN_FOR_USERS __attribute__((visibility("default")))

namespace trimaran {
namespace {

// The payload is the outcome, then, where there is more to say, the kind and a
// number: "not-applied", "not-applied not-leader 3". People see it where they
// print a status.
constexpr char kPayloadUrl[] = "trimaran/error";

constexpr std::array<absl::string_view, 3> kOutcomeNames = {
    "applied", "not-applied", "unknown"};

enum class ErrorKind : uint8_t {
  // Any error that only has an outcome.
  kMarked = 0,
  kNotLeader,        // detail: the leader, 0 if unknown
  kProposalDropped,  // detail: DropReason
  kStaleCommand,     // detail: the current term
  kOutcomeUnknown,
  kCorruption,
  kNewerFormat,
};

constexpr std::array<absl::string_view, 7> kKindNames = {
    "marked",          "not-leader", "dropped",     "stale",
    "outcome-unknown", "corruption", "newer-format"};

struct ErrorPayload {
  ErrorKind kind = ErrorKind::kMarked;
  WriteOutcome outcome = WriteOutcome::kUnknown;
  uint64_t detail = 0;
};

void SetPayload(const ErrorPayload& payload, absl::Status& status) {
  std::string text(kOutcomeNames[static_cast<size_t>(payload.outcome)]);
  if (payload.kind != ErrorKind::kMarked) {
    absl::StrAppend(&text, " ", kKindNames[static_cast<size_t>(payload.kind)],
                    " ", payload.detail);
  }
  status.SetPayload(kPayloadUrl, absl::Cord(text));
}

// The place of `name` among `names`.
template <typename Enum, size_t kCount>
bool Find(const std::array<absl::string_view, kCount>& names,
          absl::string_view name, Enum& found) {
  const auto* const at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) return false;
  found = static_cast<Enum>(at - names.begin());
  return true;
}

// Empty unless the payload is one that SetPayload wrote: a damaged mark must
// not turn into a promise.
std::optional<ErrorPayload> GetPayload(const absl::Status& status) {
  const absl::optional<absl::Cord> cord = status.GetPayload(kPayloadUrl);
  if (!cord.has_value()) return std::nullopt;
  const std::string text(*cord);
  const std::vector<absl::string_view> words = absl::StrSplit(text, ' ');
  ErrorPayload payload;
  if (!Find(kOutcomeNames, words[0], payload.outcome)) return std::nullopt;
  if (words.size() == 1) return payload;
  if (words.size() != 3 || !Find(kKindNames, words[1], payload.kind) ||
      !absl::SimpleAtoi(words[2], &payload.detail)) {
    return std::nullopt;
  }
  return payload;
}

absl::Status MakeError(absl::StatusCode code, absl::string_view message,
                       const ErrorPayload& payload) {
  absl::Status status(code, message);
  SetPayload(payload, status);
  return status;
}

// Empty for an error of another kind.
std::optional<ErrorPayload> PayloadOfKind(const absl::Status& status,
                                          ErrorKind kind) {
  std::optional<ErrorPayload> payload = GetPayload(status);
  if (payload.has_value() && payload->kind != kind) return std::nullopt;
  return payload;
}

absl::StatusCode CodeOf(DropReason reason) {
  switch (reason) {
    case DropReason::kNoLeader:
    case DropReason::kTransferInProgress:
    case DropReason::kPendingConfChange:
    case DropReason::kShuttingDown:
      return absl::StatusCode::kUnavailable;
    case DropReason::kUncommittedBytesFull:
    case DropReason::kQueueFull:
      return absl::StatusCode::kResourceExhausted;
    case DropReason::kNotMember:
    case DropReason::kForwardingDisabled:
    case DropReason::kInvalidConfChange:
      return absl::StatusCode::kFailedPrecondition;
  }
  TRIMARAN_CHECK(false) << "drop reason " << static_cast<int>(reason);
  return absl::StatusCode::kInternal;
}

}  // namespace

TRIMARAN_FOR_USERS WriteOutcome OutcomeOf(const absl::Status& status) {
  if (status.ok()) return WriteOutcome::kApplied;
  const std::optional<ErrorPayload> payload = GetPayload(status);
  return payload.has_value() ? payload->outcome : WriteOutcome::kUnknown;
}

absl::Status WithOutcome(absl::Status status, WriteOutcome outcome) {
  TRIMARAN_CHECK(!status.ok()) << "only an error can be marked";
  ErrorPayload payload = GetPayload(status).value_or(ErrorPayload{});
  payload.outcome = outcome;
  SetPayload(payload, status);
  return status;
}

absl::Status NotLeaderError(ReplicaId leader_hint) {
  const std::string message =
      leader_hint == kNoReplica
          ? "not the leader; the leader is not known"
          : absl::StrCat("not the leader; the leader may be replica ",
                         leader_hint.value());
  return MakeError(
      absl::StatusCode::kUnavailable, message,
      {ErrorKind::kNotLeader, WriteOutcome::kNotApplied, leader_hint.value()});
}

TRIMARAN_FOR_USERS bool IsNotLeader(const absl::Status& status) {
  return PayloadOfKind(status, ErrorKind::kNotLeader).has_value();
}

std::optional<ReplicaId> LeaderHint(const absl::Status& status) {
  const auto payload = PayloadOfKind(status, ErrorKind::kNotLeader);
  if (!payload.has_value()) return std::nullopt;
  const ReplicaId leader(payload->detail);
  if (leader == kNoReplica) return std::nullopt;
  return leader;
}

std::string_view DropReasonName(DropReason reason) {
  switch (reason) {
    case DropReason::kNoLeader:
      return "NoLeader";
    case DropReason::kTransferInProgress:
      return "TransferInProgress";
    case DropReason::kUncommittedBytesFull:
      return "UncommittedBytesFull";
    case DropReason::kNotMember:
      return "NotMember";
    case DropReason::kForwardingDisabled:
      return "ForwardingDisabled";
    case DropReason::kPendingConfChange:
      return "PendingConfChange";
    case DropReason::kInvalidConfChange:
      return "InvalidConfChange";
    case DropReason::kQueueFull:
      return "QueueFull";
    case DropReason::kShuttingDown:
      return "ShuttingDown";
  }
  return "Unknown";
}

absl::Status ProposalDroppedError(DropReason reason, std::string_view detail) {
  return MakeError(
      CodeOf(reason),
      absl::StrCat("proposal dropped: ", ToAbsl(DropReasonName(reason)),
                   detail.empty() ? "" : ": ", ToAbsl(detail)),
      {ErrorKind::kProposalDropped, WriteOutcome::kNotApplied,
       static_cast<uint64_t>(reason)});
}

std::optional<DropReason> DropReasonOf(const absl::Status& status) {
  const auto payload = PayloadOfKind(status, ErrorKind::kProposalDropped);
  if (!payload.has_value() ||
      payload->detail < static_cast<uint64_t>(DropReason::kNoLeader) ||
      payload->detail > static_cast<uint64_t>(DropReason::kShuttingDown)) {
    return std::nullopt;
  }
  return static_cast<DropReason>(payload->detail);
}

absl::Status StaleCommandError(Term current) {
  return MakeError(
      absl::StatusCode::kUnavailable,
      absl::StrCat("stale command; the term is now ", current.value()),
      {ErrorKind::kStaleCommand, WriteOutcome::kNotApplied, current.value()});
}

bool IsStaleCommand(const absl::Status& status) {
  return PayloadOfKind(status, ErrorKind::kStaleCommand).has_value();
}

std::optional<Term> StaleCommandTerm(const absl::Status& status) {
  const auto payload = PayloadOfKind(status, ErrorKind::kStaleCommand);
  if (!payload.has_value()) return std::nullopt;
  return Term(payload->detail);
}

absl::Status OutcomeUnknownError(std::string_view text) {
  return MakeError(absl::StatusCode::kUnknown, ToAbsl(text),
                   {ErrorKind::kOutcomeUnknown, WriteOutcome::kUnknown, 0});
}

TRIMARAN_FOR_USERS bool IsOutcomeUnknown(const absl::Status& status) {
  return PayloadOfKind(status, ErrorKind::kOutcomeUnknown).has_value();
}

absl::Status CorruptionError(std::string_view text) {
  return MakeError(absl::StatusCode::kDataLoss, ToAbsl(text),
                   {ErrorKind::kCorruption, WriteOutcome::kUnknown, 0});
}

TRIMARAN_FOR_USERS bool IsCorruption(const absl::Status& status) {
  return PayloadOfKind(status, ErrorKind::kCorruption).has_value();
}

absl::Status NewerFormatError(std::string_view text) {
  return MakeError(absl::StatusCode::kFailedPrecondition, ToAbsl(text),
                   {ErrorKind::kNewerFormat, WriteOutcome::kNotApplied, 0});
}

TRIMARAN_FOR_USERS bool IsNewerFormat(const absl::Status& status) {
  return PayloadOfKind(status, ErrorKind::kNewerFormat).has_value();
}

}  // namespace trimaran
