// Goal: every checker of the simulator can be seen to fail.
// Method: tell each of a history that no correct group has, and of one that
// looks like it and is correct.

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <utility>

#include "tests/support/sim/apply_checker.h"
#include "tests/support/sim/bounds_checker.h"
#include "tests/support/sim/durability_checker.h"
#include "tests/support/sim/leader_checker.h"
#include "tests/support/sim/log_checker.h"
#include "tests/support/sim/model_disk.h"
#include "tests/support/sim/read_checker.h"
#include "tests/support/sim/violations.h"

namespace trimaran::sim {
namespace {

constexpr ReplicaId kOne{1};
constexpr ReplicaId kTwo{2};
constexpr ReplicaId kThree{3};

LogEntry Entry(uint64_t index, uint64_t term, const char* text = "x") {
  return {LogIndex(index), Term(term), EntryType::kNormal, Payload(text)};
}

// A log of entries of that one term.
std::function<std::optional<Term>(LogIndex)> AllOfTerm(uint64_t term) {
  return [term](LogIndex) { return std::optional<Term>(Term(term)); };
}

TEST(LeaderCheckerTest, FindsTwoLeadersOfOneTerm) {
  Violations violations;
  LeaderChecker checker(violations);
  checker.OnLeader(kOne, Term(3));
  checker.OnLeader(kOne, Term(3));
  checker.OnLeader(kTwo, Term(4));
  EXPECT_FALSE(violations.any());
  EXPECT_EQ(checker.elections(), 2);
  checker.OnLeader(kTwo, Term(3));
  EXPECT_EQ(violations.rule(), Rule::kOneLeaderPerTerm);
}

TEST(LogCheckerTest, FindsAnotherEntryOfTheSameName) {
  Violations violations;
  LogChecker checker({}, violations);
  checker.OnEntry(kOne, Term(1), Entry(2, 1));
  checker.OnEntry(kTwo, Term(1), Entry(2, 1));
  checker.OnEntry(kTwo, Term(1), Entry(2, 2, "y"));
  EXPECT_FALSE(violations.any());
  checker.OnEntry(kThree, Term(1), Entry(2, 1, "y"));
  EXPECT_EQ(violations.rule(), Rule::kLogMatching);
}

TEST(LogCheckerTest, FindsLogsThatMeetAfterTheyDiffered) {
  Violations violations;
  LogChecker checker({}, violations);
  checker.OnEntry(kOne, Term(1), Entry(2, 3));
  checker.OnEntry(kTwo, Term(2), Entry(2, 3));
  EXPECT_EQ(violations.rule(), Rule::kLogMatching);
}

TEST(LogCheckerTest, FindsAChangedCommittedEntry) {
  Violations violations;
  LogChecker checker({}, violations);
  checker.OnCommit(kOne, LogIndex(1), LogIndex(3), Term(1), AllOfTerm(1));
  checker.OnCommit(kTwo, LogIndex(1), LogIndex(3), std::nullopt, AllOfTerm(1));
  EXPECT_FALSE(violations.any());
  EXPECT_EQ(checker.last(), LogIndex(3));
  checker.OnCommit(kThree, LogIndex(3), LogIndex(3), Term(2), AllOfTerm(2));
  EXPECT_EQ(violations.rule(), Rule::kCommittedNeverChanges);
}

TEST(LogCheckerTest, FindsACommitThatNoLeaderDecided) {
  Violations violations;
  LogChecker checker({}, violations);
  checker.OnCommit(kOne, LogIndex(1), LogIndex(1), std::nullopt, AllOfTerm(1));
  EXPECT_EQ(violations.rule(), Rule::kCommittedNeverChanges);
}

TEST(LogCheckerTest, FindsALeaderWithoutACommittedEntry) {
  Violations violations;
  LogChecker checker({}, violations);
  checker.OnCommit(kOne, LogIndex(1), LogIndex(2), Term(2), AllOfTerm(2));
  // Of an older term, or with the entries, or with a snapshot of them.
  checker.OnLeader(kTwo, Term(1), LogIndex(0), AllOfTerm(1));
  checker.OnLeader(kTwo, Term(3), LogIndex(0), AllOfTerm(2));
  checker.OnLeader(kTwo, Term(3), LogIndex(2), AllOfTerm(1));
  EXPECT_FALSE(violations.any());
  checker.OnLeader(kThree, Term(3), LogIndex(1), AllOfTerm(1));
  EXPECT_EQ(violations.rule(), Rule::kLeaderCompleteness);
}

class DurabilityCheckerTest : public testing::Test {
 protected:
  static raft::Message From(ReplicaId from, uint64_t term,
                            raft::MessageBody body) {
    return {GroupId(1), from, kOne, Term(term), std::move(body)};
  }
  static ModelDisk DiskWith(uint64_t entries) {
    ModelDisk disk{MachineState()};
    raft::PersistBatch batch;
    batch.seq = raft::PersistSeq(1);
    batch.must_sync = true;
    for (uint64_t i = 1; i <= entries; ++i) {
      batch.entries.push_back(Entry(i, 2));
    }
    batch.hard_state = HardState{Term(2), kNoReplica, LogIndex()};
    EXPECT_TRUE(disk.Submit(std::move(batch)).ok());
    disk.BeginSync();
    disk.CompleteNext();
    return disk;
  }

