#include <cstdint>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// A leader that hears no majority steps down, and whoever hears a leader
// protects it (thesis §6.2, §4.2.3).

namespace trimaran::raft {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

void WithCheckQuorum(Config& config) { config.check_quorum = true; }

Config ShortTimeout() {
  Config config = PlainConfig();
  config.check_quorum = true;
  config.election_timeout_ticks = 5;
  return config;
}

// Covers: H5, H5a
TEST(CheckQuorumTest, LeaderStaysWhileAMajorityAnswers) {
  TestReplica leader(ShortTimeout(), MemoryLog(Voters(3)));
  leader.Lead();
  for (int tick = 0; tick < 6; ++tick) {
    ASSERT_TRUE(leader.Receive(2, 1, MsgHeartbeatResp{}).ok());
    leader.Tick();
    EXPECT_EQ(leader.status().role, Role::kLeader) << "tick " << tick;
  }
}

// Covers: H5, H5a
TEST(CheckQuorumTest, LeaderOfASilentMajorityStepsDownInItsTerm) {
  TestReplica leader(ShortTimeout(), MemoryLog(Voters(3)));
  leader.Lead();
  leader.Tick(6);
  EXPECT_EQ(leader.status().role, Role::kFollower);
  EXPECT_EQ(leader.status().term, Term(1));
  EXPECT_EQ(leader.status().leader, kNoReplica);
}

// Covers: H5
TEST(CheckQuorumTest, WithoutTheCheckALeaderStaysAlone) {
  Config config = ShortTimeout();
  config.check_quorum = false;
  TestReplica leader(config, MemoryLog(Voters(3)));
  leader.Lead();
  leader.Tick(100);
  EXPECT_EQ(leader.status().role, Role::kLeader);
}

// Covers: H5
TEST(CheckQuorumTest, LearnersDoNotCount) {
  ConfState conf = Voters(3);
  conf.learners = Replicas({4, 5});
  TestReplica leader(ShortTimeout(), MemoryLog(conf));
  leader.Lead();
  for (int tick = 0; tick < 11; ++tick) {
    if (leader.status().role != Role::kLeader) break;
    for (const uint64_t learner : {4U, 5U}) {
      ASSERT_TRUE(leader.Receive(learner, 1, MsgHeartbeatResp{}).ok());
    }
    leader.Tick();
  }
  EXPECT_EQ(leader.status().role, Role::kFollower);
}

// Covers: H5, H5a
TEST(CheckQuorumTest, NewVoterHasUntilTheNextCheckToBeHeard) {
  TestReplica leader(ShortTimeout(), MemoryLog(Voters(1)));
  leader.Lead();
  leader.Tick(4);
  ConfChange change;
  change.steps = {{ConfChangeType::kAddVoter, ReplicaId(2)}};
  ASSERT_TRUE(leader.raft().ProposeConfChange(change).ok());
  leader.Process();
  ASSERT_EQ(leader.status().conf, Voters(2));
  leader.Tick();
  EXPECT_EQ(leader.status().role, Role::kLeader);
  leader.Tick(5);
  EXPECT_EQ(leader.status().role, Role::kFollower);
}

// Covers: H5b, H6
TEST(CheckQuorumTest, CandidateWinsOnlyOnceTheLeaseHasRunOut) {
  Network network(3, WithCheckQuorum);
  network.Campaign(1);
  ASSERT_EQ(network.status(1).role, Role::kLeader);
  network.raft(2).OverrideElectionTimeout(11);
  const RaftStatus before = network.status(2);

  network.Campaign(3);
  EXPECT_EQ(network.status(3).role, Role::kCandidate);
  EXPECT_EQ(network.status(2).term, before.term);
  EXPECT_EQ(network.status(2).leader, ReplicaId(1));

  network.at(2).Tick(10);
  network.Campaign(3);
  EXPECT_EQ(network.status(3).role, Role::kLeader);
  EXPECT_EQ(network.status(1).role, Role::kFollower);
}

// Covers: H5b, H6
TEST(CheckQuorumTest, StuckCandidateIsFreedAndThenElected) {
  Network network(3, WithCheckQuorum);
  network.Campaign(1);
  network.Isolate(1);
  for (uint64_t attempt = 1; attempt <= 2; ++attempt) {
    network.Campaign(3);
    EXPECT_EQ(network.status(2).role, Role::kFollower);
    EXPECT_EQ(network.status(3).role, Role::kCandidate);
    EXPECT_EQ(network.status(3).term, network.status(2).term + attempt);
  }
  network.Recover();
  network.Inject(MakeMessage({1, 3}, 1, MsgHeartbeat{}));
  EXPECT_EQ(network.status(1).role, Role::kFollower);
  EXPECT_EQ(network.status(1).term, network.status(3).term);
  network.Campaign(3);
  EXPECT_EQ(network.status(3).role, Role::kLeader);
}

// Covers: H5c
TEST(CheckQuorumTest, VotesAreGrantedAtOnceWhileNoLeaderIsKnown) {
  Network network(3, WithCheckQuorum);
  network.Campaign(1);
  EXPECT_EQ(network.status(1).role, Role::kLeader);
  EXPECT_EQ(network.status(3).role, Role::kFollower);
  EXPECT_EQ(network.status(3).vote, ReplicaId(1));
}

// Covers: H6
TEST(CheckQuorumTest, VoterInLeaseIsSilentExceptForATransfer) {
  Config config = PlainConfig();
  config.check_quorum = true;
  TestReplica voter(config, MemoryLog(Voters(3)));
  ASSERT_TRUE(voter.Receive(2, 1, MsgHeartbeat{}).ok());
  voter.ProcessAndTakeMessages();
  voter.raft().OverrideElectionTimeout(19);
  const EntryId last = At(42, 1);

  voter.Tick(9);
  ASSERT_TRUE(voter.Receive(3, 2, MsgVote{last, {}, false, 0}).ok());
  ASSERT_TRUE(voter.Receive(3, 2, MsgPreVote{last, {}, 0}).ok());
  EXPECT_THAT(voter.ProcessAndTakeMessages(), IsEmpty());
  EXPECT_EQ(voter.status().term, Term(1));
  EXPECT_EQ(voter.status().leader, ReplicaId(2));

  voter.Tick();
  ASSERT_TRUE(voter.Receive(3, 2, MsgPreVote{last, {}, 0}).ok());
  EXPECT_THAT(OfKind<MsgPreVoteResp>(voter.ProcessAndTakeMessages()),
              SizeIs(1));
  ASSERT_TRUE(voter.Receive(2, 1, MsgHeartbeat{}).ok());
  voter.ProcessAndTakeMessages();
  ASSERT_TRUE(voter.Receive(3, 2, MsgVote{last, {}, true, 0}).ok());
  const auto answers = voter.ProcessAndTakeMessages();
  ASSERT_THAT(OfKind<MsgVoteResp>(answers), SizeIs(1));
  EXPECT_FALSE(answers[0].As<MsgVoteResp>()->rejected);
}

// Covers: H6
TEST(CheckQuorumTest, LeaderInOfficeIgnoresLaterCandidates) {
  Config config = PlainConfig();
  config.check_quorum = true;
  TestReplica leader(config, MemoryLog(Voters(3)));
  leader.Lead();
  ASSERT_TRUE(leader.Receive(3, 9, MsgVote{At(42, 1), {}, false, 0}).ok());
  EXPECT_THAT(leader.ProcessAndTakeMessages(), IsEmpty());
  EXPECT_EQ(leader.status().role, Role::kLeader);
  EXPECT_EQ(leader.status().term, Term(1));
}

// Covers: H6
TEST(CheckQuorumTest, LeaseEndsForAReplicaThatAsksItself) {
  Network network(3, [](Config& config) {
    config.check_quorum = true;
    config.pre_vote = true;
  });
  network.Campaign(1);
  network.Isolate(1);
  network.Campaign(3);
  EXPECT_EQ(network.status(3).role, Role::kPreCandidate);
  EXPECT_EQ(network.status(2).leader, ReplicaId(1));
  // 3 has given its leader up and may answer 2.
  network.Campaign(2);
  EXPECT_EQ(network.status(2).role, Role::kLeader);
  EXPECT_EQ(network.status(3).role, Role::kFollower);
}

// Covers: H6
TEST(CheckQuorumTest, ReplicaThatMayNotLeadStillVotes) {
  Config config = PlainConfig(2);
  config.check_quorum = true;
  // It does not know yet that it has been added.
  TestReplica voter(config, MemoryLog(Voters(1)));
  voter.Tick(100);
  EXPECT_EQ(voter.status().role, Role::kFollower);
  ASSERT_TRUE(voter.Receive(1, 1, MsgVote{}).ok());
  const auto answers = voter.ProcessAndTakeMessages();
  ASSERT_THAT(OfKind<MsgVoteResp>(answers), SizeIs(1));
  EXPECT_FALSE(answers[0].As<MsgVoteResp>()->rejected);
}

}  // namespace
}  // namespace trimaran::raft
