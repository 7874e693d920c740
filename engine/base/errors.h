#ifndef TRIMARAN_ENGINE_BASE_ERRORS_H_
#define TRIMARAN_ENGINE_BASE_ERRORS_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "engine/base/ids.h"
#include "engine/base/region.h"

// The errors that a caller has to tell apart. Each is an absl::Status with a
// payload, so that it passes through code that knows nothing of it; the
// predicates below read the payload, and never the text.
//
// Thread: all functions may be called from any thread.

namespace trimaran {

// What became of a write.
enum class WriteOutcome : uint8_t {
  // It is in the state machine, once.
  kApplied = 0,
  // It is not, and never will be: trying again is safe.
  kNotApplied = 1,
  // It may be applied, now or later.
  kUnknown = 2,
};

// What became of the write that returned `status`. OK is kApplied. An error
// is what its maker marked it as, and kUnknown where nobody marked it, for a
// guess could make the caller write twice.
WriteOutcome OutcomeOf(const absl::Status& status);

// The same error, marked. Replaces an earlier mark and keeps the error's kind.
// `status` must not be OK.
absl::Status WithOutcome(absl::Status status, WriteOutcome outcome);

// This replica does not lead the group. `leader_hint` is the leader that it
// last heard of, kNoReplica if it knows none. kUnavailable; not applied: made
// only before the write entered a log.
absl::Status NotLeaderError(ReplicaId leader_hint);
bool IsNotLeader(const absl::Status& status);
// Empty for any other error, and when the leader is not known.
std::optional<ReplicaId> LeaderHint(const absl::Status& status);

// Why a proposal was refused before it entered a log. In payloads: never
// change a value.
enum class DropReason : uint8_t {
  // There is no leader to take it.
  kNoLeader = 1,
  // The leader is handing its office to another replica.
  kTransferInProgress = 2,
  // Too many bytes wait to be committed.
  kUncommittedBytesFull = 3,
  // This replica is not a member of the group, or no longer one.
  kNotMember = 4,
  // A follower got it and may not pass it on to the leader.
  kForwardingDisabled = 5,
  // An earlier change of membership is not applied yet.
  kPendingConfChange = 6,
  // The change of membership does not fit the present one.
  kInvalidConfChange = 7,
  // A queue on the way to the leader's log is full.
  kQueueFull = 8,
  // The replica is being stopped.
  kShuttingDown = 9,
};

// The name without its k, for messages and metrics: "NoLeader".
std::string_view DropReasonName(DropReason reason);

// A proposal was refused. Not applied. The code tells whether waiting helps:
// kUnavailable (the same call may succeed soon), kResourceExhausted (when
// there is less load) or kFailedPrecondition (when somebody has changed
// something). `detail` is added to the message, and may be empty.
absl::Status ProposalDroppedError(DropReason reason, std::string_view detail);
// Empty for any other error.
std::optional<DropReason> DropReasonOf(const absl::Status& status);

// The command was made for, or appended in, an older term than `current`, and
// its place in the log went to another leader's entry. kUnavailable, for the
// same call may succeed with the leader of now; not applied: where that is not
// certain, the error is OutcomeUnknownError.
absl::Status StaleCommandError(Term current);
bool IsStaleCommand(const absl::Status& status);
// The term that made the command stale. Empty for any other error.
std::optional<Term> StaleCommandTerm(const absl::Status& status);

// The write may or may not be applied, now or later: its deadline passed, or
// leadership was lost, after it entered a log. kUnknown, and unknown.
absl::Status OutcomeUnknownError(std::string_view text);
bool IsOutcomeUnknown(const absl::Status& status);

// Stored or received bytes are not what was written. kDataLoss; unknown.
absl::Status CorruptionError(std::string_view text);
bool IsCorruption(const absl::Status& status);

// The bytes were written by a newer version than this one, which therefore
// does not touch them; `text` names both versions. kFailedPrecondition; not
// applied.
absl::Status NewerFormatError(std::string_view text);
bool IsNewerFormat(const absl::Status& status);

}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_ERRORS_H_