  Violations violations_;
  DurabilityChecker checker_{violations_};
};

TEST_F(DurabilityCheckerTest, FindsAVoteThatIsNotOnTheDisk) {
  const ModelDisk disk = DiskWith(0);
  checker_.OnHardState(kTwo, {Term(3), kOne, LogIndex()});
  checker_.OnSend(From(kTwo, 3, raft::MsgVoteResp{}), disk);
  checker_.OnSend(From(kThree, 3, raft::MsgVoteResp{true, {}}), disk);
  EXPECT_FALSE(violations_.any());
  checker_.OnSend(From(kThree, 3, raft::MsgVoteResp{}), disk);
  EXPECT_EQ(violations_.rule(), Rule::kVoteDurableFirst);
}

TEST_F(DurabilityCheckerTest, FindsACandidacyThatIsNotOnTheDisk) {
  const ModelDisk disk = DiskWith(0);
  checker_.OnHardState(kTwo, {Term(3), kTwo, LogIndex()});
  checker_.OnSend(From(kTwo, 3, raft::MsgVote{}), disk);
  EXPECT_FALSE(violations_.any());
  checker_.OnSend(From(kTwo, 4, raft::MsgVote{}), disk);
  EXPECT_EQ(violations_.rule(), Rule::kVoteDurableFirst);
}

TEST_F(DurabilityCheckerTest, LetsALaterTermVouchForOneVoteOnly) {
  const ModelDisk disk = DiskWith(0);
  checker_.OnHardState(kTwo, {Term(5), kNoReplica, LogIndex()});
  checker_.OnSend(From(kTwo, 4, raft::MsgVoteResp{}), disk);
  checker_.OnSend(From(kTwo, 4, raft::MsgVoteResp{}), disk);
  EXPECT_FALSE(violations_.any());
  raft::Message other = From(kTwo, 4, raft::MsgVoteResp{});
  other.to = kThree;
  checker_.OnSend(other, disk);
  EXPECT_EQ(violations_.rule(), Rule::kVoteDurableFirst);
}

TEST_F(DurabilityCheckerTest, FindsAnAckBeyondTheDisk) {
  const ModelDisk disk = DiskWith(2);
  checker_.OnSend(From(kTwo, 2, raft::MsgAppResp{LogIndex(2), false, {}, {}}),
                  disk);
  checker_.OnSend(From(kTwo, 2, raft::MsgAppResp{LogIndex(3), true, {}, {}}),
                  disk);
  EXPECT_FALSE(violations_.any());
  checker_.OnSend(From(kTwo, 2, raft::MsgAppResp{LogIndex(3), false, {}, {}}),
                  disk);
  EXPECT_EQ(violations_.rule(), Rule::kAckDurableFirst);
}

TEST_F(DurabilityCheckerTest, FindsAnAckInATermThatIsNotOnTheDisk) {
  const ModelDisk disk = DiskWith(2);
  const raft::MsgAppResp ack{LogIndex(2), false, {}, {}};
  checker_.OnSend(From(kTwo, 1, ack), disk);
  EXPECT_FALSE(violations_.any());
  checker_.OnSend(From(kTwo, 3, ack), disk);
  EXPECT_EQ(violations_.rule(), Rule::kAckDurableFirst);
}

TEST_F(DurabilityCheckerTest, FindsACommitWithoutAQuorumOfDisks) {
  const ModelDisk two = DiskWith(2);
  const ModelDisk three = DiskWith(3);
  const auto disk_of = [&](ReplicaId id) -> const ModelDisk* {
    if (id == kThree) return nullptr;
    return id == kOne ? &three : &two;
  };
  ConfState conf;
  conf.voters = {kOne, kTwo, kThree};
  checker_.OnLeaderCommit({LogIndex(2), Term(2)}, conf, disk_of);
  EXPECT_FALSE(violations_.any());
  checker_.OnLeaderCommit({LogIndex(3), Term(2)}, conf, disk_of);
  EXPECT_EQ(violations_.rule(), Rule::kCommitDurableOnQuorum);
}

TEST_F(DurabilityCheckerTest, AsksBothHalvesOfAJointConfiguration) {
  const ModelDisk disk = DiskWith(2);
  ConfState conf;
  conf.voters = {kOne};
  conf.voters_outgoing = {kTwo};
  const auto only_one = [&](ReplicaId id) -> const ModelDisk* {
    return id == kOne ? &disk : nullptr;
  };
  checker_.OnLeaderCommit({LogIndex(2), Term(2)}, conf, only_one);
  EXPECT_EQ(violations_.rule(), Rule::kCommitDurableOnQuorum);
}

TEST_F(DurabilityCheckerTest, FindsATermThatFalls) {
  checker_.OnHardState(kOne, {Term(3), kNoReplica, LogIndex()});
  checker_.OnHardState(kOne, {Term(2), kNoReplica, LogIndex()});
  EXPECT_EQ(violations_.rule(), Rule::kTermAndVoteOnlyGrow);
}

TEST_F(DurabilityCheckerTest, FindsAVoteThatChanges) {
  checker_.OnHardState(kOne, {Term(3), kTwo, LogIndex()});
  checker_.OnHardState(kOne, {Term(3), kThree, LogIndex()});
  EXPECT_EQ(violations_.rule(), Rule::kTermAndVoteOnlyGrow);
}

TEST(ApplyCheckerTest, FindsStatesThatDiffer) {
  Violations violations;
  ApplyChecker checker(violations);
  MachineState state;
  state.Apply(Entry(1, 1));
  checker.OnState(kOne, state);
  checker.OnState(kTwo, state);
  EXPECT_FALSE(violations.any());
  MachineState other;
  other.Apply(Entry(1, 1, "y"));
  checker.OnState(kThree, other);
  EXPECT_EQ(violations.rule(), Rule::kSameStateAtSameIndex);
}

TEST(ApplyCheckerTest, FindsConfigurationsThatDiffer) {
  Violations violations;
  ApplyChecker checker(violations);
  MachineState state;
  state.conf.voters = {kOne};
  state.Apply(Entry(1, 1));
  checker.OnState(kOne, state);
  state.conf.voters = {kOne, kTwo};
  checker.OnState(kTwo, state);
  EXPECT_EQ(violations.rule(), Rule::kSameStateAtSameIndex);
}

TEST(ReadCheckerTest, FindsAnIndexBelowWhatWasCommitted) {
  Violations violations;
  ReadChecker checker(violations);
  const ReadChecker::Floor floor = checker.OnAsk(0, LogIndex(7));
  checker.OnIndex(kOne, floor, LogIndex(7));
  EXPECT_FALSE(violations.any());
  checker.OnIndex(kOne, floor, LogIndex(6));
  EXPECT_EQ(violations.rule(), Rule::kLinearizableReads);
}

TEST(ReadCheckerTest, FindsAValueOlderThanAnAcknowledgedWrite) {
  Violations violations;
  ReadChecker checker(violations);
  const ReadChecker::Floor before = checker.OnAsk(0, LogIndex(0));
  checker.OnWriteAcknowledged(0, LogIndex(5));
  const ReadChecker::Floor after = checker.OnAsk(0, LogIndex(0));
  checker.OnValue(kOne, 0, before, LogIndex(3));
  EXPECT_FALSE(violations.any());
  checker.OnValue(kOne, 0, after, LogIndex(3));
  EXPECT_EQ(violations.rule(), Rule::kLinearizableReads);
}

TEST(ReadCheckerTest, FindsAValueOlderThanOneThatWasRead) {
  Violations violations;
  ReadChecker checker(violations);
  checker.OnValue(kOne, 0, checker.OnAsk(0, LogIndex(0)), LogIndex(5));
  checker.OnValue(kTwo, 0, checker.OnAsk(0, LogIndex(0)), LogIndex(4));
  EXPECT_EQ(violations.rule(), Rule::kLinearizableReads);
}

class BoundsCheckerTest : public testing::Test {
 protected:
  BoundsCheckerTest() {
    config_.window_entries_max = 4;
    config_.window_bytes_max = 100;
    config_.uncommitted_bytes_max = 100;
    config_.pending_reads_max = 2;
    config_.inflight_messages_max = 2;
    config_.append_entries_max = 2;
    config_.apply_entries_max = 3;
    status_.last.index = LogIndex(10);
    status_.durable = LogIndex(10);
    status_.window_entries = 4;
  }
  bool Accepts(const raft::RaftStatus& status) const {
    Violations violations;
    BoundsChecker(config_, 10, violations).OnStatus(status);
    return !violations.any();
  }

