#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// Snapshots: what a follower accepts, and how a leader gives them out.

namespace trimaran::raft {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

ConfState VotersOf(const std::vector<uint64_t>& ids) {
  ConfState conf;
  conf.voters = Replicas(ids);
  return conf;
}

MsgSnap Snap(EntryId id, ConfState conf) { return {{id, std::move(conf)}}; }

// Covers: G1
TEST(SnapshotTest, FollowerIsReplacedAndAnswersOnceItIsDurable) {
  TestReplica follower(3);
  const ConfState conf = VotersOf({1, 2, 3});
  ASSERT_TRUE(follower.Receive(2, 11, Snap(At(11, 11), conf)).ok());
  const RaftStatus status = follower.status();
  EXPECT_EQ(status.last, At(11, 11));
  EXPECT_EQ(status.boundary, At(11, 11));
  EXPECT_EQ(status.commit, LogIndex(11));
  EXPECT_EQ(status.conf, conf);
  EXPECT_EQ(status.leader, ReplicaId(2));
  EXPECT_EQ(follower.raft().log().TermAt(LogIndex(11)), Term(11));
  ASSERT_TRUE(follower.Take());
  EXPECT_THAT(follower.TakeMessages(), IsEmpty());
  ASSERT_TRUE(follower.PersistOne());
  const auto acks = BodiesTo<MsgAppResp>(2, follower.TakeMessages());
  ASSERT_THAT(acks, SizeIs(1));
  EXPECT_EQ(acks[0].index, LogIndex(11));
  EXPECT_FALSE(acks[0].rejected);
  EXPECT_EQ(follower.status().applied, LogIndex(11));
  EXPECT_FALSE(follower.raft().HasReady());
}

// Covers: G1, A26
TEST(SnapshotTest, NobodyCampaignsBeforeItsSnapshotIsInstalled) {
  TestReplica follower(3);
  ASSERT_TRUE(follower.Receive(2, 1, Snap(At(11, 1), Voters(3))).ok());
  follower.Tick(50);
  follower.raft().Campaign();
  EXPECT_EQ(follower.status().role, Role::kFollower);
  follower.Process();
  follower.raft().Campaign();
  EXPECT_EQ(follower.status().role, Role::kCandidate);
}

// Covers: G2
TEST(SnapshotTest, ConfigurationIsReplacedAsAWhole) {
  TestReplica follower(PlainConfig(2), MemoryLog(VotersOf({1, 2, 3})));
  ASSERT_TRUE(
      follower.Receive(3, 1, Snap(At(11, 1), VotersOf({2, 3, 4}))).ok());
  follower.Process();
  EXPECT_EQ(follower.status().conf, VotersOf({2, 3, 4}));
  EXPECT_EQ(follower.log().conf(), VotersOf({2, 3, 4}));
}

// Covers: G1
TEST(SnapshotTest, SnapshotWithoutTheReceiverIsRefused) {
  TestReplica follower(3);
  ASSERT_TRUE(
      follower.Receive(2, 1, Snap(At(11, 1), VotersOf({2, 3, 4}))).ok());
  const auto acks = BodiesTo<MsgAppResp>(2, follower.ProcessAndTakeMessages());
  ASSERT_THAT(acks, SizeIs(1));
  EXPECT_EQ(acks[0].index, LogIndex(0));
  EXPECT_EQ(follower.status().conf, Voters(3));
  EXPECT_EQ(follower.status().last, EntryId());
}

// A follower with [1/1, 2/1, 3/1] and commit 1.
TestReplica WithThreeEntries() {
  MemoryLog log(Voters(3));
  EXPECT_TRUE(log.Append(EntriesOfTerms(1, {1, 1, 1})).ok());
  log.set_hard_state({Term(1), {}, LogIndex(1)});
  TestReplica replica(PlainConfig(), std::move(log));
  replica.ProcessAndTakeMessages();
  return replica;
}

// Covers: G3
TEST(SnapshotTest, SnapshotAtOrBelowCommitIsIgnored) {
  TestReplica follower = WithThreeEntries();
  ASSERT_TRUE(follower.Receive(2, 1, Snap(At(1, 1), VotersOf({1, 9}))).ok());
  const auto acks = BodiesTo<MsgAppResp>(2, follower.ProcessAndTakeMessages());
  ASSERT_THAT(acks, SizeIs(1));
  EXPECT_EQ(acks[0].index, LogIndex(1));
  EXPECT_EQ(follower.status().boundary, EntryId());
  EXPECT_EQ(follower.status().last, At(3, 1));
  EXPECT_EQ(follower.status().conf, Voters(3));
}

TEST(SnapshotTest, SnapshotOfAnotherCommittedLogIsDataLoss) {
  TestReplica follower = WithThreeEntries();
  EXPECT_TRUE(
      absl::IsDataLoss(follower.Receive(2, 2, Snap(At(1, 2), Voters(3)))));
  EXPECT_THAT(BodiesTo<MsgAppResp>(2, follower.ProcessAndTakeMessages()),
              SizeIs(0));
  EXPECT_EQ(follower.status().last, At(3, 1));
}

// Covers: G3
TEST(SnapshotTest, LogThatHasTheSnapshotsEntryOnlyLearnsCommit) {
  TestReplica follower = WithThreeEntries();
  ASSERT_TRUE(follower.Receive(2, 1, Snap(At(2, 1), Voters(3))).ok());
  const Ready ready = follower.raft().TakeReady();
  ASSERT_TRUE(ready.persist.has_value());
  EXPECT_FALSE(ready.persist->snapshot.has_value());
  EXPECT_EQ(follower.status().commit, LogIndex(2));
  EXPECT_EQ(follower.status().last, At(3, 1)) << "the tail was acknowledged";
  EXPECT_EQ(follower.status().boundary, EntryId());
}

// Covers: G3
TEST(SnapshotTest, LongerLogOfOtherTermsIsReplaced) {
  TestReplica follower = WithThreeEntries();
  ASSERT_TRUE(follower.Receive(2, 2, Snap(At(2, 2), Voters(3))).ok());
  follower.Process();
  EXPECT_EQ(follower.status().last, At(2, 2));
  EXPECT_EQ(follower.raft().log().TermAt(LogIndex(3)), std::nullopt);
  EXPECT_THAT(follower.log_ids(), IsEmpty());
}

// A leader in term 12 of the voters {1, 2}, its log compacted to 11/11; its
// empty entry is 12. 2 has just refused to continue from 11.
TestReplica CompactedLeader(const Config& config = PlainConfig()) {
  MemoryLog log(Voters(2));
  EXPECT_TRUE(log.Restore({{At(11, 11), Voters(2)}, "state"}).ok());
  log.set_hard_state({Term(11), {}, LogIndex(11)});
  TestReplica leader(config, std::move(log));
  leader.Lead();
  EXPECT_TRUE(
      leader.Receive(2, 12, MsgAppResp{LogIndex(11), true, {}, {}}).ok());
  return leader;
}

// The same, when the snapshot 11 is on its way.
TestReplica SendingLeader() {
  TestReplica leader = CompactedLeader();
  const auto messages = leader.ProcessAndTakeMessages();
  EXPECT_THAT(BodiesTo<MsgSnap>(2, messages), SizeIs(1));
  EXPECT_EQ(leader.peer(2).state, ProgressState::kSnapshot);
  return leader;
}

// Covers: G4
TEST(SnapshotTest, LeaderWithoutTheEntriesSendsOneSnapshotInstead) {
  TestReplica leader = CompactedLeader();
  const auto messages = leader.ProcessAndTakeMessages();
  ASSERT_THAT(messages, SizeIs(1));
  const auto* snap = messages[0].As<MsgSnap>();
  ASSERT_NE(snap, nullptr);
  EXPECT_EQ(snap->snapshot.id, At(11, 11));
  EXPECT_EQ(snap->snapshot.conf, Voters(2));
}

// Covers: G7, G7a
TEST(SnapshotTest, PendingSnapshotPausesAppends) {
  TestReplica leader = SendingLeader();
  EXPECT_EQ(leader.peer(2).pending_snapshot, LogIndex(11));
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(leader.Propose("x").ok());
    ASSERT_TRUE(leader.Receive(2, 12, MsgHeartbeatResp{}).ok());
    EXPECT_THAT(leader.ProcessAndTakeMessages(), IsEmpty());
  }
}

