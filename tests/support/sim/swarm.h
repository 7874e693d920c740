#ifndef TRIMARAN_TESTS_SUPPORT_SIM_SWARM_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_SWARM_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "replication/raft/config.h"
#include "replication/raft/messages.h"
#include "tests/support/sim/model_disk.h"
#include "tests/support/sim/sim_time.h"

// Everything that is chosen by a seed. A run with all faults at their worst
// explores little: most of it is spent without a leader. So every seed draws
// which faults exist in its world and how bad they are, and over many seeds all
// combinations come up ("swarm testing", Groce et al. 2012).
//
// Rates named `_ppm` are in millionths.

namespace trimaran::sim {

struct NetworkOptions {
  Latency delay{200, 800};
  uint32_t loss_ppm = 0;
  // A message arrives once more, later.
  uint32_t replay_ppm = 0;
  Latency replay_delay{1000, 50 * kMillisecond};
  // A message takes this much longer: others overtake it.
  uint32_t slow_ppm = 0;
  Latency slow_delay{0, 30 * kMillisecond};
  // Messages under way from one replica to another; more are dropped.
  uint32_t link_capacity = 256;
  // The sender is told of a message that was dropped.
  uint32_t report_unreachable_ppm = 0;
};

struct DiskOptions {
  Latency sync{100, 1500};
  Latency apply{20, 500};
  Latency fetch{100, 1000};
  // A sync takes as long as this.
  uint32_t stall_ppm = 0;
  Latency stall{10 * kMillisecond, 100 * kMillisecond};
  uint32_t fetch_failure_ppm = 0;
  TornBatch torn = TornBatch::kDropped;
};

struct SnapshotOptions {
  // Entries applied since the last compaction that cause the next; 0: never.
  uint64_t threshold = 0;
  // Entries kept before the snapshot, at most.
  uint64_t keep_max = 0;
  Latency transfer{kMillisecond, 20 * kMillisecond};
  uint32_t transfer_failure_ppm = 0;
  uint32_t unavailable_ppm = 0;
};

// Per tick of the cluster, each.
struct NemesisOptions {
  uint32_t partition_ppm = 0;
  uint32_t heal_ppm = 50'000;
  uint32_t crash_ppm = 0;
  uint32_t crash_all_ppm = 0;
  Latency down{20 * kMillisecond, 500 * kMillisecond};
  uint32_t pause_ppm = 0;
  Latency pause{10 * kMillisecond, 300 * kMillisecond};
  uint32_t change_members_ppm = 0;
  uint32_t transfer_ppm = 0;
  uint32_t forget_leader_ppm = 0;
  uint32_t campaign_ppm = 0;
};

struct WorkloadOptions {
  Latency interval{500, 8 * kMillisecond};
  uint32_t read_ppm = 250'000;
  raft::ReadMode read_mode = raft::ReadMode::kQuorum;
  uint32_t big_ppm = 0;
  size_t big_bytes = 4096;
  size_t batch_max = 1;
  // Clients wait while their replica has this many entries unapplied.
  uint64_t unapplied_max = 128;
  // Asked of a replica chosen blindly rather than of the leader.
  uint32_t blind_ppm = 200'000;
};

struct SimOptions {
  uint64_t seed = 0;
  size_t voters = 3;
  size_t learners = 0;
  // The founding members start from a snapshot at index 5 rather than from
  // nothing. Newcomers can join only then: the first configuration is in no
  // entry.
  bool start_from_snapshot = true;
  // Members and newcomers at a time.
  size_t replicas_max = 7;
  // `id` is filled in for each replica.
  raft::Config core;
  // A replica's tick takes up to this much more or less than it should.
  uint32_t tick_skew_ppm = 0;
  // How often a host collects several inputs before it takes the output.
  uint32_t lazy_pump_ppm = 0;
  Latency lazy_pump{10, 1000};
  SimTime safety_phase = 15 * kSecond;

  NetworkOptions network;
  DiskOptions disk;
  SnapshotOptions snapshot;
  NemesisOptions nemesis;
  WorkloadOptions workload;
};

// The same seed draws the same options, for ever. `voters` of 0 is drawn, too.
SimOptions SwarmOptions(uint64_t seed, size_t voters);

// The ticks by which a lease must be shorter than the election timeout, so that
// clocks that differ by `skew_ppm` in either direction do no harm.
int LeaseMarginTicks(int election_timeout_ticks, uint32_t skew_ppm);

// One line for the log of a failure.
std::string Describe(const SimOptions& options);

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_SWARM_H_