  raft::Config config_;
  raft::RaftStatus status_;
};

TEST_F(BoundsCheckerTest, FindsAWindowThatIsTooLarge) {
  EXPECT_TRUE(Accepts(status_));
  status_.window_entries = 5;
  EXPECT_FALSE(Accepts(status_));
  // What is not durable yet must be kept.
  status_.durable = LogIndex(9);
  EXPECT_TRUE(Accepts(status_));
  status_.durable = LogIndex(10);
  status_.window_entries = 4;
  status_.window_bytes = 101;
  EXPECT_FALSE(Accepts(status_));
}

TEST_F(BoundsCheckerTest, FindsQueuesThatAreTooLong) {
  raft::RaftStatus bytes = status_;
  bytes.uncommitted_bytes = 101;
  EXPECT_FALSE(Accepts(bytes));
  raft::RaftStatus reads = status_;
  reads.pending_reads = 3;
  EXPECT_FALSE(Accepts(reads));
  raft::RaftStatus appends = status_;
  raft::PeerStatus& peer = appends.peers.emplace_back();
  peer.inflight_messages = 3;
  EXPECT_FALSE(Accepts(appends));
}

TEST_F(BoundsCheckerTest, FindsAnAppendThatIsTooLarge) {
  Violations violations;
  BoundsChecker checker(config_, 10, violations);
  raft::MsgApp append;
  append.entries = {Entry(1, 1), Entry(2, 1)};
  checker.OnAppend(kOne, append);
  EXPECT_FALSE(violations.any());
  append.entries.push_back(Entry(3, 1));
  checker.OnAppend(kOne, append);
  EXPECT_EQ(violations.rule(), Rule::kBoundedQueues);
}

TEST_F(BoundsCheckerTest, FindsTooMuchToApply) {
  Violations violations;
  BoundsChecker checker(config_, 10, violations);
  checker.OnApplying(kOne, {3, 0, 2, 1, 0});
  EXPECT_FALSE(violations.any());
  checker.OnApplying(kOne, {4, 0, 2, 1, 0});
  EXPECT_EQ(violations.rule(), Rule::kBoundedQueues);
}

}  // namespace
}  // namespace trimaran::sim
