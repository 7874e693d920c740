// Goal: what TinyKV's project 2B asks of a replicated store, on five real
// nodes: clients that put and scan keys of their own find all that they were
// told is there, in order and once, whatever the network does, and whenever
// machines lose their power.

#include <string>

#include "absl/time/time.h"
#include "engine/base/errors.h"
#include "gtest/gtest.h"
#include "tests/replication/node/cluster_faults.h"
#include "tests/replication/node/raftstore_workload.h"
#include "tests/support/node/threaded_cluster.h"

namespace trimaran {
namespace {

constexpr uint64_t kReplicas = 5;
constexpr absl::Duration kPatience = absl::Seconds(30);

void RunMix(const Mix& mix) { RaftstoreRun(mix).Run(); }

// Covers: E5, E8
TEST(RaftstoreTest, TestBasic2B) { RunMix({.clients = 1}); }
// Covers: E9
TEST(RaftstoreTest, TestConcurrent2B) { RunMix({.clients = 5}); }
// Covers: E10
TEST(RaftstoreTest, TestUnreliable2B) {
  RunMix({.clients = 5, .unreliable = true});
}
// Covers: E11
TEST(RaftstoreTest, TestManyPartitionsOneClient2B) {
  RunMix({.clients = 1, .partitions = true});
}
TEST(RaftstoreTest, TestManyPartitionsManyClients2B) {
  RunMix({.clients = 5, .partitions = true});
}

// Covers: E6, E7
TEST(RaftstoreTest, TestOnePartition2B) {
  NetworkFaults faults(1);
  ThreadedCluster cluster(kReplicas);
  cluster.transport().SetJudge(
      [&faults](const PeerMessage& message) { return faults.Judge(message); });
  const uint64_t leader = cluster.Leader(1);
  ASSERT_NE(leader, 0U);
  const uint64_t with_it = leader % kReplicas + 1;
  const uint64_t apart = with_it % kReplicas + 1;
  ASSERT_TRUE(cluster.at(leader).Put("k1", "v1", kPatience).ok());

  // The leader and one more are cut off: the others go on without them.
  faults.Divide({ReplicaId(leader), ReplicaId(with_it)});
  EXPECT_EQ(cluster.at(apart).Get("k1", {}, kPatience).value(), "v1");
  ASSERT_TRUE(cluster.at(apart).Put("k1", "changed", kPatience).ok());
  const auto refused =
      cluster.at(leader).Put("k2", "v2", absl::Milliseconds(300));
  EXPECT_FALSE(refused.ok());
  EXPECT_NE(OutcomeOf(refused.status()), WriteOutcome::kApplied);
  EXPECT_FALSE(cluster.at(leader).Get("k1", {}, absl::Milliseconds(300)).ok())
      << "a minority must not answer";
  std::string old;
  ASSERT_TRUE(cluster.at(with_it)
                  .engine()
                  .machine()
                  .Get(engine::kDefaultFamily, "k1", old)
                  .ok());
  EXPECT_EQ(old, "v1");

  faults.Heal();
  for (uint64_t id = 1; id <= kReplicas; ++id) {
    EXPECT_EQ(cluster.at(id).Get("k1", {}, kPatience).value(), "changed");
  }
}

}  // namespace
}  // namespace trimaran
