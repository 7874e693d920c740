#include <cstdint>
#include <map>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// Several replicas that want to lead, and how a group settles on one.

namespace trimaran::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

enum class CheckQuorum { kOff, kOn };

// Lets a replica that hears nothing reach its timeout, once.
void TimeOut(Network& network, uint64_t id) {
  const int ticks = network.status(id).election_timeout_ticks -
                    network.status(id).election_elapsed_ticks;
  for (int i = 0; i < ticks; ++i) network.raft(id).Tick();
}

// Three replicas that have seen term 1; replica 1 leads term 2.
Network LedInTermTwo(CheckQuorum check_quorum) {
  Network network;
  for (uint64_t id = 1; id <= 3; ++id) {
    Config config = PlainConfig(id);
    config.check_quorum = check_quorum == CheckQuorum::kOn;
    MemoryLog log(Voters(3));
    log.set_hard_state({Term(1), kNoReplica, LogIndex(0)});
    network.Add(config, log);
  }
  network.Campaign(1);
  EXPECT_EQ(network.status(1).role, Role::kLeader);
  EXPECT_EQ(network.status(1).term, Term(2));
  return network;
}

// Covers: A16
TEST(ElectionContestTest, CandidateOfALaterTermDeposesTheLeader) {
  Network network = LedInTermTwo(CheckQuorum::kOff);
  network.Isolate(3);
  ASSERT_TRUE(network.Propose(1, "missed").ok());
  network.Recover();
  TimeOut(network, 3);
  ASSERT_EQ(network.status(3).role, Role::kCandidate);
  ASSERT_EQ(network.status(3).term, Term(3));

  network.Settle();

  EXPECT_EQ(network.status(1).role, Role::kFollower);
  EXPECT_EQ(network.status(1).term, Term(3));
  EXPECT_EQ(network.status(3).role, Role::kFollower) << "its log is behind";
}

// Covers: A16
TEST(ElectionContestTest, CheckQuorumIgnoresTheVoteButHeedsTheTerm) {
  Network network = LedInTermTwo(CheckQuorum::kOn);
  network.Beat(1);
  TimeOut(network, 3);
  network.Settle();
  EXPECT_EQ(network.status(3).role, Role::kCandidate);
  EXPECT_EQ(network.status(3).term, Term(3));
  EXPECT_EQ(network.status(1).role, Role::kLeader) << "its lease protects it";
  EXPECT_EQ(network.status(1).term, Term(2));

  // The answer to the next beat is empty but for the later term. Without it
  // the candidate could never be led again.
  std::vector<Message> answers;
  network.Hook([&](const Message& message) {
    if (message.from == ReplicaId(3)) answers.push_back(message);
    return true;
  });
  network.Beat(1);
  ASSERT_FALSE(answers.empty());
  EXPECT_NE(answers[0].As<MsgAppResp>(), nullptr);
  EXPECT_EQ(answers[0].term, Term(3));
  EXPECT_EQ(network.status(1).role, Role::kFollower);
  EXPECT_EQ(network.status(1).term, Term(3));
}

// Covers: A17
TEST(ElectionContestTest, SplitVoteIsSettledByTheNextTimeout) {
  for (const bool pre_vote : {false, true}) {
    Network network(3, [&](Config& config) { config.pre_vote = pre_vote; });
    network.Campaign(2);
    network.Campaign(1);
    ASSERT_EQ(network.status(1).term, Term(2));
    // The leader is gone; the others time out at the same moment.
    network.Isolate(1);
    TimeOut(network, 2);
    TimeOut(network, 3);
    network.Settle();
    EXPECT_EQ(network.status(2).term, Term(3)) << "pre-vote " << pre_vote;
    EXPECT_EQ(network.status(3).term, Term(3)) << "pre-vote " << pre_vote;
    EXPECT_EQ(network.status(2).role, Role::kCandidate);
    EXPECT_EQ(network.status(3).role, Role::kCandidate);

    TimeOut(network, 2);
    network.Settle();
    EXPECT_EQ(network.status(2).role, Role::kLeader);
    EXPECT_EQ(network.status(2).term, Term(4));
    EXPECT_EQ(network.status(3).role, Role::kFollower);
    EXPECT_EQ(network.status(3).term, Term(4));
  }
}

