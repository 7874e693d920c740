// Goal: real nodes, on real engines and threads, in one process: what is
// acknowledged is there, everywhere, also after restarts and new leaders.

#include "tests/support/node/threaded_cluster.h"

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "gtest/gtest.h"
#include "replication/node/change_cursor.h"
#include "tests/support/node/blocking.h"

namespace trimaran {
namespace {

TEST(SoleNodeTest, WriteIsThereAlsoAfterARestart) {
  ThreadedCluster cluster(1);
  const auto put = cluster.at(1).Put("key", "value");
  ASSERT_TRUE(put.ok()) << put.status();
  EXPECT_GT(put->entry.index, LogIndex(6));
  EXPECT_EQ(cluster.at(1).Get("key").value(), "value");
  EXPECT_EQ(cluster.at(1).Get("other").value(), std::nullopt);

  cluster.Stop(1);
  cluster.Start(1);
  EXPECT_EQ(cluster.at(1).Get("key").value(), "value");
}

TEST(SoleNodeTest, ChangesCanBeFollowedFromAWriteOn) {
  ThreadedCluster cluster(1);
  const auto first = cluster.at(1).Put("a", "1");
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(cluster.at(1).Put("b", "2").ok());
  MonotonicClock clock;
  const std::atomic<bool> cancelled = false;
  ChangeCursor cursor({}, first->entry.index);
  for (const char* key : {"a", "b"}) {
    const auto batch = cursor.Next(cluster.at(1).node().changes(), clock,
                                   clock.Now() + absl::Seconds(10), cancelled);
    ASSERT_TRUE(batch.ok()) << batch.status();
    EXPECT_EQ(batch->changes.at(0).key, key);
  }
}

TEST(SoleNodeTest, WhatIsSaidWithoutKnowingOfAChangeIsNoLie) {
  ThreadedCluster cluster(1);
  Node& node = cluster.at(1).node();
  raft::Message late{.group = GroupId(1),
                     .from = ReplicaId(9),
                     .to = ReplicaId(1),
                     .term = node.status()->raft.term,
                     .body = raft::MsgHeartbeatResp()};
  node.Deliver({.from = late.from, .to = late.to, .body = late});
  late.term = Term();
  late.body = raft::MsgTransferLeader{.target = ReplicaId(9)};
  node.Deliver({.from = late.from, .to = late.to, .body = late});
  EXPECT_TRUE(Eventually(
      [&node] { return node.status()->counters.messages_received == 2; }));
  EXPECT_EQ(node.status()->counters.messages_refused, 0u);
}

TEST(ThreeNodesTest, EveryReplicaTakesWritesAndReads) {
  ThreadedCluster cluster(3);
  for (uint64_t id = 1; id <= 3; ++id) {
    const auto put = cluster.at(id).Put(absl::StrCat("from", id), "v");
    ASSERT_TRUE(put.ok()) << put.status();
  }
  for (uint64_t id = 1; id <= 3; ++id) {
    for (uint64_t from = 1; from <= 3; ++from) {
      EXPECT_EQ(cluster.at(id).Get(absl::StrCat("from", from)).value(), "v");
    }
  }
}

// Covers: E19
TEST(ThreeNodesTest, NothingAcknowledgedIsLostWithTheLeader) {
  ThreadedCluster cluster(3);
  uint64_t other = 1;
  for (int round = 0; round < 3; ++round) {
    const uint64_t leader = cluster.Leader(other);
    other = leader % 3 + 1;
    for (int i = 0; i < 50; ++i) {
      const auto put =
          cluster.at(other).Put(absl::StrCat("key", round, "-", i), "v");
      ASSERT_TRUE(put.ok()) << put.status();
    }
    cluster.Stop(leader);
    const auto put = cluster.at(other).Put(absl::StrCat("after", round), "v");
    ASSERT_TRUE(put.ok()) << put.status();
    for (int i = 0; i < 50; ++i) {
      EXPECT_EQ(
          cluster.at(other).Get(absl::StrCat("key", round, "-", i)).value(),
          "v");
    }
    cluster.Start(leader);
  }
}

TEST(ThreeNodesTest, ManyWritersAtAllReplicasAreAllAnswered) {
  ThreadedCluster cluster(3);
  std::vector<std::thread> writers;
  for (uint64_t writer = 0; writer < 12; ++writer) {
    writers.emplace_back([&cluster, writer] {
      for (int i = 0; i < 100; ++i) {
        const auto put = cluster.at(writer % 3 + 1)
                             .Put(absl::StrCat("w", writer, "-", i), "v");
        EXPECT_TRUE(put.ok()) << put.status();
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  for (uint64_t writer = 0; writer < 12; ++writer) {
    EXPECT_EQ(cluster.at(1).Get(absl::StrCat("w", writer, "-99")).value(), "v");
  }
}

TEST(ThreeNodesTest, WriteWithoutMajorityEndsAtItsDeadline) {
  ThreadedCluster cluster(3);
  ASSERT_TRUE(cluster.at(1).Put("before", "v").ok());
  cluster.Stop(2);
  cluster.Stop(3);
  const auto put = cluster.at(1).Put("key", "v", absl::Milliseconds(300));
  ASSERT_FALSE(put.ok());
  EXPECT_NE(OutcomeOf(put.status()), WriteOutcome::kApplied);
  const auto get = cluster.at(1).Get("key", {}, absl::Milliseconds(300));
  EXPECT_EQ(get.status().code(), absl::StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace trimaran
