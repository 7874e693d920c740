#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// Changes of membership through the log, one voter at a time (thesis §4.1).

namespace trimaran::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ConfChange Change(ConfChangeType type, uint64_t id) {
  ConfChange change;
  change.steps = {{type, ReplicaId(id)}};
  return change;
}

LogEntry ConfEntry(EntryId id, const ConfChange& change) {
  LogEntry entry = EntryAt(id);
  entry.type = EntryType::kConfChange;
  entry.payload = Payload(EncodeConfChange(change));
  return entry;
}

// Proposes, settles, and returns what became of it.
absl::Status ChangeAt(Network& network, uint64_t leader,
                      const ConfChange& change) {
  const absl::Status status =
      network.raft(leader).ProposeConfChange(change).status();
  network.Settle();
  return status;
}

// Covers: H11
TEST(ConfChangeFlowTest, SecondChangeBecomesAnEmptyEntryWhileOneIsUnapplied) {
  TestReplica leader(3);
  leader.Lead();
  ASSERT_TRUE(leader.Receive(2, 1, Ack(1)).ok());
  leader.Process();
  const auto first =
      leader.raft().ProposeConfChange(Change(ConfChangeType::kAddVoter, 4));
  ASSERT_TRUE(first.ok()) << first.status();
  const absl::Status second =
      leader.raft()
          .ProposeConfChange(Change(ConfChangeType::kAddVoter, 5))
          .status();
  EXPECT_EQ(DropReasonOf(second), DropReason::kPendingConfChange);
  EXPECT_EQ(OutcomeOf(second), WriteOutcome::kNotApplied);
  leader.Process();
  ASSERT_EQ(leader.log().last(), At(3, 1));
  EXPECT_EQ(leader.log().entries()[1].type, EntryType::kConfChange);
  EXPECT_EQ(leader.log().entries()[2].type, EntryType::kNormal);
  EXPECT_TRUE(leader.log().entries()[2].payload.empty());

  // Once the first is applied there is room for another.
  ASSERT_TRUE(leader.Receive(2, 1, Ack(3)).ok());
  leader.Process();
  EXPECT_EQ(leader.status().conf, Voters(4));
  EXPECT_TRUE(leader.raft()
                  .ProposeConfChange(Change(ConfChangeType::kAddVoter, 5))
                  .ok());
}

// Covers: H11
TEST(ConfChangeFlowTest, ChangeCommittedAndNotAppliedStillCounts) {
  TestReplica leader(1);
  leader.Lead();
  ASSERT_TRUE(leader.raft()
                  .ProposeConfChange(Change(ConfChangeType::kAddVoter, 2))
                  .ok());
  ASSERT_TRUE(leader.Take());
  ASSERT_TRUE(leader.PersistOne());
  ASSERT_EQ(leader.status().commit, LogIndex(2));
  EXPECT_EQ(
      DropReasonOf(leader.raft()
                       .ProposeConfChange(Change(ConfChangeType::kAddVoter, 3))
                       .status()),
      DropReason::kPendingConfChange);
}

// Covers: H11
TEST(ConfChangeFlowTest, NewLeaderTakesItsWholeTailForAPossibleChange) {
  MemoryLog log(Voters(3));
  ASSERT_TRUE(log.Append(EntriesOfTerms(1, {1, 1})).ok());
  log.set_hard_state({Term(1), {}, LogIndex(0)});
  TestReplica leader(PlainConfig(), std::move(log));
  leader.Lead();
  const ConfChange change = Change(ConfChangeType::kAddVoter, 4);
  EXPECT_EQ(DropReasonOf(leader.raft().ProposeConfChange(change).status()),
            DropReason::kPendingConfChange);
  leader.Process();
  ASSERT_TRUE(
      leader.Receive(2, 2, Ack(leader.status().last.index.value())).ok());
  leader.Process();
  EXPECT_TRUE(leader.raft().ProposeConfChange(change).ok());
}

