#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// How much a leader sends to a follower that has not answered yet.

namespace trimaran::raft {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

void Propose(TestReplica& leader, size_t count, size_t size = 1) {
  for (size_t i = 0; i < count; ++i) {
    ASSERT_TRUE(leader.Propose(std::string(size, 'x')).ok());
  }
}

std::vector<MsgApp> AppendsTo2(TestReplica& leader) {
  return BodiesTo<MsgApp>(2, leader.ProcessAndTakeMessages());
}

std::vector<size_t> Counts(const std::vector<MsgApp>& appends) {
  std::vector<size_t> counts;
  for (const MsgApp& append : appends) counts.push_back(append.entries.size());
  return counts;
}

// A leader of two whose follower is in Replicate and has everything.
TestReplica Replicating(const Config& config) {
  TestReplica leader(config, MemoryLog(Voters(2)));
  leader.Lead();
  EXPECT_TRUE(leader.Receive(2, 1, Ack(1)).ok());
  leader.ProcessAndTakeMessages();
  EXPECT_EQ(leader.peer(2).state, ProgressState::kReplicate);
  return leader;
}

Config SmallWindow(uint64_t messages) {
  Config config = PlainConfig();
  config.inflight_messages_max = messages;
  // One entry to a message, so that the window is easy to count.
  config.append_entries_max = 1;
  config.eager_commit_broadcast = false;
  return config;
}

// Covers: H21
TEST(FlowControlTest, ProbeIsOneMessagePerHeartbeatAnswer) {
  TestReplica leader(2);
  leader.Lead();
  EXPECT_EQ(leader.peer(2).state, ProgressState::kProbe);
  EXPECT_TRUE(leader.peer(2).paused);
  for (int round = 0; round < 3; ++round) {
    Propose(leader, 3);
    EXPECT_THAT(AppendsTo2(leader), IsEmpty());
    leader.Tick();
    EXPECT_THAT(AppendsTo2(leader), IsEmpty());
    ASSERT_TRUE(leader.Receive(2, 1, MsgHeartbeatResp{}).ok());
    const auto appends = AppendsTo2(leader);
    ASSERT_THAT(appends, SizeIs(1));
    EXPECT_EQ(appends[0].prev, EntryId());
    EXPECT_EQ(leader.peer(2).next, LogIndex(1));
    EXPECT_TRUE(leader.peer(2).paused);
  }
}

// A follower that answers heartbeats but no appends, for want of room, is not
// sent the same entries again with each of them.
TEST(FlowControlTest, ProbeThatWasNotAnsweredIsRepeatedWithoutEntries) {
  TestReplica leader(2);
  leader.Lead();
  AppendsTo2(leader);
  Propose(leader, 3);
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(leader.Receive(2, 1, MsgHeartbeatResp{}).ok());
    EXPECT_THAT(Counts(AppendsTo2(leader)), ElementsAre(0));
  }
  // That it fits is all that there is to know.
  ASSERT_TRUE(leader.Receive(2, 1, Ack(0)).ok());
  EXPECT_EQ(leader.peer(2).state, ProgressState::kReplicate);
  EXPECT_THAT(Counts(AppendsTo2(leader)), ElementsAre(4));
}

// Who led before and leads again may hear what was meant for its older self:
// whoever got a message of its old term has told it of the new one.
TEST(FlowControlTest, WordToALeaderOfAnOldTermAnswersNoProbe) {
  TestReplica leader(2);
  leader.Lead();
  ASSERT_TRUE(leader.Receive(2, 1, Ack(1)).ok());
  Propose(leader, 3);
  leader.ProcessAndTakeMessages();
  ASSERT_TRUE(leader.Receive(2, 2, MsgAppResp{}).ok());
  ASSERT_EQ(leader.status().role, Role::kFollower);
  leader.Lead();
  ASSERT_EQ(leader.peer(2).state, ProgressState::kProbe);
  const LogIndex next = leader.peer(2).next;
  ASSERT_GT(next, LogIndex(1));

  ASSERT_TRUE(
      leader.Receive(2, leader.status().term.value(), MsgAppResp{}).ok());
  EXPECT_EQ(leader.peer(2).state, ProgressState::kProbe);
  EXPECT_EQ(leader.peer(2).next, next);
}

// Covers: H21
TEST(FlowControlTest, ReplicationIsPipelined) {
  TestReplica leader = Replicating(PlainConfig());
  for (uint64_t sent = 1; sent <= 5; ++sent) {
    Propose(leader, 1);
    EXPECT_THAT(Counts(AppendsTo2(leader)), ElementsAre(1));
    EXPECT_EQ(leader.peer(2).inflight_messages, sent);
    EXPECT_EQ(leader.peer(2).next, LogIndex(sent + 2));
  }
  EXPECT_EQ(leader.peer(2).match, LogIndex(1));
}

