#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "replication/raft/raft_log.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// How a leader finds the place where a follower's log meets its own: one round
// trip per differing term at most (thesis §3.5).

namespace trimaran::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TestReplica ReplicaWithLog(uint64_t id, const std::vector<uint64_t>& terms,
                           uint64_t term) {
  MemoryLog log(Voters(2));
  EXPECT_TRUE(log.Append(EntriesOfTerms(1, terms)).ok());
  log.set_hard_state({Term(term), kNoReplica, LogIndex(0)});
  return TestReplica(PlainConfig(id), log);
}

// The only append among the messages.
MsgApp OnlyAppend(const std::vector<Message>& messages) {
  const auto appends = BodiesTo<MsgApp>(2, messages);
  EXPECT_THAT(appends, SizeIs(1));
  return appends.empty() ? MsgApp() : appends[0];
}

struct HintCase {
  std::vector<uint64_t> leader;
  std::vector<uint64_t> follower;
  EntryId probe;
  EntryId hint;
  EntryId next_probe;
};

// Covers: B25
TEST(RejectHintTest, BothSidesSkipWholeTerms) {
  const HintCase cases[] = {
      {{1, 2, 2, 4, 4, 4, 4},
       {1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3},
       At(7, 4),
       At(7, 3),
       At(3, 2)},
      {{1, 2, 2, 3, 4, 4, 4, 5},
       {1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3},
       At(8, 5),
       At(8, 3),
       At(4, 3)},
      {{1, 1, 1, 1}, {1, 2, 2, 4}, At(4, 1), At(1, 1), At(1, 1)},
      {{1, 1, 1, 1, 1, 1}, {1, 2, 2, 4}, At(6, 1), At(1, 1), At(1, 1)},
      {{1, 1, 1, 1}, {1, 2, 2, 4, 4, 4}, At(4, 1), At(1, 1), At(1, 1)},
      {{1, 1, 1, 4, 5}, {1, 1, 1, 4}, At(5, 5), At(4, 4), At(4, 4)},
      {{2, 5, 5, 5, 5, 5, 5, 5, 5},
       {2, 4, 4, 4, 4, 4},
       At(9, 5),
       At(6, 4),
       At(1, 2)},
      {{2, 2, 2, 2, 2}, {2, 4, 4, 4, 4, 4, 4, 4}, At(5, 2), At(1, 2), At(1, 2)},
  };
  for (const HintCase& row : cases) {
    // The follower's vote is one that it could not give; a leader with such a
    // log would have been elected by others.
    TestReplica leader = ReplicaWithLog(1, row.leader, 9);
    TestReplica follower = ReplicaWithLog(2, row.follower, 9);
    leader.raft().Campaign();
    leader.ProcessAndTakeMessages();
    ASSERT_TRUE(leader.Receive(2, 10, MsgVoteResp{}).ok());

    const MsgApp probe = OnlyAppend(leader.ProcessAndTakeMessages());
    EXPECT_EQ(probe.prev, row.probe);
    ASSERT_TRUE(follower.Receive(1, 10, probe).ok());
    const auto answers = follower.ProcessAndTakeMessages();
    ASSERT_THAT(answers, SizeIs(1));
    const MsgAppResp& answer = *answers[0].As<MsgAppResp>();
    EXPECT_TRUE(answer.rejected);
    EXPECT_EQ(answer.index, row.probe.index);
    EXPECT_EQ(answer.hint, row.hint);
    ASSERT_TRUE(leader.Receive(2, 10, answer).ok());

    const MsgApp next = OnlyAppend(leader.ProcessAndTakeMessages());
    EXPECT_EQ(next.prev, row.next_probe) << "after hint " << row.hint;
    ASSERT_TRUE(follower.Receive(1, 10, next).ok());
    const auto accepted = follower.ProcessAndTakeMessages();
    ASSERT_THAT(accepted, SizeIs(1));
    EXPECT_FALSE(accepted[0].As<MsgAppResp>()->rejected);
  }
}

// What a follower has compacted it can tell no terms of. A compacted entry is
// committed, so that it never comes to a rejection; the two halves of the rule
// are shown one by one.
//
// Covers: B25
TEST(RejectHintTest, TermBelowTheBoundaryIsUnknown) {
  MemoryLog stored(Voters(3));
  ASSERT_TRUE(stored.Append(EntriesOfTerms(1, {1, 1, 3, 3, 3})).ok());
  stored.set_hard_state({Term(3), kNoReplica, LogIndex(5)});
  stored.SetApplied(LogIndex(5), Voters(3), "");
  ASSERT_TRUE(stored.CompactTo(LogIndex(5)).ok());
  const RaftLog log(PlainConfig(), stored.Load());
  EXPECT_EQ(log.LastNotAfterTerm(LogIndex(3), Term(3)), At(3, 0));
}

