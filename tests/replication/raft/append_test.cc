#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "replication/raft/raft_log.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// What a follower does with appends that meet its log, miss it, or contradict
// it (thesis §3.5).

namespace trimaran::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TestReplica FollowerWithLog(const std::vector<uint64_t>& terms,
                            const HardState& state) {
  MemoryLog log(Voters(3));
  EXPECT_TRUE(log.Append(EntriesOfTerms(1, terms)).ok());
  log.set_hard_state(state);
  return TestReplica(PlainConfig(), log);
}

MsgApp Append(EntryId prev, const std::vector<uint64_t>& terms,
              uint64_t commit = 0) {
  return {prev, EntriesOfTerms(prev.index.value() + 1, terms),
          LogIndex(commit)};
}

// Steps the append, and returns the only answer to it.
MsgAppResp AnswerTo(TestReplica& follower, uint64_t term,
                    const MsgApp& append) {
  EXPECT_TRUE(follower.Receive(2, term, append).ok());
  const auto answers = follower.ProcessAndTakeMessages();
  EXPECT_THAT(answers, SizeIs(1));
  if (answers.size() != 1 || answers[0].As<MsgAppResp>() == nullptr) {
    ADD_FAILURE() << "no answer to the append";
    return {};
  }
  EXPECT_EQ(answers[0].to, ReplicaId(2));
  EXPECT_EQ(answers[0].term, Term(term));
  return *answers[0].As<MsgAppResp>();
}

// Covers: B10
TEST(AppendTest, AppendMustFollowAnEntryThatTheLogHas) {
  struct Row {
    EntryId prev;
    bool rejected;
  };
  const Row rows[] = {{At(0, 0), false}, {At(1, 1), false}, {At(2, 2), false},
                      {At(1, 2), true},  {At(2, 1), true},  {At(3, 3), true}};
  for (const Row& row : rows) {
    TestReplica follower =
        FollowerWithLog({1, 2}, {Term(3), kNoReplica, LogIndex(0)});
    const MsgAppResp answer = AnswerTo(follower, 3, Append(row.prev, {}));
    EXPECT_EQ(answer.rejected, row.rejected) << row.prev;
    EXPECT_EQ(answer.index, row.prev.index);
  }
}

// Covers: B10
TEST(AppendTest, FollowerAnswersInItsOwnTermAndKeepsItsCommit) {
  TestReplica follower =
      FollowerWithLog({1, 2}, {Term(2), kNoReplica, LogIndex(1)});
  EXPECT_FALSE(AnswerTo(follower, 2, Append(At(2, 2), {})).rejected);
  EXPECT_TRUE(AnswerTo(follower, 2, Append(At(3, 2), {})).rejected);
  EXPECT_EQ(follower.status().commit, LogIndex(1));
}

// Covers: B11
TEST(AppendTest, ConflictingEntriesAreReplacedAndOthersKept) {
  struct Row {
    EntryId prev;
    std::vector<uint64_t> terms;
    std::vector<EntryId> log;
    std::vector<EntryId> to_persist;
  };
  const Row rows[] = {
      {At(2, 2), {3}, {At(1, 1), At(2, 2), At(3, 3)}, {At(3, 3)}},
      {At(1, 1), {3, 4}, {At(1, 1), At(2, 3), At(3, 4)}, {At(2, 3), At(3, 4)}},
      {At(0, 0), {1}, {At(1, 1), At(2, 2)}, {}},
      {At(0, 0), {3}, {At(1, 3)}, {At(1, 3)}},
      {At(0, 0), {1, 2}, {At(1, 1), At(2, 2)}, {}},
      {At(0, 0), {1, 2, 4}, {At(1, 1), At(2, 2), At(3, 4)}, {At(3, 4)}},
  };
  for (const Row& row : rows) {
    TestReplica follower =
        FollowerWithLog({1, 2}, {Term(4), kNoReplica, LogIndex(0)});
    ASSERT_TRUE(follower.Receive(2, 4, Append(row.prev, row.terms)).ok());
    const Ready ready = follower.raft().TakeReady();
    EXPECT_EQ(ready.persist.has_value(), !row.to_persist.empty());
    if (ready.persist) {
      EXPECT_EQ(IdsOf(ready.persist->entries), row.to_persist);
      ASSERT_TRUE(follower.log().Apply(*ready.persist).ok());
    }
    EXPECT_EQ(follower.log_ids(), row.log);
    EXPECT_EQ(follower.status().last, row.log.back());
  }
}

