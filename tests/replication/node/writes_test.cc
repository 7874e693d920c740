// Goal: what a client is told of its write is true, whatever becomes of the
// attempts to bring it into a log.
// Method: Writes beside a bare core, with the test as the rest of the world.

#include "replication/node/writes.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "engine/base/errors.h"
#include "engine/format/entry_decoder.h"
#include "gtest/gtest.h"
#include "replication/node/write_queue.h"
#include "replication/raft/conf_change.h"
#include "tests/support/raft/test_replica.h"

namespace trimaran {
namespace {

using Answer = absl::StatusOr<AppliedWrite>;

constexpr raft::SoftState kLeads{raft::Role::kLeader, ReplicaId(1)};
constexpr raft::SoftState kFollowsTwo{raft::Role::kFollower, ReplicaId(2)};
constexpr MonotonicTime kNow(1000);
constexpr MonotonicTime kDeadline(2000);

// Replica 1 of three, and its writes.
class WritesTest : public testing::Test {
 protected:
  Writes MakeWrites(bool forward) {
    return Writes({.self = ReplicaId(1),
                   .forward = forward,
                   .forward_retry = absl::Nanoseconds(300)},
                  1,
                  {.send =
                       [this](ReplicaId, PeerBody body) {
                         sent_ = body;
                         ++sent_count_;
                       },
                   .make_room = [this](size_t bytes) { room_ += bytes; }});
  }

  // A write of one row, whose answer comes to answer_.
  PendingWritePtr Put() {
    engine::WriteCommand write;
    write.operations = {engine::PutOp{engine::kDefaultFamily, "k", "v"}};
    auto encoded = engine::EncodeCommand({.stamp = {}, .body = write});
    return std::make_shared<PendingWrite>(
        *std::move(encoded), kDeadline,
        [this](Answer answer) { answer_ = std::move(answer); });
  }
  void Add(Writes& writes) {
    std::vector<PendingWritePtr> all;
    all.push_back(Put());
    writes.Add(std::move(all));
  }

  // An entry of one command has been applied.
  void Applied(Writes& writes, EntryId entry, uint64_t value = 0) {
    engine::EntryResult result{entry.index, {}};
    result.commands.emplace_back();
    result.commands.back().index = entry.index;
    result.commands.back().value = value;
    writes.OnApplied(entry, std::move(result), ConfState());
  }

  // It has been applied, and the group does not know its session any more.
  void Refused(Writes& writes, EntryId entry) {
    engine::EntryResult refused{entry.index, {}};
    refused.commands.emplace_back();
    refused.commands.back().status =
        absl::FailedPreconditionError("no such session");
    writes.OnApplied(entry, std::move(refused), ConfState());
  }

  // What was passed on last has come into the log of replica 2.
  void Appended(Writes& writes, EntryId entry) {
    const auto& forward = std::get<MsgForward>(sent_);
    writes.OnForwardResp(ReplicaId(2),
                         {.request = forward.request, .appended = entry},
                         entry.index - 1);
  }

  // Those of the stamps in the entry that was passed on last.
  std::vector<uint64_t> SequencesSent() {
    std::vector<uint64_t> sequences;
    engine::EntryDecoder decoder(std::get<MsgForward>(sent_).entry.bytes());
    engine::Command command;
    while (decoder.Next(command)) sequences.push_back(command.stamp->sequence);
    return sequences;
  }

  WriteOutcome outcome() const { return OutcomeOf(answer_->status()); }

