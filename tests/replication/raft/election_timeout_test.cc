#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// How long a replica waits before it campaigns: at random, so that elections
// seldom collide (thesis §3.4).

namespace trimaran::raft {
namespace {

constexpr int kTimeout = 10;

// Draws a new timeout in the given role, by a change of term.
int DrawAgain(TestReplica& replica, Role role) {
  if (role == Role::kCandidate) {
    replica.raft().Campaign();
  } else {
    const uint64_t term = replica.status().term.value() + 1;
    EXPECT_TRUE(replica.Receive(2, term, MsgHeartbeat{}).ok());
  }
  replica.Process();
  EXPECT_EQ(replica.status().role, role);
  return replica.status().election_timeout_ticks;
}

// Covers: A11
TEST(ElectionTimeoutTest, EveryValueOfTheRangeIsDrawnAndNoOther) {
  for (const Role role : {Role::kFollower, Role::kCandidate}) {
    TestReplica replica(3);
    std::set<int> drawn;
    for (int round = 0; round < 1000; ++round) {
      drawn.insert(DrawAgain(replica, role));
    }
    std::set<int> expected;
    for (int ticks = kTimeout; ticks < 2 * kTimeout; ++ticks) {
      expected.insert(ticks);
    }
    EXPECT_EQ(drawn, expected) << role;
  }
}

// Covers: A11
TEST(ElectionTimeoutTest, CampaignComesExactlyAtTheDrawnTick) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    TestReplica replica(PlainConfig(), MemoryLog(Voters(3)), seed);
    const int timeout = replica.status().election_timeout_ticks;
    replica.Tick(timeout - 1);
    EXPECT_EQ(replica.status().role, Role::kFollower);
    replica.Tick();
    EXPECT_EQ(replica.status().role, Role::kCandidate);
  }
}

// Covers: A11
TEST(ElectionTimeoutTest, ChanceOfHavingTimedOutGrowsEvenly) {
  constexpr int kRounds = 10'000;
  std::array<int, 2 * kTimeout + 1> expired_at{};
  TestReplica replica(3);
  for (int round = 0; round < kRounds; ++round) {
    ++expired_at[static_cast<size_t>(DrawAgain(replica, Role::kFollower))];
  }
  struct Row {
    size_t elapsed;
    double chance;
  };
  const Row rows[] = {{5, 0.0},  {9, 0.0},  {10, 0.1}, {13, 0.4},
                      {15, 0.6}, {18, 0.9}, {20, 1.0}};
  for (const Row& row : rows) {
    int expired = 0;
    for (size_t ticks = 0; ticks <= row.elapsed; ++ticks) {
      expired += expired_at[ticks];
    }
    EXPECT_NEAR(expired / double{kRounds}, row.chance, 0.02)
        << row.elapsed << " ticks";
  }
}

// Covers: A11
TEST(ElectionTimeoutTest, RangeIsConfigurable) {
  Config config = PlainConfig();
  config.election_timeout_min_ticks = 12;
  config.election_timeout_max_ticks = 14;
  TestReplica replica(config, MemoryLog(Voters(3)));
  std::set<int> drawn;
  for (int round = 0; round < 200; ++round) {
    drawn.insert(DrawAgain(replica, Role::kFollower));
  }
  EXPECT_EQ(drawn, (std::set<int>{12, 13}));
}

// Covers: A11
TEST(ElectionTimeoutTest, BadRangesAreRefused) {
  struct Row {
    int min;
    int max;
    bool accepted;
  };
  const Row rows[] = {
      {0, 0, true},    {10, 20, true},  {12, 0, true},   {0, 15, true},
      {10, 11, true},  {9, 20, false},  {12, 12, false}, {15, 12, false},
      {-1, 20, false}, {10, -1, false}, {20, 0, false},  {0, 10, false},
      {25, 30, true},
  };
  for (const Row& row : rows) {
    Config config = PlainConfig();
    config.election_timeout_min_ticks = row.min;
    config.election_timeout_max_ticks = row.max;
    EXPECT_EQ(config.Validate().ok(), row.accepted)
        << "[" << row.min << ", " << row.max << ")";
  }
}

// Five replicas that all lose their leader at the same time. Returns how often
// more than one of them was first to campaign, in a thousand rounds.
int CollisionsInAThousandRounds(Role role) {
  std::vector<std::unique_ptr<TestReplica>> replicas;
  for (uint64_t id = 1; id <= 5; ++id) {
    replicas.push_back(std::make_unique<TestReplica>(
        PlainConfig(id), MemoryLog(Voters(5)), 100 + id));
  }
  int collisions = 0;
  for (int round = 0; round < 1000; ++round) {
    std::vector<Term> before;
    for (const auto& replica : replicas) {
      if (role == Role::kCandidate) {
        replica->raft().Campaign();
      } else {
        const uint64_t term = replica->status().term.value() + 1;
        const uint64_t leader = replica->id() == ReplicaId(1) ? 2 : 1;
        EXPECT_TRUE(replica->Receive(leader, term, MsgHeartbeat{}).ok());
      }
      replica->ProcessAndTakeMessages();
      before.push_back(replica->status().term);
    }
    int campaigns = 0;
    while (campaigns == 0) {
      for (size_t i = 0; i < replicas.size(); ++i) {
        replicas[i]->Tick();
        if (replicas[i]->status().term != before[i]) ++campaigns;
      }
    }
    if (campaigns > 1) ++collisions;
  }
  return collisions;
}

// Covers: A12
TEST(ElectionTimeoutTest, FollowersSeldomTimeOutTogether) {
  EXPECT_LE(CollisionsInAThousandRounds(Role::kFollower), 300);
}

// Covers: A12
TEST(ElectionTimeoutTest, CandidatesSeldomTimeOutTogether) {
  EXPECT_LE(CollisionsInAThousandRounds(Role::kCandidate), 300);
}

}  // namespace
}  // namespace trimaran::raft