// Three messages of 2048 bytes each, 9000 bytes in flight; 1000-byte entries,
// with a stretch of 5000-byte ones among them.
// Covers: H21
TEST(FlowControlTest, WindowLimitsMessagesAndBytes) {
  Config config = PlainConfig();
  config.inflight_messages_max = 3;
  config.append_bytes_max = 2048;
  config.inflight_bytes_max = 9000;
  config.eager_commit_broadcast = false;
  TestReplica leader(config, MemoryLog(Voters(2)));
  leader.raft().Campaign();
  leader.ProcessAndTakeMessages();
  ASSERT_TRUE(leader.Receive(2, 1, MsgVoteResp{}).ok());
  // The probe takes the empty entry and the first proposal along.
  Propose(leader, 1, 1000);
  const auto probe = AppendsTo2(leader);
  ASSERT_THAT(Counts(probe), ElementsAre(2));
  Propose(leader, 9, 1000);
  Propose(leader, 6, 5000);
  Propose(leader, 6, 1000);
  EXPECT_THAT(AppendsTo2(leader), IsEmpty());

  uint64_t acked = 2;
  const std::vector<std::vector<size_t>> expected = {
      {2, 2, 2}, {2, 1, 1}, {1, 1}, {1, 1}, {1, 2, 2}, {2}};
  for (const std::vector<size_t>& counts : expected) {
    ASSERT_TRUE(leader.Receive(2, 1, Ack(acked)).ok());
    const auto appends = AppendsTo2(leader);
    ASSERT_EQ(Counts(appends), counts) << "after the ack of " << acked;
    acked = appends.back().entries.back().index.value();
  }
  EXPECT_EQ(acked, leader.status().last.index.value());
}

// Covers: H21
TEST(FlowControlTest, WindowSlidesByAcksAndIgnoresStaleOnes) {
  constexpr uint64_t kWindow = 4;
  TestReplica leader = Replicating(SmallWindow(kWindow));
  Propose(leader, kWindow);
  EXPECT_THAT(AppendsTo2(leader), SizeIs(kWindow));
  EXPECT_TRUE(leader.peer(2).inflight_full);
  for (uint64_t acked = 2; acked <= 6; ++acked) {
    Propose(leader, 1);
    EXPECT_THAT(AppendsTo2(leader), IsEmpty()) << "the window is full";
    ASSERT_TRUE(leader.Receive(2, 1, Ack(acked)).ok());
    EXPECT_THAT(AppendsTo2(leader), SizeIs(1)) << "one place is free";
    EXPECT_TRUE(leader.peer(2).inflight_full);
    for (uint64_t stale = 0; stale <= acked; ++stale) {
      ASSERT_TRUE(leader.Receive(2, 1, Ack(stale)).ok());
      EXPECT_THAT(AppendsTo2(leader), IsEmpty());
      EXPECT_TRUE(leader.peer(2).inflight_full) << "by the ack of " << stale;
    }
  }
}

// Covers: H21
TEST(FlowControlTest, FullWindowLetsOneEmptyAppendOutPerHeartbeatAnswer) {
  TestReplica leader = Replicating(SmallWindow(3));
  Propose(leader, 5);
  EXPECT_THAT(AppendsTo2(leader), SizeIs(3));
  for (int round = 1; round <= 4; ++round) {
    ASSERT_TRUE(leader.Receive(2, 1, MsgHeartbeatResp{}).ok());
    EXPECT_THAT(Counts(AppendsTo2(leader)), ElementsAre(0)) << round;
    // Full as it was: another message has to wait for another answer.
    EXPECT_TRUE(leader.peer(2).inflight_full);
    Propose(leader, 1);
    EXPECT_THAT(AppendsTo2(leader), IsEmpty());
  }
  // An ack opens it again.
  ASSERT_TRUE(leader.Receive(2, 1, Ack(4)).ok());
  EXPECT_THAT(Counts(AppendsTo2(leader)), ElementsAre(1, 1, 1));
}

// All messages of a full window were lost, and nothing else was said.
// Covers: H21
TEST(FlowControlTest, GroupRecoversFromAWindowThatWasLost) {
  Network network(3, [](Config& config) {
    config.inflight_messages_max = 3;
    config.append_entries_max = 1;
  });
  network.Campaign(1);
  network.Isolate(3);
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(network.Propose(1, "x").ok());
  EXPECT_TRUE(network.at(1).peer(3).inflight_full);
  network.Recover();
  EXPECT_LT(network.status(3).commit, network.status(1).commit);
  for (int beat = 0; beat < 3; ++beat) network.Beat(1);
  EXPECT_TRUE(network.Converged());
}

