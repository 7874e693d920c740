#include "tests/support/node_sim/node_swarm.h"

#include <algorithm>
#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/random.h"

namespace trimaran::node_sim {
namespace {

using sim::kMillisecond;

uint64_t OneOf(Random& random, std::initializer_list<uint64_t> values) {
  return values.begin()[random.Uniform(values.size())];
}

// Nothing in two of five worlds.
uint32_t Rate(Random& random, uint32_t max_ppm) {
  if (random.Uniform(5) < 2) return 0;
  const uint64_t halvings = random.Uniform(5);
  return static_cast<uint32_t>((1 + random.Uniform(max_ppm)) >> halvings);
}

void DrawLanes(Random& random, const sim::DiskOptions& disk,
               LaneOptions& lanes) {
  lanes.cost[static_cast<size_t>(LaneKind::kRaft)] = {
      0, OneOf(random, {0, 10, 200})};
  lanes.cost[static_cast<size_t>(LaneKind::kLog)] = disk.sync;
  lanes.cost[static_cast<size_t>(LaneKind::kApply)] = disk.apply;
  lanes.cost[static_cast<size_t>(LaneKind::kMaintenance)] = {
      1000, OneOf(random, {1, 20, 100}) * kMillisecond};
  lanes.stall_ppm = disk.stall_ppm;
  lanes.stall = disk.stall;
  switch (random.Uniform(3)) {
    case 0:
      // As by default: one event loop.
      lanes.thread = {0, 0, 0, 3};
      break;
    case 1:
      lanes.thread = {0, 1, 1, 3};
      break;
    default:
      lanes.thread = {0, 1, 2, 3};
  }
}

void DrawClients(Random& random, NodeSimOptions& options) {
  ClientOptions& clients = options.clients;
  clients.count = OneOf(random, {2, 4, 8, 16});
  clients.keys = OneOf(random, {2, 3, 5, 10});
  clients.think.mean = OneOf(random, {1, 10, 50, 200}) * kMillisecond;
  clients.patience.mean = OneOf(random, {20, 200, 1000, 5000}) * kMillisecond;
  clients.read_ppm =
      static_cast<uint32_t>(OneOf(random, {100'000, 400'000, 800'000}));
  clients.lease_reads = options.group.core.lease_reads;
}

// Limits that a run of a few seconds comes to.
void DrawMaintenance(Random& random, engine::MaintenanceOptions& limits) {
  limits.log_entries_limit = OneOf(random, {2, 5, 20, 100, 100'000});
  limits.log_bytes_limit = OneOf(random, {300, 4096, 64 << 20});
  limits.checkpoint_entries_limit = OneOf(random, {1, 10, 50, 200'000});
  limits.checkpoint_bytes_limit = OneOf(random, {100, 64 << 20});
}

void DrawSnapshots(Random& random, SnapshotOptions& snapshots) {
  snapshots.chunk_bytes_target = OneOf(random, {1, 200, 1000, 1 << 20});
  snapshots.write_rate.bytes_per_second = OneOf(random, {0, 0, 20'000});
  snapshots.write_rate.burst_bytes = 1000;
  snapshots.window_chunks = static_cast<uint32_t>(OneOf(random, {1, 2, 8}));
  snapshots.window_bytes = OneOf(random, {1, 500, 16 << 20});
  snapshots.ask_again_after =
      absl::Microseconds(sim::kTickPeriod * OneOf(random, {1, 3, 10}));
  snapshots.give_up_after =
      snapshots.ask_again_after * static_cast<int>(OneOf(random, {2, 5, 20}));
  snapshots.garbage.age_max =
      absl::Milliseconds(OneOf(random, {200, 4 * 3600 * 1000}));
  snapshots.garbage.outgoing_max = OneOf(random, {0, 1, 2});
  snapshots.garbage_interval =
      absl::Milliseconds(OneOf(random, {50, 500, 60'000}));
  snapshots.retry_after = absl::Milliseconds(OneOf(random, {20, 200, 2000}));
}

// To open an engine takes as long as to simulate a world of models for a
// second.
void Shrink(NodeSimOptions& options) {
  sim::SimOptions& group = options.group;
  group.voters = std::min<size_t>(group.voters, 3);
  group.learners = std::min<size_t>(group.learners, 1);
  group.replicas_max = 4;
  options.safety_phase = 2 * sim::kSecond;
}

// Returns the rate of damage, for which there must be somebody to replace it.
uint32_t DrawMedia(Random& random, NodeSimOptions& options) {
  options.nemesis.read_error_ppm = Rate(random, 10'000);
  options.nemesis.full_disk_ppm = Rate(random, 10'000);
  options.node.space_interval =
      absl::Milliseconds(OneOf(random, {20, 200, 1000}));
  return Rate(random, 200'000);
}

// Logs are compacted in every world, and members change in every one where no
// operator is at work, who replaces them himself.
void MixIn(Random& random, uint32_t operator_ppm, NodeSimOptions& options) {
  const auto rate = [&random](uint32_t max_ppm) {
    const uint64_t halvings = random.Uniform(5);
    return static_cast<uint32_t>((1 + random.Uniform(max_ppm)) >> halvings);
  };
  const uint32_t compact_ppm = rate(50'000);
  const uint32_t change_members_ppm = rate(30'000);
  if (options.nemesis.compact_ppm == 0) {
    options.nemesis.compact_ppm = compact_ppm;
  }
  if (options.group.nemesis.change_members_ppm > 0) return;
  raft::Config& core = options.group.core;
  // A leader must learn from a replica that has left its term that it has.
  const bool bears_operators =
      options.group.voters >= 3 && (core.pre_vote || core.check_quorum);
  if (bears_operators && operator_ppm > 0) return;
  options.group.nemesis.change_members_ppm = change_members_ppm;
  // As in sim::SwarmOptions.
  core.check_quorum = core.check_quorum || !core.pre_vote;
  options.node.core = core;
}

// In one world of four. A lone voter has nobody who would refuse its copy.
uint32_t DrawCopies(uint64_t seed, size_t voters) {
  SeededRandom random(seed ^ 0x636f7079);
  if (voters < 3 || !random.OneIn(4)) return 0;
  return static_cast<uint32_t>(10'000 + random.Uniform(40'000));
}

}  // namespace

NodeSimOptions DrawNodeSimOptions(uint64_t seed, size_t voters, StoreKind store,
                                  Worlds worlds) {
  NodeSimOptions options;
  options.store = store;
  options.group = sim::SwarmOptions(seed, voters);
  SeededRandom random(seed ^ 0x6e6f6465);
  raft::Config& core = options.group.core;
  // The host of a removed leader would have to stop it.
  core.step_down_on_removal = true;
  options.node.tick = absl::Microseconds(sim::kTickPeriod);
  options.node.core = core;
  options.node.forward_writes = random.Uniform(5) > 0;
  options.node.queue_bytes_max = OneOf(random, {1, 200, 64 << 20});
  options.node.inbox_messages_max = OneOf(random, {16, 4096, 4096});
  DrawLanes(random, options.group.disk, options.lanes);
  DrawClients(random, options);
  options.nemesis.checkpoint_ppm = Rate(random, 20'000);
  options.nemesis.write_error_ppm = Rate(random, 5'000);
  options.nemesis.stop_ppm = Rate(random, 5'000);
  options.network_reorders = random.OneIn(2);
  options.nemesis.expire_session_ppm = Rate(random, 100'000);
  options.nemesis.compact_ppm = Rate(random, 50'000);
  options.nemesis.audit_ppm = Rate(random, 20'000);
  DrawMaintenance(random, options.node.maintenance);
  DrawSnapshots(random, options.node.snapshots);
  options.nemesis.newcomers = random.OneIn(2);
  options.nemesis.power_loss_ppm = Rate(random, 10'000);
  options.nemesis.crash_installer_ppm = Rate(random, 800'000);
  const uint32_t operator_ppm = Rate(random, 40'000);
  uint32_t damage_ppm = 0;
  // Draws of its own, so that the rest stays what it was.
  SeededRandom mix(seed ^ 0x6d6978);
  const bool all = worlds == Worlds::kAll;
  if (all) damage_ppm = DrawMedia(random, options);
  if (store == StoreKind::kEngine) {
    // One of eight has all the replicas that it was drawn with, for half the
    // time.
    const bool whole = all && mix.OneIn(8);
    if (whole) {
      options.safety_phase = sim::kSecond;
    } else {
      Shrink(options);
    }
  }
  if (all) MixIn(mix, std::max(operator_ppm, damage_ppm), options);
  // Two of three must remain, nobody must change that meanwhile, and a leader
  // must learn from a replica that has left its term that it has.
  if (options.group.voters >= 3 && (core.pre_vote || core.check_quorum) &&
      options.group.nemesis.change_members_ppm == 0) {
    options.nemesis.operator_ppm = operator_ppm;
    options.nemesis.damage_ppm = damage_ppm;
  }
  if (all) options.nemesis.copy_ppm = DrawCopies(seed, options.group.voters);
  return options;
}

LaneOptions CalmLanes(const LaneOptions& lanes) {
  LaneOptions calm;
  calm.thread = lanes.thread;
  calm.cost = {sim::Latency{0, 10}, sim::Latency{100, 400},
               sim::Latency{20, 50}, sim::Latency{1000, 1000}};
  return calm;
}

std::string Describe(const NodeSimOptions& options) {
  return absl::StrCat(
      options.store == StoreKind::kEngine ? "engine " : "",
      sim::Describe(options.group), " clients=", options.clients.count,
      " keys=", options.clients.keys, " forward=", options.node.forward_writes,
      " queue_bytes=", options.node.queue_bytes_max,
      " reorder=", options.network_reorders,
      " newcomers=", options.nemesis.newcomers,
      " threads=", static_cast<int>(options.lanes.thread[2]) + 1,
      " write_error_ppm=", options.nemesis.write_error_ppm,
      " operator_ppm=", options.nemesis.operator_ppm,
      " copy_ppm=", options.nemesis.copy_ppm,
      " damage_ppm=", options.nemesis.damage_ppm,
      " read_error_ppm=", options.nemesis.read_error_ppm,
      " full_disk_ppm=", options.nemesis.full_disk_ppm,
      " log_limit=", options.node.maintenance.log_entries_limit,
      " checkpoint_limit=", options.node.maintenance.checkpoint_entries_limit,
      " chunk=", options.node.snapshots.chunk_bytes_target);
}

}  // namespace trimaran::node_sim