// Covers: G7, G7a
TEST(SnapshotTest, FailedSnapshotIsFollowedByAProbeAfterASignOfLife) {
  TestReplica leader = SendingLeader();
  leader.raft().ReportSnapshot(ReplicaId(2), SnapshotResult::kFailed);
  EXPECT_EQ(leader.peer(2).state, ProgressState::kProbe);
  EXPECT_EQ(leader.peer(2).pending_snapshot, LogIndex(0));
  EXPECT_EQ(leader.peer(2).next, LogIndex(1));
  EXPECT_TRUE(leader.peer(2).paused);
  EXPECT_THAT(leader.ProcessAndTakeMessages(), IsEmpty());
  ASSERT_TRUE(leader.Receive(2, 12, MsgHeartbeatResp{}).ok());
  EXPECT_THAT(BodiesTo<MsgSnap>(2, leader.ProcessAndTakeMessages()), SizeIs(1));
}

// Covers: G7, G7a
TEST(SnapshotTest, DeliveredSnapshotIsFollowedByAProbeBehindIt) {
  TestReplica leader = SendingLeader();
  leader.raft().ReportSnapshot(ReplicaId(2), SnapshotResult::kDelivered);
  EXPECT_EQ(leader.peer(2).state, ProgressState::kProbe);
  EXPECT_EQ(leader.peer(2).pending_snapshot, LogIndex(0));
  EXPECT_EQ(leader.peer(2).next, LogIndex(12));
  EXPECT_TRUE(leader.peer(2).paused);
  EXPECT_THAT(leader.ProcessAndTakeMessages(), IsEmpty());
  ASSERT_TRUE(leader.Receive(2, 12, MsgHeartbeatResp{}).ok());
  const auto appends = BodiesTo<MsgApp>(2, leader.ProcessAndTakeMessages());
  ASSERT_THAT(appends, SizeIs(1));
  EXPECT_EQ(appends[0].prev, At(11, 11));
}