// Covers: H21
TEST(FlowControlTest, UnreachableFollowerIsProbed) {
  TestReplica leader = Replicating(PlainConfig());
  Propose(leader, 3);
  leader.ProcessAndTakeMessages();
  ASSERT_EQ(leader.peer(2).next, LogIndex(5));
  leader.raft().ReportUnreachable(ReplicaId(2));
  EXPECT_EQ(leader.peer(2).state, ProgressState::kProbe);
  EXPECT_EQ(leader.peer(2).next, leader.peer(2).match + 1);
  EXPECT_EQ(leader.peer(2).inflight_messages, 0u);
  EXPECT_THAT(Counts(AppendsTo2(leader)), ElementsAre(3));
  EXPECT_TRUE(leader.peer(2).paused);
  // Again, and about oneself, and about strangers: nothing.
  leader.raft().ReportUnreachable(ReplicaId(2));
  leader.raft().ReportUnreachable(ReplicaId(1));
  leader.raft().ReportUnreachable(ReplicaId(9));
  EXPECT_THAT(AppendsTo2(leader), IsEmpty());
}

// Caught up, and probed all the same: an empty append must tell that the logs
// meet, or it would be probed for ever.
// Covers: H21
TEST(FlowControlTest, CaughtUpFollowerReturnsFromProbing) {
  Network network = Network::Plain(2);
  network.Campaign(1);
  network.raft(1).ReportUnreachable(ReplicaId(2));
  ASSERT_EQ(network.at(1).peer(2).state, ProgressState::kProbe);
  network.Beat(1);
  EXPECT_EQ(network.at(1).peer(2).state, ProgressState::kReplicate);
}

// Covers: H24
TEST(FlowControlTest, ProposalsSinceTheLastReadyShareOneAppend) {
  TestReplica leader = Replicating(PlainConfig());
  Propose(leader, 50);
  const auto appends = AppendsTo2(leader);
  ASSERT_THAT(Counts(appends), ElementsAre(50));
  EXPECT_EQ(leader.peer(2).inflight_messages, 1u);
}

// Covers: H24
TEST(FlowControlTest, NewCommitIsToldAtOnceOrWithTheNextMessage) {
  for (const bool eager : {true, false}) {
    Config config = PlainConfig();
    config.eager_commit_broadcast = eager;
    TestReplica leader(config, MemoryLog(Voters(3)));
    leader.Lead();
    for (const uint64_t peer : {2U, 3U}) {
      ASSERT_TRUE(leader.Receive(peer, 1, Ack(1)).ok());
    }
    leader.ProcessAndTakeMessages();
    Propose(leader, 1);
    leader.ProcessAndTakeMessages();
    ASSERT_TRUE(leader.Receive(2, 1, Ack(2)).ok());
    const auto told = OfKind<MsgApp>(leader.ProcessAndTakeMessages());
    EXPECT_THAT(told, SizeIs(eager ? 2 : 0));
    Propose(leader, 1);
    const auto next = OfKind<MsgApp>(leader.ProcessAndTakeMessages());
    ASSERT_THAT(next, SizeIs(2));
    EXPECT_EQ(next[0].As<MsgApp>()->commit, LogIndex(2));
  }
}

// A leader of three that told its followers of entry 1, has sent them entry 2,
// and whose host sees to it that commits are told.
TestReplica ToldByItsHost() {
  Config config = PlainConfig();
  config.eager_commit_broadcast = false;
  TestReplica leader(config, MemoryLog(Voters(3)));
  leader.Lead();
  for (const uint64_t peer : {2U, 3U}) {
    EXPECT_TRUE(leader.Receive(peer, 1, Ack(1)).ok());
  }
  leader.ProcessAndTakeMessages();
  Propose(leader, 1);
  leader.ProcessAndTakeMessages();
  return leader;
}

// Covers: H24
TEST(FlowControlTest, CommitThatSomebodyAwaitsIsToldAtOnce) {
  TestReplica leader = ToldByItsHost();
  leader.raft().AwaitCommit(LogIndex(3));
  Propose(leader, 1);
  leader.ProcessAndTakeMessages();
  // What comes before it is told as well.
  for (const uint64_t acked : {2U, 3U}) {
    ASSERT_TRUE(leader.Receive(2, 1, Ack(acked)).ok());
    const auto told = OfKind<MsgApp>(leader.ProcessAndTakeMessages());
    ASSERT_THAT(told, SizeIs(2));
    EXPECT_EQ(told[0].As<MsgApp>()->commit, LogIndex(acked));
  }
  // Nothing is awaited any more.
  Propose(leader, 1);
  leader.ProcessAndTakeMessages();
  ASSERT_TRUE(leader.Receive(2, 1, Ack(4)).ok());
  EXPECT_THAT(leader.ProcessAndTakeMessages(), IsEmpty());
}

