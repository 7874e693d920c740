#include <cstdint>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// The question before the vote (thesis §9.6): whoever cannot win must not
// raise the term of those who have a leader.

namespace trimaran::raft {
namespace {

using ::testing::SizeIs;

void WithPreVote(Config& config) { config.pre_vote = true; }
void WithPreVoteAndCheckQuorum(Config& config) {
  config.pre_vote = true;
  config.check_quorum = true;
}

TestReplica PreVoter() {
  Config config = PlainConfig();
  config.pre_vote = true;
  return TestReplica(config, MemoryLog(Voters(3)));
}

TestReplica PreVoterInRole(Role role) {
  TestReplica replica = PreVoter();
  if (role == Role::kLeader) replica.Lead();
  if (role == Role::kPreCandidate || role == Role::kCandidate) {
    replica.raft().Campaign();
  }
  if (role == Role::kCandidate) {
    EXPECT_TRUE(replica.Receive(2, 1, MsgPreVoteResp{}).ok());
  }
  replica.ProcessAndTakeMessages();
  EXPECT_EQ(replica.status().role, role);
  return replica;
}

// A replica with an empty log that has reached `term`.
MemoryLog EmptyLogAt(uint64_t voters, uint64_t term) {
  MemoryLog log(Voters(voters));
  log.set_hard_state({Term(term), {}, LogIndex(0)});
  return log;
}

// Covers: H1
TEST(PreVoteTest, AskerKeepsItsTermAndVote) {
  TestReplica replica = PreVoter();
  replica.raft().Campaign();
  const auto messages = replica.ProcessAndTakeMessages();
  EXPECT_EQ(replica.status().role, Role::kPreCandidate);
  EXPECT_EQ(replica.status().term, Term(0));
  EXPECT_EQ(replica.status().vote, kNoReplica);
  EXPECT_EQ(replica.log().hard_state(), HardState());
  ASSERT_THAT(OfKind<MsgPreVote>(messages), SizeIs(2));
  EXPECT_THAT(messages, SizeIs(2));
  EXPECT_EQ(messages[0].term, Term(1));
}

// Covers: H1, H1a
TEST(PreVoteTest, GrantChangesNothingAtTheVoter) {
  for (const Role role : {Role::kFollower, Role::kPreCandidate,
                          Role::kCandidate, Role::kLeader}) {
    TestReplica replica = PreVoterInRole(role);
    if (role != Role::kLeader) replica.Tick(3);
    replica.ProcessAndTakeMessages();
    const RaftStatus before = replica.status();
    const uint64_t asked = before.term.value() + 1;

    ASSERT_TRUE(
        replica.Receive(2, asked, MsgPreVote{At(42, asked), {}, 0}).ok());

    const auto messages = replica.ProcessAndTakeMessages();
    ASSERT_THAT(messages, SizeIs(1)) << role;
    const auto* answer = messages[0].As<MsgPreVoteResp>();
    ASSERT_NE(answer, nullptr) << role;
    EXPECT_FALSE(answer->rejected) << role;
    EXPECT_EQ(messages[0].term, Term(asked)) << role;
    const RaftStatus after = replica.status();
    EXPECT_EQ(after.role, role);
    EXPECT_EQ(after.term, before.term) << role;
    EXPECT_EQ(after.vote, before.vote) << role;
    EXPECT_EQ(after.election_elapsed_ticks, before.election_elapsed_ticks);
    EXPECT_EQ(after.election_timeout_ticks, before.election_timeout_ticks);
  }
}

// Covers: H1
TEST(PreVoteTest, RefusalCarriesTheVotersTermAndMovesTheAskerUp) {
  TestReplica asker = PreVoterInRole(Role::kPreCandidate);
  ASSERT_TRUE(asker.Receive(2, 7, MsgPreVoteResp{true, {}}).ok());
  EXPECT_EQ(asker.status().role, Role::kFollower);
  EXPECT_EQ(asker.status().term, Term(7));
}

// Covers: H3
TEST(PreVoteTest, QuestionOfAnOldTermIsRefusedAtTheOwnTerm) {
  TestReplica replica(PlainConfig(), EmptyLogAt(3, 5));
  ASSERT_TRUE(replica.Receive(2, 3, MsgPreVote{At(42, 2), {}, 0}).ok());
  const auto messages = replica.ProcessAndTakeMessages();
  ASSERT_THAT(messages, SizeIs(1));
  const auto* answer = messages[0].As<MsgPreVoteResp>();
  ASSERT_NE(answer, nullptr);
  EXPECT_TRUE(answer->rejected);
  EXPECT_EQ(messages[0].term, Term(5));
  EXPECT_EQ(replica.status().term, Term(5));
}

// Covers: H1
TEST(PreVoteTest, SoleVoterLeadsAtOnce) {
  Config config = PlainConfig();
  config.pre_vote = true;
  TestReplica replica(config, MemoryLog(Voters(1)));
  replica.raft().Campaign();
  replica.Process();
  EXPECT_EQ(replica.status().role, Role::kLeader);
  EXPECT_EQ(replica.status().term, Term(1));
}

// Covers: H1
TEST(PreVoteTest, EachReplicaInTurnIsElected) {
  Network network(3, WithPreVote);
  for (const uint64_t id : {1U, 2U, 3U, 1U}) {
    network.Campaign(id);
    for (TestReplica* replica : network.replicas()) {
      EXPECT_EQ(replica->status().role, replica->id() == ReplicaId(id)
                                            ? Role::kLeader
                                            : Role::kFollower);
    }
  }
}

// Covers: H1, H1b
TEST(PreVoteTest, LostRoundLeavesAPreCandidateInItsOldTerm) {
  struct Row {
    uint64_t voters;
    uint64_t dead;
    Role role;
    uint64_t term;
  };
  const Row rows[] = {{3, 0, Role::kLeader, 1},
                      {3, 1, Role::kLeader, 1},
                      {3, 2, Role::kPreCandidate, 0},
                      {4, 2, Role::kPreCandidate, 0},
                      {5, 2, Role::kLeader, 1}};
  for (const Row& row : rows) {
    Network network(row.voters, WithPreVote);
    for (uint64_t dead = 0; dead < row.dead; ++dead) {
      network.Isolate(row.voters - dead);
    }
    network.Campaign(1);
    EXPECT_EQ(network.status(1).role, row.role)
        << row.dead << " dead of " << row.voters;
    EXPECT_EQ(network.status(1).term, Term(row.term))
        << row.dead << " dead of " << row.voters;
  }
}

// Covers: H1b
TEST(PreVoteTest, AskerBehindThreePeersFollowsInTheirTerm) {
  Network network;
  for (uint64_t id = 1; id <= 5; ++id) {
    Config config = PlainConfig(id);
    config.pre_vote = true;
    MemoryLog log(Voters(5));
    if (id >= 2 && id <= 4) {
      ASSERT_TRUE(log.Append(EntriesOfTerms(1, {1})).ok());
      log.set_hard_state({Term(1), {}, LogIndex(0)});
    }
    network.Add(config, log);
  }
  network.Campaign(1);
  EXPECT_EQ(network.status(1).role, Role::kFollower);
  EXPECT_EQ(network.status(1).term, Term(1));
}

// Covers: H1c, H2
TEST(PreVoteTest, LaggingReplicaNeverUnseatsTheLeader) {
  Network network(3, WithPreVote);
  network.Cut(1, 3);
  network.Campaign(1);
  ASSERT_EQ(network.status(1).role, Role::kLeader);
  network.Campaign(3);
  EXPECT_EQ(network.status(3).role, Role::kFollower);

  network.Recover();
  network.Campaign(3);
  EXPECT_EQ(network.status(1).role, Role::kLeader);
  for (const uint64_t id : {1U, 2U, 3U}) {
    EXPECT_EQ(network.status(id).term, Term(1)) << id;
  }
  EXPECT_EQ(network.status(3).last, EntryId());
}

// Covers: H1d, H2
TEST(PreVoteTest, ReturningReplicaAndLateHeartbeatLeaveTheLeader) {
  Network network;
  for (uint64_t id = 1; id <= 3; ++id) {
    Config config = PlainConfig(id);
    WithPreVoteAndCheckQuorum(config);
    network.Add(config, EmptyLogAt(3, 1));
  }
  network.Campaign(1);
  network.Isolate(3);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(network.Propose(1, "x").ok());

  network.Recover();
  network.Campaign(3);
  const auto expect_unchanged = [&](Role role_of_3) {
    EXPECT_EQ(network.status(1).role, Role::kLeader);
    EXPECT_EQ(network.status(2).role, Role::kFollower);
    EXPECT_EQ(network.status(3).role, role_of_3);
    for (const uint64_t id : {1U, 2U, 3U}) {
      EXPECT_EQ(network.status(id).term, Term(2)) << id;
    }
  };
  expect_unchanged(Role::kPreCandidate);
  network.Inject(MakeMessage({1, 3}, 2, MsgHeartbeat{}));
  expect_unchanged(Role::kFollower);
}

// Covers: H2
TEST(PreVoteTest, LongIsolationDoesNotRaiseTheTerm) {
  Network network(3, WithPreVoteAndCheckQuorum);
  network.Campaign(1);
  network.Isolate(3);
  network.TickAll(500);
  EXPECT_EQ(network.status(3).role, Role::kPreCandidate);
  EXPECT_EQ(network.status(3).term, Term(1));
  network.Recover();
  network.TickAll(50);
  EXPECT_EQ(network.status(1).role, Role::kLeader);
  EXPECT_EQ(network.status(3).leader, ReplicaId(1));
  EXPECT_EQ(network.status(1).term, Term(1));
}

// 1 leads term 2 with 2; 3 has an empty log and is stuck at term 4, from a
// time when the group had no pre-vote.
Network StuckCandidate() {
  Network network;
  for (uint64_t id = 1; id <= 3; ++id) {
    Config config = PlainConfig(id);
    config.pre_vote = true;
    MemoryLog log = EmptyLogAt(3, id == 3 ? 4 : 1);
    if (id == 3) log.set_hard_state({Term(4), ReplicaId(3), LogIndex(0)});
    network.Add(config, std::move(log));
  }
  network.Isolate(3);
  network.Campaign(1);
  EXPECT_TRUE(network.Propose(1, "x").ok());
  EXPECT_EQ(network.status(1).role, Role::kLeader);
  EXPECT_EQ(network.status(1).term, Term(2));
  network.Recover();
  return network;
}

// Covers: H1e, H3
TEST(PreVoteTest, StuckCandidateIsFreedByTheLeadersHeartbeat) {
  Network network = StuckCandidate();
  for (int attempt = 0; attempt < 2; ++attempt) {
    network.Campaign(3);
    EXPECT_EQ(network.status(1).role, Role::kLeader);
    EXPECT_EQ(network.status(2).role, Role::kFollower);
    EXPECT_EQ(network.status(3).role, Role::kPreCandidate);
    EXPECT_EQ(network.status(3).term, Term(4));
  }
  network.Inject(MakeMessage({1, 3}, 2, MsgHeartbeat{}));
  EXPECT_EQ(network.status(1).role, Role::kFollower);
  EXPECT_EQ(network.status(1).term, Term(4));
}

// Covers: H1e, H3
TEST(PreVoteTest, GroupWithAStuckCandidateElectsAfterTheLeadersDeath) {
  Network network = StuckCandidate();
  network.Isolate(1);
  for (int round = 0; round < 2; ++round) {
    network.Campaign(3);
    network.Campaign(2);
  }
  EXPECT_EQ(network.status(2).role, Role::kLeader);
  EXPECT_EQ(network.status(3).role, Role::kFollower);
  EXPECT_EQ(network.status(2).term, network.status(3).term);
}

// Covers: H1f, H3
TEST(PreVoteTest, ReplicaOfASmallerTermDoesNotBringTheGroupToAStandstill) {
  Network network;
  for (uint64_t id = 1; id <= 3; ++id) {
    Config config = PlainConfig(id);
    config.pre_vote = true;
    network.Add(config, EmptyLogAt(3, 1));
  }
  network.Isolate(3);
  network.Campaign(1);
  network.Campaign(3);
  network.Campaign(2);
  EXPECT_EQ(network.status(2).role, Role::kLeader);
  EXPECT_EQ(network.status(1).term, Term(3));
  EXPECT_EQ(network.status(3).term, Term(1));
  EXPECT_EQ(network.status(3).role, Role::kPreCandidate);

  network.Recover();
  network.Isolate(2);
  network.Campaign(3);
  network.Campaign(1);
  EXPECT_TRUE(network.status(1).role == Role::kLeader ||
              network.status(3).role == Role::kLeader);
}

// Covers: H4
TEST(PreVoteTest, LeftoverPreVotesDoNotCountInTheVote) {
  TestReplica replica = PreVoterInRole(Role::kPreCandidate);
  ASSERT_TRUE(replica.Receive(2, 1, MsgPreVoteResp{}).ok());
  const auto messages = replica.ProcessAndTakeMessages();
  EXPECT_EQ(replica.status().role, Role::kCandidate);
  EXPECT_EQ(replica.status().term, Term(1));
  EXPECT_THAT(OfKind<MsgVote>(messages), SizeIs(2));
  for (const uint64_t peer : {2U, 3U}) {
    ASSERT_TRUE(replica.Receive(peer, 1, MsgPreVoteResp{}).ok());
    EXPECT_EQ(replica.status().role, Role::kCandidate);
  }
  ASSERT_TRUE(replica.Receive(3, 1, MsgVoteResp{}).ok());
  EXPECT_EQ(replica.status().role, Role::kLeader);
}

// Covers: H4
TEST(PreVoteTest, OwnVoteCountsOnceItIsDurable) {
  TestReplica replica(3);
  replica.raft().Campaign();
  ASSERT_TRUE(replica.Take());
  EXPECT_THAT(replica.TakeMessages(), SizeIs(0)) << "asked before the disk";
  ASSERT_TRUE(replica.Receive(2, 1, MsgVoteResp{}).ok());
  EXPECT_EQ(replica.status().role, Role::kCandidate);
  ASSERT_TRUE(replica.PersistOne());
  EXPECT_EQ(replica.status().role, Role::kLeader);
}

// Covers: H4
TEST(PreVoteTest, OwnVoteOfALostElectionIsForgotten) {
  TestReplica replica(3);
  replica.raft().Campaign();
  ASSERT_TRUE(replica.Take());
  for (const uint64_t peer : {2U, 3U}) {
    ASSERT_TRUE(replica.Receive(peer, 1, MsgVoteResp{true, {}}).ok());
  }
  ASSERT_EQ(replica.status().role, Role::kFollower);
  ASSERT_TRUE(replica.PersistOne());
  EXPECT_EQ(replica.status().role, Role::kFollower);

  // The next candidacy does not inherit it either.
  replica.raft().Campaign();
  ASSERT_TRUE(replica.Take());
  replica.raft().Campaign();
  ASSERT_TRUE(replica.Take());
  ASSERT_TRUE(replica.Receive(2, 3, MsgVoteResp{}).ok());
  ASSERT_TRUE(replica.PersistOne());
  EXPECT_EQ(replica.status().role, Role::kCandidate) << "vote of term 2";
  ASSERT_TRUE(replica.PersistOne());
  EXPECT_EQ(replica.status().role, Role::kLeader);
  EXPECT_EQ(replica.status().term, Term(3));
}

}  // namespace
}  // namespace trimaran::raft
