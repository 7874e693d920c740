#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// How proposals get from the leader into everybody's log (thesis §3.5).

namespace trimaran::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A leader of three at term 1 whose first entry is committed everywhere, with
// nothing left to send.
TestReplica SettledLeader() {
  TestReplica leader(3);
  leader.Lead();
  for (const uint64_t peer : {2U, 3U}) {
    MsgAppResp ack;
    ack.index = LogIndex(1);
    EXPECT_TRUE(leader.Receive(peer, 1, ack).ok());
  }
  leader.ProcessAndTakeMessages();
  EXPECT_EQ(leader.status().commit, LogIndex(1));
  return leader;
}

void Ack(TestReplica& leader, uint64_t peer, uint64_t index) {
  MsgAppResp ack;
  ack.index = LogIndex(index);
  const uint64_t term = leader.status().term.value();
  EXPECT_TRUE(leader.Receive(peer, term, ack).ok());
}

// Covers: B1
TEST(ReplicationTest, NewLeaderAppendsAnEmptyEntryAndSendsItToAll) {
  TestReplica leader(3);
  leader.raft().Campaign();
  leader.ProcessAndTakeMessages();
  ASSERT_TRUE(leader.Receive(2, 1, MsgVoteResp{}).ok());

  const auto messages = leader.ProcessAndTakeMessages();

  for (const uint64_t peer : {2U, 3U}) {
    const auto appends = BodiesTo<MsgApp>(peer, messages);
    ASSERT_THAT(appends, SizeIs(1));
    EXPECT_EQ(appends[0].prev, At(0, 0));
    ASSERT_THAT(appends[0].entries, ElementsAre(EntryAt(At(1, 1))));
  }
  EXPECT_EQ(leader.status().commit, LogIndex(0));
  Ack(leader, 2, 1);
  EXPECT_EQ(leader.status().commit, LogIndex(1));
}

// Covers: B1
TEST(ReplicationTest, ProposalsReachEveryLog) {
  struct Row {
    bool change_leader;
    uint64_t commit;
    std::vector<std::string> texts;
  };
  const Row rows[] = {{false, 2, {"first"}}, {true, 4, {"first", "second"}}};
  for (const Row& row : rows) {
    Network network = Network::Plain(3);
    network.Campaign(1);
    ASSERT_TRUE(network.Propose(1, "first").ok());
    if (row.change_leader) {
      network.Campaign(2);
      ASSERT_TRUE(network.Propose(2, "second").ok());
    }
    for (uint64_t id = 1; id <= 3; ++id) {
      EXPECT_EQ(network.status(id).commit, LogIndex(row.commit));
      EXPECT_EQ(TextsOf(network.at(id).applied()), row.texts) << id;
    }
  }
}

// Covers: B2
TEST(ReplicationTest, LeaderCountsItsOwnEntriesWhenTheyAreDurable) {
  TestReplica leader(3);
  leader.Lead();
  for (uint64_t count = 0; count < 5; ++count) {
    // The first entry and `count` proposals.
    EXPECT_EQ(leader.peer(1).match, LogIndex(count + 1));
    EXPECT_EQ(leader.peer(1).next, LogIndex(count + 2));
    ASSERT_TRUE(leader.Propose("foo").ok());
    EXPECT_EQ(leader.status().last.index, LogIndex(count + 2));
    EXPECT_EQ(leader.peer(1).match, LogIndex(count + 1)) << "not durable yet";
    leader.Process();
  }
  EXPECT_EQ(leader.peer(1).match, LogIndex(6));
}

// Covers: B3
TEST(ReplicationTest, ProposalIsSentWithItsPlaceInTheLog) {
  TestReplica leader = SettledLeader();
  const auto place = leader.Propose("some data");
  ASSERT_TRUE(place.ok());
  EXPECT_EQ(**place, At(2, 1));
  EXPECT_EQ(leader.status().last, At(2, 1));
  EXPECT_EQ(leader.status().commit, LogIndex(1));
  EXPECT_EQ(leader.status().durable, LogIndex(1));

  const Ready ready = leader.raft().TakeReady();

  ASSERT_THAT(ready.messages, SizeIs(2));
  const LogEntry entry = EntryAt(At(2, 1), "some data");
  for (const uint64_t peer : {2U, 3U}) {
    const auto appends = BodiesTo<MsgApp>(peer, ready.messages);
    ASSERT_THAT(appends, SizeIs(1));
    EXPECT_EQ(appends[0].prev, At(1, 1));
    EXPECT_THAT(appends[0].entries, ElementsAre(entry));
    EXPECT_EQ(appends[0].commit, LogIndex(1));
  }
  EXPECT_EQ(ready.messages[0].term, Term(1));
  ASSERT_TRUE(ready.persist.has_value());
  EXPECT_THAT(ready.persist->entries, ElementsAre(entry));
}

