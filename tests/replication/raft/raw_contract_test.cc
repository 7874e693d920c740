#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "replication/raft/debug_string.h"
#include "replication/raft/synchronous.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// The contract between a core and its host: what is in a Ready, when, and what
// must wait for what.

namespace trimaran::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

MsgApp Append(EntryId prev, const std::vector<uint64_t>& terms,
              uint64_t commit = 0) {
  return {prev, EntriesOfTerms(prev.index.value() + 1, terms),
          LogIndex(commit)};
}

// Covers: C1
TEST(ReadyTest, AcknowledgementWaitsForTheWriteAndApplyingForBoth) {
  TestReplica follower(3);
  ASSERT_TRUE(follower.Receive(2, 1, Append(At(0, 0), {1, 1}, 2)).ok());

  const Ready first = follower.raft().TakeReady();
  ASSERT_TRUE(first.persist.has_value());
  EXPECT_THAT(IdsOf(first.persist->entries), ElementsAre(At(1, 1), At(2, 1)));
  EXPECT_EQ(first.persist->hard_state,
            (HardState{Term(1), kNoReplica, LogIndex(2)}));
  EXPECT_TRUE(first.persist->must_sync);
  EXPECT_THAT(OfKind<MsgAppResp>(first.persist->messages_after), SizeIs(1));
  EXPECT_THAT(first.messages, IsEmpty());
  // They could be lost by a crash, and the state machine would be ahead.
  EXPECT_THAT(first.apply, IsEmpty());
  EXPECT_FALSE(follower.raft().HasReady());

  follower.raft().Persisted(first.persist->seq);
  const Ready second = follower.raft().TakeReady();
  EXPECT_THAT(IdsOf(second.apply), ElementsAre(At(1, 1), At(2, 1)));
  EXPECT_FALSE(second.persist.has_value());
}

// Covers: C1
TEST(ReadyTest, VoteWaitsForTheWriteOfTheVote) {
  TestReplica voter(3);
  ASSERT_TRUE(voter.Receive(2, 1, MsgVote{At(0, 0), {}, false, 0}).ok());
  const Ready ready = voter.raft().TakeReady();
  EXPECT_THAT(ready.messages, IsEmpty());
  ASSERT_TRUE(ready.persist.has_value());
  EXPECT_EQ(ready.persist->hard_state,
            (HardState{Term(1), ReplicaId(2), LogIndex(0)}));
  EXPECT_THAT(OfKind<MsgVoteResp>(ready.persist->messages_after), SizeIs(1));
}

// Covers: C1
TEST(ReadyTest, SnapshotEntriesAndHardStateComeInOneBatch) {
  TestReplica follower(3);
  ASSERT_TRUE(follower.Receive(2, 2, MsgSnap{{At(5, 2), Voters(3)}}).ok());
  ASSERT_TRUE(follower.Receive(2, 2, Append(At(5, 2), {2, 2}, 6)).ok());
  const Ready ready = follower.raft().TakeReady();
  ASSERT_TRUE(ready.persist.has_value());
  EXPECT_EQ(ready.persist->snapshot, (SnapshotMeta{At(5, 2), Voters(3)}));
  EXPECT_THAT(IdsOf(ready.persist->entries), ElementsAre(At(6, 2), At(7, 2)));
  EXPECT_EQ(ready.persist->hard_state,
            (HardState{Term(2), kNoReplica, LogIndex(6)}));
  EXPECT_THAT(ready.persist->messages_after, SizeIs(2));
  EXPECT_THAT(ready.messages, IsEmpty());
}

// A leader's appends promise nothing of its own disk.
//
// Covers: C1
TEST(ReadyTest, LeadersAppendsNeedNotWait) {
  TestReplica leader(3);
  leader.Lead();
  ASSERT_TRUE(leader.Receive(2, 1, MsgAppResp{LogIndex(1), {}, {}, {}}).ok());
  leader.Process();
  ASSERT_TRUE(leader.Propose("some data").ok());
  const Ready ready = leader.raft().TakeReady();
  EXPECT_THAT(OfKind<MsgApp>(ready.messages), testing::Not(IsEmpty()));
  ASSERT_TRUE(ready.persist.has_value());
  EXPECT_THAT(ready.persist->messages_after, IsEmpty());
}

