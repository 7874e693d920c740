#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// Arbitrary changes of membership through a joint configuration (thesis §4.3).

namespace trimaran::raft {
namespace {

using ::testing::SizeIs;
using Transition = ConfChangeTransition;

ConfChangeStep Add(uint64_t id) {
  return {ConfChangeType::kAddVoter, ReplicaId(id)};
}
ConfChangeStep Learn(uint64_t id) {
  return {ConfChangeType::kAddLearner, ReplicaId(id)};
}
ConfChangeStep Remove(uint64_t id) {
  return {ConfChangeType::kRemove, ReplicaId(id)};
}

ConfChange Change(std::vector<ConfChangeStep> steps,
                  Transition transition = Transition::kAuto) {
  return {transition, std::move(steps), ""};
}

// 1 leads; the voters {1, 2, 3} are giving way to {1, 4, 5}.
ConfState Halves() {
  ConfState conf;
  conf.voters = Replicas({1, 4, 5});
  conf.voters_outgoing = Replicas({1, 2, 3});
  return conf;
}

TestReplica JointLeader(const Config& config = PlainConfig()) {
  TestReplica leader(config, MemoryLog(Halves()));
  leader.Lead();
  return leader;
}

// Covers: H14
TEST(JointTest, CommitNeedsBothMajorities) {
  TestReplica leader = JointLeader();
  for (const uint64_t old : {2U, 3U}) {
    ASSERT_TRUE(leader.Receive(old, 1, Ack(1)).ok());
    EXPECT_EQ(leader.status().commit, LogIndex(0));
  }
  ASSERT_TRUE(leader.Receive(5, 1, Ack(1)).ok());
  EXPECT_EQ(leader.status().commit, LogIndex(1));
}

// Covers: H14
TEST(JointTest, ElectionNeedsBothMajorities) {
  TestReplica candidate(PlainConfig(), MemoryLog(Halves()));
  candidate.raft().Campaign();
  EXPECT_THAT(OfKind<MsgVote>(candidate.ProcessAndTakeMessages()), SizeIs(4));
  for (const uint64_t incoming : {4U, 5U}) {
    ASSERT_TRUE(candidate.Receive(incoming, 1, MsgVoteResp{}).ok());
    EXPECT_EQ(candidate.status().role, Role::kCandidate);
  }
  ASSERT_TRUE(candidate.Receive(2, 1, MsgVoteResp{}).ok());
  EXPECT_EQ(candidate.status().role, Role::kLeader);
}

// Covers: H14
TEST(JointTest, ElectionIsLostWhenOneHalfIs) {
  TestReplica candidate(PlainConfig(), MemoryLog(Halves()));
  candidate.raft().Campaign();
  candidate.Process();
  for (const uint64_t id : {4U, 5U}) {
    ASSERT_TRUE(candidate.Receive(id, 1, MsgVoteResp{true, {}}).ok());
  }
  EXPECT_EQ(candidate.status().role, Role::kFollower);
}

// Covers: H14, H16
TEST(JointTest, ReadNeedsBothMajorities) {
  TestReplica leader = JointLeader();
  for (const uint64_t id : {2U, 4U}) {
    ASSERT_TRUE(leader.Receive(id, 1, Ack(1)).ok());
  }
  leader.Process();
  ASSERT_TRUE(leader.raft().ReadIndex(ReadId(1), ReadMode::kQuorum).ok());
  const auto beats = OfKind<MsgHeartbeat>(leader.ProcessAndTakeMessages());
  ASSERT_THAT(beats, SizeIs(4));
  const MsgHeartbeatResp answer{beats[0].As<MsgHeartbeat>()->round};
  for (const uint64_t old : {2U, 3U}) {
    ASSERT_TRUE(leader.Receive(old, 1, answer).ok());
    leader.Process();
    EXPECT_THAT(leader.reads(), SizeIs(0));
  }
  ASSERT_TRUE(leader.Receive(4, 1, answer).ok());
  leader.Process();
  EXPECT_THAT(leader.reads(), SizeIs(1));
}

// Covers: H14, H5
TEST(JointTest, LeaderStepsDownWithoutOneOfTheMajorities) {
  Config config = PlainConfig();
  config.check_quorum = true;
  TestReplica leader = JointLeader(config);
  for (int tick = 0; tick < 20; ++tick) {
    if (leader.status().role != Role::kLeader) break;
    for (const uint64_t old : {2U, 3U}) {
      ASSERT_TRUE(leader.Receive(old, 1, MsgHeartbeatResp{}).ok());
    }
    leader.Tick();
  }
  EXPECT_EQ(leader.status().role, Role::kFollower);
}

// A group of one, and two that may join it.
Network OneVoter() {
  Network network = Network::Plain(1);
  network.Campaign(1);
  // Newcomers know what the group began with.
  for (const uint64_t id : {2U, 3U}) {
    network.Add(PlainConfig(id), MemoryLog(Voters(1)));
  }
  return network;
}

void Propose(Network& network, uint64_t leader, const ConfChange& change) {
  const auto proposed = network.raft(leader).ProposeConfChange(change);
  EXPECT_TRUE(proposed.ok()) << proposed.status();
  network.Settle();
}

// Covers: H14
TEST(JointTest, VotersOfTheOutgoingHalfBecomeLearnersWhenItEnds) {
  Network network = OneVoter();
  Propose(network, 1,
          Change({Add(2), Learn(1), Learn(3)}, Transition::kJointExplicit));
  ConfState joint;
  joint.voters = Replicas({2});
  joint.voters_outgoing = Replicas({1});
  joint.learners = Replicas({3});
  joint.learners_next = Replicas({1});
  EXPECT_EQ(network.status(1).conf, joint);

  network.Beat(1);
  Propose(network, 1, ConfChange());
  network.Beat(1);
  ConfState end;
  end.voters = Replicas({2});
  end.learners = Replicas({1, 3});
  for (const uint64_t id : {1U, 2U, 3U}) {
    EXPECT_EQ(network.status(id).conf, end) << id;
  }
}

// Covers: H14
TEST(JointTest, LeaderEndsTheJointConfigurationOnce) {
  Network network = OneVoter();
  std::vector<std::string> changes;
  Propose(network, 1, Change({Add(2), Add(3)}));
  network.TickAll(5);
  for (const LogEntry& entry : network.at(1).applied()) {
    if (entry.type != EntryType::kConfChange) continue;
    changes.push_back(DebugString(*DecodeConfChange(entry.payload.bytes())));
  }
  EXPECT_THAT(changes, testing::ElementsAre("v2 v3", "leave-joint"));
  for (const uint64_t id : {1U, 2U, 3U}) {
    EXPECT_EQ(network.status(id).conf, Voters(3)) << id;
  }
}

bool CarriesEndOfJoint(const Message& message) {
  const auto* append = message.As<MsgApp>();
  if (append == nullptr) return false;
  return std::any_of(
      append->entries.begin(), append->entries.end(), [](const LogEntry& e) {
        return e.type == EntryType::kConfChange && e.payload.empty();
      });
}

// Covers: H14
TEST(JointTest, NewLeaderEndsWhatItsPredecessorBegan) {
  Network network = Network::Plain(5);
  network.Campaign(1);
  network.Hook([](const Message& m) { return !CarriesEndOfJoint(m); });
  Propose(network, 1, Change({Learn(3)}, Transition::kJointImplicit));
  network.Beat(1);
  ASSERT_TRUE(network.status(2).conf.joint());

  network.Recover();
  network.Isolate(1);
  network.Campaign(2);
  ASSERT_EQ(network.status(2).role, Role::kLeader);
  for (int beat = 0; beat < 5; ++beat) network.Beat(2);
  EXPECT_FALSE(network.status(2).conf.joint());
  EXPECT_EQ(network.status(4).conf.voters, Replicas({1, 2, 4, 5}));
  EXPECT_EQ(network.status(4).conf.learners, Replicas({3}));
  EXPECT_EQ(std::count_if(network.at(2).applied().begin(),
                          network.at(2).applied().end(),
                          [](const LogEntry& entry) {
                            return entry.type == EntryType::kConfChange;
                          }),
            2);
}

// Covers: H14
TEST(JointTest, JointConfigurationOutlivesItsLeader) {
  Network network = Network::Plain(3);
  network.Campaign(1);
  Propose(network, 1, Change({Learn(3)}, Transition::kJointExplicit));
  network.Beat(1);
  ASSERT_TRUE(network.status(2).conf.joint());
  network.Campaign(2);
  ASSERT_EQ(network.status(2).role, Role::kLeader);
  // An explicit one waits to be asked.
  network.TickAll(5);
  EXPECT_TRUE(network.status(2).conf.joint());
  Propose(network, 2, ConfChange());
  network.Beat(2);
  for (const uint64_t id : {1U, 2U, 3U}) {
    EXPECT_EQ(network.status(id).conf.voters, Replicas({1, 2})) << id;
    EXPECT_EQ(network.status(id).conf.learners, Replicas({3})) << id;
  }
}

// A leader that takes over in a joint configuration that ends by itself
// proposes its end, and no leader does so twice.
// Covers: H14
TEST(JointTest, ImplicitEndIsProposedByWhoeverLeads) {
  Config config = PlainConfig(2);
  ConfState joint = Halves();
  joint.voters = Replicas({2, 4});
  joint.auto_leave = true;
  TestReplica leader(config, MemoryLog(joint));
  leader.Lead();
  for (const uint64_t id : {1U, 4U}) {
    ASSERT_TRUE(leader.Receive(id, 1, Ack(1)).ok());
  }
  leader.Process();
  EXPECT_EQ(leader.status().commit, LogIndex(1));
  leader.Tick(5);
  leader.Process();
  ASSERT_EQ(leader.status().last, At(2, 1));
  EXPECT_EQ(leader.log().entries()[1].type, EntryType::kConfChange);
  for (const uint64_t id : {1U, 4U}) {
    ASSERT_TRUE(leader.Receive(id, 1, Ack(2)).ok());
  }
  leader.Process();
  EXPECT_EQ(leader.status().conf.voters, Replicas({2, 4}));
  EXPECT_FALSE(leader.status().conf.joint());
  leader.Tick(5);
  leader.Process();
  EXPECT_EQ(leader.status().last, At(2, 1));
}

// Covers: H14
TEST(JointTest, NoOtherChangeFitsIntoAJointConfiguration) {
  Network network = Network::Plain(3);
  network.Campaign(1);
  Propose(network, 1, Change({Add(4)}, Transition::kJointExplicit));
  ASSERT_TRUE(network.status(1).conf.joint());
  for (const ConfChange& change :
       {Change({Add(5)}), Change({Add(5), Add(6)}),
        Change({Add(5)}, Transition::kJointImplicit)}) {
    EXPECT_EQ(DropReasonOf(network.raft(1).ProposeConfChange(change).status()),
              DropReason::kInvalidConfChange)
        << DebugString(change);
    network.Settle();
  }
}

// Covers: H14
TEST(JointTest, ProgressSurvivesPromotionAndDemotion) {
  Network network = Network::Plain(3);
  network.Campaign(1);
  ASSERT_TRUE(network.Propose(1, "x").ok());
  const LogIndex match = network.at(1).peer(3).match;
  network.Isolate(3);
  Propose(network, 1, Change({Learn(3)}));
  EXPECT_EQ(network.at(1).peer(3).match, match);
  EXPECT_TRUE(network.at(1).peer(3).learner);
  Propose(network, 1, Change({Add(3)}));
  EXPECT_EQ(network.at(1).peer(3).match, match);
  EXPECT_FALSE(network.at(1).peer(3).learner);
}

// The leader is swapped for a newcomer and takes leave by a transfer.
// Covers: H14, H7
TEST(JointTest, LeaderIsReplacedInOneChange) {
  Network network = Network::Plain(3);
  network.Campaign(1);
  network.Add(PlainConfig(4), MemoryLog(Voters(3)));
  Propose(network, 1, Change({Remove(1), Add(4)}, Transition::kJointExplicit));
  network.Beat(1);
  ASSERT_EQ(network.status(4).conf.voters, Replicas({2, 3, 4}));
  ASSERT_TRUE(network.raft(1).TransferLeadership(ReplicaId(4)).ok());
  network.Settle();
  ASSERT_EQ(network.status(4).role, Role::kLeader);
  Propose(network, 4, ConfChange());
  EXPECT_EQ(network.status(2).conf.voters, Replicas({2, 3, 4}));
  EXPECT_FALSE(network.status(4).conf.joint());
  ASSERT_TRUE(network.Propose(4, "x").ok());
  EXPECT_EQ(network.status(3).commit, network.status(4).commit);
}

}  // namespace
}  // namespace trimaran::raft
