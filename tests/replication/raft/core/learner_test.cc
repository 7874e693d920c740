#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// Replicas that receive the log and decide nothing (thesis §4.2.1).

namespace trimaran::raft {
namespace {

using ::testing::SizeIs;

ConfState OneVoterOneLearner() {
  ConfState conf = Voters(1);
  conf.learners = Replicas({2});
  return conf;
}

Network VoterAndLearner() {
  Network network;
  for (const uint64_t id : {1U, 2U}) {
    network.Add(PlainConfig(id), MemoryLog(OneVoterOneLearner()));
  }
  return network;
}

ConfChange Change(ConfChangeType type, uint64_t id) {
  ConfChange change;
  change.steps = {{type, ReplicaId(id)}};
  return change;
}

// Covers: H10, A26
TEST(LearnerTest, NeverCampaigns) {
  TestReplica learner(PlainConfig(2), MemoryLog(OneVoterOneLearner()));
  learner.Tick(100);
  learner.raft().Campaign();
  ASSERT_TRUE(learner.Receive(1, 1, MsgTimeoutNow{}).ok());
  learner.Process();
  EXPECT_EQ(learner.status().role, Role::kFollower);
  EXPECT_EQ(learner.status().term, Term(1));
}

// Covers: H10
TEST(LearnerTest, ReceivesTheLogAndLearnsCommit) {
  Network network = VoterAndLearner();
  network.Campaign(1);
  ASSERT_TRUE(network.Propose(1, "x").ok());
  network.Beat(1);
  EXPECT_TRUE(network.Converged());
  EXPECT_EQ(network.status(2).commit, LogIndex(2));
  EXPECT_EQ(network.at(1).peer(2).match, LogIndex(2));
  EXPECT_TRUE(network.at(1).peer(2).learner);
}

// Covers: H10
TEST(LearnerTest, DoesNotCountInAnyQuorum) {
  Network network = VoterAndLearner();
  network.Isolate(2);
  network.Campaign(1);
  ASSERT_TRUE(network.Propose(1, "x").ok());
  EXPECT_EQ(network.status(1).commit, LogIndex(2));

  ConfState conf = Voters(2);
  conf.learners = Replicas({3});
  TestReplica leader(PlainConfig(), MemoryLog(conf));
  leader.Lead();
  ASSERT_TRUE(
      leader.Receive(3, 1, MsgAppResp{LogIndex(1), false, {}, {}}).ok());
  EXPECT_EQ(leader.status().commit, LogIndex(0));
  ASSERT_TRUE(
      leader.Receive(2, 1, MsgAppResp{LogIndex(1), false, {}, {}}).ok());
  EXPECT_EQ(leader.status().commit, LogIndex(1));
}

// Covers: H10
TEST(LearnerTest, VoteOfALearnerDoesNotElect) {
  ConfState conf = Voters(3);
  conf.learners = Replicas({4, 5});
  TestReplica candidate(PlainConfig(), MemoryLog(conf));
  candidate.raft().Campaign();
  EXPECT_THAT(OfKind<MsgVote>(candidate.ProcessAndTakeMessages()), SizeIs(2));
  for (const uint64_t learner : {4U, 5U}) {
    ASSERT_TRUE(candidate.Receive(learner, 1, MsgVoteResp{}).ok());
  }
  EXPECT_EQ(candidate.status().role, Role::kCandidate);
}

// The candidate may know of a promotion that the learner has not heard of.
// Covers: H10
TEST(LearnerTest, GrantsItsVoteWhenAsked) {
  TestReplica learner(PlainConfig(2), MemoryLog(OneVoterOneLearner()));
  ASSERT_TRUE(learner.Receive(1, 2, MsgVote{At(11, 1), {}, false, 0}).ok());
  const auto answers = learner.ProcessAndTakeMessages();
  ASSERT_THAT(OfKind<MsgVoteResp>(answers), SizeIs(1));
  EXPECT_FALSE(answers[0].As<MsgVoteResp>()->rejected);
  EXPECT_EQ(learner.status().vote, ReplicaId(1));
}

// Voters 1 and 2, learner 3; 2 is gone when 3 is promoted. 3 must be able to
// vote before it has heard of its promotion.
// Covers: H10
TEST(LearnerTest, PromotedReplicaThatDoesNotKnowItUnblocksTheGroup) {
  ConfState conf = Voters(2);
  conf.learners = Replicas({3});
  Network network;
  for (const uint64_t id : {1U, 2U, 3U}) {
    network.Add(PlainConfig(id), MemoryLog(conf));
  }
  network.Campaign(1);
  network.Cut(1, 3);
  network.Cut(2, 3);
  ASSERT_TRUE(network.raft(1)
                  .ProposeConfChange(Change(ConfChangeType::kAddVoter, 3))
                  .ok());
  network.Settle();
  ASSERT_EQ(network.status(2).conf, Voters(3));
  ASSERT_EQ(network.status(3).conf, conf);

  network.Recover();
  network.Isolate(1);
  network.Campaign(2);
  EXPECT_EQ(network.status(2).role, Role::kLeader);
  EXPECT_EQ(network.status(3).conf, Voters(3));
}

// Covers: H10, H25
TEST(LearnerTest, PromotedLearnerIsElected) {
  Network network = VoterAndLearner();
  network.Campaign(1);
  ASSERT_TRUE(network.raft(1)
                  .ProposeConfChange(Change(ConfChangeType::kAddVoter, 2))
                  .ok());
  network.Settle();
  EXPECT_EQ(network.status(1).conf, Voters(2));
  EXPECT_EQ(network.status(2).conf, Voters(2));
  network.Campaign(2);
  EXPECT_EQ(network.status(2).role, Role::kLeader);
  EXPECT_EQ(network.status(1).role, Role::kFollower);
}

// Covers: H10, H25
TEST(LearnerTest, IsAddedAndRemovedBySimpleChanges) {
  Network network = Network::Plain(1);
  network.Campaign(1);
  network.Add(PlainConfig(2), MemoryLog(Voters(1)));
  ASSERT_TRUE(network.raft(1)
                  .ProposeConfChange(Change(ConfChangeType::kAddLearner, 2))
                  .ok());
  network.Settle();
  network.Beat(1);
  EXPECT_EQ(network.status(1).conf, OneVoterOneLearner());
  EXPECT_EQ(network.status(2).conf, OneVoterOneLearner());
  ASSERT_TRUE(network.raft(1)
                  .ProposeConfChange(Change(ConfChangeType::kRemove, 2))
                  .ok());
  network.Settle();
  EXPECT_EQ(network.status(1).conf, Voters(1));
  EXPECT_THAT(network.status(1).peers, SizeIs(1));
}

}  // namespace
}  // namespace trimaran::raft
