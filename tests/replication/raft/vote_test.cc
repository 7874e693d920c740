#include <cstdint>
#include <optional>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// Who gets a vote, and how votes are counted (thesis §3.4, §3.6.1).

namespace trimaran::raft {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

MsgVote VoteFor(EntryId last) { return {last, EntryId(), false, 0}; }

TestReplica ReplicaWithLog(uint64_t voters, const std::vector<uint64_t>& terms,
                           const HardState& state) {
  MemoryLog log(Voters(voters));
  EXPECT_TRUE(log.Append(EntriesOfTerms(1, terms)).ok());
  log.set_hard_state(state);
  return TestReplica(PlainConfig(), log);
}

// The one message that the replica sends; its answer to a request for a vote.
Message OnlyAnswer(TestReplica& replica) {
  const auto messages = replica.ProcessAndTakeMessages();
  EXPECT_THAT(messages, SizeIs(1));
  if (messages.size() != 1 || messages[0].As<MsgVoteResp>() == nullptr) {
    ADD_FAILURE() << "no answer to the request for a vote";
    return MakeMessage({1, 2}, 0, MsgVoteResp{});
  }
  return messages[0];
}

bool Granted(const Message& answer) {
  return !answer.As<MsgVoteResp>()->rejected;
}

// Covers: A8
TEST(VoteTest, FirstCandidateOfATermGetsTheVote) {
  struct Row {
    uint64_t vote;
    uint64_t candidate;
    bool granted;
  };
  const Row rows[] = {{0, 2, true}, {0, 3, true},  {2, 2, true},
                      {3, 3, true}, {2, 3, false}, {3, 2, false}};
  for (const Row& row : rows) {
    TestReplica replica =
        ReplicaWithLog(3, {}, {Term(1), ReplicaId(row.vote), LogIndex(0)});
    ASSERT_TRUE(replica.Receive(row.candidate, 1, VoteFor(At(0, 0))).ok());
    const Message answer = OnlyAnswer(replica);
    EXPECT_EQ(answer.to, ReplicaId(row.candidate));
    EXPECT_EQ(answer.term, Term(1));
    EXPECT_EQ(Granted(answer), row.granted)
        << "voted for " << row.vote << ", asked by " << row.candidate;
  }
}

// Covers: A9
TEST(VoteTest, EveryRoleGrantsALaterTerm) {
  for (const Role role : {Role::kFollower, Role::kPreCandidate,
                          Role::kCandidate, Role::kLeader}) {
    Config config = PlainConfig();
    config.pre_vote = role == Role::kPreCandidate;
    TestReplica replica(config, MemoryLog(Voters(3)));
    if (role == Role::kLeader) {
      replica.Lead();
    } else if (role != Role::kFollower) {
      replica.raft().Campaign();
      replica.ProcessAndTakeMessages();
    }
    ASSERT_EQ(replica.status().role, role);
    const uint64_t term = replica.status().term.value() + 1;

    ASSERT_TRUE(replica.Receive(2, term, VoteFor(At(42, term))).ok());

    const Message answer = OnlyAnswer(replica);
    EXPECT_TRUE(Granted(answer)) << role;
    EXPECT_EQ(answer.term, Term(term));
    EXPECT_EQ(replica.status().role, Role::kFollower) << role;
    EXPECT_EQ(replica.status().term, Term(term)) << role;
    EXPECT_EQ(replica.status().vote, ReplicaId(2)) << role;
  }
}

// Covers: A18
TEST(VoteTest, CandidateMustNotBeBehind) {
  // The voter's log is [1/2, 2/2].
  struct Row {
    EntryId last;
    uint64_t vote;
    bool granted;
  };
  const Row rows[] = {
      {At(0, 0), 0, false}, {At(1, 0), 0, false}, {At(2, 0), 0, false},
      {At(3, 0), 0, false}, {At(0, 1), 0, false}, {At(1, 1), 0, false},
      {At(2, 1), 0, false}, {At(3, 1), 0, false}, {At(0, 2), 0, false},
      {At(1, 2), 0, false}, {At(2, 2), 0, true},  {At(3, 2), 0, true},
      {At(0, 3), 0, true},  {At(1, 3), 0, true},  {At(2, 3), 0, true},
      {At(3, 3), 0, true},  {At(3, 2), 2, true},  {At(3, 2), 3, false},
  };
  for (const Row& row : rows) {
    TestReplica replica =
        ReplicaWithLog(3, {2, 2}, {Term(3), ReplicaId(row.vote), LogIndex(0)});
    // No log can end at 0/3; such a request may as well be refused outright.
    const bool possible =
        row.last.index != LogIndex(0) || row.last.term == Term(0);
    if (!replica.Receive(2, 3, VoteFor(row.last)).ok()) {
      EXPECT_FALSE(possible && row.last.term != Term(0)) << row.last;
      continue;
    }
    EXPECT_EQ(Granted(OnlyAnswer(replica)), row.granted)
        << "candidate's last " << row.last << ", voted for " << row.vote;
  }
}

// Covers: A18
TEST(VoteTest, CandidatesAndLeadersRefuseRivalsOfTheirTerm) {
  for (const Role role : {Role::kCandidate, Role::kLeader}) {
    TestReplica replica = ReplicaWithLog(3, {2, 2}, {Term(2), {}, LogIndex(0)});
    if (role == Role::kLeader) {
      replica.Lead();
    } else {
      replica.raft().Campaign();
      replica.ProcessAndTakeMessages();
    }
    ASSERT_EQ(replica.status().role, role);
    ASSERT_TRUE(replica.Receive(2, 3, VoteFor(At(42, 3))).ok());
    EXPECT_FALSE(Granted(OnlyAnswer(replica))) << role;
    EXPECT_EQ(replica.status().role, role);
  }
}

// Covers: A19
TEST(VoteTest, LogsCompareByTermFirst) {
  struct Row {
    std::vector<uint64_t> terms;
    EntryId last;
    bool granted;
  };
  const Row rows[] = {
      {{1}, At(1, 1), true},  {{1}, At(2, 1), true},  {{1, 1}, At(1, 1), false},
      {{1}, At(1, 2), true},  {{1}, At(2, 2), true},  {{1, 1}, At(1, 2), true},
      {{2}, At(1, 1), false}, {{2}, At(2, 1), false}, {{2, 1}, At(1, 1), false},
  };
  for (const Row& row : rows) {
    // Terms of a log never fall, so that the last row stands for [1/2, 2/2].
    std::vector<uint64_t> terms = row.terms;
    if (terms == std::vector<uint64_t>{2, 1}) terms = {2, 2};
    TestReplica replica = ReplicaWithLog(3, terms, {Term(2), {}, LogIndex(0)});
    ASSERT_TRUE(replica.Receive(2, 3, VoteFor(row.last)).ok());
    EXPECT_EQ(Granted(OnlyAnswer(replica)), row.granted)
        << "voter has " << terms.size() << " entries up to term "
        << terms.back() << ", candidate's last " << row.last;
  }
}

// Covers: A20
TEST(VoteTest, RequestNamesTermAndLastEntryToAllOtherVoters) {
  struct Row {
    std::vector<uint64_t> terms;
    uint64_t term;
  };
  const Row rows[] = {{{1}, 2}, {{1, 2}, 3}};
  for (const Row& row : rows) {
    TestReplica replica(3);
    MsgApp append;
    append.entries = EntriesOfTerms(1, row.terms);
    ASSERT_TRUE(replica.Receive(2, row.term - 1, append).ok());
    replica.ProcessAndTakeMessages();

    replica.Tick(2 * replica.config().election_timeout_ticks - 1);

    const auto messages = replica.ProcessAndTakeMessages();
    ASSERT_THAT(messages, SizeIs(2));
    for (const uint64_t peer : {2U, 3U}) {
      const auto votes = BodiesTo<MsgVote>(peer, messages);
      ASSERT_THAT(votes, SizeIs(1));
      EXPECT_EQ(votes[0].last, At(row.terms.size(), row.terms.back()));
    }
    EXPECT_EQ(messages[0].term, Term(row.term));
    EXPECT_EQ(messages[1].term, Term(row.term));
  }
}

// A candidate of five at term 1.
TestReplica CandidateOfFive() {
  TestReplica replica(5);
  replica.raft().Campaign();
  replica.ProcessAndTakeMessages();
  EXPECT_EQ(replica.status().role, Role::kCandidate);
  return replica;
}

// Covers: A24
TEST(VoteCountTest, DoubledGrantCountsOnce) {
  TestReplica replica = CandidateOfFive();
  for (int copy = 0; copy < 3; ++copy) {
    ASSERT_TRUE(replica.Receive(2, 1, MsgVoteResp{}).ok());
  }
  EXPECT_EQ(replica.status().role, Role::kCandidate);
  ASSERT_TRUE(replica.Receive(3, 1, MsgVoteResp{}).ok());
  EXPECT_EQ(replica.status().role, Role::kLeader);
}

// Covers: A24
TEST(VoteCountTest, FirstAnswerOfAReplicaCounts) {
  TestReplica replica = CandidateOfFive();
  ASSERT_TRUE(replica.Receive(2, 1, MsgVoteResp{true, EntryId()}).ok());
  ASSERT_TRUE(replica.Receive(2, 1, MsgVoteResp{}).ok());
  ASSERT_TRUE(replica.Receive(3, 1, MsgVoteResp{}).ok());
  EXPECT_EQ(replica.status().role, Role::kCandidate);

  ASSERT_TRUE(replica.Receive(3, 1, MsgVoteResp{true, EntryId()}).ok());
  ASSERT_TRUE(replica.Receive(4, 1, MsgVoteResp{}).ok());
  EXPECT_EQ(replica.status().role, Role::kLeader);
}

// Covers: A24
TEST(VoteCountTest, GrantsOfAnOlderTermAreIgnored) {
  TestReplica replica = CandidateOfFive();
  replica.raft().Campaign();
  replica.ProcessAndTakeMessages();
  ASSERT_EQ(replica.status().term, Term(2));
  for (const uint64_t voter : {2U, 3U, 4U, 5U}) {
    ASSERT_TRUE(replica.Receive(voter, 1, MsgVoteResp{}).ok());
  }
  EXPECT_EQ(replica.status().role, Role::kCandidate);
  EXPECT_EQ(replica.status().term, Term(2));
}

// Covers: A24
TEST(VoteCountTest, LateGrantsDoNotReviveALostElection) {
  TestReplica replica = CandidateOfFive();
  for (const uint64_t voter : {2U, 3U, 4U}) {
    ASSERT_TRUE(replica.Receive(voter, 1, MsgVoteResp{true, EntryId()}).ok());
  }
  EXPECT_EQ(replica.status().role, Role::kFollower);
  for (const uint64_t voter : {2U, 3U, 4U, 5U}) {
    ASSERT_TRUE(replica.Receive(voter, 1, MsgVoteResp{}).ok());
  }
  EXPECT_EQ(replica.status().role, Role::kFollower);
  EXPECT_EQ(replica.status().term, Term(1));
  // The vote of this term stays given.
  EXPECT_EQ(replica.status().vote, replica.id());
}

// Covers: A25
TEST(RoleTest, FollowerNeverLeadsWithoutACandidacy) {
  TestReplica replica(3);
  for (const uint64_t voter : {2U, 3U}) {
    ASSERT_TRUE(replica.Receive(voter, 1, MsgPreVoteResp{}).ok());
    ASSERT_TRUE(replica.Receive(voter, 1, MsgVoteResp{}).ok());
  }
  replica.Process();
  EXPECT_EQ(replica.status().role, Role::kFollower);
}

// Covers: A25
TEST(RoleTest, LeaderNeverBecomesACandidate) {
  for (const bool pre_vote : {false, true}) {
    Config config = PlainConfig();
    config.pre_vote = pre_vote;
    TestReplica replica(config, MemoryLog(Voters(3)));
    replica.Lead();
    const Term term = replica.status().term;

    replica.raft().Campaign();
    EXPECT_TRUE(replica.Receive(2, term.value(), MsgTimeoutNow{}).ok());
    replica.Tick(100);
    replica.Process();

    EXPECT_EQ(replica.status().role, Role::kLeader);
    EXPECT_EQ(replica.status().term, term);
  }
}

// Covers: A25
TEST(RoleTest, PreCandidateBecomesCandidateThenLeader) {
  Config config = PlainConfig();
  config.pre_vote = true;
  TestReplica replica(config, MemoryLog(Voters(3)));
  replica.raft().Campaign();
  replica.Process();
  EXPECT_EQ(replica.status().role, Role::kPreCandidate);
  EXPECT_EQ(replica.status().term, Term(0));
  ASSERT_TRUE(replica.Receive(2, 1, MsgPreVoteResp{}).ok());
  EXPECT_EQ(replica.status().role, Role::kCandidate);
  EXPECT_EQ(replica.status().term, Term(1));
  ASSERT_TRUE(replica.Receive(2, 1, MsgVoteResp{}).ok());
  replica.Process();
  EXPECT_EQ(replica.status().role, Role::kLeader);
}

}  // namespace
}  // namespace trimaran::raft