// Covers: G7, G7a
TEST(SnapshotTest, AckOfTheSnapshotOpensReplicationAtOnce) {
  TestReplica leader = SendingLeader();
  ASSERT_TRUE(leader.Receive(2, 12, Ack(11)).ok());
  const auto appends = BodiesTo<MsgApp>(2, leader.ProcessAndTakeMessages());
  ASSERT_THAT(appends, SizeIs(1));
  EXPECT_EQ(appends[0].prev, At(11, 11));
  EXPECT_THAT(appends[0].entries, SizeIs(1));
  EXPECT_EQ(leader.peer(2).state, ProgressState::kReplicate);
  EXPECT_EQ(leader.peer(2).pending_snapshot, LogIndex(0));
  EXPECT_EQ(leader.peer(2).next, LogIndex(13));
  EXPECT_EQ(leader.peer(2).inflight_messages, 1u);
}

// The follower was helped by somebody else's older snapshot: what counts is
// whether our log goes on from there.
// Covers: G7
TEST(SnapshotTest, AckBelowThePendingSnapshotCountsIfTheLogGoesOnFromIt) {
  ConfState conf = Voters(3);
  MemoryLog log(conf);
  ASSERT_TRUE(log.Restore({{At(11, 11), conf}, "state"}).ok());
  log.set_hard_state({Term(11), {}, LogIndex(11)});
  TestReplica leader(PlainConfig(), std::move(log));
  leader.Lead();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(leader.Propose("x").ok());
  leader.Process();
  ASSERT_TRUE(leader.Receive(3, 12, Ack(15)).ok());
  leader.Process();
  ASSERT_EQ(leader.status().applied, LogIndex(15));
  ASSERT_TRUE(
      leader.Receive(2, 12, MsgAppResp{LogIndex(11), true, {}, {}}).ok());
  leader.ProcessAndTakeMessages();
  ASSERT_EQ(leader.peer(2).pending_snapshot, LogIndex(15));

  ASSERT_TRUE(leader.Receive(2, 12, Ack(10)).ok());
  EXPECT_EQ(leader.peer(2).state, ProgressState::kSnapshot) << "a hole";
  ASSERT_TRUE(leader.Receive(2, 12, Ack(13)).ok());
  EXPECT_EQ(leader.peer(2).state, ProgressState::kReplicate);
  const auto appends = BodiesTo<MsgApp>(2, leader.ProcessAndTakeMessages());
  ASSERT_THAT(appends, SizeIs(1));
  EXPECT_EQ(appends[0].prev.index, LogIndex(13));
}

