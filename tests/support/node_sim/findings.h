#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_FINDINGS_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_FINDINGS_H_

#include <cstdint>
#include <string>
#include <utility>

namespace trimaran::node_sim {

// What a run must never show. The numbers are those of README.md.
enum class Rule : uint8_t {
  kNone = 0,
  kIndexWitness = 1,
  kLinearizable = 2,
  kExactlyOnce = 3,
  kAcknowledgedIsDurable = 4,
  kEqualStates = 5,
  kAnsweredOnce = 6,
  kOneLeaderPerTerm = 7,
  kPromisesAreDurable = 8,
  kBoundedQueues = 9,
  kFailsOnlyWhenTold = 10,
  kLiveness = 11,
  kWholeDisks = 12,
};

// Collects what the checkers find; a run stops at the first finding.
//
// Thread: owner.
class Findings {
 public:
  void Report(Rule rule, std::string text) {
    if (any()) return;
    rule_ = rule;
    text_ =
        "N" + std::to_string(static_cast<int>(rule)) + ": " + std::move(text);
  }
  bool any() const { return rule_ != Rule::kNone; }
  // Of the first finding.
  Rule rule() const { return rule_; }
  const std::string& text() const { return text_; }

 private:
  Rule rule_ = Rule::kNone;
  std::string text_;
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_FINDINGS_H_