// Covers: H24
TEST(FlowControlTest, HostIsToldThatSomebodyDoesNotKnowOfACommit) {
  TestReplica leader = ToldByItsHost();
  EXPECT_EQ(leader.raft().untold_commit(), LogIndex());
  ASSERT_TRUE(leader.Receive(2, 1, Ack(2)).ok());
  leader.ProcessAndTakeMessages();
  EXPECT_EQ(leader.raft().untold_commit(), LogIndex(2));
  leader.raft().AwaitCommit(leader.raft().untold_commit());
  EXPECT_THAT(OfKind<MsgApp>(leader.ProcessAndTakeMessages()), SizeIs(2));
  EXPECT_EQ(leader.raft().untold_commit(), LogIndex());
}

// Who cannot be sent anything now is no reason to try again and again.
// Covers: H24
TEST(FlowControlTest, CommitCannotBeToldToWhoIsPaused) {
  TestReplica leader = ToldByItsHost();
  ASSERT_TRUE(leader.Receive(2, 1, Ack(2)).ok());
  leader.raft().ReportUnreachable(ReplicaId(3));
  Propose(leader, 1);
  leader.ProcessAndTakeMessages();
  ASSERT_TRUE(leader.peer(3).paused);
  EXPECT_EQ(leader.raft().untold_commit(), LogIndex());
  ASSERT_TRUE(leader.Receive(2, 1, Ack(3)).ok());
  leader.raft().AwaitCommit(LogIndex(3));
  EXPECT_THAT(OfKind<MsgApp>(leader.ProcessAndTakeMessages()), SizeIs(1));
  EXPECT_EQ(leader.raft().untold_commit(), LogIndex());
}

// Who leaves the group hears of nothing once it has left.
// Covers: H24
TEST(FlowControlTest, ChangeOfMembersIsToldAtOnce) {
  TestReplica leader = ToldByItsHost();
  ASSERT_TRUE(leader.Receive(2, 1, Ack(2)).ok());
  leader.ProcessAndTakeMessages();
  ConfChange change;
  change.steps = {{.type = ConfChangeType::kRemove, .replica = ReplicaId(3)}};
  ASSERT_TRUE(leader.raft().ProposeConfChange(change).ok());
  leader.ProcessAndTakeMessages();
  ASSERT_TRUE(leader.Receive(2, 1, Ack(3)).ok());
  const auto told = BodiesTo<MsgApp>(3, leader.ProcessAndTakeMessages());
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].commit, LogIndex(3));
}

// Covers: H24
TEST(FlowControlTest, LeaderTracksTheFollowersCommit) {
  TestReplica leader = Replicating(PlainConfig());
  ASSERT_TRUE(
      leader.Receive(2, 1, MsgAppResp{LogIndex(1), false, {}, LogIndex(1)})
          .ok());
  EXPECT_EQ(leader.peer(2).commit, LogIndex(1));
  // Late news does not take it back.
  ASSERT_TRUE(leader.Receive(2, 1, Ack(1)).ok());
  EXPECT_EQ(leader.peer(2).commit, LogIndex(1));
  Network network = Network::Plain(3);
  network.Campaign(1);
  ASSERT_TRUE(network.Propose(1, "x").ok());
  EXPECT_EQ(network.at(1).peer(3).commit, network.status(3).commit);
}

// Covers: H22
TEST(FlowControlTest, AppendsKeepToTheirSizeButTakeOneEntry) {
  Config config = PlainConfig();
  config.append_bytes_max = 2000;
  TestReplica leader = Replicating(config);
  Propose(leader, 5, 900);
  Propose(leader, 1, 9000);
  Propose(leader, 1, 1);
  EXPECT_THAT(Counts(AppendsTo2(leader)), ElementsAre(2, 2, 1, 1, 1));

  Config entries = PlainConfig();
  entries.append_entries_max = 3;
  TestReplica counted = Replicating(entries);
  Propose(counted, 7, 0);
  EXPECT_THAT(Counts(AppendsTo2(counted)), ElementsAre(3, 3, 1));
}

// Covers: H22
TEST(FlowControlTest, WholeLogGoesThroughSmallMessages) {
  Network network(3, [](Config& config) { config.append_bytes_max = 100; });
  network.Campaign(1);
  network.Isolate(3);
  for (const size_t size : {60U, 60U, 500U, 10U, 10U, 10U, 99U}) {
    ASSERT_TRUE(network.Propose(1, std::string(size, 'x')).ok());
  }
  network.Recover();
  std::vector<bool> fits;
  network.Hook([&](const Message& message) {
    if (const auto* append = message.As<MsgApp>()) {
      fits.push_back(append->entries.size() <= 1 ||
                     SizeBytes(append->entries) <= 100);
    }
    return true;
  });
  for (int beat = 0; beat < 4; ++beat) network.Beat(1);
  EXPECT_TRUE(network.Converged());
  EXPECT_THAT(fits, Each(true));
}

}  // namespace
}  // namespace trimaran::raft