// Covers: C2
TEST(ReadyTest, SoleVoterShowsAProposalOnceToWriteAndOnceToApply) {
  TestReplica replica(1);
  SynchronousRaft driver(replica.raft());
  replica.raft().Campaign();
  std::vector<std::string> written;
  std::vector<std::string> applied;
  bool proposed = false;
  for (int rounds = 0; replica.raft().HasReady(); ++rounds) {
    ASSERT_LT(rounds, 10);
    const Ready ready = driver.TakeReady();
    EXPECT_THAT(ready.messages, IsEmpty());
    if (ready.persist) {
      for (const auto& text : TextsOf(ready.persist->entries)) {
        written.push_back(text);
      }
    }
    for (const auto& text : TextsOf(ready.apply)) applied.push_back(text);
    driver.Advance();
    if (!proposed && replica.status().role == Role::kLeader) {
      proposed = true;
      ASSERT_TRUE(replica.Propose("foo").ok());
    }
  }
  EXPECT_THAT(written, ElementsAre("foo"));
  EXPECT_THAT(applied, ElementsAre("foo"));
  EXPECT_EQ(replica.status().commit, LogIndex(2));
  EXPECT_FALSE(replica.raft().HasReady());
}

// The write comes before the commit, or a crash could undo what a client was
// told.
//
// Covers: C2
TEST(ReadyTest, SoleVoterCommitsOnlyWhatItHasWritten) {
  TestReplica replica(1);
  replica.Lead();
  ASSERT_TRUE(replica.Propose("foo").ok());
  const Ready ready = replica.raft().TakeReady();
  EXPECT_THAT(ready.apply, IsEmpty());
  EXPECT_EQ(replica.status().commit, LogIndex(1));
  replica.raft().Persisted(ready.persist->seq);
  EXPECT_EQ(replica.status().commit, LogIndex(2));
}

// A replica of group {1} with the log [1/1, 2/1], committed up to 1.
MemoryLog StoredLog() {
  MemoryLog log(Voters(1));
  EXPECT_TRUE(log.Append(EntriesOfTerms(1, {1, 1})).ok());
  log.set_hard_state({Term(1), kNoReplica, LogIndex(1)});
  return log;
}

// Covers: C3
TEST(RestartTest, OnlyTheCommittedEntriesComeUpAgain) {
  TestReplica replica(PlainConfig(), StoredLog());
  // The core holds no entries after a restart: it asks for them first.
  const Ready first = replica.raft().TakeReady();
  ASSERT_THAT(first.fetches, SizeIs(1));
  EXPECT_EQ(first.fetches[0].first, LogIndex(1));
  EXPECT_EQ(first.fetches[0].end, LogIndex(2));
  EXPECT_FALSE(first.soft_state.has_value());
  EXPECT_FALSE(first.persist.has_value());
  ASSERT_TRUE(
      replica.raft()
          .EntriesFetched(first.fetches[0].id,
                          replica.log().Entries(LogIndex(1), LogIndex(2), 1000))
          .ok());

  const Ready second = replica.raft().TakeReady();
  EXPECT_THAT(IdsOf(second.apply), ElementsAre(At(1, 1)));
  EXPECT_FALSE(second.soft_state.has_value());
  EXPECT_FALSE(second.persist.has_value());
  replica.raft().Applied(LogIndex(1));
  EXPECT_FALSE(replica.raft().HasReady());
}

// Covers: C4
TEST(RestartTest, SnapshotIsNotHandedOutAgain) {
  MemoryLog log;
  ASSERT_TRUE(log.Restore({{At(2, 1), Voters(2)}, ""}).ok());
  ASSERT_TRUE(log.Append(EntriesOfTerms(3, {1})).ok());
  log.set_hard_state({Term(1), kNoReplica, LogIndex(3)});
  TestReplica replica(PlainConfig(), log);
  EXPECT_EQ(replica.status().applied, LogIndex(2));
  const Ready ready = replica.raft().TakeReady();
  EXPECT_FALSE(ready.persist.has_value());
  ASSERT_THAT(ready.fetches, SizeIs(1));
  ASSERT_TRUE(
      replica.raft()
          .EntriesFetched(ready.fetches[0].id,
                          replica.log().Entries(LogIndex(3), LogIndex(4), 1000))
          .ok());
  EXPECT_THAT(IdsOf(replica.raft().TakeReady().apply), ElementsAre(At(3, 1)));
  replica.raft().Applied(LogIndex(3));
  EXPECT_FALSE(replica.raft().HasReady());
}

