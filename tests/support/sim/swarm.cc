#include "tests/support/sim/swarm.h"

#include <algorithm>
#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/random.h"

namespace trimaran::sim {
namespace {

// Draws rates and sizes.
class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}

  // Nothing in two of five worlds, else up to `max_ppm`, small rates being as
  // likely as large ones.
  uint32_t Rate(uint32_t max_ppm) {
    if (random_.Uniform(5) < 2) return 0;
    const uint64_t halvings = random_.Uniform(5);
    return static_cast<uint32_t>((1 + random_.Uniform(max_ppm)) >> halvings);
  }
  bool Percent(uint32_t percent) { return random_.Uniform(100) < percent; }
  uint64_t Range(uint64_t low, uint64_t high) {
    return low + random_.Uniform(high - low + 1);
  }
  uint64_t OneOf(std::initializer_list<uint64_t> values) {
    return values.begin()[random_.Uniform(values.size())];
  }

 private:
  SeededRandom random_;
};

void DrawTimers(Dice& dice, SimOptions& options) {
  raft::Config& core = options.core;
  core.heartbeat_ticks = static_cast<int>(dice.Range(1, 3));
  core.election_timeout_ticks =
      core.heartbeat_ticks * static_cast<int>(dice.Range(6, 12));
  options.tick_skew_ppm = dice.Rate(200'000);
  core.pre_vote = dice.Percent(80);
  core.check_quorum = dice.Percent(80);
  if (dice.Percent(20)) {
    core.check_quorum = true;
    core.lease_reads = true;
    options.workload.read_mode = raft::ReadMode::kLease;
    options.tick_skew_ppm = std::min(options.tick_skew_ppm, 50'000u);
    core.election_timeout_ticks = std::max(core.election_timeout_ticks, 10);
    core.lease_margin_ticks =
        LeaseMarginTicks(core.election_timeout_ticks, options.tick_skew_ppm);
  }
}

void DrawLimits(Dice& dice, raft::Config& core) {
  core.proposal_forwarding = dice.Percent(80);
  core.step_down_on_removal = dice.Percent(50);
  core.eager_commit_broadcast = dice.Percent(70);
  core.append_bytes_max = dice.OneOf({1, 64, 1024, 1 << 20});
  core.append_entries_max = dice.OneOf({1, 3, 64, 4096});
  core.inflight_messages_max = dice.OneOf({1, 2, 16, 256});
  core.inflight_bytes_max = std::max<uint64_t>(
      core.append_bytes_max, dice.OneOf({64, 4096, 16 << 20}));
  core.uncommitted_bytes_max = dice.OneOf({64, 4096, 64 << 20});
  core.apply_bytes_max = dice.OneOf({1, 256, 16 << 20});
  core.apply_entries_max = dice.OneOf({1, 4, 65536});
  core.window_bytes_max = dice.OneOf({64, 4096, 32 << 20});
  core.window_entries_max = dice.OneOf({1, 8, 65536});
  core.pending_reads_max = dice.OneOf({2, 65536});
  core.check_invariants = dice.Percent(10);
}

void DrawFaults(Dice& dice, SimOptions& options) {
  NetworkOptions& network = options.network;
  network.delay.mean = dice.OneOf({300, 1000, 3000});
  network.loss_ppm = dice.Rate(300'000);
  network.replay_ppm = dice.Rate(500'000);
  network.slow_ppm = dice.Rate(200'000);
  network.slow_delay.mean = dice.OneOf({5, 50, 400}) * kMillisecond;
  network.replay_delay.mean = dice.OneOf({5, 50, 1000}) * kMillisecond;
  network.link_capacity = static_cast<uint32_t>(dice.OneOf({4, 64, 1024}));
  network.report_unreachable_ppm = dice.Rate(500'000);

  DiskOptions& disk = options.disk;
  disk.sync.mean = dice.OneOf({50, 1500, 8000});
  disk.apply.mean = dice.OneOf({50, 1000, 20'000});
  disk.stall_ppm = dice.Rate(50'000);
  disk.fetch_failure_ppm = dice.Rate(300'000);
  disk.torn = dice.Percent(30) ? TornBatch::kCutShort : TornBatch::kDropped;

  NemesisOptions& nemesis = options.nemesis;
  nemesis.partition_ppm = dice.Rate(30'000);
  nemesis.heal_ppm = static_cast<uint32_t>(dice.Range(10'000, 100'000));
  nemesis.crash_ppm = dice.Rate(20'000);
  nemesis.crash_all_ppm = dice.Rate(2'000);
  nemesis.down.mean = dice.OneOf({10, 100, 1000}) * kMillisecond;
  nemesis.pause_ppm = dice.Rate(20'000);
  nemesis.change_members_ppm = dice.Rate(30'000);
  nemesis.transfer_ppm = dice.Rate(20'000);
  nemesis.forget_leader_ppm = dice.Rate(20'000);
  nemesis.campaign_ppm = dice.Rate(100'000);

  SnapshotOptions& snapshot = options.snapshot;
  snapshot.threshold = dice.OneOf({0, 1, 10, 100, 1000});
  snapshot.keep_max = dice.OneOf({0, 5, 100});
  snapshot.transfer_failure_ppm = dice.Rate(300'000);
  snapshot.unavailable_ppm = dice.Rate(300'000);
}

}  // namespace

int LeaseMarginTicks(int election_timeout_ticks, uint32_t skew_ppm) {
  // A voter's promise begins anywhere within a tick, so that it lasts at least
  // timeout - 1 ticks of a clock that may be fast; the leader's lease lasts at
  // most timeout - margin ticks of one that may be slow.
  constexpr int64_t kMillion = 1'000'000;
  const int64_t promise =
      (election_timeout_ticks - 1) * (kMillion - int64_t{skew_ppm});
  const int64_t lease_ticks = promise / (kMillion + int64_t{skew_ppm});
  const int64_t margin = election_timeout_ticks - lease_ticks;
  TRIMARAN_CHECK_LT(margin, election_timeout_ticks);
  return static_cast<int>(margin);
}

SimOptions SwarmOptions(uint64_t seed, size_t voters) {
  Dice dice(seed);
  SimOptions options;
  options.seed = seed;
  options.voters = dice.OneOf({1, 2, 3, 3, 3, 3, 4, 5, 5, 7});
  if (voters != 0) options.voters = voters;
  options.learners =
      options.voters < 7 && dice.Percent(25) ? dice.Range(1, 2) : 0;
  options.learners = std::min(options.learners, 7 - options.voters);
  DrawTimers(dice, options);
  DrawLimits(dice, options.core);
  DrawFaults(dice, options);
  options.start_from_snapshot =
      options.nemesis.change_members_ppm > 0 || dice.Percent(50);
  if (options.nemesis.change_members_ppm > 0 && !options.core.pre_vote) {
    // Without either, nobody tells a leader of a newer term but a candidate.
    // If the last one is removed, others may be left behind in its term.
    options.core.check_quorum = true;
  }
  options.lazy_pump_ppm = dice.Percent(50) ? dice.Rate(800'000) : 0;

  WorkloadOptions& workload = options.workload;
  workload.interval.mean = dice.OneOf({5, 20, 50, 200}) * kMillisecond;
  workload.read_ppm = dice.Rate(800'000);
  workload.big_ppm = dice.Rate(200'000);
  workload.big_bytes = dice.OneOf({256, 4096, 16384});
  workload.batch_max = dice.OneOf({1, 1, 4, 16});
  return options;
}

std::string Describe(const SimOptions& options) {
  const raft::Config& core = options.core;
  return absl::StrCat(
      "voters=", options.voters, " learners=", options.learners,
      " election=", core.election_timeout_ticks,
      " heartbeat=", core.heartbeat_ticks, " prevote=", core.pre_vote,
      " checkquorum=", core.check_quorum, " lease=", core.lease_reads,
      " skew_ppm=", options.tick_skew_ppm,
      " loss_ppm=", options.network.loss_ppm,
      " replay_ppm=", options.network.replay_ppm,
      " partition_ppm=", options.nemesis.partition_ppm,
      " crash_ppm=", options.nemesis.crash_ppm,
      " pause_ppm=", options.nemesis.pause_ppm,
      " members_ppm=", options.nemesis.change_members_ppm,
      " snapshot_threshold=", options.snapshot.threshold,
      " window_entries=", core.window_entries_max,
      " lazy_ppm=", options.lazy_pump_ppm);
}

}  // namespace trimaran::sim
