#ifndef TRIMARAN_TESTS_SUPPORT_SIM_VIOLATIONS_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_VIOLATIONS_H_

#include <cstdint>
#include <string>
#include <utility>

namespace trimaran::sim {

// What a run must never show. The numbers are those of README.md.
enum class Rule : uint8_t {
  kNone = 0,
  kOneLeaderPerTerm = 1,
  kLogMatching = 2,
  kLeaderCompleteness = 3,
  kCommittedNeverChanges = 4,
  kVoteDurableFirst = 5,
  kAckDurableFirst = 6,
  kCommitDurableOnQuorum = 7,
  kSameStateAtSameIndex = 8,
  kLinearizableReads = 9,
  kBoundedQueues = 10,
  kTermAndVoteOnlyGrow = 11,
  kHostContract = 12,
  kHonestPeersAreHeard = 13,
  kLiveness = 14,
};

// Collects what the checkers find; a run stops at the first finding.
//
// Thread: owner.
class Violations {
 public:
  void Report(Rule rule, std::string text) {
    ++count_;
    if (rule_ != Rule::kNone) return;
    rule_ = rule;
    text_ =
        "S" + std::to_string(static_cast<int>(rule)) + ": " + std::move(text);
  }
  bool any() const { return rule_ != Rule::kNone; }
  int count() const { return count_; }
  // Of the first finding.
  Rule rule() const { return rule_; }
  const std::string& text() const { return text_; }

 private:
  int count_ = 0;
  Rule rule_ = Rule::kNone;
  std::string text_;
};

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_VIOLATIONS_H_
