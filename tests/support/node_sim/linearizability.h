#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_LINEARIZABILITY_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_LINEARIZABILITY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/node_sim/history.h"

namespace trimaran::node_sim {

struct LinearizabilityResult {
  enum class Verdict : uint8_t { kLinearizable, kNot, kBudgetExhausted };
  Verdict verdict = Verdict::kLinearizable;
  // The key that has no order, or whose search took too long.
  std::string key;
  uint64_t steps = 0;
};

// Looks for an order of all calls that explains all answers and respects real
// time (Wing and Gong; with Lowe's memory of states that led nowhere), key by
// key. Knows nothing of logs and indexes, and so would notice where those who
// check by indexes were wrong with them. A call that puts or
// scans several rows counts as one call per row; reads that promise less than
// linearizability are left out; what nobody knows the end of may have happened
// at any time since, or never. At most `steps_max` steps for each key.
LinearizabilityResult CheckLinearizable(const std::vector<Op>& ops,
                                        uint64_t steps_max);

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_LINEARIZABILITY_H_