// Covers: B12
TEST(AppendTest, CommitNeverPassesWhatTheMessageCovers) {
  struct Row {
    EntryId prev;
    std::vector<uint64_t> terms;
    uint64_t told;
    uint64_t last;
    uint64_t commit;
    bool rejected;
  };
  const Row rows[] = {
      // The log does not meet the message: nothing changes.
      {At(2, 3), {}, 3, 2, 0, true},
      {At(3, 3), {}, 3, 2, 0, true},
      // It does.
      {At(1, 1), {}, 1, 2, 1, false},
      {At(0, 0), {2}, 1, 1, 1, false},
      {At(2, 2), {2, 2}, 3, 4, 3, false},
      {At(2, 2), {2}, 4, 3, 3, false},
      {At(1, 1), {2}, 4, 2, 2, false},
      // The log may be longer than the message; the rest may be wrong.
      {At(1, 1), {}, 3, 2, 1, false},
      {At(1, 1), {2}, 3, 2, 2, false},
      {At(2, 2), {}, 3, 2, 2, false},
      {At(2, 2), {}, 4, 2, 2, false},
  };
  for (const Row& row : rows) {
    TestReplica follower =
        FollowerWithLog({1, 2}, {Term(2), kNoReplica, LogIndex(0)});
    const uint64_t term = row.prev.term == Term(3) ? 3 : 2;
    const MsgAppResp answer =
        AnswerTo(follower, term, Append(row.prev, row.terms, row.told));
    EXPECT_EQ(follower.status().last.index, LogIndex(row.last)) << row.prev;
    EXPECT_EQ(follower.status().commit, LogIndex(row.commit))
        << row.prev << " told " << row.told;
    EXPECT_EQ(answer.rejected, row.rejected) << row.prev;
  }
}

// Covers: B12
TEST(AppendTest, AcknowledgementCoversTheMessageOnly) {
  TestReplica follower =
      FollowerWithLog({1, 2}, {Term(2), kNoReplica, LogIndex(0)});
  const MsgAppResp answer = AnswerTo(follower, 2, Append(At(0, 0), {1}));
  EXPECT_EQ(answer.index, LogIndex(1)) << "entry 2 may not be the leader's";
  EXPECT_EQ(follower.status().last, At(2, 2));
}

// Covers: B13
TEST(AppendTest, CommittedEntriesAreNeverReplaced) {
  Config config = PlainConfig();
  MemoryLog stored(Voters(3));
  ASSERT_TRUE(stored.Append(EntriesOfTerms(1, {1, 2, 3})).ok());
  stored.set_hard_state({Term(3), kNoReplica, LogIndex(2)});
  RaftLog log(config, stored.Load());
  EXPECT_FALSE(log.Merge({Term(4), At(0, 0), EntriesOfTerms(1, {4})}));
  EXPECT_FALSE(log.Merge({Term(4), At(1, 1), EntriesOfTerms(2, {4, 4})}));
  EXPECT_EQ(log.last(), At(3, 3));
  EXPECT_EQ(log.TermAt(LogIndex(2)), Term(2));

  // What is not committed may go.
  EXPECT_TRUE(log.Merge({Term(4), At(2, 2), EntriesOfTerms(3, {4})}));
  EXPECT_EQ(log.last(), At(3, 4));
}

// Covers: B13
TEST(AppendTest, CommitNeverFallsAndNeverPassesTheEnd) {
  Config config = PlainConfig();
  MemoryLog stored(Voters(3));
  ASSERT_TRUE(stored.Append(EntriesOfTerms(1, {1, 2, 3})).ok());
  stored.set_hard_state({Term(3), kNoReplica, LogIndex(2)});
  RaftLog log(config, stored.Load());
  log.CommitTo(LogIndex(1));
  EXPECT_EQ(log.commit(), LogIndex(2));
  log.CommitTo(LogIndex(3));
  EXPECT_EQ(log.commit(), LogIndex(3));
  EXPECT_DEATH(log.CommitTo(LogIndex(4)), "check failed");
}

// A leader that claims that this replica has acknowledged more than it has:
// somebody's disk has forgotten.
//
// Covers: B13
TEST(AppendTest, CommitBeyondTheLogIsReportedLoudly) {
  TestReplica follower =
      FollowerWithLog({1, 2}, {Term(2), kNoReplica, LogIndex(0)});
  MsgHeartbeat beat;
  beat.commit = LogIndex(3);
  const absl::Status status = follower.Receive(2, 2, beat);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_EQ(follower.status().commit, LogIndex(0));
}

