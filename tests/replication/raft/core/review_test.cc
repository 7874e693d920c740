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

// Corners of the contract that are easy to get wrong: a host or a peer that is
// slow, late, or asks for something unusual at the wrong moment.

namespace trimaran::raft {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

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
  leader.TakeMessages();
  return leader;
}

TEST(ReviewTest, SignsOfLifeDoNotSupersedeAFetchUnderWay) {
  TestReplica leader = FetchingLeader();
  const FetchId id = leader.held_fetches().at(0).id;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(leader.Receive(3, 1, MsgHeartbeatResp{}).ok());
    leader.Take();
  }
  EXPECT_THAT(leader.held_fetches(), SizeIs(1));
  leader.DropRequests();
  leader.TakeMessages();
  ASSERT_TRUE(leader.raft()
                  .EntriesFetched(id, *leader.log().Entries(
                                          LogIndex(2), LogIndex(6), 1 << 20))
                  .ok());
  EXPECT_EQ(leader.peer(3).next, LogIndex(6));
}

TEST(ReviewTest, SnapshotBehindWhatTheFollowerHasIsUnavailable) {
  TestReplica leader = FetchingLeader();
  const FetchId id = leader.held_fetches().at(0).id;
  leader.DropRequests();
  ASSERT_TRUE(leader.Receive(3, 1, Ack(4)).ok());
  while (leader.Take()) {
  }
  ASSERT_THAT(leader.held_fetches(), SizeIs(1));
  const FetchId id2 = leader.held_fetches().at(0).id;
  EXPECT_NE(id, id2);
  leader.DropRequests();
  ASSERT_TRUE(leader.Receive(3, 1, MsgHeartbeatResp{}).ok());
  ASSERT_TRUE(leader.raft()
                  .EntriesFetched(id2, absl::OutOfRangeError("compacted"))
                  .ok());
  ASSERT_TRUE(leader.Take());
  for (const auto& f : leader.held_fetches()) {
    ASSERT_TRUE(leader.raft()
                    .EntriesFetched(f.id, absl::OutOfRangeError("compacted"))
                    .ok());
  }
  while (leader.Take()) {
  }
  ASSERT_THAT(leader.held_snapshot_requests(), SizeIs(1));
  EXPECT_GE(leader.held_snapshot_requests().at(0).index_min, LogIndex(5));
  leader.raft().SnapshotAvailable(ReplicaId(3), {At(2, 1), Voters(3)});
  EXPECT_NE(leader.peer(3).state, ProgressState::kSnapshot);
}

TEST(ReviewTest, VoterThatMayNotCampaignVotesOnceItsLeaderIsSilent) {
  Config config = PlainConfig(3);
  config.check_quorum = true;
  TestReplica voter(config, MemoryLog(Voters(3)));
  LogEntry change = EntryAt(At(1, 1));
  change.type = EntryType::kConfChange;
  ConfChange add;
  add.steps = {{ConfChangeType::kAddLearner, ReplicaId(4)}};
  change.payload = Payload(EncodeConfChange(add));
  ASSERT_TRUE(
      voter.Receive(1, 1, MsgApp{EntryId(), {change}, LogIndex(1)}).ok());
  while (voter.Take() || voter.PersistOne()) {
  }
  ASSERT_EQ(voter.held_pages(), 1u);
  voter.TakeMessages();
  voter.raft().OverrideElectionTimeout(10);
  voter.Tick(30);
  ASSERT_TRUE(voter.Receive(2, 2, MsgVote{At(1, 1), EntryId(), false, 0}).ok());
  while (voter.Take() || voter.PersistOne()) {
  }
  EXPECT_THAT(OfKind<MsgVoteResp>(voter.TakeMessages()), SizeIs(1));
}

Config LeaseConfig(uint64_t id) {
  Config config = PlainConfig(id);
  config.check_quorum = true;
  config.lease_reads = true;
  return config;
}

TEST(ReviewTest, PromiseOfAReplicaThatNeverWroteOutlivesItsRestart) {
  TestReplica voter(LeaseConfig(3), MemoryLog(Voters(3)));
  ASSERT_TRUE(voter.Receive(1, 1, MsgHeartbeat{LogIndex(), ReadRound(1)}).ok());
  while (voter.Take()) {
  }
  const bool answered = !OfKind<MsgHeartbeatResp>(voter.TakeMessages()).empty();
  voter.Restart();
  ASSERT_TRUE(voter.Receive(2, 2, MsgVote{}).ok());
  voter.Process();
  const bool voted = !OfKind<MsgVoteResp>(voter.TakeMessages()).empty();
  EXPECT_FALSE(answered && voted);
}