// Covers: B25
TEST(RejectHintTest, HintWithoutATermStepsBackByOne) {
  TestReplica leader = ReplicaWithLog(1, {1, 1, 3}, 3);
  leader.raft().Campaign();
  leader.ProcessAndTakeMessages();
  ASSERT_TRUE(leader.Receive(2, 4, MsgVoteResp{}).ok());
  EXPECT_EQ(OnlyAppend(leader.ProcessAndTakeMessages()).prev, At(3, 3));

  MsgAppResp rejection;
  rejection.index = LogIndex(3);
  rejection.rejected = true;
  rejection.hint = At(3, 0);
  ASSERT_TRUE(leader.Receive(2, 4, rejection).ok());

  EXPECT_EQ(OnlyAppend(leader.ProcessAndTakeMessages()).prev, At(2, 1));
}

// A leader of three at term 2 with the log [1/1, 2/1] and its first entry 3/2;
// replica 2 is being probed after entry 2: next is 3, match is 0.
TestReplica LeaderThatProbes() {
  MemoryLog log(Voters(3));
  EXPECT_TRUE(log.Append(EntriesOfTerms(1, {1, 1})).ok());
  log.set_hard_state({Term(1), kNoReplica, LogIndex(0)});
  TestReplica leader(PlainConfig(), log);
  leader.Lead();
  EXPECT_EQ(leader.peer(2).next, LogIndex(3));
  EXPECT_EQ(leader.peer(2).match, LogIndex(0));
  return leader;
}

MsgAppResp Accepted(uint64_t index) {
  MsgAppResp answer;
  answer.index = LogIndex(index);
  return answer;
}

MsgAppResp Rejected(uint64_t index, EntryId hint) {
  MsgAppResp answer;
  answer.index = LogIndex(index);
  answer.rejected = true;
  answer.hint = hint;
  return answer;
}

// Covers: B24
TEST(AppendResponseTest, StaleRejectionIsIgnored) {
  TestReplica leader = LeaderThatProbes();
  ASSERT_TRUE(leader.Receive(2, 2, Rejected(3, At(3, 0))).ok());
  EXPECT_THAT(leader.ProcessAndTakeMessages(), IsEmpty());
  EXPECT_EQ(leader.peer(2).next, LogIndex(3));
  EXPECT_EQ(leader.peer(2).match, LogIndex(0));
}

// Covers: B24
TEST(AppendResponseTest, RejectionOfTheProbeMakesOneEarlierProbe) {
  TestReplica leader = LeaderThatProbes();
  ASSERT_TRUE(leader.Receive(2, 2, Rejected(2, At(2, 0))).ok());
  const auto messages = leader.ProcessAndTakeMessages();
  EXPECT_EQ(leader.peer(2).next, LogIndex(2));
  EXPECT_EQ(leader.peer(2).match, LogIndex(0));
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_EQ(OnlyAppend(messages).prev, At(1, 1));
  // The next answer is awaited.
  EXPECT_THAT(leader.ProcessAndTakeMessages(), IsEmpty());
}

// Covers: B24
TEST(AppendResponseTest, AcceptanceOfAnOwnEntryCommitsAndTellsEverybody) {
  TestReplica leader = LeaderThatProbes();
  // Entry 2 is of an older term: it moves the match and commits nothing.
  ASSERT_TRUE(leader.Receive(2, 2, Accepted(2)).ok());
  EXPECT_EQ(leader.peer(2).match, LogIndex(2));
  EXPECT_EQ(leader.peer(2).state, ProgressState::kReplicate);
  EXPECT_EQ(leader.status().commit, LogIndex(0));
  leader.ProcessAndTakeMessages();
  EXPECT_EQ(leader.peer(2).next, LogIndex(4));

  ASSERT_TRUE(leader.Receive(2, 2, Accepted(3)).ok());
  const auto messages = leader.ProcessAndTakeMessages();
  EXPECT_EQ(leader.peer(2).match, LogIndex(3));
  EXPECT_EQ(leader.status().commit, LogIndex(3));
  const auto appends = BodiesTo<MsgApp>(2, messages);
  ASSERT_THAT(appends, SizeIs(1));
  EXPECT_EQ(appends[0].commit, LogIndex(3));
}

// The same numbers with entry 2 as the leader's first one.
//
// Covers: B24
TEST(AppendResponseTest, AcceptanceOfTwoCommitsTwo) {
  MemoryLog log(Voters(3));
  ASSERT_TRUE(log.Append(EntriesOfTerms(1, {1})).ok());
  log.set_hard_state({Term(1), kNoReplica, LogIndex(0)});
  TestReplica leader(PlainConfig(), log);
  leader.Lead();
  for (const uint64_t peer : {2U, 3U}) {
    // They hold nothing; all of the log goes out at once.
    ASSERT_TRUE(leader.Receive(peer, 2, Rejected(1, At(0, 0))).ok());
    leader.Process();
    ASSERT_TRUE(leader.Receive(peer, 2, Accepted(0)).ok());
    leader.Process();
    ASSERT_EQ(leader.peer(peer).next, LogIndex(3));
    ASSERT_EQ(leader.peer(peer).match, LogIndex(0));
  }
  leader.TakeMessages();

  ASSERT_TRUE(leader.Receive(2, 2, Accepted(2)).ok());
  const auto messages = leader.ProcessAndTakeMessages();

  EXPECT_EQ(leader.peer(2).match, LogIndex(2));
  EXPECT_EQ(leader.status().commit, LogIndex(2));
  EXPECT_THAT(messages, SizeIs(2));
  for (const uint64_t peer : {2U, 3U}) {
    const auto appends = BodiesTo<MsgApp>(peer, messages);
    ASSERT_THAT(appends, SizeIs(1));
    EXPECT_EQ(appends[0].commit, LogIndex(2));
  }
}

