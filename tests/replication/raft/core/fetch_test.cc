#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// Entries that are no longer in memory are asked for, never read: the core
// goes on while they come, and things may have changed when they do.

namespace trimaran::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A leader of three that keeps one entry in memory. It has 1/1 .. 6/1 durable;
// 2 has them all, and 3 nothing but 1. Its fetch is held.
TestReplica FetchingLeader() {
  Config config = PlainConfig();
  config.window_entries_max = 1;
  TestReplica leader(config, MemoryLog(Voters(3)));
  leader.Lead();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(leader.Propose("x").ok());
  leader.Process();
  EXPECT_TRUE(leader.Receive(2, 1, Ack(6)).ok());
  leader.ProcessAndTakeMessages();
  EXPECT_TRUE(leader.Receive(3, 1, Ack(1)).ok());
  while (leader.Take() || leader.PersistOne() || leader.ApplyOne()) {
  }
  EXPECT_THAT(leader.held_fetches(), SizeIs(1));
  EXPECT_EQ(leader.held_fetches().at(0).first, LogIndex(2));
  EXPECT_EQ(leader.held_fetches().at(0).end, LogIndex(6));
  leader.TakeMessages();
  return leader;
}

std::vector<LogEntry> Stored(const TestReplica& replica, uint64_t first,
                             uint64_t end) {
  return *replica.log().Entries(LogIndex(first), LogIndex(end), UINT64_MAX);
}

absl::Status Answer(TestReplica& replica,
                    absl::StatusOr<std::vector<LogEntry>> entries) {
  const FetchId id = replica.held_fetches().at(0).id;
  replica.DropRequests();
  return replica.raft().EntriesFetched(id, std::move(entries));
}

// Covers: H24
TEST(FetchTest, LaggingFollowerIsServedFromTheStorage) {
  TestReplica leader = FetchingLeader();
  EXPECT_FALSE(leader.raft().HasReady()) << "one fetch at a time";
  ASSERT_TRUE(Answer(leader, Stored(leader, 2, 6)).ok());
  const auto appends = BodiesTo<MsgApp>(3, leader.ProcessAndTakeMessages());
  ASSERT_FALSE(appends.empty());
  EXPECT_EQ(appends[0].prev, At(1, 1));
  EXPECT_EQ(IdsOf(appends[0].entries),
            (std::vector<EntryId>{At(2, 1), At(3, 1), At(4, 1), At(5, 1)}));
  EXPECT_EQ(leader.peer(3).next, LogIndex(7)) << "and 6 from memory";
}

// Covers: H24
TEST(FetchTest, PartOfTheRangeWillDo) {
  TestReplica leader = FetchingLeader();
  ASSERT_TRUE(Answer(leader, Stored(leader, 2, 3)).ok());
  EXPECT_EQ(leader.peer(3).next, LogIndex(3));
  leader.ProcessAndTakeMessages();
  EXPECT_EQ(leader.peer(3).next, LogIndex(7));
}

// Covers: H24
TEST(FetchTest, AnswerAfterAChangeOfRoleOrTermIsDropped) {
  TestReplica leader = FetchingLeader();
  const FetchId id = leader.held_fetches().at(0).id;
  ASSERT_TRUE(leader.Receive(2, 2, MsgHeartbeat{}).ok());
  leader.ProcessAndTakeMessages();
  EXPECT_TRUE(leader.raft().EntriesFetched(id, Stored(leader, 2, 6)).ok());
  EXPECT_THAT(leader.ProcessAndTakeMessages(), IsEmpty());

  leader.Lead();
  ASSERT_EQ(leader.status().term, Term(3));
  EXPECT_TRUE(leader.raft().EntriesFetched(id, Stored(leader, 2, 6)).ok());
  EXPECT_EQ(leader.peer(3).state, ProgressState::kProbe);
  EXPECT_THAT(BodiesTo<MsgApp>(3, leader.ProcessAndTakeMessages()), IsEmpty());
}

// Covers: H24
TEST(FetchTest, AnswerForAPeerThatHasBeenRemovedIsDropped) {
  TestReplica leader = FetchingLeader();
  const FetchId id = leader.held_fetches().at(0).id;
  leader.DropRequests();
  ConfChange change;
  change.steps = {{ConfChangeType::kRemove, ReplicaId(3)}};
  ASSERT_TRUE(leader.raft().ProposeConfChange(change).ok());
  leader.Process();
  ASSERT_TRUE(leader.Receive(2, 1, Ack(7)).ok());
  leader.ProcessAndTakeMessages();
  ASSERT_FALSE(leader.status().conf.Contains(ReplicaId(3)));
  EXPECT_TRUE(leader.raft().EntriesFetched(id, Stored(leader, 2, 6)).ok());
  EXPECT_THAT(BodiesTo<MsgApp>(3, leader.ProcessAndTakeMessages()), IsEmpty());
}

// Covers: H24
TEST(FetchTest, AnswerThatCameTwiceIsUsedOnce) {
  TestReplica leader = FetchingLeader();
  const FetchId id = leader.held_fetches().at(0).id;
  ASSERT_TRUE(Answer(leader, Stored(leader, 2, 6)).ok());
  leader.ProcessAndTakeMessages();
  EXPECT_TRUE(leader.raft().EntriesFetched(id, Stored(leader, 2, 6)).ok());
  EXPECT_THAT(BodiesTo<MsgApp>(3, leader.ProcessAndTakeMessages()), IsEmpty());
}

