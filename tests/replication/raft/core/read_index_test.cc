#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// Linearizable reads by a quorum round (thesis §6.4).

namespace trimaran::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ReadResult Result(uint64_t id, uint64_t index) {
  return {ReadId(id), LogIndex(index)};
}

// A leader of three that has committed its first entry.
TestReplica Leader(const Config& config = PlainConfig()) {
  TestReplica leader(config, MemoryLog(Voters(3)));
  leader.Lead();
  EXPECT_TRUE(leader.Receive(2, 1, Ack(1)).ok());
  leader.ProcessAndTakeMessages();
  return leader;
}

// Asks, and returns the round that was begun for it.
MsgHeartbeatResp Ask(TestReplica& leader, uint64_t id) {
  EXPECT_TRUE(leader.raft().ReadIndex(ReadId(id), ReadMode::kQuorum).ok());
  const auto beats = OfKind<MsgHeartbeat>(leader.ProcessAndTakeMessages());
  EXPECT_THAT(beats, SizeIs(2));
  return {beats.at(0).As<MsgHeartbeat>()->round};
}

// Covers: H16
TEST(ReadIndexTest, ReadIsAnsweredOnceAQuorumHasAnsweredARoundOfItsOwn) {
  TestReplica leader = Leader();
  const MsgHeartbeatResp answer = Ask(leader, 5);
  EXPECT_THAT(leader.reads(), IsEmpty());
  EXPECT_EQ(leader.status().pending_reads, 1u);
  ASSERT_TRUE(leader.Receive(3, 1, answer).ok());
  leader.Process();
  EXPECT_THAT(leader.reads(), ElementsAre(Result(5, 1)));
  EXPECT_EQ(leader.status().pending_reads, 0u);
  // The second answer has nothing left to confirm.
  ASSERT_TRUE(leader.Receive(2, 1, answer).ok());
  leader.Process();
  EXPECT_THAT(leader.reads(), SizeIs(1));
}

// Covers: H16, H16a
TEST(ReadIndexTest, EveryReplicaReadsWhatIsCommitted) {
  Network network = Network::Plain(3);
  network.Campaign(1);
  uint64_t expected = 1;
  uint64_t id = 0;
  for (const uint64_t asker : {1U, 2U, 3U, 1U, 2U, 3U}) {
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(network.Propose(1, "").ok());
    expected += 10;
    ++id;
    ASSERT_TRUE(
        network.raft(asker).ReadIndex(ReadId(id), ReadMode::kQuorum).ok());
    network.Settle();
    ASSERT_FALSE(network.at(asker).reads().empty()) << "asked by " << asker;
    EXPECT_EQ(network.at(asker).reads().back(), Result(id, expected));
  }
  for (const uint64_t asker : {1U, 2U, 3U}) {
    EXPECT_THAT(network.at(asker).reads(), SizeIs(2)) << asker;
  }
}

// Covers: H16
TEST(ReadIndexTest, SoleVoterNeedsNobody) {
  TestReplica leader(1);
  leader.Lead();
  ASSERT_TRUE(leader.raft().ReadIndex(ReadId(1), ReadMode::kQuorum).ok());
  leader.Process();
  EXPECT_THAT(leader.reads(), ElementsAre(Result(1, 1)));
}

// Covers: H16
TEST(ReadIndexTest, AnswersOfLearnersDoNotCount) {
  ConfState conf = Voters(2);
  conf.learners = Replicas({3});
  TestReplica leader(PlainConfig(), MemoryLog(conf));
  leader.Lead();
  ASSERT_TRUE(leader.Receive(2, 1, Ack(1)).ok());
  leader.ProcessAndTakeMessages();
  const MsgHeartbeatResp answer = Ask(leader, 1);
  ASSERT_TRUE(leader.Receive(3, 1, answer).ok());
  leader.Process();
  EXPECT_THAT(leader.reads(), IsEmpty());
  ASSERT_TRUE(leader.Receive(2, 1, answer).ok());
  leader.Process();
  EXPECT_THAT(leader.reads(), SizeIs(1));
}

// Covers: H16
TEST(ReadIndexTest, LearnerMayAskToo) {
  ConfState conf = Voters(1);
  conf.learners = Replicas({2});
  Network network;
  for (const uint64_t id : {1U, 2U})
    network.Add(PlainConfig(id), MemoryLog(conf));
  network.Campaign(1);
  network.Beat(1);
  ASSERT_TRUE(network.raft(2).ReadIndex(ReadId(9), ReadMode::kQuorum).ok());
  network.Settle();
  EXPECT_THAT(network.at(2).reads(), ElementsAre(Result(9, 1)));
}