// Covers: G5
TEST(SnapshotTest, SlowFollowerGetsTheSnapshotAndThenTheTail) {
  Network network = Network::Plain(3);
  network.Campaign(1);
  network.Isolate(3);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(network.Propose(1, "x").ok());
  ASSERT_TRUE(network.at(1).CompactTo(network.status(1).applied).ok());
  network.Recover();
  size_t snapshots = 0;
  network.Hook([&](const Message& message) {
    if (message.As<MsgSnap>() != nullptr) ++snapshots;
    return true;
  });
  network.Beat(1);
  ASSERT_TRUE(network.Propose(1, "tail").ok());
  network.Beat(1);
  EXPECT_EQ(snapshots, 1u);
  EXPECT_TRUE(network.Converged());
  EXPECT_EQ(network.status(3).commit, network.status(1).commit);
  EXPECT_EQ(network.at(3).log().state(), network.at(1).log().state());
}

// Covers: G6
TEST(SnapshotTest, SilentPeerGetsNoSnapshot) {
  TestReplica leader(3);
  leader.Lead();
  ASSERT_TRUE(leader.Receive(2, 1, Ack(1)).ok());
  leader.Process();
  leader.Tick(2 * leader.config().election_timeout_ticks);
  ASSERT_TRUE(leader.CompactTo(LogIndex(1)).ok());
  leader.ProcessAndTakeMessages();
  ASSERT_FALSE(leader.peer(3).recently_active);
  // A transfer would have a message sent to it at once.
  ASSERT_TRUE(leader.raft().TransferLeadership(ReplicaId(3)).ok());
  EXPECT_THAT(BodiesTo<MsgSnap>(3, leader.ProcessAndTakeMessages()), IsEmpty());
  ASSERT_TRUE(leader.Receive(3, 1, MsgHeartbeatResp{}).ok());
  EXPECT_THAT(BodiesTo<MsgSnap>(3, leader.ProcessAndTakeMessages()), SizeIs(1));
}

// Covers: G8
TEST(SnapshotTest, UnavailableSnapshotIsAskedForAgainLater) {
  TestReplica leader = CompactedLeader();
  for (int attempt = 0; attempt < 8; ++attempt) {
    while (leader.Take() || leader.PersistOne() || leader.ApplyOne()) {
    }
    ASSERT_THAT(leader.held_snapshot_requests(), SizeIs(1)) << attempt;
    EXPECT_EQ(leader.held_snapshot_requests()[0].peer, ReplicaId(2));
    EXPECT_EQ(leader.held_snapshot_requests()[0].index_min, LogIndex(11));
    leader.DropRequests();
    const PeerStatus before = leader.peer(2);
    leader.raft().SnapshotUnavailable(ReplicaId(2));
    EXPECT_EQ(leader.peer(2).state, before.state);
    EXPECT_EQ(leader.peer(2).next, before.next);
    EXPECT_EQ(leader.peer(2).pending_snapshot, LogIndex(0));
    EXPECT_FALSE(leader.raft().HasReady());
    ASSERT_TRUE(leader.Receive(2, 12, MsgHeartbeatResp{}).ok());
  }
  EXPECT_THAT(BodiesTo<MsgSnap>(2, leader.ProcessAndTakeMessages()), SizeIs(1));
}

