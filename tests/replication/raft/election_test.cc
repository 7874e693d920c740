#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// How one replica comes to lead, and what makes it follow (thesis §3.4).
// Pre-vote and check-quorum are off unless a test says otherwise.

namespace trimaran::raft {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// A replica of a group of three in some role, at the term that it has when the
// role is reached from a fresh start: 0, 1 or 1.
TestReplica InRole(Role role) {
  TestReplica replica(3);
  if (role == Role::kCandidate) {
    replica.raft().Campaign();
    replica.ProcessAndTakeMessages();
  } else if (role == Role::kLeader) {
    replica.Lead();
  }
  EXPECT_EQ(replica.status().role, role);
  return replica;
}

constexpr Role kRoles[] = {Role::kFollower, Role::kCandidate, Role::kLeader};

// Covers: A1
TEST(ElectionTest, FreshReplicaFollowsNobodyAtTermZero) {
  TestReplica replica(3);
  EXPECT_EQ(replica.status().role, Role::kFollower);
  EXPECT_EQ(replica.status().term, Term(0));
  EXPECT_EQ(replica.status().vote, kNoReplica);
  EXPECT_EQ(replica.status().leader, kNoReplica);
  EXPECT_FALSE(replica.raft().HasReady());
}

// Covers: A2
TEST(ElectionTest, EveryRoleFollowsALeaderOfALaterTerm) {
  for (const Role role : kRoles) {
    TestReplica replica = InRole(role);
    EXPECT_TRUE(replica.Receive(2, 2, MsgApp{}).ok());
    EXPECT_EQ(replica.status().term, Term(2)) << "from " << role;
    EXPECT_EQ(replica.status().role, Role::kFollower) << "from " << role;
    EXPECT_EQ(replica.status().leader, ReplicaId(2)) << "from " << role;
  }
}

// Covers: A3
TEST(ElectionTest, LeaderBeatsOncePerIntervalAndPeer) {
  for (const int interval : {1, 3}) {
    Config config = PlainConfig();
    config.heartbeat_ticks = interval;
    TestReplica leader(config, MemoryLog(Voters(3)));
    leader.Lead();
    leader.Tick(interval - 1);
    EXPECT_THAT(leader.ProcessAndTakeMessages(), IsEmpty());
    leader.Tick();
    const auto messages = leader.ProcessAndTakeMessages();
    ASSERT_THAT(messages, SizeIs(2)) << "interval " << interval;
    for (uint64_t peer : {2U, 3U}) {
      const auto beats = BodiesTo<MsgHeartbeat>(peer, messages);
      ASSERT_THAT(beats, SizeIs(1)) << "to " << peer;
      // Nothing is known to match, so nothing may be committed there.
      EXPECT_EQ(beats[0].commit, LogIndex(0));
    }
    EXPECT_EQ(messages[0].term, Term(1));
    EXPECT_EQ(messages[1].term, Term(1));
  }
}

// Covers: A4
TEST(ElectionTest, OnlyTheLeaderBeats) {
  for (const Role role : kRoles) {
    TestReplica replica = InRole(role);
    replica.Tick();
    const auto beats = OfKind<MsgHeartbeat>(replica.ProcessAndTakeMessages());
    EXPECT_THAT(beats, SizeIs(role == Role::kLeader ? 2 : 0)) << role;
  }
}

// Covers: A5
TEST(ElectionTest, SilenceMakesOneCampaignPerTimeout) {
  for (const Role role : {Role::kFollower, Role::kCandidate}) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      TestReplica replica(PlainConfig(), MemoryLog(Voters(3)), seed);
      if (role == Role::kCandidate) replica.raft().Campaign();
      replica.ProcessAndTakeMessages();
      const Term before = replica.status().term;

      replica.Tick(2 * replica.config().election_timeout_ticks - 1);

      const auto messages = replica.ProcessAndTakeMessages();
      EXPECT_EQ(replica.status().role, Role::kCandidate);
      EXPECT_EQ(replica.status().term, before + 1) << "seed " << seed;
      EXPECT_EQ(replica.status().vote, replica.id());
      EXPECT_THAT(messages, SizeIs(2));
      EXPECT_THAT(BodiesTo<MsgVote>(2, messages), SizeIs(1));
      EXPECT_THAT(BodiesTo<MsgVote>(3, messages), SizeIs(1));
    }
  }
}

struct RoundCase {
  uint64_t voters;
  std::vector<uint64_t> grants;
  std::vector<uint64_t> rejections;
  Role role;
};