// Covers: H16
TEST(ReadIndexTest, ForwardedReadHasNoTermAndKeepsItsAsker) {
  TestReplica follower(3);
  ASSERT_TRUE(follower.Receive(2, 1, MsgHeartbeat{}).ok());
  follower.ProcessAndTakeMessages();
  ASSERT_TRUE(follower.raft().ReadIndex(ReadId(4), ReadMode::kQuorum).ok());
  const auto messages = follower.ProcessAndTakeMessages();
  ASSERT_THAT(messages, SizeIs(1));
  const auto* read = messages[0].As<MsgReadIndex>();
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(messages[0].to, ReplicaId(2));
  EXPECT_EQ(messages[0].term, Term(0));
  EXPECT_EQ(read->origin, ReplicaId(1));
}

// 2 still believes in 1, which follows 3 by now.
// Covers: H16
TEST(ReadIndexTest, DeposedLeaderPassesReadsOn) {
  TestReplica deposed = Leader();
  ASSERT_TRUE(deposed.Receive(3, 2, MsgHeartbeat{}).ok());
  deposed.ProcessAndTakeMessages();
  const MsgReadIndex read{ReadId(7), ReadMode::kQuorum, ReplicaId(2)};
  ASSERT_TRUE(deposed.Receive(2, 0, read).ok());
  const auto messages = deposed.ProcessAndTakeMessages();
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_EQ(messages[0].to, ReplicaId(3));
  ASSERT_NE(messages[0].As<MsgReadIndex>(), nullptr);
  EXPECT_EQ(messages[0].As<MsgReadIndex>()->origin, ReplicaId(2));
  // One that has been passed on already is not passed on for ever.
  ASSERT_TRUE(
      deposed
          .Receive(2, 0,
                   MsgReadIndex{ReadId(8), ReadMode::kQuorum, ReplicaId(4)})
          .ok());
  EXPECT_THAT(deposed.ProcessAndTakeMessages(), IsEmpty());
}

// Covers: H16
TEST(ReadIndexTest, ReadsOfADeposedLeaderAreGivenUp) {
  TestReplica leader = Leader();
  const MsgHeartbeatResp answer = Ask(leader, 3);
  ASSERT_TRUE(leader.Receive(2, 2, MsgHeartbeat{}).ok());
  const Ready ready = leader.raft().TakeReady();
  EXPECT_THAT(ready.lost_reads, ElementsAre(ReadId(3)));
  EXPECT_THAT(ready.read_results, IsEmpty());
  ASSERT_TRUE(leader.Receive(3, 1, answer).ok());
  EXPECT_THAT(leader.raft().TakeReady().read_results, IsEmpty());
}

// Covers: H16
TEST(ReadIndexTest, WithoutALeaderAReadIsRefused) {
  TestReplica replica(3);
  EXPECT_TRUE(
      IsNotLeader(replica.raft().ReadIndex(ReadId(1), ReadMode::kQuorum)));
}

// Covers: H16
TEST(ReadIndexTest, WaitingReadsAreLimited) {
  Config config = PlainConfig();
  config.pending_reads_max = 2;
  TestReplica leader = Leader(config);
  for (const uint64_t id : {1U, 2U}) {
    EXPECT_TRUE(leader.raft().ReadIndex(ReadId(id), ReadMode::kQuorum).ok());
  }
  EXPECT_TRUE(absl::IsResourceExhausted(
      leader.raft().ReadIndex(ReadId(3), ReadMode::kQuorum)));
}

// Covers: H17
TEST(ReadIndexTest, NewLeaderPostponesReadsUntilItHasCommitted) {
  TestReplica leader(3);
  leader.Lead();
  ASSERT_TRUE(leader.raft().ReadIndex(ReadId(1), ReadMode::kQuorum).ok());
  EXPECT_THAT(leader.ProcessAndTakeMessages(), IsEmpty());
  // A round that was answered before does not serve a postponed read.
  leader.Tick();
  const auto early = OfKind<MsgHeartbeat>(leader.ProcessAndTakeMessages());
  ASSERT_THAT(early, SizeIs(2));
  ASSERT_TRUE(
      leader.Receive(2, 1, MsgHeartbeatResp{early[0].As<MsgHeartbeat>()->round})
          .ok());
  EXPECT_THAT(leader.reads(), IsEmpty());

  ASSERT_TRUE(leader.Receive(2, 1, Ack(1)).ok());
  const auto beats = OfKind<MsgHeartbeat>(leader.ProcessAndTakeMessages());
  ASSERT_THAT(beats, SizeIs(2));
  ASSERT_TRUE(
      leader.Receive(2, 1, MsgHeartbeatResp{beats[0].As<MsgHeartbeat>()->round})
          .ok());
  leader.Process();
  EXPECT_THAT(leader.reads(), ElementsAre(Result(1, 1)));
}

