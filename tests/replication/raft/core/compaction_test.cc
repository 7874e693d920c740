#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// The log loses its beginning.

namespace trimaran::raft {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// A leader of three with ten commands applied everywhere but at 3.
Network TenCommands() {
  Network network = Network::Plain(3);
  network.Campaign(1);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(network.Propose(1, "x").ok());
  }
  EXPECT_EQ(network.status(1).applied, LogIndex(11));
  return network;
}

// Covers: F8
TEST(CompactionTest, EntriesLeaveMemoryAndTheBoundarysTermStays) {
  Network network = TenCommands();
  TestReplica& leader = network.at(1);
  EXPECT_EQ(leader.status().window_entries, 11u);
  ASSERT_TRUE(leader.CompactTo(LogIndex(7)).ok());
  EXPECT_EQ(leader.status().boundary, At(7, 1));
  EXPECT_EQ(leader.status().window_entries, 4u);
  EXPECT_EQ(leader.raft().log().TermAt(LogIndex(7)), Term(1));
  EXPECT_EQ(leader.raft().log().TermAt(LogIndex(6)), std::nullopt);
  EXPECT_EQ(leader.status().last, At(11, 1));
  // Replication goes on as if nothing had happened.
  ASSERT_TRUE(network.Propose(1, "y").ok());
  EXPECT_TRUE(network.Converged());
}

// Covers: F8
TEST(CompactionTest, WholeLogMayBeCompacted) {
  Network network = TenCommands();
  for (const uint64_t id : {1U, 2U, 3U}) {
    const LogIndex applied = network.status(id).applied;
    ASSERT_TRUE(network.at(id).CompactTo(applied).ok());
    EXPECT_EQ(network.status(id).window_entries, 0u);
  }
  ASSERT_TRUE(network.Propose(1, "y").ok());
  EXPECT_TRUE(network.Converged());
  network.Campaign(2);
  EXPECT_EQ(network.status(2).role, Role::kLeader);
}

// Covers: F8a
TEST(CompactionTest, CompactionAtOrBelowTheBoundaryIsNothing) {
  Network network = TenCommands();
  TestReplica& leader = network.at(1);
  ASSERT_TRUE(leader.CompactTo(LogIndex(7)).ok());
  for (const uint64_t again : {0U, 3U, 7U}) {
    leader.raft().Compacted(LogIndex(again));
    EXPECT_EQ(leader.status().boundary, At(7, 1)) << again;
    EXPECT_EQ(leader.status().applied, LogIndex(11)) << again;
    EXPECT_EQ(leader.raft().log().TermAt(LogIndex(8)), Term(1)) << again;
    EXPECT_FALSE(leader.raft().HasReady()) << again;
  }
}

// Covers: F8a
TEST(CompactionTest, CompactionRepeatedAfterRestartIsNothing) {
  Network network = TenCommands();
  TestReplica& replica = network.at(2);
  ASSERT_TRUE(replica.CompactTo(LogIndex(7)).ok());
  replica.Restart();
  replica.raft().Compacted(LogIndex(7));
  replica.raft().Compacted(LogIndex(5));
  EXPECT_EQ(replica.status().boundary, At(7, 1));
  EXPECT_EQ(replica.status().applied, LogIndex(11));
  EXPECT_EQ(replica.status().last, At(11, 1));
}

// Covers: F8a
TEST(CompactionTest, CompactionBelowAnInstalledSnapshotIsNothing) {
  TestReplica follower(3);
  ASSERT_TRUE(follower.Receive(2, 1, MsgSnap{{At(11, 1), Voters(3)}}).ok());
  follower.Process();
  follower.raft().Compacted(LogIndex(5));
  follower.raft().Compacted(LogIndex(11));
  EXPECT_EQ(follower.status().boundary, At(11, 1));
  EXPECT_EQ(follower.status().applied, LogIndex(11));
}

TEST(CompactionDeathTest, WhatIsNotAppliedStays) {
  TestReplica leader(1);
  leader.Lead();
  ASSERT_TRUE(leader.Propose("x").ok());
  EXPECT_DEATH(leader.raft().Compacted(LogIndex(2)), "not applied");
}

// Covers: F9
TEST(CompactionTest, LaggingFollowerGetsASnapshotInsteadOfAppends) {
  Network network = Network::Plain(3);
  network.Campaign(1);
  network.Isolate(3);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(network.Propose(1, "x").ok());
  ASSERT_TRUE(network.at(1).CompactTo(LogIndex(11)).ok());
  network.Recover();
  network.Beat(1);
  EXPECT_EQ(network.status(3).boundary, At(11, 1));
  EXPECT_TRUE(network.Converged());
}

// The window towards 3 is full of appends that were lost, and the log that
// they came from is gone.
// Covers: F9
TEST(CompactionTest, FollowerWithAFullWindowGetsASnapshotToo) {
  Config config = PlainConfig();
  config.inflight_messages_max = 2;
  config.append_entries_max = 1;
  TestReplica leader(config, MemoryLog(Voters(3)));
  leader.Lead();
  for (const uint64_t id : {2U, 3U}) {
    ASSERT_TRUE(leader.Receive(id, 1, Ack(1)).ok());
  }
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(leader.Propose("x").ok());
  leader.ProcessAndTakeMessages();
  ASSERT_TRUE(leader.peer(3).inflight_full);
  for (const uint64_t acked : {2U, 3U, 4U, 5U, 6U}) {
    ASSERT_TRUE(leader.Receive(2, 1, Ack(acked)).ok());
    leader.ProcessAndTakeMessages();
  }
  ASSERT_TRUE(leader.CompactTo(LogIndex(6)).ok());
  EXPECT_THAT(BodiesTo<MsgSnap>(3, leader.ProcessAndTakeMessages()), IsEmpty());

  // A sign of life draws an empty append, and its refusal the snapshot.
  ASSERT_TRUE(leader.Receive(3, 1, MsgHeartbeatResp{}).ok());
  const auto messages = leader.ProcessAndTakeMessages();
  if (BodiesTo<MsgSnap>(3, messages).empty()) {
    const auto appends = BodiesTo<MsgApp>(3, messages);
    ASSERT_THAT(appends, SizeIs(1));
    EXPECT_THAT(appends[0].entries, IsEmpty());
    ASSERT_TRUE(leader
                    .Receive(3, 1,
                             MsgAppResp{appends[0].prev.index, true, At(1, 1),
                                        LogIndex(1)})
                    .ok());
    EXPECT_THAT(BodiesTo<MsgSnap>(3, leader.ProcessAndTakeMessages()),
                SizeIs(1));
  }
  EXPECT_EQ(leader.peer(3).state, ProgressState::kSnapshot);
  EXPECT_EQ(leader.peer(3).pending_snapshot, LogIndex(6));
}

// Covers: F9
TEST(CompactionTest, GroupWithAFullWindowRecoversAfterCompaction) {
  Network network(3, [](Config& config) {
    config.inflight_messages_max = 2;
    config.append_entries_max = 1;
  });
  network.Campaign(1);
  network.Isolate(3);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(network.Propose(1, "x").ok());
  EXPECT_TRUE(network.at(1).peer(3).inflight_full);
  ASSERT_TRUE(network.at(1).CompactTo(LogIndex(11)).ok());
  ASSERT_TRUE(network.Propose(1, "tail").ok());
  network.Recover();
  for (int beat = 0; beat < 3; ++beat) network.Beat(1);
  EXPECT_TRUE(network.Converged());
}

}  // namespace
}  // namespace trimaran::raft