// Covers: A6
TEST(ElectionTest, OneRoundEndsByMajorities) {
  const RoundCase cases[] = {
      {1, {}, {}, Role::kLeader},
      {3, {2, 3}, {}, Role::kLeader},
      {3, {2}, {}, Role::kLeader},
      {5, {2, 3, 4, 5}, {}, Role::kLeader},
      {5, {2, 3, 4}, {}, Role::kLeader},
      {5, {2, 3}, {}, Role::kLeader},
      {3, {}, {}, Role::kCandidate},
      {5, {2}, {}, Role::kCandidate},
      {5, {}, {}, Role::kCandidate},
      {3, {}, {2, 3}, Role::kFollower},
      {5, {}, {2, 3, 4, 5}, Role::kFollower},
      {5, {2}, {3, 4, 5}, Role::kFollower},
      {3, {}, {2}, Role::kCandidate},
      {5, {}, {2, 3}, Role::kCandidate},
  };
  for (const RoundCase& row : cases) {
    TestReplica replica(row.voters);
    replica.raft().Campaign();
    replica.Process();
    for (const uint64_t id : row.grants) {
      EXPECT_TRUE(replica.Receive(id, 1, MsgVoteResp{}).ok());
    }
    for (const uint64_t id : row.rejections) {
      EXPECT_TRUE(replica.Receive(id, 1, MsgVoteResp{true, EntryId()}).ok());
    }
    EXPECT_EQ(replica.status().role, row.role)
        << row.voters << " voters, " << row.grants.size() << " grants, "
        << row.rejections.size() << " rejections";
    EXPECT_EQ(replica.status().term, Term(1));
  }
}

struct DeadPeersCase {
  uint64_t voters;
  uint64_t dead;
  Role role;
};

// Covers: A7
TEST(ElectionTest, MajorityMustBeAlive) {
  const DeadPeersCase cases[] = {
      {3, 0, Role::kLeader},    {3, 1, Role::kLeader},
      {3, 2, Role::kCandidate}, {4, 1, Role::kLeader},
      {4, 2, Role::kCandidate}, {5, 2, Role::kLeader},
      {5, 3, Role::kCandidate},
  };
  for (const DeadPeersCase& row : cases) {
    Network network;
    for (uint64_t id = 1; id <= row.voters; ++id) {
      if (id > row.voters - row.dead) {
        network.AddBlackHole(ReplicaId(id));
      } else {
        network.Add(PlainConfig(id), MemoryLog(Voters(row.voters)));
      }
    }
    network.Campaign(1);
    EXPECT_EQ(network.status(1).role, row.role)
        << row.voters << " voters, " << row.dead << " dead";
    EXPECT_EQ(network.status(1).term, Term(1));
  }
}

// Covers: A7
TEST(ElectionTest, CandidateBehindAMajorityGivesUpInItsTerm) {
  Network network;
  for (uint64_t id = 1; id <= 5; ++id) {
    MemoryLog log(Voters(5));
    if (id >= 2 && id <= 4) {
      ASSERT_TRUE(log.Append(EntriesOfTerms(1, {1})).ok());
      log.set_hard_state({Term(1), kNoReplica, LogIndex(0)});
    }
    network.Add(PlainConfig(id), log);
  }
  network.Campaign(1);
  EXPECT_EQ(network.status(1).role, Role::kFollower);
  EXPECT_EQ(network.status(1).term, Term(1));
}

// Covers: A10
TEST(ElectionTest, CandidateFollowsALeaderOfItsTermOrLater) {
  for (const uint64_t term : {1U, 2U}) {
    TestReplica replica = InRole(Role::kCandidate);
    ASSERT_EQ(replica.status().term, Term(1));
    EXPECT_TRUE(replica.Receive(2, term, MsgApp{}).ok());
    EXPECT_EQ(replica.status().role, Role::kFollower);
    EXPECT_EQ(replica.status().term, Term(term));
    EXPECT_EQ(replica.status().leader, ReplicaId(2));
  }
}

// Covers: A13
TEST(ElectionTest, EveryReplicaCanTakeItsTurn) {
  for (const bool pre_vote : {false, true}) {
    Network network(3, [&](Config& config) { config.pre_vote = pre_vote; });
    for (uint64_t turn = 1; turn <= 3; ++turn) {
      network.Campaign(turn);
      for (uint64_t id = 1; id <= 3; ++id) {
        EXPECT_EQ(network.status(id).role,
                  id == turn ? Role::kLeader : Role::kFollower)
            << "turn of " << turn << ", replica " << id;
      }
    }
  }
}

