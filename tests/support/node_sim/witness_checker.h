#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_WITNESS_CHECKER_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_WITNESS_CHECKER_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/base/ids.h"
#include "tests/support/node_sim/findings.h"
#include "tests/support/node_sim/history.h"
#include "tests/support/node_sim/oracle.h"

namespace trimaran::node_sim {

// The index of every answer is a witness for its place in one order of all
// operations, so that linear time is enough to check that the order is the one
// of the log and respects real time.
//
// Checks N1 and, of the answers, N3.
//
// Thread: owner.
class WitnessChecker {
 public:
  WitnessChecker(const Oracle& oracle, Findings& findings)
      : oracle_(oracle), findings_(findings) {}

  // What a call that begins at `now` may rely on, and what one may that is
  // content with what was true at an earlier moment.
  LogIndex FloorNow() const { return floor_; }
  LogIndex FloorAt(SimTime when) const;

  // `op` has its answer.
  void OnReturn(const Op& op, SimTime now);

  // Nothing happens any more: what was said not to be applied is not.
  void OnEnd(const History& history);

 private:
  void Report(Rule rule, const Op& op, const std::string& what);
  void CheckCommand(const Op& op);
  void CheckRead(const Op& op);
  void Raise(LogIndex index, SimTime now);

  const Oracle& oracle_;
  Findings& findings_;
  LogIndex floor_;
  // When the floor rose, and to what.
  std::vector<std::pair<SimTime, LogIndex>> floors_;
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_WITNESS_CHECKER_H_
