#ifndef TRIMARAN_REPLICATION_NODE_MUTANT_H_
#define TRIMARAN_REPLICATION_NODE_MUTANT_H_

#include <cstdint>

// Bugs that nodes have had, or nearly had; what engine/base/mutant.h says.

namespace trimaran {

enum class Mutant : uint8_t {
  kNone,
  // What leaves, and when.
  kSentBeforeDurable,
  kDurableWhenSubmitted,
  kAmnesiaIgnored,
  // Writes.
  kReplacedProposalAnswered,
  kExpiredMeansNotApplied,
  kRetryUnderNewSequence,
  kPassedOnMeansOneAttempt,
  kLostSessionIsARefusal,
  kSkippedProposalsForgotten,
  kQueueBytesKept,
  kStopLeavesForwarded,
  // Reads.
  kReadWithOwnApplied,
  kReadJoinsAnEarlierRound,
  kBoundedReadUnbounded,
  kAloneDespiteLearners,
  kStopLeavesReaders,
  // Followers.
  kCommitNewsForgotten,
  // Changes.
  kFeedForgetsWhatItDropped,
  // The end.
  kSecondFailureEndsNothing,
};

#ifdef TRIMARAN_MUTANTS
bool MutantActive(Mutant mutant);
#else
constexpr bool MutantActive(Mutant) { return false; }
#endif

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_MUTANT_H_
