#include "tests/replication/node/raftstore_workload.h"

#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/support/node/blocking.h"

namespace trimaran {
namespace {

constexpr uint64_t kReplicas = 5;
constexpr int kRounds = 2;
// Of each client in a round; more where its faults take longer.
constexpr uint64_t kPutsPerRound = 40;
// How often a round is disturbed, before all machines lose their power.
constexpr int kDisturbances = 3;
constexpr absl::Duration kPatience = absl::Seconds(30);
// Of one call where another replica can be asked.
constexpr absl::Duration kShortPatience = absl::Seconds(2);

ThreadedCluster::Options ClusterOptions(const Mix& mix) {
  ThreadedCluster::Options options;
  if (mix.kills) options.disks = ThreadedCluster::Disks::kSimulated;
  if (mix.log_limit == 0) return options;
  options.log_segment_bytes = uint64_t{64} << 10;
  options.node.maintenance.log_entries_limit = mix.log_limit;
  options.node.maintenance.checkpoint_entries_limit = 4 * mix.log_limit;
  options.node.snapshots.chunk_bytes_target = 4096;
  options.node.snapshots.ask_again_after = absl::Milliseconds(100);
  options.node.snapshots.free_bytes_min = uint64_t{1} << 20;
  return options;
}

std::string KeyOf(uint64_t client, uint64_t number) {
  return absl::StrFormat("%02d-%08d", client, number);
}

void ExpectExactly(const std::vector<std::string>& keys, uint64_t client,
                   uint64_t count) {
  ASSERT_EQ(keys.size(), count) << "of client " << client;
  for (uint64_t number = 0; number < count; ++number) {
    ASSERT_EQ(keys[number], KeyOf(client, number));
  }
}

}  // namespace

// ---- Rounds ----

RaftstoreRun::RaftstoreRun(const Mix& mix)
    : mix_(mix),
      cluster_(kReplicas, ClusterOptions(mix)),
      faults_(cluster_, kReplicas, mix.seed),
      written_(mix.clients, 0),
      founded_at_(cluster_.at(1).engine().log().truncated()) {}

void RaftstoreRun::Run() {
  for (int round = 0; round < kRounds; ++round) {
    faults_.network().SetUnreliable(mix_.unreliable);
    RunRound();
    faults_.network().SetUnreliable(false);
    if (mix_.kills) faults_.KillAll();
    ExpectAllEverywhere();
    if (mix_.log_limit > 0) ExpectBoundedLogs();
    if (testing::Test::HasFatalFailure()) return;
  }
  // Who had been away was too far behind to be served from the log.
  if (mix_.log_limit > 0 && mix_.kills) {
    EXPECT_GT(faults_.snapshots_installed(), 0u);
  }
}

void RaftstoreRun::RunRound() {
  enough_ = false;
  std::vector<std::thread> clients;
  for (uint64_t client = 0; client < mix_.clients; ++client) {
    clients.emplace_back([this, client] { WorkUntilEnough(client); });
  }
  int disturbances = 0;
  if (mix_.kills && mix_.log_limit > 0) {
    faults_.KillOneUntilItsLogIsGone();
    ++disturbances;
  }
  while (disturbances++ < kDisturbances) Disturb();
  if (mix_.kills) faults_.KillAll();
  enough_ = true;
  for (std::thread& client : clients) client.join();
}

void RaftstoreRun::Disturb() {
  if (mix_.partitions && mix_.kills) {
    faults_.DivideAndKillOneForAWhile();
  } else if (mix_.partitions) {
    faults_.DivideForAWhile();
  } else if (mix_.kills) {
    faults_.KillOneForAWhile();
  }
}

// ---- Clients ----

void RaftstoreRun::WorkUntilEnough(uint64_t client) {
  uint64_t& next = written_[client];
  const uint64_t end = next + kPutsPerRound;
  while (next < end || !enough_) {
    PutUntilDone(client, next);
    if (testing::Test::HasFatalFailure()) return;
    ++next;
    if (next % 16 == 0) LookUntilDone(client, next);
    // What follows only keeps the cluster busy until the faults are over.
    if (next >= end) Rest(absl::Milliseconds(5));
  }
}

std::shared_ptr<ThreadedReplica> RaftstoreRun::AnyReplica(uint64_t nth) {
  std::shared_ptr<ThreadedReplica> found;
  Eventually(
      [&] {
        found = cluster_.Find(nth++ % kReplicas + 1);
        return found != nullptr;
      },
      kPatience);
  return found;
}

void RaftstoreRun::PutUntilDone(uint64_t client, uint64_t number) {
  const absl::Duration patience = mix_.kills ? kShortPatience : kPatience;
  absl::Status last;
  uint64_t attempts = 0;
  const bool done = Eventually([&] {
    const auto replica = AnyReplica(client + number + attempts++);
    if (replica == nullptr) return false;
    last = replica->Put(KeyOf(client, number), "v", patience).status();
    // Nothing else excuses it.
    return last.ok() || !mix_.kills;
  });
  ASSERT_TRUE(done && last.ok()) << last << " after " << attempts;
}

void RaftstoreRun::LookUntilDone(uint64_t client, uint64_t count) {
  uint64_t attempts = 0;
  absl::Status last;
  const bool done = Eventually([&] {
    const auto replica = AnyReplica(client + count + attempts++);
    if (replica == nullptr) return false;
    const auto keys =
        replica->Keys(KeyOf(client, 0), KeyOf(client + 1, 0), kShortPatience);
    last = keys.status();
    if (keys.ok()) ExpectExactly(*keys, client, count);
    return keys.ok();
  });
  EXPECT_TRUE(done) << last;
}

// ---- What is asked afterwards ----

void RaftstoreRun::ExpectAllEverywhere() {
  for (uint64_t id = 1; id <= kReplicas; ++id) {
    for (uint64_t client = 0; client < mix_.clients; ++client) {
      const auto keys = cluster_.at(id).Keys(KeyOf(client, 0),
                                             KeyOf(client + 1, 0), kPatience);
      ASSERT_TRUE(keys.ok()) << keys.status() << " at " << id;
      ExpectExactly(*keys, client, written_[client]);
    }
  }
}

void RaftstoreRun::ExpectBoundedLogs() {
  for (uint64_t id = 1; id <= kReplicas; ++id) {
    Node& node = cluster_.at(id).node();
    EXPECT_TRUE(Eventually([&] {
      const auto status = node.status();
      return status->truncated > founded_at_ &&
             status->raft.applied - status->truncated <= 2 * mix_.log_limit;
    })) << "the log of "
        << id << " begins at " << node.status()->truncated;
  }
}

}  // namespace trimaran
