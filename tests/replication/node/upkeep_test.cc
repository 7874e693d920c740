// Goal: a node keeps its log and its disk in bounds by itself, and does what it
// is asked to: compaction, checkpoints, refusing writes.

#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "gtest/gtest.h"
#include "tests/support/node/blocking.h"
#include "tests/support/node/threaded_cluster.h"

namespace trimaran {
namespace {

using CheckpointAnswer = absl::StatusOr<engine::AppliedState>;
using WriteAnswer = absl::StatusOr<AppliedWrite>;

CheckpointAnswer Checkpoint(Node& node) {
  Later<CheckpointAnswer> later;
  node.Checkpoint([&later](CheckpointAnswer answer) { later.Set(answer); });
  return later.Wait();
}

WriteAnswer CompactLog(Node& node, LogIndex index) {
  Later<WriteAnswer> later;
  node.CompactLog(index, MonotonicTime::Infinite(),
                  [&later](WriteAnswer answer) { later.Set(answer); });
  return later.Wait();
}

ThreadedCluster::Options SmallLog() {
  ThreadedCluster::Options options;
  options.log_segment_bytes = uint64_t{256} << 10;
  options.node.maintenance.log_entries_limit = 200;
  options.node.maintenance.checkpoint_entries_limit = 500;
  return options;
}

uint64_t FilesIn(ThreadedCluster& cluster, uint64_t id) {
  const auto names =
      cluster.home(id).files().List(cluster.home(id).path() + "/log");
  EXPECT_TRUE(names.ok()) << names.status();
  return names.ok() ? names->size() : 0;
}

// Covers: F1, F5
TEST(UpkeepTest, LogStopsGrowingUnderALongRunOfWrites) {
  ThreadedCluster cluster(3, SmallLog());
  const std::string value(2048, 'v');
  // Some 10 MB: forty segments, were they all kept.
  std::vector<std::thread> writers;
  for (uint64_t writer = 1; writer <= 3; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < 1600; ++i) {
        const auto put = cluster.at(writer).Put(
            absl::StrCat("key", writer, "-", i % 100), value);
        EXPECT_TRUE(put.ok()) << put.status();
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  for (uint64_t id = 1; id <= 3; ++id) {
    Node& node = cluster.at(id).node();
    // At rest, twice the limit at most.
    EXPECT_TRUE(Eventually([&node] {
      const auto status = node.status();
      return status->raft.applied - status->truncated <= 400 &&
             status->counters.checkpoints > 0;
    })) << id;
    // What is kept for a checkpoint, for the log's limit, and to write next.
    EXPECT_TRUE(Eventually([&] { return FilesIn(cluster, id) <= 16; })) << id;
  }
}

TEST(UpkeepTest, CompactsByBytesToo) {
  ThreadedCluster::Options options;
  options.node.maintenance.log_bytes_limit = uint64_t{64} << 10;
  ThreadedCluster cluster(1, options);
  const std::string value(8192, 'v');
  for (int i = 0; i < 12; ++i) {
    ASSERT_TRUE(cluster.at(1).Put(absl::StrCat("key", i), value).ok());
  }
  Node& node = cluster.at(1).node();
  EXPECT_TRUE(
      Eventually([&node] { return node.status()->truncated > LogIndex(10); }));
}

TEST(UpkeepTest, CheckpointCoversWhatIsApplied) {
  ThreadedCluster cluster(1);
  const auto put = cluster.at(1).Put("key", "value");
  ASSERT_TRUE(put.ok());
  const CheckpointAnswer durable = Checkpoint(cluster.at(1).node());
  ASSERT_TRUE(durable.ok()) << durable.status();
  EXPECT_GE(durable->applied.id.index, put->entry.index);
}

// Covers: F2, F8a
TEST(UpkeepTest, CompactLogReachesEveryReplica) {
  ThreadedCluster cluster(3);
  const auto put = cluster.at(1).Put("key", "value");
  ASSERT_TRUE(put.ok());
  ASSERT_TRUE(CompactLog(cluster.at(1).node(), put->entry.index).ok());
  for (uint64_t id = 1; id <= 3; ++id) {
    Node& node = cluster.at(id).node();
    // Further, where it came late and got a snapshot.
    EXPECT_TRUE(Eventually(
        [&] { return node.status()->truncated >= put->entry.index; }));
  }
  // Once more is nothing; further back is gone; further on is not there yet.
  EXPECT_TRUE(CompactLog(cluster.at(1).node(), put->entry.index).ok());
  EXPECT_EQ(
      CompactLog(cluster.at(1).node(), put->entry.index - 1).status().code(),
      absl::StatusCode::kOutOfRange);
  EXPECT_EQ(
      CompactLog(cluster.at(1).node(), put->entry.index + 1000).status().code(),
      absl::StatusCode::kFailedPrecondition);
}

TEST(UpkeepTest, FullDiskRefusesWritesAndGivesLeadershipAway) {
  ThreadedCluster cluster(3);
  const uint64_t leader = cluster.Leader(1);
  cluster.Stop(leader);
  cluster.node_options().maintenance.free_bytes_refuse =
      std::numeric_limits<uint64_t>::max();
  cluster.node_options().maintenance.free_bytes_accept =
      std::numeric_limits<uint64_t>::max();
  cluster.Start(leader);
  Node& node = cluster.at(leader).node();
  ASSERT_TRUE(Eventually([&node] { return node.status()->refuses_writes; }));

  const auto put = cluster.at(leader).Put("key", "value");
  EXPECT_EQ(put.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(OutcomeOf(put.status()), WriteOutcome::kNotApplied);
  // It goes on following, and does not keep leadership if it gets it.
  const uint64_t other = leader % 3 + 1;
  EXPECT_TRUE(cluster.at(other).Put("other", "value").ok());
  const uint64_t leads_now = cluster.Leader(other);
  Later<absl::Status> asked;
  cluster.at(leads_now).node().TransferLeadership(
      ReplicaId(leader),
      [&asked](const absl::Status& status) { asked.Set(status); });
  ASSERT_TRUE(asked.Wait().ok());
  EXPECT_TRUE(cluster.at(other).Put("again", "value").ok());
  EXPECT_TRUE(Eventually([&] {
    const auto status = cluster.at(other).node().status();
    return status->raft.leader != ReplicaId(leader);
  }));
  EXPECT_TRUE(cluster.at(other).Put("in the end", "value").ok());
  EXPECT_TRUE(cluster.CatchesUp(leader, other));
}

TEST(UpkeepTest, LeaderWhoseLogStallsHandsLeadershipOver) {
  ThreadedCluster::Options options;
  options.threads = ThreadedReplica::Threads::kOwn;
  ThreadedCluster cluster(3, options);
  const uint64_t leader = cluster.Leader(1);
  const uint64_t other = leader % 3 + 1;
  // The disk of the leader does not answer.
  Later<bool> disk;
  cluster.at(leader).log_loop().Post([&disk] { disk.Wait(); });
  // The others can still commit it, and elect another.
  EXPECT_TRUE(cluster.at(other).Put("key", "value").ok());
  EXPECT_TRUE(Eventually([&] {
    const ReplicaId led_by = cluster.at(other).node().status()->raft.leader;
    return led_by != ReplicaId(leader) && led_by != kNoReplica;
  }));
  EXPECT_TRUE(cluster.at(other).Put("after", "value").ok());
  disk.Set(true);
  EXPECT_TRUE(cluster.CatchesUp(leader, other));
}

TEST(UpkeepTest, RowsOfDroppedFamiliesAreSwept) {
  ThreadedCluster cluster(1);
  ThreadedReplica& replica = cluster.at(1);
  const auto created = replica.Write(
      {.stamp = {}, .body = engine::CreateFamilyCommand{.name = "doomed"}},
      absl::Seconds(10));
  ASSERT_TRUE(created.ok()) << created.status();
  const engine::FamilyId family(created->result.value);
  std::vector<std::string> keys;
  for (int i = 0; i < 3000; ++i) keys.push_back(absl::StrCat("key", i));
  engine::WriteCommand write;
  for (const std::string& key : keys) {
    write.operations.push_back(engine::PutOp{family, key, "value"});
  }
  ASSERT_TRUE(
      replica.Write({.stamp = {}, .body = write}, absl::Seconds(10)).ok());
  ASSERT_TRUE(replica
                  .Write({.stamp = {},
                          .body = engine::DropFamilyCommand{.name = "doomed"}},
                         absl::Seconds(10))
                  .ok());
  // Looking takes a row away itself: far fewer than there are.
  int looks = 0;
  EXPECT_TRUE(Eventually([&] {
    ++looks;
    Later<absl::StatusOr<bool>> more;
    replica.loop().Post(
        [&] { more.Set(replica.engine().machine().CollectGarbage(1)); });
    const absl::StatusOr<bool> answer = more.Wait();
    return answer.ok() && !*answer;
  }));
  EXPECT_LT(looks, 2000);
}

}  // namespace
}  // namespace trimaran
