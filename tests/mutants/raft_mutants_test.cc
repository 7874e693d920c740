#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "replication/raft/conf_change.h"
#include "replication/raft/raft.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// Tests that exist because a mutant was noticed by the simulator only: what a
// coincidence shows there is made to happen here.

namespace trimaran::raft {
namespace {

void Acknowledge(TestReplica& leader, uint64_t from, LogIndex index) {
  MsgAppResp response;
  response.index = index;
  ASSERT_TRUE(
      leader.Receive(from, leader.status().term.value(), response).ok());
}

// Follower 2 answers the newest round of heartbeats among `messages`.
void AnswerRound(TestReplica& leader, const std::vector<Message>& messages) {
  const auto beats = BodiesTo<MsgHeartbeat>(2, messages);
  ASSERT_FALSE(beats.empty());
  ASSERT_TRUE(leader
                  .Receive(2, leader.status().term.value(),
                           MsgHeartbeatResp{beats.back().round})
                  .ok());
}

TEST(RaftMutantsTest, ReadIsAnsweredOnlyByARoundThatBeganAfterIt) {
  TestReplica leader(3);
  leader.Lead();
  Acknowledge(leader, 2, LogIndex(1));
  leader.Tick();
  const std::vector<Message> earlier = leader.ProcessAndTakeMessages();

  ASSERT_TRUE(leader.raft().ReadIndex(ReadId(1), ReadMode::kQuorum).ok());
  const std::vector<Message> round = leader.ProcessAndTakeMessages();
  EXPECT_TRUE(leader.reads().empty());
  AnswerRound(leader, earlier);
  leader.Process();
  EXPECT_TRUE(leader.reads().empty());

  AnswerRound(leader, round);
  leader.Process();
  EXPECT_EQ(leader.reads(),
            (std::vector<ReadResult>{{ReadId(1), LogIndex(1)}}));
}

TEST(RaftMutantsTest, ReadWaitsForTheLeadersOwnEntryWhateverRoundsSay) {
  TestReplica leader(3);
  leader.Lead();
  ASSERT_TRUE(leader.raft().ReadIndex(ReadId(1), ReadMode::kQuorum).ok());
  leader.Tick();
  AnswerRound(leader, leader.ProcessAndTakeMessages());
  leader.Process();
  EXPECT_TRUE(leader.reads().empty());

  Acknowledge(leader, 2, LogIndex(1));
  AnswerRound(leader, leader.ProcessAndTakeMessages());
  leader.Process();
  EXPECT_EQ(leader.reads(),
            (std::vector<ReadResult>{{ReadId(1), LogIndex(1)}}));
}

TEST(RaftMutantsTest, RemovedLeaderDoesNotCountItself) {
  TestReplica leader(4);
  leader.Lead();
  Acknowledge(leader, 2, LogIndex(1));
  Acknowledge(leader, 3, LogIndex(1));
  ConfChange removal;
  removal.steps = {{ConfChangeType::kRemove, ReplicaId(1)}};
  ASSERT_TRUE(leader.raft().ProposeConfChange(removal).ok());
  ASSERT_TRUE(leader.Propose("x").ok());
  leader.Process();
  Acknowledge(leader, 2, LogIndex(2));
  Acknowledge(leader, 3, LogIndex(2));
  leader.Process();
  ASSERT_EQ(leader.status().conf.voters, Replicas({2, 3, 4}));

  // On two disks, but one of them is no voter's any more.
  Acknowledge(leader, 3, LogIndex(3));
  EXPECT_EQ(leader.status().commit, LogIndex(2));
  Acknowledge(leader, 4, LogIndex(3));
  EXPECT_EQ(leader.status().commit, LogIndex(3));
}

}  // namespace
}  // namespace trimaran::raft