// Covers: G8
TEST(SnapshotTest, SnapshotThatCannotServeIsThrownAway) {
  struct Row {
    std::string_view what;
    SnapshotMeta meta;
  };
  const Row rows[] = {
      {"older than the log's beginning", {At(10, 11), Voters(2)}},
      {"ahead of the state machine", {At(12, 12), Voters(2)}},
      {"of a group without the peer", {At(11, 11), Voters(1)}},
  };
  for (const Row& row : rows) {
    TestReplica leader = CompactedLeader();
    ASSERT_TRUE(leader.Take());
    while (leader.PersistOne()) {
    }
    leader.DropRequests();
    leader.raft().SnapshotAvailable(ReplicaId(2), row.meta);
    EXPECT_EQ(leader.peer(2).pending_snapshot, LogIndex(0)) << row.what;
    EXPECT_THAT(BodiesTo<MsgSnap>(2, leader.ProcessAndTakeMessages()),
                IsEmpty())
        << row.what;
    ASSERT_TRUE(leader.Receive(2, 12, MsgHeartbeatResp{}).ok());
    EXPECT_THAT(BodiesTo<MsgSnap>(2, leader.ProcessAndTakeMessages()),
                SizeIs(1))
        << row.what;
  }
}

// Covers: G8
TEST(SnapshotTest, AnswersThatNobodyWaitsForAreIgnored) {
  TestReplica leader(2);
  leader.Lead();
  for (const uint64_t peer : {1U, 2U, 9U}) {
    leader.raft().SnapshotAvailable(ReplicaId(peer), {At(1, 1), Voters(2)});
    leader.raft().SnapshotUnavailable(ReplicaId(peer));
    leader.raft().ReportSnapshot(ReplicaId(peer), SnapshotResult::kFailed);
  }
  EXPECT_THAT(leader.ProcessAndTakeMessages(), IsEmpty());
  TestReplica follower(3);
  follower.raft().SnapshotAvailable(ReplicaId(2), {At(1, 1), Voters(2)});
  EXPECT_FALSE(follower.raft().HasReady());
}

// Covers: G18
TEST(SnapshotTest, SnapshotMayChangeWhatTheReceiverIs) {
  ConfState with_learner = VotersOf({2, 3});
  with_learner.learners = Replicas({1});
  ConfState joint = VotersOf({2, 3, 4});
  joint.voters_outgoing = Replicas({1, 2, 3});
  joint.learners_next = Replicas({1});
  struct Row {
    std::string_view what;
    ConfState before;
    ConfState after;
    bool may_lead;
  };
  const Row rows[] = {
      {"voter to learner", Voters(3), with_learner, false},
      {"learner to voter", with_learner, Voters(3), true},
      {"into a joint configuration", Voters(3), joint, true},
      {"learner stays", with_learner, with_learner, false},
      {"newcomer", ConfState(), with_learner, false},
  };
  for (const Row& row : rows) {
    TestReplica replica(PlainConfig(), MemoryLog(row.before));
    ASSERT_TRUE(replica.Receive(2, 1, Snap(At(11, 1), row.after)).ok());
    replica.Process();
    EXPECT_EQ(replica.status().conf, row.after) << row.what;
    EXPECT_EQ(replica.status().applied, LogIndex(11)) << row.what;
    replica.raft().Campaign();
    EXPECT_EQ(replica.status().role == Role::kCandidate, row.may_lead)
        << row.what;
  }
}

// Covers: G18
TEST(SnapshotTest, LearnerReceivesASnapshot) {
  ConfState conf = Voters(1);
  conf.learners = Replicas({2});
  Network network;
  MemoryLog log(conf);
  ASSERT_TRUE(log.Restore({{At(11, 11), conf}, "state\n"}).ok());
  log.set_hard_state({Term(11), {}, LogIndex(11)});
  network.Add(PlainConfig(1), std::move(log));
  network.Add(PlainConfig(2), MemoryLog(conf));
  network.Campaign(1);
  network.Beat(1);
  EXPECT_TRUE(network.Converged());
  EXPECT_GE(network.status(2).boundary.index, LogIndex(11));
  EXPECT_EQ(network.status(2).commit, LogIndex(12));
}

}  // namespace
}  // namespace trimaran::raft