TEST(ReviewTest, LeaseSurvivesManyRoundsUnderWay) {
  TestReplica leader(LeaseConfig(1), MemoryLog(Voters(3)));
  leader.Lead();
  ASSERT_TRUE(leader.Receive(2, 1, Ack(1)).ok());
  leader.ProcessAndTakeMessages();
  std::vector<ReadRound> rounds;
  uint64_t answered = 0;
  for (uint64_t i = 1; i <= 400; ++i) {
    if (i % 100 == 0) leader.Tick();
    ASSERT_TRUE(leader.raft().ReadIndex(ReadId(i), ReadMode::kQuorum).ok());
    for (const auto& beat :
         BodiesTo<MsgHeartbeat>(2, leader.ProcessAndTakeMessages())) {
      rounds.push_back(beat.round);
    }
    // The answers are a hundred rounds, one tick, behind.
    if (rounds.size() > 100) {
      ASSERT_TRUE(
          leader.Receive(2, 1, MsgHeartbeatResp{rounds[answered++]}).ok());
    }
  }
  EXPECT_GT(leader.reads().size(), 200u);
  EXPECT_TRUE(leader.status().lease_valid);
}

TEST(ReviewTest, LeaseEndsBeforeAVotersPromiseWhateverTheirTicksPhase) {
  Config config = LeaseConfig(1);
  config.lease_margin_ticks = 1;
  TestReplica leader(config, MemoryLog(Voters(3)));
  leader.Lead();
  ASSERT_TRUE(leader.Receive(2, 1, Ack(1)).ok());
  leader.Tick();
  const auto beats = BodiesTo<MsgHeartbeat>(3, leader.ProcessAndTakeMessages());
  ASSERT_THAT(beats, SizeIs(1));
  config.id = ReplicaId(3);
  TestReplica voter(config, MemoryLog(Voters(3)));
  ASSERT_TRUE(voter.Receive(1, 1, beats[0]).ok());
  voter.Process();
  ASSERT_TRUE(leader.Receive(3, 1, MsgHeartbeatResp{beats[0].round}).ok());
  voter.raft().OverrideElectionTimeout(1000);
  // Equal speed; the voter's ticks come just before the leader's.
  voter.TakeMessages();
  for (int i = 0; i < 9; ++i) {
    voter.Tick();
    leader.Tick();
  }
  voter.Tick();
  ASSERT_TRUE(voter.Receive(2, 2, MsgVote{At(1, 1), {}, false, 0}).ok());
  voter.Process();
  const bool voted = !OfKind<MsgVoteResp>(voter.TakeMessages()).empty();
  EXPECT_TRUE(voted);
  EXPECT_FALSE(voted && leader.status().lease_valid);
}

TEST(ReviewTest, AppendWithAMalformedMembershipChangeIsRefused) {
  TestReplica follower(3);
  LogEntry change = EntryAt(At(1, 1), "\x09garbage");
  change.type = EntryType::kConfChange;
  EXPECT_TRUE(absl::IsInvalidArgument(
      follower.Receive(2, 1, MsgApp{EntryId(), {change}, LogIndex(1)})));
}

TEST(ReviewTest, TooLargeAMembershipChangeIsDropped) {
  TestReplica leader(1);
  leader.Lead();
  ConfChange change;
  change.steps.resize(kConfChangeStepsMax + 1);
  const auto result = leader.raft().ProposeConfChange(change);
  EXPECT_EQ(DropReasonOf(result.status()), DropReason::kInvalidConfChange)
      << result.status();
}

TEST(ReviewTest, GroupFindsALeaderAfterItsLeaderHasRemovedItself) {
  Network network(3, [](Config& c) {
    c.pre_vote = true;
    c.check_quorum = true;
    c.step_down_on_removal = true;
  });
  network.Campaign(1);
  ConfChange change;
  change.steps = {{ConfChangeType::kRemove, ReplicaId(1)}};
  ASSERT_TRUE(network.raft(1).ProposeConfChange(change).ok());
  network.Settle();
  network.TickAll(200);
  EXPECT_NE(network.status(1).role, Role::kLeader);
}

}  // namespace
}  // namespace trimaran::raft