// Covers: C5
TEST(ReadyTest, StatesAppearOnlyWhenTheyHaveChanged) {
  TestReplica replica(3);
  EXPECT_FALSE(replica.raft().HasReady());
  replica.raft().Campaign();
  const Ready campaign = replica.raft().TakeReady();
  EXPECT_EQ(campaign.soft_state, (SoftState{Role::kCandidate, kNoReplica}));
  EXPECT_EQ(campaign.persist->hard_state,
            (HardState{Term(1), ReplicaId(1), LogIndex(0)}));
  EXPECT_TRUE(campaign.persist->must_sync) << "a vote";
  replica.raft().Persisted(campaign.persist->seq);

  ASSERT_TRUE(replica.Receive(2, 1, MsgVoteResp{}).ok());
  const Ready victory = replica.raft().TakeReady();
  EXPECT_EQ(victory.soft_state, (SoftState{Role::kLeader, ReplicaId(1)}));
  EXPECT_FALSE(victory.persist->hard_state.has_value());
  EXPECT_TRUE(victory.persist->must_sync) << "an entry";
  replica.raft().Persisted(victory.persist->seq);

  ASSERT_TRUE(replica.Receive(2, 1, MsgAppResp{LogIndex(1), {}, {}, {}}).ok());
  const Ready commit = replica.raft().TakeReady();
  EXPECT_FALSE(commit.soft_state.has_value());
  ASSERT_TRUE(commit.persist.has_value());
  EXPECT_EQ(commit.persist->hard_state,
            (HardState{Term(1), ReplicaId(1), LogIndex(1)}));
  EXPECT_FALSE(commit.persist->must_sync) << "a commit may be lost";
}

// Covers: C5
TEST(ReadyTest, NewTermAloneMustBeSynced) {
  TestReplica replica(3);
  ASSERT_TRUE(replica.Receive(2, 4, MsgHeartbeat{}).ok());
  const Ready ready = replica.raft().TakeReady();
  ASSERT_TRUE(ready.persist.has_value());
  EXPECT_EQ(ready.persist->hard_state,
            (HardState{Term(4), kNoReplica, LogIndex(0)}));
  EXPECT_TRUE(ready.persist->must_sync);
}

// Covers: C6
TEST(ReadyTest, TakingMovesMessagesOutAndKeepsLaterOnes) {
  TestReplica follower(3);
  SynchronousRaft driver(follower.raft());
  ASSERT_TRUE(follower.Receive(2, 1, MsgHeartbeat{LogIndex(0), {}}).ok());
  const Ready first = driver.TakeReady();
  EXPECT_THAT(OfKind<MsgHeartbeatResp>(first.messages), SizeIs(1));

  // Arrives while the host is busy with the first one.
  ASSERT_TRUE(
      follower.Receive(2, 1, MsgHeartbeat{LogIndex(0), ReadRound(7)}).ok());
  driver.Advance();
  ASSERT_TRUE(follower.raft().HasReady());
  const auto answers = OfKind<MsgHeartbeatResp>(driver.TakeReady().messages);
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].As<MsgHeartbeatResp>()->round, ReadRound(7));
}

// Covers: C6
TEST(SynchronousRaftDeathTest, SecondReadyBeforeAdvanceIsAnError) {
  TestReplica replica(3);
  SynchronousRaft driver(replica.raft());
  replica.raft().Campaign();
  driver.TakeReady();
  EXPECT_DEATH(driver.TakeReady(), "check failed");
}