// Covers: B4
TEST(ReplicationTest, CommitIsAppliedAndToldAtOnce) {
  TestReplica leader = SettledLeader();
  ASSERT_TRUE(leader.Propose("some data").ok());
  leader.ProcessAndTakeMessages();

  Ack(leader, 2, 2);
  const Ready ready = leader.raft().TakeReady();

  EXPECT_EQ(leader.status().commit, LogIndex(2));
  EXPECT_THAT(ready.apply, ElementsAre(EntryAt(At(2, 1), "some data")));
  ASSERT_THAT(ready.messages, SizeIs(2));
  for (const uint64_t peer : {2U, 3U}) {
    const auto appends = BodiesTo<MsgApp>(peer, ready.messages);
    ASSERT_THAT(appends, SizeIs(1));
    EXPECT_EQ(appends[0].commit, LogIndex(2));
  }
}

// Covers: B17, B19
TEST(ReplicationTest, ProposalNeedsAReachableMajority) {
  struct Row {
    uint64_t voters;
    uint64_t dead;
    bool committed;
  };
  const Row rows[] = {{1, 0, true},  {3, 0, true}, {3, 1, true}, {3, 2, false},
                      {4, 2, false}, {5, 2, true}, {5, 3, false}};
  for (const Row& row : rows) {
    Network network;
    for (uint64_t id = 1; id <= row.voters; ++id) {
      if (id + row.dead > row.voters) {
        network.AddBlackHole(ReplicaId(id));
      } else {
        network.Add(PlainConfig(id), MemoryLog(Voters(row.voters)));
      }
    }
    network.Campaign(1);
    EXPECT_EQ(network.Propose(1, "some data").ok(), row.committed);
    for (TestReplica* replica : network.replicas()) {
      const RaftStatus status = replica->status();
      EXPECT_EQ(status.term, Term(1));
      EXPECT_EQ(status.commit, LogIndex(row.committed ? 2 : 0));
      EXPECT_EQ(replica->log_ids().size(), row.committed ? 2U : 0U)
          << row.voters << " voters, " << row.dead << " dead";
    }
  }
}

// Covers: B19
TEST(ReplicationTest, SoleVoterCommitsAlone) {
  Network network = Network::Plain(1);
  network.Campaign(1);
  ASSERT_TRUE(network.Propose(1, "one").ok());
  ASSERT_TRUE(network.Propose(1, "two").ok());
  EXPECT_EQ(network.status(1).commit, LogIndex(3));
}

// Covers: B18
TEST(ForwardingTest, FollowerPassesProposalsToItsLeader) {
  Network network = Network::Plain(3);
  network.Campaign(1);
  const auto place = network.at(2).Propose("by proxy");
  ASSERT_TRUE(place.ok());
  EXPECT_FALSE(place->has_value()) << "its place is not known here";
  network.Settle();
  for (uint64_t id = 1; id <= 3; ++id) {
    EXPECT_EQ(network.at(id).log().state(), "by proxy\n");
    EXPECT_EQ(network.status(id).commit, LogIndex(2));
    EXPECT_EQ(network.status(id).term, Term(1));
  }
}

// Covers: B18
TEST(ForwardingTest, FollowerRefusesWhenItMayNotForward) {
  Network network(3,
                  [](Config& config) { config.proposal_forwarding = false; });
  network.Campaign(1);
  const absl::Status refused = network.Propose(2, "by proxy");
  EXPECT_EQ(DropReasonOf(refused), DropReason::kForwardingDisabled) << refused;
  EXPECT_EQ(OutcomeOf(refused), WriteOutcome::kNotApplied);
  EXPECT_EQ(network.status(1).last.index, LogIndex(1));
  EXPECT_TRUE(network.Propose(1, "at the leader").ok());
}

// Covers: B18
TEST(ForwardingTest, ProposalWithoutALeaderIsRefused) {
  TestReplica follower(3);
  const absl::Status at_follower = follower.Propose("lost").status();
  EXPECT_FALSE(at_follower.ok());
  EXPECT_EQ(OutcomeOf(at_follower), WriteOutcome::kNotApplied) << at_follower;

  TestReplica candidate(3);
  candidate.raft().Campaign();
  candidate.ProcessAndTakeMessages();
  const absl::Status at_candidate = candidate.Propose("lost").status();
  EXPECT_FALSE(at_candidate.ok());
  EXPECT_EQ(OutcomeOf(at_candidate), WriteOutcome::kNotApplied);
  EXPECT_THAT(candidate.ProcessAndTakeMessages(), IsEmpty());
}

