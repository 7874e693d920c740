#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_NODE_RUN_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_NODE_RUN_H_

#include <cstdint>
#include <cstdio>
#include <string>

#include "tests/support/node_sim/findings.h"
#include "tests/support/node_sim/node_swarm.h"
#include "tests/support/node_sim/node_world.h"
#include "tests/support/sim/sim_time.h"

namespace trimaran::node_sim {

struct NodeRunResult {
  bool ok = false;
  Rule rule = Rule::kNone;
  // The rule that was broken, and how.
  std::string failure;
  uint64_t trace_hash = 0;
  SimTime simulated = 0;
  uint64_t events = 0;
  uint64_t messages = 0;
  uint64_t calls = 0;
  uint64_t terms_led = 0;
  // Snapshots that were offered to somebody.
  uint64_t transfers = 0;
  uint64_t search_steps = 0;
  NodeSimStats stats;
};

// Where a run writes what happened; null: nowhere.
struct NodeRunOutput {
  std::FILE* trace = nullptr;
  // The calls, as lines of JSON.
  std::FILE* history = nullptr;
};

// One seed from beginning to end: a phase with faults, in which nothing unsafe
// may happen, then one without, in which everything good must: a leader, an
// answer to every call, new calls that succeed everywhere, equal members, and
// nodes that come to their end.
NodeRunResult RunNodeSimulation(const NodeSimOptions& options,
                                const NodeRunOutput& output);

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_NODE_RUN_H_
