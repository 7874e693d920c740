#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_NODE_SWARM_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_NODE_SWARM_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "replication/node/node_options.h"
#include "tests/support/node_sim/sim_executor.h"
#include "tests/support/sim/sim_time.h"
#include "tests/support/sim/swarm.h"

namespace trimaran::node_sim {

struct ClientOptions {
  size_t count = 4;
  size_t keys = 4;
  // Between an answer and the next call of a client.
  sim::Latency think{0, 20 * sim::kMillisecond};
  // How long a client waits.
  sim::Latency patience{5 * sim::kMillisecond, sim::kSecond};
  uint32_t read_ppm = 400'000;
  bool lease_reads = false;
  // A client takes so long to look at the state once it may.
  sim::Latency look{0, sim::kMillisecond};
};

// What is under the nodes.
enum class StoreKind : uint8_t {
  // Models: quick.
  kModel,
  // The production engine, on a disk in memory.
  kEngine,
};

struct NodeNemesisOptions {
  // Per tick of the group, each, beside those of sim::NemesisOptions.
  uint32_t checkpoint_ppm = 0;
  uint32_t compact_ppm = 0;
  // Somebody compares the states of all.
  uint32_t audit_ppm = 0;
  uint32_t write_error_ppm = 0;
  // The machine stops in the midst of a write.
  uint32_t power_loss_ppm = 0;
  uint32_t stop_ppm = 0;
  // Replicas without data join, and others are removed for good, where members
  // change at all.
  bool newcomers = false;
  // A process dies soon after it has received a snapshot; per snapshot.
  uint32_t crash_installer_ppm = 0;
  // Operators lose or restore data, within what a group can bear.
  uint32_t operator_ppm = 0;
  // A copy of a directory is opened while the original runs.
  uint32_t copy_ppm = 0;
  // What is on a disk is not what was written, within what a group can bear.
  uint32_t damage_ppm = 0;
  // Reads fail.
  uint32_t read_error_ppm = 0;
  // A disk is full for a while.
  uint32_t full_disk_ppm = 0;
  // Some session is closed, as if it had expired.
  uint32_t expire_session_ppm = 0;
};

// Everything that is chosen by a seed.
struct NodeSimOptions {
  // What bare cores are exposed to: voters and learners, the core's limits and
  // timers, network, nemesis, clocks.
  sim::SimOptions group;
  NodeOptions node;
  StoreKind store = StoreKind::kModel;
  LaneOptions lanes;
  ClientOptions clients;
  NodeNemesisOptions nemesis;
  bool network_reorders = true;
  sim::SimTime safety_phase = 4 * sim::kSecond;
  // For each key (linearizability.h).
  uint64_t search_steps_max = 1'000'000;
};

// Which worlds are drawn.
enum class Worlds {
  kAll,
  // Those of before media failed, and before every world had compaction or
  // members that change: in which old seeds have found something.
  kOld,
};

// The same seed draws the same options. `voters` of 0 is drawn, too. Worlds of
// engines are smaller, and shorter.
NodeSimOptions DrawNodeSimOptions(uint64_t seed, size_t voters, StoreKind store,
                                  Worlds worlds = Worlds::kAll);

// Of a world without faults.
LaneOptions CalmLanes(const LaneOptions& lanes);

// One line for the log of a failure.
std::string Describe(const NodeSimOptions& options);

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_NODE_SWARM_H_