// Covers: H11
TEST(ConfChangeFlowTest, ChangesAreNotVettedWhenTheCheckIsOff) {
  Config config = PlainConfig();
  config.validate_conf_changes = false;
  TestReplica leader(config, MemoryLog(Voters(3)));
  leader.Lead();
  for (const uint64_t id : {4U, 5U}) {
    EXPECT_TRUE(leader.raft()
                    .ProposeConfChange(Change(ConfChangeType::kAddVoter, id))
                    .ok());
  }
  leader.Process();
  EXPECT_EQ(leader.log().entries().back().type, EntryType::kConfChange);
}

// Covers: H11, H14
TEST(ConfChangeFlowTest, ImpossibleChangeBecomesAnEmptyEntry) {
  TestReplica leader(1);
  leader.Lead();
  for (const ConfChange& change :
       {Change(ConfChangeType::kRemove, 1), ConfChange()}) {
    const absl::Status status =
        leader.raft().ProposeConfChange(change).status();
    EXPECT_EQ(DropReasonOf(status), DropReason::kInvalidConfChange)
        << DebugString(change);
    leader.Process();
    EXPECT_TRUE(leader.log().entries().back().payload.empty());
    EXPECT_EQ(leader.log().entries().back().type, EntryType::kNormal);
    EXPECT_EQ(leader.status().conf, Voters(1));
  }
}

// A follower whose log ends with a committed removal of 3, held back from the
// state machine.
TestReplica WithUnappliedRemoval(const Config& config) {
  TestReplica replica(config, MemoryLog(Voters(3)));
  MsgApp append;
  append.entries = {EntryAt(At(1, 1)),
                    ConfEntry(At(2, 1), Change(ConfChangeType::kRemove, 3))};
  append.commit = LogIndex(2);
  EXPECT_TRUE(replica.Receive(1, 1, append).ok());
  while (replica.Take() || replica.PersistOne()) {
  }
  EXPECT_EQ(replica.held_pages(), 1u);
  EXPECT_EQ(replica.status().commit, LogIndex(2));
  return replica;
}

// Covers: H12, H12a, H25
TEST(ConfChangeFlowTest, NoCampaignBeforeACommittedChangeIsApplied) {
  for (const bool pre_vote : {false, true}) {
    Config config = PlainConfig(2);
    config.pre_vote = pre_vote;
    TestReplica replica = WithUnappliedRemoval(config);
    replica.Tick(50);
    replica.raft().Campaign();
    ASSERT_TRUE(replica.Receive(1, 1, MsgTimeoutNow{}).ok());
    EXPECT_EQ(replica.status().role, Role::kFollower);
    EXPECT_EQ(replica.status().term, Term(1));

    ASSERT_TRUE(replica.ApplyOne());
    EXPECT_EQ(replica.status().conf.voters, Replicas({1, 2}));
    ASSERT_TRUE(replica.Receive(1, 1, MsgTimeoutNow{}).ok());
    EXPECT_EQ(replica.status().role, Role::kCandidate);
    EXPECT_EQ(replica.status().term, Term(2));
  }
}

// Covers: H12
TEST(ConfChangeFlowTest, RestartDoesNotForgetAnUnappliedChange) {
  TestReplica replica = WithUnappliedRemoval(PlainConfig(2));
  replica.Restart();
  replica.Tick(50);
  EXPECT_EQ(replica.status().role, Role::kFollower);
  EXPECT_EQ(replica.status().commit, LogIndex(2));
  replica.Process();
  replica.Tick(50);
  EXPECT_EQ(replica.status().role, Role::kCandidate);
}

// Covers: H13, H13a, H25
TEST(ConfChangeFlowTest, SmallerQuorumCommitsWhatWaitedForTheLargerOne) {
  TestReplica leader(2);
  leader.Lead();
  ASSERT_TRUE(
      leader.raft().ProposeConfChange(Change(ConfChangeType::kRemove, 2)).ok());
  ASSERT_TRUE(leader.Propose("hello").ok());
  leader.Process();
  EXPECT_EQ(leader.status().commit, LogIndex(0));
  ASSERT_TRUE(leader.Receive(2, 1, Ack(2)).ok());
  EXPECT_EQ(leader.status().commit, LogIndex(2));
  EXPECT_THAT(leader.applied(), IsEmpty());
  leader.Process();
  EXPECT_EQ(leader.status().commit, LogIndex(3));
  EXPECT_THAT(TextsOf(leader.applied()), ElementsAre("hello"));
  EXPECT_EQ(leader.status().conf, Voters(1));
}