// Covers: B14
TEST(RepairTest, LeaderMakesEveryLogLikeItsOwn) {
  const std::vector<uint64_t> leader_terms = {1, 1, 1, 4, 4, 5, 5, 6, 6, 6};
  const std::vector<uint64_t> follower_terms[] = {
      // The tail is missing.
      {1, 1, 1, 4, 4, 5, 5, 6, 6},
      {1, 1, 1, 4},
      // There is a tail of its own.
      {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6},
      {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7},
      // Both.
      {1, 1, 1, 4, 4, 4, 4},
      {1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3},
  };
  for (const std::vector<uint64_t>& terms : follower_terms) {
    Network network;
    MemoryLog leader_log(Voters(3));
    ASSERT_TRUE(leader_log.Append(EntriesOfTerms(1, leader_terms)).ok());
    leader_log.set_hard_state({Term(8), kNoReplica, LogIndex(10)});
    network.Add(PlainConfig(1), leader_log);
    MemoryLog follower_log(Voters(3));
    ASSERT_TRUE(follower_log.Append(EntriesOfTerms(1, terms)).ok());
    follower_log.set_hard_state({Term(7), kNoReplica, LogIndex(0)});
    network.Add(PlainConfig(2), follower_log);
    network.AddBlackHole(ReplicaId(3));

    // Replica 2's log may be the more up-to-date one; replica 3's vote, which
    // replica 1 holds for this test, is enough together with its own.
    network.raft(1).Campaign();
    network.Settle();
    ASSERT_TRUE(network.at(1).Receive(3, 9, MsgVoteResp{}).ok());
    network.Settle();
    ASSERT_EQ(network.status(1).role, Role::kLeader);
    ASSERT_TRUE(network.Propose(1, "last").ok());

    EXPECT_EQ(network.at(2).log_ids(), network.at(1).log_ids());
    EXPECT_THAT(network.at(1).log_ids(), SizeIs(12));
    EXPECT_EQ(network.status(2).commit, network.status(1).commit);
    EXPECT_EQ(network.status(1).commit, LogIndex(12));
    EXPECT_EQ(network.at(2).applied(), network.at(1).applied());
  }
}

// Covers: B15
TEST(RepairTest, UncommittedEntriesOfALaterTermMayBeReplaced) {
  // Replica 1 led term 1, and its entry reached replica 2. Replica 3 led
  // term 2 by the votes of 4 and 5, and its entry reached nobody.
  Network network;
  for (uint64_t id = 1; id <= 5; ++id) {
    MemoryLog log(Voters(5));
    HardState state;
    if (id <= 2) {
      ASSERT_TRUE(log.Append(EntriesOfTerms(1, {1})).ok());
      state.term = Term(1);
    } else {
      if (id == 3) {
        ASSERT_TRUE(log.Append(EntriesOfTerms(1, {2})).ok());
      }
      state = {Term(2), ReplicaId(3), LogIndex(0)};
    }
    log.set_hard_state(state);
    network.Add(PlainConfig(id), log);
  }

  network.Campaign(1);
  EXPECT_EQ(network.status(1).role, Role::kFollower);
  EXPECT_EQ(network.status(1).term, Term(2));

  network.Campaign(1);
  EXPECT_EQ(network.status(1).role, Role::kLeader);
  EXPECT_EQ(network.status(1).term, Term(3));
  for (uint64_t id = 1; id <= 5; ++id) {
    EXPECT_THAT(network.at(id).log_ids(), ElementsAre(At(1, 1), At(2, 3)))
        << id;
  }
}

// Covers: B16
TEST(StaleMessageTest, AppendOfAnOlderTermChangesNothing) {
  Network network = Network::Plain(3);
  for (const uint64_t id : {1U, 2U, 1U}) network.Campaign(id);
  ASSERT_EQ(network.status(1).role, Role::kLeader);
  ASSERT_EQ(network.status(1).term, Term(3));

  network.Inject(MakeMessage({2, 1}, 2, Append(At(2, 2), {2})));
  ASSERT_TRUE(network.Propose(1, "some data").ok());

  for (uint64_t id = 1; id <= 3; ++id) {
    EXPECT_THAT(network.at(id).log_ids(),
                ElementsAre(At(1, 1), At(2, 2), At(3, 3), At(4, 3)));
    EXPECT_EQ(network.status(id).commit, LogIndex(4));
  }
}