// Covers: A21
TEST(ElectionContestTest, LaterTermEndsEveryRole) {
  enum class Cause { kVote, kAppend };
  for (const Role role : {Role::kFollower, Role::kPreCandidate,
                          Role::kCandidate, Role::kLeader}) {
    for (const Cause cause : {Cause::kVote, Cause::kAppend}) {
      Config config = PlainConfig();
      config.pre_vote = role == Role::kPreCandidate;
      TestReplica replica(config, MemoryLog(Voters(3)));
      if (role == Role::kLeader) {
        replica.Lead();
      } else if (role != Role::kFollower) {
        replica.raft().Campaign();
        replica.Process();
      }
      ASSERT_EQ(replica.status().role, role);
      const EntryId last = replica.status().last;

      if (cause == Cause::kVote) {
        ASSERT_TRUE(
            replica.Receive(2, 3, MsgVote{At(0, 0), {}, false, 0}).ok());
      } else {
        MsgApp append;
        append.prev = At(2, 3);
        ASSERT_TRUE(replica.Receive(2, 3, append).ok());
      }
      replica.Process();

      EXPECT_EQ(replica.status().role, Role::kFollower) << "from " << role;
      EXPECT_EQ(replica.status().term, Term(3)) << "from " << role;
      EXPECT_EQ(replica.status().leader,
                cause == Cause::kVote ? kNoReplica : ReplicaId(2));
      EXPECT_EQ(replica.status().last, last) << "the log is left alone";
      EXPECT_EQ(replica.log().last(), last);
    }
  }
}

// Covers: A22
TEST(ElectionContestTest, CandidateBehindDisruptsAndLoses) {
  Network network = Network::Plain(3);
  network.Cut(1, 3);
  network.raft(1).Campaign();
  network.raft(3).Campaign();
  network.Settle();
  EXPECT_EQ(network.status(1).role, Role::kLeader);
  EXPECT_EQ(network.status(3).role, Role::kCandidate);
  network.Recover();

  network.Campaign(3);

  for (const uint64_t id : {1U, 2U, 3U}) {
    EXPECT_EQ(network.status(id).role, Role::kFollower) << "replica " << id;
    EXPECT_EQ(network.status(id).term, Term(2)) << "replica " << id;
  }
  EXPECT_THAT(network.at(1).log_ids(), ElementsAre(At(1, 1)));
  EXPECT_THAT(network.at(2).log_ids(), ElementsAre(At(1, 1)));
  EXPECT_THAT(network.at(3).log_ids(), IsEmpty());
}

// Covers: A22
TEST(ElectionContestTest, PreVoteKeepsACandidateBehindFromDisrupting) {
  Network network(3, [](Config& config) { config.pre_vote = true; });
  network.Cut(1, 3);
  network.raft(1).Campaign();
  network.raft(3).Campaign();
  network.Settle();
  ASSERT_EQ(network.status(1).role, Role::kLeader);
  network.Recover();

  network.Campaign(3);

  EXPECT_EQ(network.status(1).role, Role::kLeader);
  EXPECT_EQ(network.status(3).role, Role::kFollower);
  for (const uint64_t id : {1U, 2U, 3U}) {
    EXPECT_EQ(network.status(id).term, Term(1)) << "replica " << id;
  }
}

// Covers: A23
TEST(ElectionContestTest, IsolatedCandidateConcedes) {
  Network network = Network::Plain(3);
  network.Isolate(1);
  network.Campaign(1);
  network.Campaign(3);
  ASSERT_EQ(network.status(1).role, Role::kCandidate);
  ASSERT_EQ(network.status(3).role, Role::kLeader);
  network.Recover();

  network.Beat(3);
  ASSERT_TRUE(network.Propose(3, "force follower").ok());
  network.Beat(3);

  EXPECT_EQ(network.status(1).role, Role::kFollower);
  EXPECT_EQ(network.status(1).term, Term(1));
  for (const uint64_t id : {1U, 2U, 3U}) {
    EXPECT_THAT(network.at(id).log_ids(), ElementsAre(At(1, 1), At(2, 1)));
    EXPECT_EQ(network.status(id).commit, LogIndex(2)) << "replica " << id;
    EXPECT_EQ(network.at(id).log().state(), "force follower\n");
  }
}

// Whatever the network does, at most one replica leads a term, and the group
// settles when the network is well again.
//
// Covers: A13, A17
TEST(ElectionContestTest, BadNetworkNeverElectsTwoLeadersOfATerm) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Network network(
        5, [](Config&) {}, seed);
    network.Duplicate(100'000);
    network.Reorder(200'000);
    network.Delay(200'000, 5);
    for (uint64_t from = 1; from <= 5; ++from) {
      for (uint64_t to = 1; to <= 5; ++to) network.Drop({from, to}, 200'000);
    }
    std::map<Term, ReplicaId> leaders;
    for (int tick = 0; tick < 300; ++tick) {
      network.TickAll();
      for (const TestReplica* replica : network.replicas()) {
        const RaftStatus status = replica->status();
        if (status.role != Role::kLeader) continue;
        const auto [leader, fresh] = leaders.emplace(status.term, status.id);
        EXPECT_EQ(leader->second, status.id)
            << "seed " << seed << " term " << status.term;
      }
    }
    network.Recover();
    for (int tick = 0; tick < 200 && !network.Converged(); ++tick) {
      network.TickAll();
    }
    EXPECT_TRUE(network.Converged()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace trimaran::raft
