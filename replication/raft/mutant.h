#ifndef TRIMARAN_REPLICATION_RAFT_MUTANT_H_
#define TRIMARAN_REPLICATION_RAFT_MUTANT_H_

#include <cstdint>

// Bugs that Raft implementations have had; what engine/base/mutant.h says.

namespace trimaran::raft {

enum class Mutant : uint8_t {
  kNone,
  // Elections.
  kVoteClearedInSameTerm,
  kTwoVotesInOneTerm,
  kVoteBeforePersist,
  kCandidacyBeforePersist,
  kVoteComparesLengthOnly,
  kOldTermVotesCounted,
  kPreVoteCountedAsVote,
  kRejectionCountedAsGrant,
  kCampaignWithUnappliedConfChange,
  // Replication and commit.
  kCommitOldTermByCounting,
  kCommitNotCappedToSlice,
  kHeartbeatCommitNotCapped,
  kAckLastInsteadOfCovered,
  kAckBeforePersist,
  kSelfCountedBeforePersist,
  kApplyBeforeDurable,
  kPersistAba,
  kTruncateOnMatchingAppend,
  kLateRejectMovesMatchBack,
  kCompactedTermIsZero,
  // Reads.
  kReadWithoutRound,
  kReadRoundReused,
  kReadBeforeOwnTermCommit,
  kLeaseKeptDuringTransfer,
  // Membership and snapshots.
  kLearnerCounted,
  kJointNeedsOneHalf,
  kRemovedLeaderCountsItself,
  kConfChangeWhileOneIsPending,
  kSnapshotConfIgnored,
  kSnapshotDropsMatchingTail,
};

#ifdef TRIMARAN_MUTANTS
bool MutantActive(Mutant mutant);
#else
constexpr bool MutantActive(Mutant) { return false; }
#endif

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_MUTANT_H_