// A leader of {1, 2, 3} that has removed itself and has one more entry.
TestReplica RemovedLeader(const Config& config) {
  TestReplica leader(config, MemoryLog(Voters(3)));
  leader.Lead();
  EXPECT_TRUE(
      leader.raft().ProposeConfChange(Change(ConfChangeType::kRemove, 1)).ok());
  EXPECT_TRUE(leader.Propose("foo").ok());
  leader.Process();
  EXPECT_TRUE(leader.Receive(2, 1, Ack(2)).ok());
  leader.Process();
  EXPECT_EQ(leader.status().conf.voters, Replicas({2, 3}));
  return leader;
}

// Covers: H13, H13b, H25
TEST(ConfChangeFlowTest, RemovedLeaderDoesNotCountItself) {
  TestReplica leader = RemovedLeader(PlainConfig());
  EXPECT_EQ(leader.status().role, Role::kLeader);
  EXPECT_EQ(leader.status().commit, LogIndex(2));
  ASSERT_TRUE(leader.Receive(2, 1, Ack(3)).ok());
  EXPECT_EQ(leader.status().commit, LogIndex(2));
  ASSERT_TRUE(leader.Receive(3, 1, Ack(3)).ok());
  EXPECT_EQ(leader.status().commit, LogIndex(3));
}

// Covers: H13, H25
TEST(ConfChangeFlowTest, RemovedLeaderTakesNoProposals) {
  TestReplica leader = RemovedLeader(PlainConfig());
  EXPECT_EQ(DropReasonOf(leader.Propose("bar").status()),
            DropReason::kNotMember);
  EXPECT_EQ(leader.status().last, At(3, 1));
  leader.Tick(100);
  EXPECT_EQ(leader.status().role, Role::kLeader);
  // Deposed, it never comes back.
  ASSERT_TRUE(leader.Receive(2, 2, MsgHeartbeat{}).ok());
  leader.Tick(100);
  EXPECT_EQ(leader.status().role, Role::kFollower);
}

// Covers: H13
TEST(ConfChangeFlowTest, RemovedLeaderStepsDownIfConfiguredSo) {
  Config config = PlainConfig();
  config.step_down_on_removal = true;
  TestReplica leader = RemovedLeader(config);
  EXPECT_EQ(leader.status().role, Role::kFollower);
  EXPECT_EQ(leader.status().term, Term(1));
}

// Covers: H13, H24
TEST(ConfChangeFlowTest, GroupGoesOnAfterItsLeaderHasRemovedItself) {
  Network network = Network::Plain(3);
  network.Campaign(1);
  ASSERT_TRUE(ChangeAt(network, 1, Change(ConfChangeType::kRemove, 1)).ok());
  EXPECT_EQ(network.status(1).role, Role::kLeader);
  network.Isolate(1);
  network.Campaign(2);
  EXPECT_EQ(network.status(2).role, Role::kLeader);
  ASSERT_TRUE(network.Propose(2, "x").ok());
  EXPECT_EQ(network.status(2).commit, network.status(2).last.index);
  EXPECT_EQ(network.status(3).conf.voters, Replicas({2, 3}));
}

// Covers: H13, H25
TEST(ConfChangeFlowTest, RepeatedChangesAreHarmless) {
  Network network = Network::Plain(2);
  network.Campaign(1);
  const ConfChange add = Change(ConfChangeType::kAddVoter, 2);
  const ConfChange remove = Change(ConfChangeType::kRemove, 9);
  for (const ConfChange& change : {add, add, remove, remove}) {
    EXPECT_TRUE(ChangeAt(network, 1, change).ok());
    EXPECT_EQ(network.status(1).conf, Voters(2));
    EXPECT_EQ(network.status(2).conf, Voters(2));
  }
  EXPECT_TRUE(network.Converged());
}

