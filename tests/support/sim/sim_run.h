#ifndef TRIMARAN_TESTS_SUPPORT_SIM_SIM_RUN_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_SIM_RUN_H_

#include <cstdint>
#include <cstdio>
#include <string>

#include "tests/support/sim/sim_time.h"
#include "tests/support/sim/sim_world.h"
#include "tests/support/sim/swarm.h"

namespace trimaran::sim {

struct RunResult {
  bool ok = false;
  // The rule that was broken, and how.
  std::string failure;
  uint64_t trace_hash = 0;
  SimTime simulated = 0;
  RunStats stats;
  int elections = 0;
  int reads_confirmed = 0;
};

// One seed from beginning to end: a phase with faults, in which nothing unsafe
// may happen, then one without, in which everything good must: a leader within
// ten election timeouts, a new write that reaches everybody, every read
// answered, all members equal.
RunResult RunSimulation(const SimOptions& options, std::FILE* trace_out);

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_SIM_RUN_H_
