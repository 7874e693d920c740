#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_NODE_WORLD_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_NODE_WORLD_H_

#include <cstdint>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "engine/base/conf_state.h"
#include "engine/base/random.h"
#include "tests/support/node_sim/findings.h"
#include "tests/support/node_sim/history.h"
#include "tests/support/node_sim/node_swarm.h"
#include "tests/support/node_sim/oracle.h"
#include "tests/support/node_sim/promise_checker.h"
#include "tests/support/node_sim/scheduler.h"
#include "tests/support/node_sim/sim_transport.h"
#include "tests/support/node_sim/transfer_checker.h"
#include "tests/support/node_sim/witness_checker.h"
#include "tests/support/sim/trace.h"

namespace trimaran::node_sim {

// What a run counts, to tell whether it was worth running.
struct NodeSimStats {
  uint64_t crashes = 0;
  uint64_t restarts = 0;
  uint64_t stops = 0;
  uint64_t write_errors = 0;
  uint64_t power_losses = 0;
  uint64_t membership_changes = 0;
  uint64_t disks_wiped = 0;
  uint64_t tails_lost = 0;
  uint64_t images_restored = 0;
  // Opened while the original ran.
  uint64_t copies_opened = 0;
  // Put in the place of the original.
  uint64_t copies_continued = 0;
  // To calls at copies; and of these, to reads of what was there.
  uint64_t answers_of_copies = 0;
  uint64_t reads_of_copies = 0;
  uint64_t damages = 0;
  // Stores that did not open for damage, or with less in the log, and nodes
  // that failed of it.
  uint64_t damages_found = 0;
  uint64_t read_errors = 0;
  uint64_t full_disks = 0;
  uint64_t compactions = 0;
  uint64_t checkpoints = 0;
  uint64_t snapshots_installed = 0;
  // States that were compared with that of another replica.
  uint64_t states_compared = 0;
  uint64_t writes_ok = 0;
  uint64_t writes_not_applied = 0;
  uint64_t writes_unknown = 0;
  uint64_t reads_ok = 0;
  // Of these, scans.
  uint64_t scans_ok = 0;
};

// The members that a group is founded with.
ConfState FoundingConf(const sim::SimOptions& options);

// What the replicas of one run share: time, chance, the network, the checkers.
//
// Thread: owner.
struct NodeWorld {
  NodeWorld(const NodeSimOptions& sim_options, std::FILE* trace_out);

  // One line of the trace; `replica` none: of the group.
  template <typename... Parts>
  void Tell(ReplicaId replica, const Parts&... parts) {
    if (trace.on()) {
      trace.Line(scheduler.now(), replica, absl::StrCat(parts...));
    }
  }

  NodeSimOptions options;
  Scheduler scheduler;
  SeededRandom random;
  sim::Trace trace;
  Findings findings;
  const ConfState founders;
  Oracle oracle;
  PromiseChecker promises;
  WitnessChecker witness;
  TransferChecker transfers;
  History history;
  SimTransport transport;
  NodeSimStats stats;
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_NODE_WORLD_H_