// Covers: B16
TEST(StaleMessageTest, FollowerIgnoresEveryMessageOfAnOlderTerm) {
  TestReplica follower =
      FollowerWithLog({1, 1}, {Term(2), kNoReplica, LogIndex(1)});
  EXPECT_TRUE(follower.Receive(2, 1, Append(At(2, 1), {1}, 2)).ok());
  MsgHeartbeat beat;
  beat.commit = LogIndex(2);
  EXPECT_TRUE(follower.Receive(2, 1, beat).ok());
  EXPECT_TRUE(follower.Receive(2, 1, MsgSnap{{At(9, 1), Voters(3)}}).ok());
  EXPECT_TRUE(follower.Receive(2, 1, MsgTimeoutNow{}).ok());
  follower.Process();
  EXPECT_EQ(follower.status().leader, kNoReplica);
  EXPECT_EQ(follower.status().role, Role::kFollower);
  EXPECT_EQ(follower.status().term, Term(2));
  EXPECT_EQ(follower.status().last, At(2, 1));
  EXPECT_EQ(follower.status().commit, LogIndex(1));
}

// The answer bears the own term, so that a sender that was left behind learns
// of it; without check-quorum the own campaign tells it soon enough.
//
// Covers: B16
TEST(StaleMessageTest, LeaderOfAnOlderTermIsToldUnderCheckQuorum) {
  for (const bool check_quorum : {false, true}) {
    Config config = PlainConfig();
    config.check_quorum = check_quorum;
    MemoryLog log(Voters(3));
    log.set_hard_state({Term(3), kNoReplica, LogIndex(0)});
    TestReplica replica(config, log);
    EXPECT_TRUE(replica.Receive(2, 2, Append(At(0, 0), {2})).ok());
    EXPECT_TRUE(replica.Receive(2, 2, MsgHeartbeat{}).ok());
    const auto answers = replica.ProcessAndTakeMessages();
    ASSERT_THAT(answers, SizeIs(check_quorum ? 2 : 0));
    for (const Message& answer : answers) {
      EXPECT_NE(answer.As<MsgAppResp>(), nullptr);
      EXPECT_EQ(answer.term, Term(3));
    }
    EXPECT_EQ(replica.status().last, At(0, 0));
  }
}

// Covers: B27
TEST(AppendTest, AppendBeforeTheCommitIsAcknowledgedWithTheCommit) {
  TestReplica follower =
      FollowerWithLog({1, 1, 1, 1}, {Term(1), kNoReplica, LogIndex(3)});
  const MsgAppResp answer = AnswerTo(follower, 2, Append(At(1, 1), {1, 1}));
  EXPECT_FALSE(answer.rejected);
  EXPECT_EQ(answer.index, LogIndex(3));
  EXPECT_EQ(follower.status().last, At(4, 1)) << "nothing was cut";
  EXPECT_EQ(follower.status().commit, LogIndex(3));
}

// Covers: B13
TEST(AppendTest, AnotherLogThanTheCommittedOneIsDataLoss) {
  const struct {
    const char* what;
    MsgApp append;
  } rows[] = {
      {"entries before the commit", Append(At(1, 1), {2, 2})},
      {"previous entry before the commit", Append(At(2, 2), {2})},
      {"previous entry at the commit", Append(At(3, 2), {2})},
      {"an entry at the commit", Append(At(2, 1), {2})},
  };
  for (const auto& row : rows) {
    TestReplica follower =
        FollowerWithLog({1, 1, 1, 1}, {Term(1), kNoReplica, LogIndex(3)});
    EXPECT_TRUE(absl::IsDataLoss(follower.Receive(2, 2, row.append)))
        << row.what;
    EXPECT_THAT(follower.ProcessAndTakeMessages(), IsEmpty()) << row.what;
    EXPECT_EQ(follower.status().last, At(4, 1)) << row.what;
  }
}

// Covers: B14
TEST(RepairTest, DoubledAndReorderedMessagesDoNoHarm) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Network network(
        3, [](Config&) {}, seed);
    network.Campaign(1);
    network.Duplicate(300'000);
    network.Reorder(300'000);
    network.Delay(100'000, 3);
    std::string expected;
    for (int i = 0; i < 50; ++i) {
      const std::string text = std::to_string(i);
      ASSERT_TRUE(network.at(1).Propose(text).ok());
      expected += text + "\n";
      network.TickAll();
      ASSERT_EQ(network.status(1).role, Role::kLeader) << "seed " << seed;
    }
    network.Recover();
    for (int i = 0; i < 10; ++i) network.Beat(1);
    EXPECT_TRUE(network.Converged()) << "seed " << seed;
    EXPECT_EQ(network.at(3).log().state(), expected) << "seed " << seed;
    EXPECT_THAT(network.errors(), IsEmpty()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace trimaran::raft