// Covers: B24
// The probe asked about entry 2: "nothing" is no answer to it, but a late word,
// or one that was meant for an older leader. The answer is still to come.
TEST(AppendResponseTest, AcceptanceOfNothingIsNoAnswerToAProbeForMore) {
  TestReplica leader = LeaderThatProbes();
  const LogIndex next = leader.peer(2).next;
  ASSERT_EQ(next, LogIndex(3));
  ASSERT_TRUE(leader.Receive(2, 2, Accepted(0)).ok());
  EXPECT_EQ(leader.peer(2).state, ProgressState::kProbe);
  EXPECT_EQ(leader.peer(2).next, next);

  ASSERT_TRUE(leader.Receive(2, 2, Accepted(2)).ok());
  EXPECT_EQ(leader.peer(2).state, ProgressState::kReplicate);
  EXPECT_EQ(leader.peer(2).match, LogIndex(2));
}

// Covers: B26
TEST(ReorderingTest, LateRejectionNeverMovesTheLeaderBelowTheMatch) {
  Network network = Network::Plain(3);
  network.Campaign(1);
  ASSERT_TRUE(network.Propose(1, "settled").ok());
  TestReplica& leader = network.at(1);
  TestReplica& follower = network.at(2);
  ASSERT_EQ(leader.peer(2).state, ProgressState::kReplicate);

  // Two appends leave one after the other, and arrive in the wrong order.
  ASSERT_TRUE(leader.Propose("first").ok());
  const auto first = BodiesTo<MsgApp>(2, leader.ProcessAndTakeMessages());
  ASSERT_TRUE(leader.Propose("second").ok());
  const auto second = BodiesTo<MsgApp>(2, leader.ProcessAndTakeMessages());
  ASSERT_THAT(first, SizeIs(1));
  ASSERT_THAT(second, SizeIs(1));
  ASSERT_TRUE(follower.Receive(1, 1, second[0]).ok());
  const auto late = follower.ProcessAndTakeMessages();
  ASSERT_THAT(late, SizeIs(1));
  const MsgAppResp& rejection = *late[0].As<MsgAppResp>();
  ASSERT_TRUE(rejection.rejected);
  EXPECT_EQ(rejection.index, LogIndex(3));
  EXPECT_EQ(rejection.hint, At(2, 1));

  // The first one arrives after all, and its answer overtakes the rejection.
  ASSERT_TRUE(follower.Receive(1, 1, first[0]).ok());
  const auto accepted = follower.ProcessAndTakeMessages();
  ASSERT_THAT(accepted, SizeIs(1));
  ASSERT_TRUE(leader.raft().Step(accepted[0]).ok());
  EXPECT_EQ(leader.peer(2).match, LogIndex(3));
  leader.raft().ReportUnreachable(ReplicaId(2));
  EXPECT_EQ(leader.peer(2).state, ProgressState::kProbe);
  leader.ProcessAndTakeMessages();

  ASSERT_TRUE(leader.raft().Step(late[0]).ok());

  EXPECT_EQ(leader.peer(2).match, LogIndex(3));
  const MsgApp again = OnlyAppend(leader.ProcessAndTakeMessages());
  EXPECT_EQ(again.prev, At(3, 1)) << "from the match, not below";
  EXPECT_THAT(IdsOf(again.entries), ElementsAre(At(4, 1)));
  EXPECT_EQ(leader.peer(2).next, LogIndex(4));
}

// Covers: B26
TEST(ReorderingTest, LateRejectionOfAPipelinedAppendIsIgnored) {
  Network network = Network::Plain(3);
  network.Campaign(1);
  ASSERT_TRUE(network.Propose(1, "settled").ok());
  TestReplica& leader = network.at(1);
  ASSERT_EQ(leader.peer(2).match, LogIndex(2));
  ASSERT_TRUE(leader.Receive(2, 1, Rejected(2, At(0, 0))).ok());
  EXPECT_EQ(leader.peer(2).match, LogIndex(2));
  EXPECT_EQ(leader.peer(2).state, ProgressState::kReplicate);
  EXPECT_THAT(leader.ProcessAndTakeMessages(), IsEmpty());
}

}  // namespace
}  // namespace trimaran::raft