// Covers: H17, H17a
TEST(ReadIndexTest, ReadOfANewLeaderSeesWhatEarlierLeadersCommitted) {
  Network network;
  for (uint64_t id = 1; id <= 3; ++id) {
    MemoryLog log(Voters(3));
    if (id == 1) {
      ASSERT_TRUE(log.Append(EntriesOfTerms(1, {1, 1})).ok());
      log.set_hard_state({Term(1), {}, LogIndex(1)});
    }
    network.Add(PlainConfig(id), log);
  }
  network.Ignore<MsgApp>();
  network.Campaign(1);
  ASSERT_EQ(network.status(1).role, Role::kLeader);
  ASSERT_EQ(network.status(1).term, Term(2));
  ASSERT_TRUE(network.raft(1).ReadIndex(ReadId(1), ReadMode::kQuorum).ok());
  network.Settle();
  EXPECT_THAT(network.at(1).reads(), IsEmpty());

  ASSERT_TRUE(network.Propose(1, "").ok());
  network.Recover();
  network.Beat(1);
  network.Beat(1);
  ASSERT_EQ(network.status(1).commit, LogIndex(4));
  EXPECT_THAT(network.at(1).reads(), ElementsAre(Result(1, 4)));
  ASSERT_TRUE(network.raft(1).ReadIndex(ReadId(2), ReadMode::kQuorum).ok());
  network.Settle();
  EXPECT_EQ(network.at(1).reads().back(), Result(2, 4));
  EXPECT_THAT(network.at(1).reads(), SizeIs(2));
}

// 3 answers the first read's round late: that must not make up for a quorum
// that the second read of the same name never had.
// Covers: H18
TEST(ReadIndexTest, LateAnswersDoNotConfirmALaterReadOfTheSameName) {
  TestReplica leader = Leader();
  const MsgHeartbeatResp first = Ask(leader, 7);
  ASSERT_TRUE(leader.Receive(2, 1, first).ok());
  leader.Process();
  EXPECT_THAT(leader.reads(), SizeIs(1));

  // By now another leader may have committed more; this one hears nobody.
  const MsgHeartbeatResp second = Ask(leader, 7);
  EXPECT_GT(second.round, first.round);
  for (const uint64_t peer : {2U, 3U}) {
    ASSERT_TRUE(leader.Receive(peer, 1, first).ok());
    leader.Process();
    EXPECT_THAT(leader.reads(), SizeIs(1));
  }
  ASSERT_TRUE(leader.Receive(3, 1, second).ok());
  leader.Process();
  EXPECT_THAT(leader.reads(), SizeIs(2));
}

// Covers: H18
TEST(ReadIndexTest, TwoOpenReadsOfOneNameBothNeedTheirOwnRound) {
  TestReplica leader = Leader();
  const MsgHeartbeatResp first = Ask(leader, 7);
  Ask(leader, 7);
  ASSERT_TRUE(leader.Receive(2, 1, first).ok());
  leader.Process();
  EXPECT_THAT(leader.reads(), SizeIs(1));
  EXPECT_EQ(leader.status().pending_reads, 1u);
}

// Covers: H19
TEST(ReadIndexTest, ReadIsAnsweredWhenTheQuorumShrinks) {
  TestReplica leader(2);
  leader.Lead();
  ConfChange change;
  change.steps = {{ConfChangeType::kRemove, ReplicaId(2)}};
  ASSERT_TRUE(leader.Receive(2, 1, Ack(1)).ok());
  ASSERT_TRUE(leader.raft().ProposeConfChange(change).ok());
  leader.ProcessAndTakeMessages();
  ASSERT_TRUE(leader.raft().ReadIndex(ReadId(1), ReadMode::kQuorum).ok());
  leader.Process();
  EXPECT_THAT(leader.reads(), IsEmpty());
  ASSERT_TRUE(leader.Receive(2, 1, Ack(2)).ok());
  leader.Process();
  EXPECT_EQ(leader.status().conf, Voters(1));
  EXPECT_THAT(leader.reads(), ElementsAre(Result(1, 1)));
}

// Covers: H19
TEST(ReadIndexTest, AnswerToAReadTellsTheFollowerWhatIsCommitted) {
  TestReplica follower(3);
  MsgApp append;
  append.entries = EntriesOfTerms(1, {1, 1});
  ASSERT_TRUE(follower.Receive(2, 1, append).ok());
  follower.Process();
  ASSERT_EQ(follower.status().commit, LogIndex(0));
  const auto answer = [](uint64_t id, uint64_t index, uint64_t index_term) {
    return MsgReadIndexResp{ReadId(id), LogIndex(index), Term(index_term)};
  };
  ASSERT_TRUE(follower.Receive(2, 1, answer(1, 1, 1)).ok());
  EXPECT_EQ(follower.status().commit, LogIndex(1));
  // Not where the log differs, ends, or the term is not known.
  ASSERT_TRUE(follower.Receive(2, 1, answer(2, 3, 1)).ok());
  ASSERT_TRUE(follower.Receive(2, 1, answer(3, 2, 0)).ok());
  EXPECT_EQ(follower.status().commit, LogIndex(1));
  follower.Process();
  EXPECT_THAT(follower.reads(),
              ElementsAre(Result(1, 1), Result(2, 3), Result(3, 2)));
}

}  // namespace
}  // namespace trimaran::raft