// Covers: H24
TEST(FetchTest, FailedFetchIsRepeatedAfterTheNextSignOfLife) {
  TestReplica leader = FetchingLeader();
  ASSERT_TRUE(Answer(leader, absl::UnavailableError("busy")).ok());
  EXPECT_FALSE(leader.raft().HasReady());
  ASSERT_TRUE(leader.Receive(3, 1, MsgHeartbeatResp{}).ok());
  ASSERT_TRUE(leader.Take());
  EXPECT_THAT(leader.held_fetches(), SizeIs(1));
  leader.Process();
  EXPECT_EQ(leader.peer(3).next, LogIndex(7));
}

// Covers: H24
TEST(FetchTest, FollowerOfACompactedLogGetsASnapshot) {
  TestReplica leader = FetchingLeader();
  // The storage was compacted before the core heard of it.
  ASSERT_TRUE(leader.log().CompactTo(LogIndex(6)).ok());
  ASSERT_TRUE(Answer(leader, absl::OutOfRangeError("compacted")).ok());
  EXPECT_THAT(BodiesTo<MsgSnap>(3, leader.ProcessAndTakeMessages()), SizeIs(1));
  EXPECT_EQ(leader.peer(3).state, ProgressState::kSnapshot);
}

// Covers: H24
TEST(FetchTest, EntriesThatContradictTheLogAreRefused) {
  TestReplica leader = FetchingLeader();
  EXPECT_TRUE(IsCorruption(Answer(leader, EntriesOfTerms(2, {1, 2}))));
  EXPECT_FALSE(leader.raft().HasReady()) << "no busy loop";
  EXPECT_THAT(BodiesTo<MsgApp>(3, leader.ProcessAndTakeMessages()), IsEmpty());
}

// Covers: H24
TEST(FetchTest, GroupConvergesWithHardlyAnythingInMemory) {
  Network network(3, [](Config& config) {
    config.window_entries_max = 0;
    config.append_bytes_max = 10;
    config.apply_bytes_max = 10;
  });
  network.Campaign(1);
  network.Isolate(3);
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(network.Propose(1, "abcd").ok());
  network.Recover();
  for (int beat = 0; beat < 3; ++beat) network.Beat(1);
  EXPECT_TRUE(network.Converged());
  EXPECT_EQ(network.status(1).window_entries, 0u);
}

// Five entries, all committed, nothing applied, nothing in memory.
TestReplica Restarted() {
  MemoryLog log(Voters(1));
  EXPECT_TRUE(log.Append(EntriesOfTerms(1, {1, 1, 1, 1, 1})).ok());
  log.set_hard_state({Term(1), {}, LogIndex(4)});
  return TestReplica(PlainConfig(), std::move(log));
}

// Covers: H24, C11
TEST(FetchTest, WhatIsToBeAppliedIsFetchedAfterARestart) {
  TestReplica replica = Restarted();
  ASSERT_TRUE(replica.Take());
  ASSERT_THAT(replica.held_fetches(), SizeIs(1));
  EXPECT_EQ(replica.held_fetches()[0].first, LogIndex(1));
  EXPECT_EQ(replica.held_fetches()[0].end, LogIndex(5));
  EXPECT_FALSE(replica.raft().HasReady());
  ASSERT_TRUE(Answer(replica, Stored(replica, 1, 3)).ok());
  ASSERT_TRUE(replica.Take());
  EXPECT_EQ(replica.status().applying, LogIndex(2));
  replica.Process();
  EXPECT_THAT(IdsOf(replica.applied()),
              ElementsAre(At(1, 1), At(2, 1), At(3, 1), At(4, 1)));
}

// Covers: H24, C11
TEST(FetchTest, StorageThatReturnsMoreThanAskedChangesNothing) {
  TestReplica replica = Restarted();
  ASSERT_TRUE(replica.Take());
  ASSERT_TRUE(Answer(replica, Stored(replica, 1, 6)).ok());
  replica.Process();
  EXPECT_EQ(replica.status().applied, LogIndex(4));
}

// Covers: H24
TEST(FetchTest, FailedFetchForApplyingIsRepeatedAtTheNextTick) {
  TestReplica replica = Restarted();
  ASSERT_TRUE(replica.Take());
  ASSERT_TRUE(Answer(replica, absl::UnavailableError("busy")).ok());
  EXPECT_FALSE(replica.raft().HasReady()) << "no busy loop";
  replica.Tick();
  ASSERT_TRUE(replica.Take());
  ASSERT_TRUE(Answer(replica, std::vector<LogEntry>()).ok());
  EXPECT_FALSE(replica.raft().HasReady()) << "no busy loop after nothing";
  replica.Tick();
  ASSERT_TRUE(replica.Take());
  EXPECT_THAT(replica.held_fetches(), SizeIs(1));
  EXPECT_TRUE(IsCorruption(Answer(replica, EntriesOfTerms(1, {2}))));
  replica.Tick();
  replica.Process();
  EXPECT_EQ(replica.status().applied, LogIndex(4));
}

// Covers: H24
TEST(FetchTest, SnapshotOvertakesAFetchForApplying) {
  MemoryLog log(Voters(3));
  ASSERT_TRUE(log.Append(EntriesOfTerms(1, {1, 1, 1})).ok());
  log.set_hard_state({Term(1), {}, LogIndex(3)});
  TestReplica replica(PlainConfig(), std::move(log));
  ASSERT_TRUE(replica.Take());
  ASSERT_THAT(replica.held_fetches(), SizeIs(1));
  const std::vector<LogEntry> entries = Stored(replica, 1, 4);
  ASSERT_TRUE(replica.Receive(2, 1, MsgSnap{{At(9, 1), Voters(3)}}).ok());
  ASSERT_TRUE(Answer(replica, entries).ok());
  replica.Process();
  EXPECT_EQ(replica.status().applied, LogIndex(9));
  EXPECT_THAT(replica.applied(), IsEmpty());
}

}  // namespace
}  // namespace trimaran::raft