// What a replica tells itself is no message here, so that no peer can send it;
// what remains is refused by sender, receiver and membership.
//
// Covers: C7
TEST(StepTest, MessagesThatNoPeerMaySendAreRefused) {
  TestReplica replica(3);
  replica.Lead();
  const RaftStatus before = replica.status();
  const auto refused = [&](Route route, uint64_t term, MessageBody body) {
    return replica.raft()
        .Step(MakeMessage(route, term, std::move(body)))
        .code();
  };
  const auto invalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(refused({1, 1}, 1, MsgHeartbeat{}), invalid) << "from itself";
  EXPECT_EQ(refused({0, 1}, 1, MsgHeartbeat{}), invalid) << "from nobody";
  EXPECT_EQ(refused({2, 3}, 1, MsgHeartbeat{}), invalid) << "for another";
  EXPECT_EQ(refused({2, 1}, 0, MsgHeartbeat{}), invalid) << "without a term";
  EXPECT_EQ(refused({2, 1}, 1, MsgHeartbeat{}), invalid) << "a second leader";
  Message other_group = MakeMessage({2, 1}, 1, MsgHeartbeat{});
  other_group.group = GroupId(2);
  EXPECT_EQ(replica.raft().Step(other_group).code(), invalid);

  const auto unknown = absl::StatusCode::kNotFound;
  EXPECT_EQ(refused({9, 1}, 1, MsgAppResp{}), unknown);
  EXPECT_EQ(refused({9, 1}, 1, MsgHeartbeatResp{}), unknown);
  EXPECT_EQ(refused({9, 1}, 1, MsgVoteResp{}), unknown);
  EXPECT_EQ(refused({9, 1}, 1, MsgPreVoteResp{}), unknown);
  EXPECT_EQ(refused({9, 1}, 5, MsgAppResp{}), unknown) << "whatever its term";

  EXPECT_EQ(DebugString(replica.status()), DebugString(before));
  EXPECT_FALSE(replica.raft().HasReady());
}

// Covers: C8
TEST(TickTest, TickOnlyCounts) {
  TestReplica replica(3);
  const int before = replica.status().election_elapsed_ticks;
  replica.Tick();
  EXPECT_EQ(replica.status().election_elapsed_ticks, before + 1);
  EXPECT_FALSE(replica.raft().HasReady());
}

// Everything that leaves a core in a run, as text.
std::string Trace(uint64_t seed) {
  std::string trace;
  Network network(
      3, [](Config&) {}, seed);
  network.Drop({1, 2}, 300'000);
  network.Drop({3, 1}, 300'000);
  network.Hook([&](const Message& message) {
    trace += DebugString(message) + "\n";
    return true;
  });
  for (int tick = 0; tick < 200; ++tick) {
    network.TickAll();
    for (TestReplica* replica : network.replicas()) {
      if (replica->status().role == Role::kLeader) {
        EXPECT_TRUE(replica->Propose("data").ok());
      }
    }
  }
  return trace;
}

// Covers: C8
TEST(TickTest, SameInputsGiveTheSameOutputs) {
  EXPECT_EQ(Trace(1), Trace(1));
  EXPECT_NE(Trace(1), Trace(2));
}

// Covers: C14
TEST(StatusTest, OnlyTheLeaderKnowsProgress) {
  Network network = Network::Plain(3);
  EXPECT_THAT(network.status(1).peers, IsEmpty());
  network.Campaign(1);
  for (uint64_t id = 1; id <= 3; ++id) {
    const RaftStatus status = network.status(id);
    EXPECT_EQ(status.id, ReplicaId(id));
    EXPECT_EQ(status.term, Term(1));
    EXPECT_EQ(status.vote, ReplicaId(1));
    EXPECT_EQ(status.commit, LogIndex(1));
    EXPECT_EQ(status.leader, ReplicaId(1));
    EXPECT_EQ(status.role, id == 1 ? Role::kLeader : Role::kFollower);
    EXPECT_THAT(status.peers, SizeIs(id == 1 ? 3 : 0));
    EXPECT_EQ(status.conf, Voters(3));
  }
  for (const PeerStatus& peer : network.status(1).peers) {
    EXPECT_EQ(peer.match, LogIndex(1)) << peer.id;
    EXPECT_EQ(peer.next, LogIndex(2)) << peer.id;
    EXPECT_EQ(peer.state, ProgressState::kReplicate) << peer.id;
    EXPECT_FALSE(peer.learner) << peer.id;
  }
}

// Covers: C15
TEST(ReadyTest, ReadResultsAreDeliveredOnce) {
  TestReplica replica(1);
  replica.Lead();
  ASSERT_TRUE(replica.raft().ReadIndex(ReadId(8), ReadMode::kQuorum).ok());
  const Ready ready = replica.raft().TakeReady();
  EXPECT_THAT(ready.read_results,
              ElementsAre(ReadResult{ReadId(8), LogIndex(1)}));
  EXPECT_FALSE(replica.raft().HasReady());
  ASSERT_TRUE(replica.raft().ReadIndex(ReadId(9), ReadMode::kQuorum).ok());
  EXPECT_THAT(replica.raft().TakeReady().read_results,
              ElementsAre(ReadResult{ReadId(9), LogIndex(1)}));
}

}  // namespace
}  // namespace trimaran::raft
