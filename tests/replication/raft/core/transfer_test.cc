#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// Handing leadership over (thesis §3.10).

namespace trimaran::raft {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// 1 leads three replicas, and everybody has everything.
Network Led(absl::FunctionRef<void(Config&)> configure = [](Config&) {}) {
  Network network(3, configure);
  network.Campaign(1);
  EXPECT_EQ(network.status(1).role, Role::kLeader);
  return network;
}

absl::Status Transfer(Network& network, uint64_t at, uint64_t target) {
  const absl::Status status =
      network.raft(at).TransferLeadership(ReplicaId(target));
  network.Settle();
  return status;
}

void ExpectLeader(Network& network, uint64_t leader) {
  for (TestReplica* replica : network.replicas()) {
    EXPECT_EQ(replica->status().role, replica->id() == ReplicaId(leader)
                                          ? Role::kLeader
                                          : Role::kFollower)
        << replica->id();
  }
}

ConfChange Change(ConfChangeType type, uint64_t id) {
  ConfChange change;
  change.steps = {{type, ReplicaId(id)}};
  return change;
}

// Covers: H7, H25
TEST(TransferTest, UpToDateTargetLeadsAtOnce) {
  for (const bool check_quorum : {false, true}) {
    Network network = Led([&](Config& config) {
      config.check_quorum = check_quorum;
      config.pre_vote = check_quorum;
    });
    ASSERT_TRUE(Transfer(network, 1, 2).ok());
    ExpectLeader(network, 2);
    ASSERT_TRUE(network.Propose(2, "x").ok());
    ASSERT_TRUE(Transfer(network, 2, 1).ok());
    ExpectLeader(network, 1);
    EXPECT_TRUE(network.Converged());
  }
}

// Covers: H7, H25
TEST(TransferTest, FollowerPassesTheRequestOn) {
  Network network = Led();
  ASSERT_TRUE(Transfer(network, 2, 2).ok());
  ExpectLeader(network, 2);
  ASSERT_TRUE(Transfer(network, 1, 3).ok());
  ExpectLeader(network, 3);
}

TEST(TransferTest, WithoutALeaderNobodyCanHandOver) {
  TestReplica replica(3);
  EXPECT_TRUE(IsNotLeader(replica.raft().TransferLeadership(ReplicaId(2))));
}

// Covers: H7, H25
TEST(TransferTest, LaggingTargetIsCaughtUpFirst) {
  Network network = Led();
  network.Isolate(3);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(network.Propose(1, "x").ok());
  network.Recover();
  ASSERT_TRUE(Transfer(network, 1, 3).ok());
  ExpectLeader(network, 3);
  EXPECT_TRUE(network.Converged());
}

// Covers: H7, H8b, H25
TEST(TransferTest, TargetWithoutTheLogGetsASnapshotFirst) {
  Network network = Led();
  network.Isolate(3);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(network.Propose(1, "x").ok());
  ASSERT_TRUE(network.at(1).CompactTo(network.status(1).applied).ok());
  network.Recover();
  // The answer that tells that the snapshot is installed is held back.
  std::optional<Message> installed;
  network.Hook([&](const Message& message) {
    const auto* ack = message.As<MsgAppResp>();
    if (message.from != ReplicaId(3) || ack == nullptr || ack->rejected) {
      return true;
    }
    installed = message;
    return false;
  });
  network.Beat(1);
  ASSERT_TRUE(Transfer(network, 1, 3).ok());
  EXPECT_EQ(network.status(1).role, Role::kLeader);
  EXPECT_EQ(network.status(1).transfer_target, ReplicaId(3));
  ASSERT_TRUE(installed.has_value());
  EXPECT_EQ(network.status(3).applied, network.status(1).commit);

  network.Recover();
  network.Inject(*installed);
  ExpectLeader(network, 3);
}

// Covers: H7, H25
TEST(TransferTest, ImpossibleTargetsHaveNoEffect) {
  ConfState conf = Voters(2);
  conf.learners = Replicas({3});
  TestReplica leader(PlainConfig(), MemoryLog(conf));
  leader.Lead();
  EXPECT_TRUE(leader.raft().TransferLeadership(ReplicaId(1)).ok());
  EXPECT_TRUE(
      absl::IsInvalidArgument(leader.raft().TransferLeadership(ReplicaId(3))));
  EXPECT_TRUE(
      absl::IsInvalidArgument(leader.raft().TransferLeadership(ReplicaId(9))));
  EXPECT_EQ(leader.status().transfer_target, kNoReplica);
  EXPECT_THAT(leader.ProcessAndTakeMessages(), IsEmpty());
  EXPECT_EQ(leader.status().role, Role::kLeader);
  EXPECT_TRUE(leader.Propose("x").ok());
}

// Covers: H8, H8a, H25
TEST(TransferTest, TransferToASilentTargetEndsAfterAnElectionTimeout) {
  Network network = Led();
  network.Isolate(3);
  ASSERT_TRUE(Transfer(network, 1, 3).ok());
  network.Tick(1, network.at(1).config().heartbeat_ticks);
  EXPECT_EQ(network.status(1).transfer_target, ReplicaId(3));
  network.Tick(1, 8);
  EXPECT_EQ(network.status(1).transfer_target, ReplicaId(3));
  network.Tick(1);
  EXPECT_EQ(network.status(1).transfer_target, kNoReplica);
  EXPECT_EQ(network.status(1).role, Role::kLeader);
  EXPECT_EQ(network.status(1).term, Term(1));
  EXPECT_TRUE(network.Propose(1, "x").ok());
}

// Covers: H8, H8a, H25
TEST(TransferTest, ProposalsAreDroppedWhileATransferIsPending) {
  Network network = Led();
  network.Isolate(3);
  ASSERT_TRUE(Transfer(network, 1, 3).ok());
  const LogIndex match = network.at(1).peer(1).match;
  EXPECT_EQ(DropReasonOf(network.Propose(1, "x")),
            DropReason::kTransferInProgress);
  EXPECT_EQ(
      DropReasonOf(network.raft(1)
                       .ProposeConfChange(Change(ConfChangeType::kAddVoter, 4))
                       .status()),
      DropReason::kTransferInProgress);
  EXPECT_EQ(network.at(1).peer(1).match, match);
}

// Covers: H8, H25
TEST(TransferTest, NamingTheLeaderTakesTheTransferBack) {
  Network network = Led();
  network.Isolate(3);
  ASSERT_TRUE(Transfer(network, 1, 3).ok());
  ASSERT_TRUE(Transfer(network, 1, 1).ok());
  EXPECT_EQ(network.status(1).transfer_target, kNoReplica);
  EXPECT_EQ(network.status(1).role, Role::kLeader);
  EXPECT_TRUE(network.Propose(1, "x").ok());
}

// Covers: H8, H25
TEST(TransferTest, AnotherTargetReplacesTheFirst) {
  Network network = Led();
  network.Isolate(3);
  ASSERT_TRUE(Transfer(network, 1, 3).ok());
  ASSERT_TRUE(Transfer(network, 1, 2).ok());
  EXPECT_EQ(network.status(2).role, Role::kLeader);
  EXPECT_EQ(network.status(1).role, Role::kFollower);
}

// Covers: H8, H25
TEST(TransferTest, TheSameTargetGetsNoMoreTime) {
  Network network = Led();
  network.Isolate(3);
  ASSERT_TRUE(Transfer(network, 1, 3).ok());
  network.Tick(1, 5);
  ASSERT_TRUE(Transfer(network, 1, 3).ok());
  network.Tick(1, 5);
  EXPECT_EQ(network.status(1).transfer_target, kNoReplica);
}

// Covers: H8, H25
TEST(TransferTest, LaterTermEndsTheTransfer) {
  Network network = Led();
  network.Isolate(3);
  ASSERT_TRUE(Transfer(network, 1, 3).ok());
  network.Campaign(2);
  ExpectLeader(network, 2);
  EXPECT_EQ(network.status(1).transfer_target, kNoReplica);
}

// A change of membership that was proposed before the transfer began, and is
// applied during it, takes the target's vote away.
// Covers: H8, H25
TEST(TransferTest, TargetThatLosesItsVoteEndsTheTransfer) {
  for (const ConfChangeType type :
       {ConfChangeType::kRemove, ConfChangeType::kAddLearner}) {
    Network network = Led();
    network.Isolate(3);
    ASSERT_TRUE(network.raft(1).ProposeConfChange(Change(type, 3)).ok());
    ASSERT_TRUE(network.raft(1).TransferLeadership(ReplicaId(3)).ok());
    EXPECT_EQ(network.status(1).transfer_target, ReplicaId(3));
    network.Settle();
    EXPECT_EQ(network.status(1).conf.voters, Replicas({1, 2}));
    EXPECT_EQ(network.status(1).transfer_target, kNoReplica);
    EXPECT_TRUE(network.Propose(1, "x").ok());
  }
}

// Covers: H9, H25
TEST(TransferTest, OnlyVotersObeyTimeoutNow) {
  struct Row {
    std::string_view what;
    ConfState conf;
    Role role;
  };
  ConfState learner = Voters(3);
  learner.voters = Replicas({2, 3});
  learner.learners = Replicas({1});
  ConfState stranger = learner;
  stranger.learners.clear();
  const Row rows[] = {{"voter", Voters(3), Role::kCandidate},
                      {"learner", learner, Role::kFollower},
                      {"stranger", stranger, Role::kFollower}};
  for (const Row& row : rows) {
    Config config = PlainConfig();
    config.pre_vote = true;
    TestReplica replica(config, MemoryLog(row.conf));
    ASSERT_TRUE(replica.Receive(2, 1, MsgTimeoutNow{}).ok());
    const auto messages = replica.ProcessAndTakeMessages();
    EXPECT_EQ(replica.status().role, row.role) << row.what;
    EXPECT_THAT(OfKind<MsgPreVote>(messages), IsEmpty()) << row.what;
    if (row.role == Role::kFollower) continue;
    ASSERT_THAT(OfKind<MsgVote>(messages), SizeIs(2)) << row.what;
    EXPECT_TRUE(messages[0].As<MsgVote>()->leader_transfer);
    EXPECT_EQ(replica.status().term, Term(2));
  }
}

}  // namespace
}  // namespace trimaran::raft