// Covers: A14
TEST(ElectionTest, SoleVoterLeadsAtOnce) {
  for (const bool pre_vote : {false, true}) {
    Config config = PlainConfig();
    config.pre_vote = pre_vote;
    TestReplica replica(config, MemoryLog(Voters(1)));
    replica.raft().Campaign();
    // Its own vote counts like any other: once it is durable.
    EXPECT_EQ(replica.status().role, Role::kCandidate);
    replica.Process();
    EXPECT_EQ(replica.status().role, Role::kLeader);
    EXPECT_EQ(replica.status().term, Term(1));
  }
}

// Covers: A14
TEST(ElectionTest, CampaigningLeaderStaysAsItIs) {
  TestReplica replica(1);
  replica.Lead();
  replica.raft().Campaign();
  EXPECT_FALSE(replica.raft().HasReady());
  EXPECT_EQ(replica.status().role, Role::kLeader);
  EXPECT_EQ(replica.status().term, Term(1));
}

// The leader's first sign of life after an isolation.
enum class SignOfLife { kHeartbeat, kAppend };

// Covers: A15
TEST(ElectionTest, IsolatedCandidateTakesTheLeadersTerm) {
  struct Row {
    SignOfLife sign;
    uint64_t terms_ahead;
  };
  const Row rows[] = {{SignOfLife::kHeartbeat, 0},
                      {SignOfLife::kHeartbeat, 1},
                      {SignOfLife::kAppend, 0},
                      {SignOfLife::kAppend, 1}};
  for (const auto& [sign, terms_ahead] : rows) {
    Network network = Network::Plain(3);
    network.Campaign(1);
    network.Isolate(3);
    ASSERT_TRUE(network.Propose(1, "before").ok());
    while (network.status(3).role != Role::kCandidate) network.Tick(3);
    const Term raised = network.status(3).term;
    ASSERT_EQ(raised, Term(2));
    network.Recover();

    // A leader of that term, or of a later one, speaks up.
    const uint64_t term = raised.value() + terms_ahead;
    const Message message = sign == SignOfLife::kHeartbeat
                                ? MakeMessage({1, 3}, term, MsgHeartbeat{})
                                : MakeMessage({1, 3}, term, MsgApp{});
    ASSERT_TRUE(network.raft(3).Step(message).ok());
    EXPECT_EQ(network.status(3).role, Role::kFollower);
    EXPECT_EQ(network.status(3).term, Term(term));
    EXPECT_EQ(network.status(3).leader, ReplicaId(1));
  }
}

// Covers: A26
TEST(ElectionTest, StrangerToTheConfigurationNeverCampaigns) {
  ConfState others;
  others.voters = Replicas({2, 3});
  TestReplica replica(PlainConfig(), MemoryLog(others));
  replica.Tick(100);
  replica.raft().Campaign();
  // Its leader may not know better.
  EXPECT_TRUE(replica.Receive(2, 1, MsgTimeoutNow{}).ok());
  replica.Process();
  EXPECT_EQ(replica.status().role, Role::kFollower);
  EXPECT_THAT(OfKind<MsgVote>(replica.TakeMessages()), IsEmpty());
}

// Covers: A26
TEST(ElectionTest, LearnerNeverCampaigns) {
  ConfState conf;
  conf.voters = Replicas({2, 3});
  conf.learners = Replicas({1});
  TestReplica replica(PlainConfig(), MemoryLog(conf));
  replica.Tick(100);
  replica.raft().Campaign();
  EXPECT_TRUE(replica.Receive(2, 1, MsgTimeoutNow{}).ok());
  replica.Process();
  EXPECT_EQ(replica.status().role, Role::kFollower);
  EXPECT_THAT(OfKind<MsgVote>(replica.TakeMessages()), IsEmpty());
}

// Covers: A26
TEST(ElectionTest, NobodyCampaignsWhileItsSnapshotIsBeingInstalled) {
  TestReplica replica(3);
  ASSERT_TRUE(replica.Receive(2, 1, MsgSnap{{At(11, 1), Voters(3)}}).ok());
  ASSERT_TRUE(replica.Take());
  replica.Tick(100);
  replica.raft().Campaign();
  EXPECT_EQ(replica.status().role, Role::kFollower);
  EXPECT_EQ(replica.status().term, Term(1));

  // Once it is installed, nothing stands in the way.
  replica.Process();
  replica.raft().Campaign();
  EXPECT_EQ(replica.status().role, Role::kCandidate);
}

}  // namespace
}  // namespace trimaran::raft
