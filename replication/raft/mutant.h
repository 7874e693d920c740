#ifndef TRIMARAN_REPLICATION_RAFT_MUTANT_H_
#define TRIMARAN_REPLICATION_RAFT_MUTANT_H_

#include <cstdint>

// Bugs that Raft implementations have had, each behind a switch, so that the
// tests can prove that they would have found it. A normal build contains none
// of this: the switches are the constant `false`. The mutant build
// (-DTRIMARAN_MUTANTS=ON) turns on the one that the environment variable
// TRIMARAN_MUTANT names; see tests/mutants/README.md.

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