  raft::TestReplica core_{3};
  PeerBody sent_;
  int sent_count_ = 0;
  size_t room_ = 0;
  std::optional<Answer> answer_;
};

class WritesWithoutForwardingTest : public WritesTest {
 protected:
  // Leads, has opened a session, and has proposed a write.
  EntryId Propose(Writes& writes) {
    core_.Lead();
    Add(writes);
    // First of all it asks for a session.
    writes.Pump(core_.raft(), kLeads, kNow);
    Applied(writes, core_.status().last, /*value=*/7);
    writes.Pump(core_.raft(), kLeads, kNow);
    EXPECT_FALSE(answer_.has_value());
    return core_.status().last;
  }
};

TEST_F(WritesWithoutForwardingTest, LostLeadershipLeavesAWriteToItsEntry) {
  Writes writes = MakeWrites(/*forward=*/false);
  const EntryId entry = Propose(writes);
  writes.OnLeaderChanged();
  writes.Pump(core_.raft(), kFollowsTwo, kNow);
  EXPECT_FALSE(answer_.has_value());
  Applied(writes, entry);
  ASSERT_TRUE(answer_.has_value());
  EXPECT_TRUE(answer_->ok()) << answer_->status();
}

TEST_F(WritesWithoutForwardingTest, WriteInDoubtIsNotRefusedAsNotApplied) {
  Writes writes = MakeWrites(/*forward=*/false);
  const EntryId entry = Propose(writes);
  // The state has jumped over it, and nobody says whether with it or without.
  writes.OnSkipped(entry.index);
  writes.Pump(core_.raft(), kFollowsTwo, kNow);
  ASSERT_TRUE(answer_.has_value());
  EXPECT_EQ(outcome(), WriteOutcome::kUnknown) << answer_->status();
}

// A change of members whose place has gone to the entry of the next leader is
// refused as any call is that comes while there is none: not applied, try
// again.
TEST_F(WritesWithoutForwardingTest, ReplacedChangeOfMembersIsNotApplied) {
  Writes writes = MakeWrites(/*forward=*/false);
  core_.Lead();
  core_.Process();
  std::optional<absl::StatusOr<ConfState>> changed;
  writes.ChangeMembers(core_.raft(),
                       {.transition = raft::ConfChangeTransition::kAuto,
                        .steps = {{.type = raft::ConfChangeType::kAddLearner,
                                   .replica = ReplicaId(4)}},
                        .context = ""},
                       kDeadline, [&](absl::StatusOr<ConfState> conf) {
                         changed = std::move(conf);
                       });
  ASSERT_FALSE(changed.has_value());
  const EntryId entry = core_.raft().status().last;
  writes.OnLeaderChanged();
  EXPECT_FALSE(changed.has_value()) << "its own entry may still answer it";
  Applied(writes, {entry.index, entry.term + 1});
  ASSERT_TRUE(changed.has_value());
  EXPECT_TRUE(absl::IsUnavailable(changed->status())) << changed->status();
  EXPECT_EQ(OutcomeOf(changed->status()), WriteOutcome::kNotApplied);
  EXPECT_TRUE(IsStaleCommand(changed->status())) << changed->status();
}

class PassedOnWritesTest : public WritesTest {
 protected:
  // Follows, has opened a session, and has passed a write on, which is now in
  // the log of the leader as `entry`.
  void PassOn(Writes& writes, EntryId entry) {
    Send(writes, entry);
    Appended(writes, entry);
    EXPECT_FALSE(answer_.has_value());
  }
  // The same, but nobody has said yet what became of it.
  void Send(Writes& writes, EntryId entry) {
    Add(writes);
    writes.Pump(core_.raft(), kFollowsTwo, kNow);
    const EntryId opening{entry.index - 1, entry.term};
    Appended(writes, opening);
    Applied(writes, opening, /*value=*/7);
    writes.Pump(core_.raft(), kFollowsTwo, kNow);
    EXPECT_FALSE(answer_.has_value());
  }
  static constexpr EntryId kEntry{LogIndex(11), Term(3)};
};

// The message may have been doubled, and its double be appended later.
TEST_F(PassedOnWritesTest, WriteWhoseEntryWasReplacedStaysInDoubt) {
  Writes writes = MakeWrites(/*forward=*/true);
  PassOn(writes, kEntry);
  Applied(writes, {kEntry.index, Term(4)});
  EXPECT_FALSE(answer_.has_value());
  writes.Tick(kDeadline);
  ASSERT_TRUE(answer_.has_value());
  EXPECT_EQ(outcome(), WriteOutcome::kUnknown) << answer_->status();
  // There was one.
  EXPECT_FALSE(absl::StrContains(answer_->status().message(), "no leader"))
      << answer_->status();
}

// It has lost the end of its log meanwhile, and nobody has heard of an interval
// without a leader.
TEST_F(PassedOnWritesTest, WriteIsPassedOnAgainToTheSameLeaderInANewTerm) {
  Writes writes = MakeWrites(/*forward=*/true);
  writes.OnTerm(kEntry.term);
  PassOn(writes, kEntry);
  const Payload first = std::get<MsgForward>(sent_).entry;
  sent_ = {};
  writes.OnTerm(kEntry.term);
  writes.Pump(core_.raft(), kFollowsTwo, kNow);
  EXPECT_EQ(std::get_if<MsgForward>(&sent_), nullptr);
  writes.OnTerm(kEntry.term + 1);
  writes.Pump(core_.raft(), kFollowsTwo, kNow);
  const auto* again = std::get_if<MsgForward>(&sent_);
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->entry, first) << "the stamp must be the same";
}

// Or the group would do it twice.
TEST_F(PassedOnWritesTest, WriteThatIsPassedOnAgainKeepsItsStamp) {
  Writes writes = MakeWrites(/*forward=*/true);
  Send(writes, kEntry);
  const Payload first = std::get<MsgForward>(sent_).entry;
  sent_ = {};
  writes.OnLeaderChanged();
  writes.Pump(core_.raft(), kFollowsTwo, kNow);
  EXPECT_EQ(std::get<MsgForward>(sent_).entry, first);
}

TEST_F(PassedOnWritesTest, WriteOfWhichNothingIsKnownIsAnsweredAtTheEnd) {
  Writes writes = MakeWrites(/*forward=*/true);
  Send(writes, kEntry);
  writes.AnswerAll(ProposalDroppedError(DropReason::kShuttingDown, ""));
  ASSERT_TRUE(answer_.has_value());
  EXPECT_EQ(outcome(), WriteOutcome::kUnknown) << answer_->status();
}

// Its double may have been applied while there was a session.
TEST_F(PassedOnWritesTest, WriteIsNotMadeAnewWithoutItsSession) {
  Writes writes = MakeWrites(/*forward=*/true);
  PassOn(writes, kEntry);
  Refused(writes, kEntry);
  ASSERT_TRUE(answer_.has_value());
  EXPECT_EQ(outcome(), WriteOutcome::kUnknown) << answer_->status();
}

// Its first attempt may have been applied while there was the old session, and
// nobody would know it again in a new one.
TEST_F(PassedOnWritesTest, WriteThatWaitsToBeMadeAnewIsNotWithoutItsSession) {
  Writes writes = MakeWrites(/*forward=*/true);
  PassOn(writes, kEntry);
  Add(writes);
  writes.Pump(core_.raft(), kFollowsTwo, kNow);
  const EntryId next{kEntry.index + 1, kEntry.term};
  Appended(writes, next);
  // The first one waits, and the second one finds that the session is gone.
  writes.OnSkipped(kEntry.index);
  EXPECT_FALSE(answer_.has_value());
  Refused(writes, next);
  ASSERT_TRUE(answer_.has_value());
  EXPECT_EQ(outcome(), WriteOutcome::kUnknown) << answer_->status();
  answer_.reset();
  sent_ = {};
  writes.Pump(core_.raft(), kFollowsTwo, kNow);
  ASSERT_TRUE(answer_.has_value());
  EXPECT_EQ(outcome(), WriteOutcome::kUnknown) << answer_->status();
  EXPECT_EQ(std::get_if<MsgForward>(&sent_), nullptr);
}

// A copy would stand behind the first one, and so would what answers it.
TEST_F(PassedOnWritesTest, WriteIsNotPassedOnAgainWhileItPasses) {
  Writes writes = MakeWrites(/*forward=*/true);
  Send(writes, kEntry);
  const int sent_before = sent_count_;
  const auto look = [&](int64_t nanoseconds) {
    const MonotonicTime now = kNow + absl::Nanoseconds(nanoseconds);
    writes.Tick(now);
    writes.Pump(core_.raft(), kFollowsTwo, now);
  };
  writes.OnPartPassed(ReplicaId(2), kNow + absl::Nanoseconds(200));
  look(400);
  EXPECT_EQ(sent_count_, sent_before);
  writes.OnPartPassed(ReplicaId(3), kNow + absl::Nanoseconds(450));
  look(600);
  EXPECT_EQ(sent_count_, sent_before + 1);
}

// It has got lost, and what passes is something else: a group that is never at
// rest must not keep it waiting until its time is up.
TEST_F(PassedOnWritesTest, WhatPassesIsNotForEverTakenForTheWrite) {
  Writes writes = MakeWrites(/*forward=*/true);
  Send(writes, kEntry);
  const int sent_before = sent_count_;
  for (int64_t after = 0; after < 990; after += 10) {
    const MonotonicTime now = kNow + absl::Nanoseconds(after);
    writes.OnPartPassed(ReplicaId(2), now);
    writes.Tick(now);
    writes.Pump(core_.raft(), kFollowsTwo, now);
  }
  EXPECT_FALSE(answer_.has_value());
  EXPECT_GT(sent_count_, sent_before);
}

TEST_F(PassedOnWritesTest, NextEntryGoesWhenTheLeaderHasPlacedTheLast) {
  Writes writes = MakeWrites(/*forward=*/true);
  PassOn(writes, kEntry);
  Add(writes);
  writes.Pump(core_.raft(), kFollowsTwo, kNow);
  const auto second = std::get<MsgForward>(sent_);
  const int sent_before = sent_count_;
  Add(writes);
  writes.Pump(core_.raft(), kFollowsTwo, kNow);
  EXPECT_EQ(sent_count_, sent_before);
  // The leader has no room: the second one stays in front of the third.
  writes.OnForwardResp(ReplicaId(2),
                       {.request = second.request,
                        .appended = std::nullopt,
                        .reason = DropReason::kQueueFull},
                       kEntry.index);
  writes.Tick(kNow);
  writes.Pump(core_.raft(), kFollowsTwo, kNow);
  EXPECT_EQ(sent_count_, sent_before + 1);
  EXPECT_EQ(SequencesSent(), (std::vector<uint64_t>{2, 3}));
}

TEST_F(PassedOnWritesTest, WhoIsNoMemberIsToldSoByALeaderWhoKnows) {
  Writes writes = MakeWrites(/*forward=*/true);
  const auto reason = [&] {
    EXPECT_TRUE(writes.OnForward(core_.raft(), ReplicaId(9),
                                 {1, Payload(std::string("\x01\x03", 2))}));
    const auto& response = std::get<MsgForwardResp>(sent_);
    EXPECT_FALSE(response.appended.has_value());
    return response.reason;
  };
  // It may not have heard of the last change yet.
  EXPECT_EQ(reason(), DropReason::kNoLeader);
  core_.Lead();
  EXPECT_EQ(reason(), DropReason::kNoLeader);
  const EntryId own = core_.status().last;
  ASSERT_TRUE(core_
                  .Receive(2, own.term.value(),
                           raft::MsgAppResp{own.index, false, {}, {}})
                  .ok());
  core_.Process();
  EXPECT_EQ(reason(), DropReason::kNotMember);
}

// Whoever has been removed will never learn what becomes of a write.
TEST_F(PassedOnWritesTest, ReplicaThatIsNoMemberTurnsItsClientsAway) {
  Writes writes = MakeWrites(/*forward=*/true);
  Send(writes, kEntry);
  std::optional<Answer> later;
  std::vector<PendingWritePtr> waits;
  waits.push_back(std::make_shared<PendingWrite>(
      Put()->command(), kDeadline,
      [&later](Answer answer) { later = std::move(answer); }));
  writes.Add(std::move(waits));
  const auto forward = std::get<MsgForward>(sent_);
  writes.OnForwardResp(ReplicaId(2),
                       {.request = forward.request,
                        .appended = std::nullopt,
                        .reason = DropReason::kNotMember},
                       kEntry.index);
  ASSERT_TRUE(answer_.has_value());
  EXPECT_EQ(outcome(), WriteOutcome::kUnknown) << answer_->status();
  ASSERT_TRUE(later.has_value());
  EXPECT_EQ(DropReasonOf(later->status()), DropReason::kNotMember);
  EXPECT_EQ(OutcomeOf(later->status()), WriteOutcome::kNotApplied);
  EXPECT_EQ(writes.backlog(), 0u);
}

TEST_F(PassedOnWritesTest, RangeDeletionHasAnEntryOfItsOwn) {
  Writes writes = MakeWrites(/*forward=*/true);
  PassOn(writes, kEntry);
  engine::WriteCommand deletion;
  deletion.operations = {
      engine::DeleteRangeOp{engine::kDefaultFamily, "a", "b"}};
  Add(writes);
  std::vector<PendingWritePtr> ranges;
  ranges.push_back(std::make_shared<PendingWrite>(
      *engine::EncodeCommand({.stamp = {}, .body = deletion}), kDeadline,
      [](const Answer&) {}));
  writes.Add(std::move(ranges));
  Add(writes);
  for (const uint64_t sequence : {2u, 3u, 4u}) {
    writes.Pump(core_.raft(), kFollowsTwo, kNow);
    EXPECT_EQ(SequencesSent(), std::vector<uint64_t>{sequence});
    Appended(writes, {kEntry.index + sequence, kEntry.term});
  }
}

// Or what one thread hands over would not be done in its order.
TEST_F(PassedOnWritesTest, WhatIsTriedAgainGoesInTheOrderInWhichItCame) {
  Writes writes = MakeWrites(/*forward=*/true);
  PassOn(writes, kEntry);
  for (const uint64_t later : {1u, 2u}) {
    Add(writes);
    writes.Pump(core_.raft(), kFollowsTwo, kNow);
    Appended(writes, {kEntry.index + later, kEntry.term});
  }
  Add(writes);

  writes.OnLeaderChanged();
  writes.Pump(core_.raft(), kFollowsTwo, kNow);

  EXPECT_EQ(SequencesSent(), (std::vector<uint64_t>{1, 2, 3, 4}));
}

TEST_F(PassedOnWritesTest, RoomIsGivenBackWhenAWriteHasLeft) {
  Writes writes = MakeWrites(/*forward=*/true);
  WriteQueue queue(1000);
  const PendingWritePtr write = Put();
  (void)queue.Push(write);
  writes.Add(queue.TakeAll());
  writes.Pump(core_.raft(), {raft::Role::kFollower, kNoReplica}, kNow);
  EXPECT_EQ(room_, 0u);
  writes.Tick(kDeadline);
  EXPECT_TRUE(answer_.has_value());
  EXPECT_EQ(room_, write->size_bytes());
}

TEST_F(PassedOnWritesTest, WhatIsNoEntryIsRefused) {
  Writes writes = MakeWrites(/*forward=*/true);
  EXPECT_FALSE(
      writes.OnForward(core_.raft(), ReplicaId(2), {1, Payload("nonsense")}));
  EXPECT_FALSE(writes.OnForward(core_.raft(), ReplicaId(2), {1, Payload()}));
  EXPECT_EQ(sent_count_, 0);
}

// A peer that is wrong must not stop this process.
TEST_F(PassedOnWritesTest, EntryOfOtherCommandsAnswersNothing) {
  Writes writes = MakeWrites(/*forward=*/true);
  PassOn(writes, kEntry);
  writes.OnApplied(kEntry, {kEntry.index, {}}, ConfState());
  EXPECT_FALSE(answer_.has_value());
  EXPECT_EQ(writes.backlog(), 1u);
}

TEST_F(WritesWithoutForwardingTest, WriteOfOneAttemptIsMadeAnewInANewSession) {
  Writes writes = MakeWrites(/*forward=*/false);
  const EntryId entry = Propose(writes);
  Refused(writes, entry);
  EXPECT_FALSE(answer_.has_value());
  EXPECT_EQ(writes.backlog(), 1u);
}

}  // namespace
}  // namespace trimaran
