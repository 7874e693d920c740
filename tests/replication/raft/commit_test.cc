#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// When an entry is committed (thesis §3.6.2), and how followers learn of it.

namespace trimaran::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

void Ack(TestReplica& leader, uint64_t peer, uint64_t index) {
  MsgAppResp ack;
  ack.index = LogIndex(index);
  const uint64_t term = leader.status().term.value();
  EXPECT_TRUE(leader.Receive(peer, term, ack).ok());
}

TestReplica ReplicaWithLog(uint64_t voters, const std::vector<uint64_t>& terms,
                           const HardState& state) {
  MemoryLog log(Voters(voters));
  EXPECT_TRUE(log.Append(EntriesOfTerms(1, terms)).ok());
  log.set_hard_state(state);
  return TestReplica(PlainConfig(), log);
}

// Covers: B5
TEST(CommitTest, EntryNeedsAcknowledgementsOfAMajority) {
  struct Row {
    uint64_t voters;
    uint64_t acks;
    bool committed;
  };
  const Row rows[] = {{1, 0, true}, {3, 0, false}, {3, 1, true},
                      {3, 2, true}, {5, 0, false}, {5, 1, false},
                      {5, 2, true}, {5, 3, true},  {5, 4, true}};
  for (const Row& row : rows) {
    TestReplica leader(row.voters);
    leader.Lead();
    for (uint64_t peer = 2; peer <= row.voters; ++peer) Ack(leader, peer, 1);
    ASSERT_EQ(leader.status().commit, LogIndex(1));
    ASSERT_TRUE(leader.Propose("some data").ok());
    leader.ProcessAndTakeMessages();

    for (uint64_t peer = 2; peer < 2 + row.acks; ++peer) Ack(leader, peer, 2);

    EXPECT_EQ(leader.status().commit, LogIndex(row.committed ? 2 : 1))
        << row.voters << " voters, " << row.acks << " acknowledgements";
  }
}

// Covers: B6
TEST(CommitTest, OwnEntryCommitsAllBeforeIt) {
  const std::vector<uint64_t> logs[] = {{}, {2}, {1, 2}, {1}};
  for (const std::vector<uint64_t>& terms : logs) {
    TestReplica leader =
        ReplicaWithLog(3, terms, {Term(2), kNoReplica, LogIndex(0)});
    leader.Lead();
    ASSERT_TRUE(leader.Propose("some data").ok());
    leader.Process();
    ASSERT_THAT(leader.applied(), IsEmpty());

    const uint64_t last = terms.size() + 2;
    Ack(leader, 2, last);
    leader.Process();

    EXPECT_EQ(leader.status().commit, LogIndex(last));
    EXPECT_EQ(IdsOf(leader.applied()), leader.log_ids());
    EXPECT_THAT(leader.applied(), SizeIs(last));
  }
}

// Covers: B7
TEST(CommitTest, OldEntriesAreNotCommittedByCounting) {
  struct Row {
    uint64_t acked;
    uint64_t commit;
  };
  const Row rows[] = {{1, 0}, {2, 0}, {3, 3}};
  for (const Row& row : rows) {
    TestReplica leader =
        ReplicaWithLog(3, {1, 2}, {Term(2), kNoReplica, LogIndex(0)});
    leader.Lead();
    ASSERT_EQ(leader.status().term, Term(3));
    ASSERT_TRUE(leader.Propose("some data").ok());
    leader.Process();
    Ack(leader, 2, row.acked);
    EXPECT_EQ(leader.status().commit, LogIndex(row.commit))
        << "acknowledged " << row.acked;
  }
}

struct MatchCase {
  // Of the leader first.
  std::vector<uint64_t> matches;
  std::vector<uint64_t> terms;
  uint64_t leader_term;
  uint64_t commit;
};

std::ostream& operator<<(std::ostream& out, const MatchCase& row) {
  out << "matches";
  for (const uint64_t match : row.matches) out << ' ' << match;
  out << "; log terms";
  for (const uint64_t term : row.terms) out << ' ' << term;
  return out << "; leader's term " << row.leader_term;
}

