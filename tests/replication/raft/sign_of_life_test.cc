#include <cstdint>

#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"

// What a long message says while it passes, before it has arrived: that there
// is somebody at the other end, and nothing else.

namespace trimaran::raft {
namespace {

constexpr int kTimeout = 10;

// Replica 1 leads, and from then on no message gets through.
class SignOfLifeTest : public testing::Test {
 protected:
  explicit SignOfLifeTest(bool lease_reads = false)
      : network_(3, [&](Config& config) {
          config.check_quorum = true;
          config.lease_reads = lease_reads;
        }) {
    network_.Campaign(1);
    network_.Beat(1);
    network_.Isolate(1);
  }

  // Of `of`, before each of so many ticks of `at` that nobody waits for longer.
  void TickWithSigns(uint64_t at, uint64_t of, bool sends = true) {
    for (int i = 0; i < 4 * kTimeout; ++i) {
      network_.raft(at).ReportAlive(ReplicaId(of), sends);
      network_.Tick(at);
    }
  }

  Network network_;
};

TEST_F(SignOfLifeTest, LeaderKeepsToAMajorityThatIsAlive) {
  TickWithSigns(1, 2);
  EXPECT_EQ(network_.status(1).role, Role::kLeader);
  network_.Tick(1, 2 * kTimeout);
  EXPECT_EQ(network_.status(1).role, Role::kFollower);
}

TEST_F(SignOfLifeTest, ItIsNotOfTheLeaderItself) {
  TickWithSigns(1, 1);
  EXPECT_NE(network_.status(1).role, Role::kLeader);
}

TEST_F(SignOfLifeTest, ItIsNotOfAStranger) {
  TickWithSigns(1, 9);
  EXPECT_NE(network_.status(1).role, Role::kLeader);
}

TEST_F(SignOfLifeTest, FollowerKeepsToALeaderThatIsAlive) {
  const Term term = network_.status(2).term;
  TickWithSigns(2, 1);
  EXPECT_EQ(network_.status(2).role, Role::kFollower);
  EXPECT_EQ(network_.status(2).leader, ReplicaId(1));
  EXPECT_EQ(network_.status(2).term, term);
}

// The process that takes bytes may be all that is left of it, and copies of a
// write that nobody answers would keep it in office for ever.
TEST_F(SignOfLifeTest, FollowerDoesNotKeepToALeaderThatOnlyTakes) {
  const Term term = network_.status(2).term;
  TickWithSigns(2, 1, /*sends=*/false);
  EXPECT_GT(network_.status(2).term, term);
}

TEST_F(SignOfLifeTest, LeaderKeepsToAMajorityThatTakes) {
  TickWithSigns(1, 2, /*sends=*/false);
  EXPECT_EQ(network_.status(1).role, Role::kLeader);
}

TEST_F(SignOfLifeTest, FollowerDoesNotWaitForAnybodyElse) {
  const Term term = network_.status(2).term;
  TickWithSigns(2, 3);
  EXPECT_GT(network_.status(2).term, term);
}

// It has no leader who could be alive.
TEST_F(SignOfLifeTest, CandidateGoesOn) {
  network_.Isolate(2);
  network_.Tick(2, 2 * kTimeout);
  const Term term = network_.status(2).term;
  ASSERT_EQ(network_.status(2).role, Role::kCandidate);
  TickWithSigns(2, 1);
  EXPECT_GT(network_.status(2).term, term);
}

class LeaseSignOfLifeTest : public SignOfLifeTest {
 protected:
  LeaseSignOfLifeTest() : SignOfLifeTest(/*lease_reads=*/true) {}
};

// Whoever is alive has promised nothing since.
TEST_F(LeaseSignOfLifeTest, NoLeaseGrowsByIt) {
  ASSERT_TRUE(network_.status(1).lease_valid);
  TickWithSigns(1, 2);
  EXPECT_EQ(network_.status(1).role, Role::kLeader);
  EXPECT_FALSE(network_.status(1).lease_valid);
}

}  // namespace
}  // namespace trimaran::raft
