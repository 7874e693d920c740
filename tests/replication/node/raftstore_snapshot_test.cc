// Goal: what TinyKV's project 2C asks of a replicated store: all of project 2B,
// on logs so short that whoever was away needs a snapshot; and the logs stay
// short.

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/replication/node/raftstore_workload.h"
#include "tests/support/node/blocking.h"
#include "tests/support/node/threaded_cluster.h"

namespace trimaran {
namespace {

void RunMix(const Mix& mix) { RaftstoreRun(mix).Run(); }

// Covers: G14, F5
TEST(RaftstoreSnapshotTest, TestSnapshotRecover2C) {
  RunMix({.clients = 1, .kills = true, .log_limit = 100});
}
// Covers: G14, F5
TEST(RaftstoreSnapshotTest, TestSnapshotRecoverManyClients2C) {
  RunMix({.clients = 20, .kills = true, .log_limit = 100});
}
// Covers: G14, F5
TEST(RaftstoreSnapshotTest, TestSnapshotUnreliable2C) {
  RunMix({.clients = 5, .unreliable = true, .log_limit = 100});
}
// Covers: G14, F5
TEST(RaftstoreSnapshotTest, TestSnapshotUnreliableRecover2C) {
  RunMix({.clients = 5, .unreliable = true, .kills = true, .log_limit = 100});
}
// Covers: G14, F5
TEST(RaftstoreSnapshotTest,
     TestSnapshotUnreliableRecoverConcurrentPartition2C) {
  RunMix({.clients = 5,
          .unreliable = true,
          .partitions = true,
          .kills = true,
          .log_limit = 100});
}

constexpr uint64_t kShortLimit = 10;

bool LogIsShort(Node& node) {
  return Eventually([&node] {
    const auto status = node.status();
    return status->raft.applied - status->truncated <= 2 * kShortLimit;
  });
}

// Covers: G13, F5, F6
TEST(RaftstoreSnapshotTest, TestOneSnapshot2C) {
  ThreadedCluster::Options options;
  options.disks = ThreadedCluster::Disks::kSimulated;
  options.node.maintenance.log_entries_limit = kShortLimit;
  options.node.snapshots.free_bytes_min = uint64_t{1} << 20;
  ThreadedCluster cluster(3, options);
  // Nothing is compacted before there is a reason.
  const LogIndex founded_at = cluster.at(1).engine().log().truncated();
  for (const uint64_t id : {1u, 2u, 3u}) {
    EXPECT_EQ(cluster.at(id).node().status()->truncated, founded_at) << id;
  }
  ASSERT_TRUE(cluster.at(2).Put("k1", "v1").ok());
  ASSERT_TRUE(cluster.at(2).Put("k2", "v2").ok());
  EXPECT_EQ(cluster.at(1).Get("k1").value(), "v1");
  EXPECT_EQ(cluster.at(2).node().status()->truncated, founded_at);

  cluster.transport().Cut(ReplicaId(1));
  for (int i = 100; i < 115; ++i) {
    ASSERT_TRUE(cluster.at(2).Put(absl::StrCat("k", i), "new").ok());
  }
  engine::WriteCommand deletion;
  deletion.operations = {engine::DeleteOp{engine::kDefaultFamily, "k2"}};
  ASSERT_TRUE(cluster.at(2)
                  .Write({.stamp = {}, .body = deletion}, absl::Seconds(10))
                  .ok());
  Node& first = cluster.at(1).node();
  ASSERT_TRUE(Eventually([&] {
    return cluster.at(2).node().status()->truncated >
           first.status()->raft.applied;
  })) << "replica 1 can still be served from the log";

  const auto expect_data_at_1 = [&cluster] {
    EXPECT_EQ(cluster.at(1).Get("k1").value(), "v1");
    EXPECT_EQ(cluster.at(1).Get("k2").value(), std::nullopt);
    EXPECT_EQ(cluster.at(1).Get("k100").value(), "new");
    EXPECT_EQ(cluster.at(1).Get("k114").value(), "new");
  };
  cluster.transport().Heal(ReplicaId(1));
  expect_data_at_1();
  EXPECT_TRUE(Eventually(
      [&] { return first.status()->counters.snapshots_installed > 0; }));
  for (const uint64_t id : {1u, 2u, 3u}) {
    EXPECT_TRUE(LogIsShort(cluster.at(id).node())) << id;
  }

  // What was installed survives the machine.
  cluster.Kill({1}, disk::kNothingSurvives, 1);
  cluster.Start(1);
  EXPECT_EQ(cluster.at(1).node().status()->owed, std::nullopt);
  expect_data_at_1();
  EXPECT_TRUE(LogIsShort(cluster.at(1).node()));
}

}  // namespace
}  // namespace trimaran