// Covers: B20
TEST(ReplicationTest, HeartbeatFindsTheFollowerThatMissedAppends) {
  Network network = Network::Plain(5);
  network.Campaign(1);
  network.Isolate(3);
  network.Isolate(4);
  network.Isolate(5);
  ASSERT_TRUE(network.Propose(1, "one").ok());
  ASSERT_TRUE(network.Propose(1, "two").ok());
  EXPECT_EQ(network.status(1).commit, LogIndex(1));
  network.Recover();
  EXPECT_EQ(network.status(1).commit, LogIndex(1));

  network.Beat(1);
  EXPECT_EQ(network.status(1).commit, LogIndex(3));
  network.Beat(1);
  EXPECT_TRUE(network.Converged());
}

// Covers: B20
TEST(ReplicationTest, EachHeartbeatAnswerResendsUntilAcknowledged) {
  TestReplica leader(3);
  leader.Lead();
  for (int beat = 0; beat < 3; ++beat) {
    leader.Tick();
    const auto beats =
        BodiesTo<MsgHeartbeat>(2, leader.ProcessAndTakeMessages());
    ASSERT_THAT(beats, SizeIs(1));
    ASSERT_TRUE(leader.Receive(2, 1, MsgHeartbeatResp{beats[0].round}).ok());
    const auto appends = OfKind<MsgApp>(leader.ProcessAndTakeMessages());
    ASSERT_THAT(appends, SizeIs(1)) << "beat " << beat;
    EXPECT_EQ(appends[0].to, ReplicaId(2));
    EXPECT_EQ(appends[0].As<MsgApp>()->prev, At(0, 0));
  }
  Ack(leader, 2, 1);
  leader.ProcessAndTakeMessages();

  leader.Tick();
  const auto beats = BodiesTo<MsgHeartbeat>(2, leader.ProcessAndTakeMessages());
  ASSERT_THAT(beats, SizeIs(1));
  ASSERT_TRUE(leader.Receive(2, 1, MsgHeartbeatResp{beats[0].round}).ok());
  EXPECT_THAT(OfKind<MsgApp>(leader.ProcessAndTakeMessages()), IsEmpty());
}

// Covers: B23
TEST(ReplicationTest, NextRunsAheadOnlyWhereTheLogsAreKnownToMeet) {
  struct Row {
    ProgressState state;
    uint64_t next;
  };
  // Three old entries, the leader's first, and one proposal.
  const Row rows[] = {{ProgressState::kReplicate, 6},
                      {ProgressState::kProbe, 4}};
  for (const Row& row : rows) {
    MemoryLog log(Voters(3));
    ASSERT_TRUE(log.Append(EntriesOfTerms(1, {1, 1, 1})).ok());
    log.set_hard_state({Term(1), kNoReplica, LogIndex(0)});
    TestReplica leader(PlainConfig(), log);
    leader.Lead();
    if (row.state == ProgressState::kReplicate) Ack(leader, 2, 3);
    leader.Process();
    ASSERT_EQ(leader.peer(2).state, row.state);

    ASSERT_TRUE(leader.Propose("some data").ok());
    leader.Process();

    EXPECT_EQ(leader.peer(2).next, LogIndex(row.next)) << row.state;
  }
}

// Covers: B28
TEST(ReplicationTest, AnswerReleasesOnlyThePeerThatGaveIt) {
  TestReplica leader(3);
  leader.Lead();
  // Both were sent the first entry as a probe; only replica 2 answers.
  Ack(leader, 2, 1);
  leader.ProcessAndTakeMessages();
  ASSERT_EQ(leader.status().commit, LogIndex(1));

  ASSERT_TRUE(leader.Propose("second").ok());
  const auto to_two = leader.ProcessAndTakeMessages();
  ASSERT_THAT(to_two, SizeIs(1)) << "replica 3 still owes an answer";
  EXPECT_EQ(to_two[0].to, ReplicaId(2));
  EXPECT_THAT(IdsOf(to_two[0].As<MsgApp>()->entries), ElementsAre(At(2, 1)));

  Ack(leader, 3, 1);
  const auto to_three = leader.ProcessAndTakeMessages();
  ASSERT_THAT(to_three, SizeIs(1));
  EXPECT_EQ(to_three[0].to, ReplicaId(3));
  EXPECT_THAT(IdsOf(to_three[0].As<MsgApp>()->entries), ElementsAre(At(2, 1)));
}

}  // namespace
}  // namespace trimaran::raft
