#include "tests/replication/node/snapshot_group.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/node/blocking.h"

namespace trimaran {
namespace {

absl::StatusOr<AppliedWrite> Delete(ThreadedCluster& cluster, uint64_t at,
                                    std::string_view key) {
  engine::WriteCommand write;
  write.operations = {engine::DeleteOp{engine::kDefaultFamily, key}};
  return cluster.at(at).Write({.stamp = {}, .body = write}, absl::Seconds(10));
}

// Waits until `id` cannot be served from the log of `leader` any more.
bool LogIsGoneFor(ThreadedCluster& cluster, LogIndex applied, uint64_t leader) {
  return Eventually(
      [&] { return cluster.at(leader).node().status()->truncated > applied; });
}

LogIndex AppliedAt(ThreadedCluster& cluster, uint64_t id) {
  return cluster.at(id).engine().machine().applied().applied.id.index;
}

}  // namespace

ThreadedCluster::Options SmallSteps() {
  ThreadedCluster::Options options;
  options.node.maintenance.log_entries_limit = kLogLimit;
  options.node.snapshots.chunk_bytes_target = 4096;
  options.node.snapshots.window_chunks = 4;
  options.node.snapshots.ask_again_after = absl::Milliseconds(100);
  options.node.snapshots.free_bytes_min = uint64_t{1} << 20;
  return options;
}

void PutMany(ThreadedCluster& cluster, uint64_t at, const std::string& prefix,
             int count, size_t value_bytes) {
  const std::string value(value_bytes, 'v');
  for (int i = 0; i < count; ++i) {
    const auto put = cluster.at(at).Put(absl::StrCat(prefix, i), value);
    ASSERT_TRUE(put.ok()) << put.status();
  }
}

NodeCounters CountersOf(ThreadedCluster& cluster, uint64_t id) {
  return cluster.at(id).node().status()->counters;
}

bool HasInstalled(ThreadedCluster& cluster, uint64_t id) {
  return Eventually(
      [&] { return CountersOf(cluster, id).snapshots_installed > 0; });
}

void ExpectSameState(ThreadedCluster& cluster,
                     const std::set<uint64_t>& replicas) {
  const uint64_t first = *replicas.begin();
  // One more write, so that all know that all is committed.
  ASSERT_TRUE(cluster.at(first).Put("last", "v").ok());
  const LogIndex goal = AppliedAt(cluster, first);
  const auto expected = cluster.Digest(first);
  ASSERT_TRUE(expected.ok()) << expected.status();
  for (const uint64_t id : replicas) {
    ASSERT_TRUE(Eventually([&] { return AppliedAt(cluster, id) >= goal; }))
        << id;
    const auto digest = cluster.Digest(id);
    ASSERT_TRUE(digest.ok()) << digest.status();
    if (digest->position.id != expected->position.id) continue;
    EXPECT_EQ(*digest, *expected) << id;
  }
}

Absence WriteInAbsence(ThreadedCluster& cluster, int writes) {
  Absence who;
  PutMany(cluster, 1, "early", 10);
  who.leader = cluster.Leader(1);
  who.follower = who.leader % 3 + 1;
  who.other = who.follower % 3 + 1;
  EXPECT_TRUE(cluster.CatchesUp(who.follower, who.leader));
  const LogIndex applied = AppliedAt(cluster, who.follower);
  cluster.Stop(who.follower);
  PutMany(cluster, who.leader, "late", writes);
  EXPECT_TRUE(Delete(cluster, who.leader, "early3").ok());
  EXPECT_TRUE(LogIsGoneFor(cluster, applied, who.leader));
  return who;
}

}  // namespace trimaran