// Leads with the log of the row. What the row's log holds of earlier terms is
// there from the start; the leader's first entry and proposals follow. If the
// row ends before the leader's first entry, that one is kept from becoming
// durable, so that it counts for nothing.
TestReplica LeaderOf(const MatchCase& row) {
  std::vector<uint64_t> inherited;
  for (const uint64_t term : row.terms) {
    if (term < row.leader_term) inherited.push_back(term);
  }
  TestReplica leader =
      ReplicaWithLog(row.matches.size(), inherited,
                     {Term(row.leader_term - 1), kNoReplica, LogIndex(0)});
  leader.raft().Campaign();
  leader.Take();
  leader.PersistOne();
  for (uint64_t peer = 2; peer <= row.matches.size(); ++peer) {
    EXPECT_TRUE(leader.Receive(peer, row.leader_term, MsgVoteResp{}).ok());
  }
  EXPECT_EQ(leader.status().role, Role::kLeader);
  while (leader.status().last.index.value() < row.terms.size()) {
    EXPECT_TRUE(leader.Propose("").ok());
  }
  if (leader.status().last.index.value() == row.matches[0]) leader.Process();
  return leader;
}

// Covers: B7
TEST(CommitTest, CommitIsTheMajoritysMatchIfItIsOfTheOwnTerm) {
  const MatchCase rows[] = {
      {{1}, {1}, 1, 1},
      {{1}, {1}, 2, 0},
      {{2}, {1, 2}, 2, 2},
      {{1}, {2}, 2, 1},
      // A leader's log never holds a term after its own: where its term is
      // 1, all of its entries are of term 1.
      {{2, 1, 1}, {1, 1}, 1, 1},
      {{2, 1, 1}, {1, 1}, 2, 0},
      {{2, 1, 2}, {1, 2}, 2, 2},
      {{2, 1, 2}, {1, 1}, 2, 0},
      {{2, 1, 1, 1}, {1, 1}, 1, 1},
      {{2, 1, 1, 1}, {1, 1}, 2, 0},
      {{2, 1, 1, 2}, {1, 1}, 1, 1},
      {{2, 1, 1, 2}, {1, 1}, 2, 0},
      {{2, 1, 2, 2}, {1, 2}, 2, 2},
      {{2, 1, 2, 2}, {1, 1}, 2, 0},
      // A mark below the old entry's successor.
      {{2, 1, 1}, {1, 2}, 2, 0},
      {{2, 1, 1, 2}, {1, 2}, 2, 0},
  };
  for (const MatchCase& row : rows) {
    TestReplica leader = LeaderOf(row);
    for (size_t i = 1; i < row.matches.size(); ++i) {
      Ack(leader, i + 1, row.matches[i]);
    }
    EXPECT_EQ(leader.status().commit, LogIndex(row.commit)) << row;
  }
}

// Five replicas. Replica 1 leads, can talk to replica 2 only, and has two
// proposals that nobody else has.
Network WithTwoStrandedProposals() {
  Network network = Network::Plain(5);
  network.Campaign(1);
  for (const uint64_t id : {3U, 4U, 5U}) network.Cut(1, id);
  EXPECT_TRUE(network.Propose(1, "one").ok());
  EXPECT_TRUE(network.Propose(1, "two").ok());
  EXPECT_EQ(network.status(1).commit, LogIndex(1));
  network.Recover();
  return network;
}

// Covers: B8
TEST(CommitTest, NewLeadersFirstEntryCommitsWhatItInherited) {
  Network network = WithTwoStrandedProposals();
  network.Campaign(2);
  EXPECT_EQ(network.status(2).commit, LogIndex(4));
  for (uint64_t id = 1; id <= 5; ++id) {
    EXPECT_EQ(network.at(id).log().state(), "one\ntwo\n") << id;
  }
}

// Covers: B8
TEST(CommitTest, NothingInheritedCommitsBeforeTheFirstOwnEntry) {
  Network network = WithTwoStrandedProposals();
  network.Ignore<MsgApp>();
  network.Campaign(2);
  ASSERT_EQ(network.status(2).role, Role::kLeader);
  EXPECT_EQ(network.status(2).commit, LogIndex(1));
  network.Recover();

  network.Beat(2);
  ASSERT_TRUE(network.Propose(2, "three").ok());
  EXPECT_EQ(network.status(2).commit, LogIndex(5));
}