// Covers: H13, H25
TEST(ConfChangeFlowTest, NewVoterIsCaughtUpAndVotes) {
  Network network = Network::Plain(1);
  network.Campaign(1);
  ASSERT_TRUE(network.Propose(1, "old").ok());
  for (const uint64_t id : {2U, 3U}) {
    network.Add(PlainConfig(id), MemoryLog(Voters(1)));
    ASSERT_TRUE(
        ChangeAt(network, 1, Change(ConfChangeType::kAddVoter, id)).ok());
    network.Beat(1);
  }
  EXPECT_TRUE(network.Converged());
  EXPECT_EQ(network.status(3).conf, Voters(3));
  network.Isolate(1);
  network.Campaign(3);
  EXPECT_EQ(network.status(3).role, Role::kLeader);
}

// Covers: H13
TEST(ConfChangeFlowTest, RemovedReplicaIsNotElectedByOthers) {
  Network network = Network::Plain(3);
  network.Campaign(1);
  ASSERT_TRUE(ChangeAt(network, 1, Change(ConfChangeType::kRemove, 3)).ok());
  EXPECT_THAT(network.status(1).conf.voters,
              ElementsAre(ReplicaId(1), ReplicaId(2)));
  network.TickAll(100);
  EXPECT_EQ(network.status(1).role, Role::kLeader);
  EXPECT_EQ(network.status(1).term, Term(1));
}

// Where a voter with an uncommitted copy of a change learns that it is
// committed, wherever that comes from.
struct VoteNews {
  std::string_view what;
  Role role;
  MessageBody body;
  uint64_t term;
};

// Covers: H15
TEST(ConfChangeFlowTest, CommitInVotesLetsALaggingReplicaApplyAChange) {
  const EntryId commit = At(2, 1);
  const EntryId last = At(2, 1);
  const VoteNews rows[] = {
      {"vote", Role::kFollower, MsgVote{last, commit, false, 0}, 2},
      {"pre-vote", Role::kFollower, MsgPreVote{last, commit, 0}, 2},
      {"answer to a vote", Role::kCandidate, MsgVoteResp{true, commit}, 2},
      {"answer to a pre-vote", Role::kPreCandidate,
       MsgPreVoteResp{true, commit}, 1},
  };
  for (const VoteNews& row : rows) {
    Config config = PlainConfig();
    config.pre_vote = row.role == Role::kPreCandidate;
    TestReplica replica(config, MemoryLog(Voters(5)));
    MsgApp append;
    append.entries = {EntryAt(At(1, 1)),
                      ConfEntry(At(2, 1), Change(ConfChangeType::kRemove, 5))};
    ASSERT_TRUE(replica.Receive(5, 1, append).ok());
    replica.Process();
    if (row.role != Role::kFollower) replica.raft().Campaign();
    replica.Process();
    ASSERT_EQ(replica.status().role, row.role) << row.what;
    ASSERT_EQ(replica.status().commit, LogIndex(0)) << row.what;

    ASSERT_TRUE(replica.raft()
                    .Step({GroupId(1), ReplicaId(2), ReplicaId(1),
                           Term(row.term), row.body})
                    .ok());

    EXPECT_EQ(replica.status().commit, LogIndex(2)) << row.what;
    // With a change to apply it may not lead now.
    EXPECT_EQ(replica.status().role, Role::kFollower) << row.what;
    replica.Process();
    EXPECT_EQ(replica.status().conf, Voters(4)) << row.what;
    replica.raft().Campaign();
    EXPECT_NE(replica.status().role, Role::kFollower) << row.what;
  }
}

// Covers: H15
TEST(ConfChangeFlowTest, CommitOfAnotherLogIsNotLearned) {
  TestReplica replica(3);
  MsgApp append;
  append.entries = EntriesOfTerms(1, {1, 1});
  ASSERT_TRUE(replica.Receive(2, 1, append).ok());
  replica.Process();
  for (const EntryId commit : {At(2, 2), At(3, 1), At(2, 0)}) {
    ASSERT_TRUE(
        replica.Receive(3, 3, MsgVote{At(9, 2), commit, false, 0}).ok());
    EXPECT_EQ(replica.status().commit, LogIndex(0)) << commit;
  }
}

}  // namespace
}  // namespace trimaran::raft
