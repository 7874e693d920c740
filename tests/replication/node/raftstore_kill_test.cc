// Goal: what raftstore_test.cc asks, of machines that lose their power while
// clients are at work, one by one and all together, and keep only what was
// synced, or anything more.

#include "gtest/gtest.h"
#include "tests/replication/node/raftstore_workload.h"

namespace trimaran {
namespace {

void RunMix(const Mix& mix) { RaftstoreRun(mix).Run(); }

// Covers: E12
TEST(RaftstoreKillTest, TestPersistOneClient2B) {
  RunMix({.clients = 1, .kills = true});
}
TEST(RaftstoreKillTest, TestPersistConcurrent2B) {
  RunMix({.clients = 5, .kills = true});
}
// Covers: E13
TEST(RaftstoreKillTest, TestPersistConcurrentUnreliable2B) {
  RunMix({.clients = 5, .unreliable = true, .kills = true});
}
TEST(RaftstoreKillTest, TestPersistPartition2B) {
  RunMix({.clients = 5, .partitions = true, .kills = true});
}
TEST(RaftstoreKillTest, TestPersistPartitionUnreliable2B) {
  RunMix({.clients = 5,
          .unreliable = true,
          .partitions = true,
          .kills = true,
          .seed = 2});
}

}  // namespace
}  // namespace trimaran
