#ifndef TRIMARAN_TESTS_SUPPORT_SIM_SIM_WORLD_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_SIM_WORLD_H_

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <vector>

#include "engine/base/conf_state.h"
#include "engine/base/ids.h"
#include "engine/base/random.h"
#include "tests/support/sim/apply_checker.h"
#include "tests/support/sim/bounds_checker.h"
#include "tests/support/sim/durability_checker.h"
#include "tests/support/sim/event_queue.h"
#include "tests/support/sim/leader_checker.h"
#include "tests/support/sim/log_checker.h"
#include "tests/support/sim/read_checker.h"
#include "tests/support/sim/sim_network.h"
#include "tests/support/sim/sim_time.h"
#include "tests/support/sim/swarm.h"
#include "tests/support/sim/toy_machine.h"
#include "tests/support/sim/trace.h"
#include "tests/support/sim/violations.h"

namespace trimaran::sim {

// What a run counts, to tell whether it was worth running.
struct RunStats {
  uint64_t events = 0;
  uint64_t messages = 0;
  uint64_t writes_acknowledged = 0;
  uint64_t crashes = 0;
  uint64_t restarts = 0;
  uint64_t snapshots_installed = 0;
  uint64_t membership_changes = 0;
};

// All checkers, and where they report to.
struct Checkers {
  Checkers(const SimOptions& options, EntryId start);

  Violations violations;
  LeaderChecker leaders;
  LogChecker log;
  DurabilityChecker durability;
  ApplyChecker apply;
  ReadChecker reads;
  BoundsChecker bounds;
};

// What the replicas of one run share: time, chance, the network, the checkers.
//
// Thread: owner.
struct World {
  World(const SimOptions& sim_options, std::FILE* trace_out);

  void Schedule(SimTime delay, Event event) {
    event.at = now + delay;
    events.Push(event);
  }

  SimOptions options;
  SimTime now = 0;
  SeededRandom random;
  EventQueue events;
  SimNetwork network;
  Trace trace;
  Checkers check;
  RunStats stats;

  // The state that the group starts from.
  MachineState start;
  // The data of every snapshot that was ever offered, by its index.
  std::map<LogIndex, MachineState> snapshots;
  // The newest configuration that any state machine has reached, and where.
  ConfState conf;
  LogIndex conf_index;
  uint64_t last_command = 0;
};

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_SIM_WORLD_H_