// Covers: B9
TEST(FollowerCommitTest, FollowerCommitsAndAppliesWhatTheLeaderHas) {
  struct Row {
    std::vector<std::string> texts;
    uint64_t commit;
  };
  const Row rows[] = {{{"some data"}, 1},
                      {{"some data", "some data2"}, 2},
                      {{"some data2", "some data"}, 2},
                      {{"some data", "some data2"}, 1}};
  for (const Row& row : rows) {
    TestReplica follower(3);
    MsgApp append;
    for (const std::string& text : row.texts) {
      append.entries.push_back(EntryAt(At(append.entries.size() + 1, 1), text));
    }
    append.commit = LogIndex(row.commit);

    ASSERT_TRUE(follower.Receive(2, 1, append).ok());
    follower.Process();

    EXPECT_EQ(follower.status().commit, LogIndex(row.commit));
    append.entries.resize(row.commit);
    EXPECT_EQ(follower.applied(), append.entries);
  }
}

// Covers: B21
TEST(FollowerCommitTest, HeartbeatDoesNotCommitWhatMayDiffer) {
  for (uint64_t stranded = 1; stranded <= 5; ++stranded) {
    Network network = Network::Plain(5);
    network.Campaign(1);
    ASSERT_EQ(network.status(1).commit, LogIndex(1));
    network.Isolate(1);
    for (uint64_t i = 0; i < stranded; ++i) {
      ASSERT_TRUE(network.Propose(1, "stranded").ok());
    }
    network.Campaign(2);
    for (uint64_t i = 0; i < 5; ++i) {
      ASSERT_TRUE(network.Propose(2, "agreed").ok());
    }
    ASSERT_EQ(network.status(2).commit, LogIndex(7));
    network.Recover();
    network.Ignore<MsgApp>();

    network.Beat(2);

    EXPECT_EQ(network.status(1).role, Role::kFollower);
    EXPECT_EQ(network.status(1).last.index, LogIndex(1 + stranded));
    EXPECT_EQ(network.status(1).commit, LogIndex(1)) << stranded;
    network.Recover();
    network.Beat(2);
    network.Beat(2);
    EXPECT_TRUE(network.Converged());
  }
}

// Covers: B21
TEST(FollowerCommitTest, LeaderCapsTheCommitOfABeatAtTheMatch) {
  struct Row {
    uint64_t match;
    uint64_t expected;
  };
  // Committed up to 3 by replica 2; replica 3 has less.
  const Row rows[] = {{0, 0}, {1, 1}, {2, 2}, {3, 3}};
  for (const Row& row : rows) {
    TestReplica leader(3);
    leader.Lead();
    for (const char* text : {"a", "b", "c"}) {
      ASSERT_TRUE(leader.Propose(text).ok());
    }
    leader.Process();
    Ack(leader, 2, 3);
    ASSERT_EQ(leader.status().commit, LogIndex(3));
    if (row.match > 0) Ack(leader, 3, row.match);
    leader.ProcessAndTakeMessages();

    leader.Tick();
    const auto messages = leader.ProcessAndTakeMessages();

    const auto to_three = BodiesTo<MsgHeartbeat>(3, messages);
    ASSERT_THAT(to_three, SizeIs(1));
    EXPECT_EQ(to_three[0].commit, LogIndex(row.expected));
    const auto to_two = BodiesTo<MsgHeartbeat>(2, messages);
    ASSERT_THAT(to_two, SizeIs(1));
    EXPECT_EQ(to_two[0].commit, LogIndex(3));
  }
}

// Covers: B22
TEST(FollowerCommitTest, HeartbeatRaisesTheCommitAndNeverLowersIt) {
  struct Row {
    uint64_t told;
    uint64_t expected;
  };
  const Row rows[] = {{3, 3}, {2, 2}, {1, 2}, {0, 2}};
  for (const Row& row : rows) {
    TestReplica follower =
        ReplicaWithLog(3, {1, 2, 3}, {Term(3), kNoReplica, LogIndex(2)});
    MsgHeartbeat beat;
    beat.commit = LogIndex(row.told);
    beat.round = ReadRound(9);
    ASSERT_TRUE(follower.Receive(2, 3, beat).ok());
    EXPECT_EQ(follower.status().commit, LogIndex(row.expected));

    const auto answers = follower.ProcessAndTakeMessages();
    ASSERT_THAT(answers, SizeIs(1));
    const auto* answer = answers[0].As<MsgHeartbeatResp>();
    ASSERT_NE(answer, nullptr);
    EXPECT_EQ(answer->round, ReadRound(9));
    EXPECT_EQ(answers[0].to, ReplicaId(2));
    EXPECT_EQ(answers[0].term, Term(3));
  }
}

}  // namespace
}  // namespace trimaran::raft
