#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// A host that knows its leader to be gone need not wait for a timeout.

namespace trimaran::raft {
namespace {

Network LedBy1(absl::FunctionRef<void(Config&)> configure) {
  Network network(3, configure);
  network.Campaign(1);
  EXPECT_EQ(network.status(2).leader, ReplicaId(1));
  return network;
}

void WithPreVoteAndCheckQuorum(Config& config) {
  config.pre_vote = true;
  config.check_quorum = true;
}

// Covers: H20
TEST(ForgetLeaderTest, FollowerForgetsInPlace) {
  Network network = LedBy1([](Config&) {});
  network.Tick(2, 3);
  const RaftStatus before = network.status(2);
  network.raft(2).ForgetLeader();
  const RaftStatus after = network.status(2);
  EXPECT_EQ(after.leader, kNoReplica);
  EXPECT_EQ(after.role, Role::kFollower);
  EXPECT_EQ(after.term, before.term);
  EXPECT_EQ(after.vote, before.vote);
  EXPECT_EQ(after.election_elapsed_ticks, before.election_elapsed_ticks);
  EXPECT_EQ(after.election_timeout_ticks, before.election_timeout_ticks);
  // The vote of this term stays given.
  network.Campaign(3);
  EXPECT_EQ(network.status(3).role, Role::kLeader);
  EXPECT_EQ(network.status(3).term, Term(2));
}

// Covers: H20
TEST(ForgetLeaderTest, NextSignOfLifeBringsTheLeaderBack) {
  Network network = LedBy1([](Config&) {});
  network.raft(2).ForgetLeader();
  network.Beat(1);
  EXPECT_EQ(network.status(2).leader, ReplicaId(1));
}

// Covers: H20
TEST(ForgetLeaderTest, OtherRolesHaveNothingToForget) {
  Network network = LedBy1([](Config&) {});
  network.raft(1).ForgetLeader();
  EXPECT_EQ(network.status(1).role, Role::kLeader);
  EXPECT_EQ(network.status(1).leader, ReplicaId(1));
  network.Isolate(3);
  network.Campaign(3);
  network.raft(3).ForgetLeader();
  EXPECT_EQ(network.status(3).role, Role::kCandidate);
}

// Covers: H20
TEST(ForgetLeaderTest, QuorumThatHasForgottenElectsAtOnce) {
  Network network = LedBy1(WithPreVoteAndCheckQuorum);
  network.Campaign(3);
  EXPECT_EQ(network.status(3).role, Role::kPreCandidate);
  EXPECT_EQ(network.status(1).role, Role::kLeader);

  network.raft(2).ForgetLeader();
  network.Campaign(3);
  EXPECT_EQ(network.status(3).role, Role::kLeader);
  EXPECT_EQ(network.status(1).role, Role::kFollower);
}

// Covers: H20
TEST(ForgetLeaderTest, PromiseOfALeaseIsNotForgotten) {
  Network network = LedBy1([](Config& config) {
    WithPreVoteAndCheckQuorum(config);
    config.lease_reads = true;
  });
  network.raft(2).ForgetLeader();
  EXPECT_EQ(network.status(2).leader, ReplicaId(1));
  network.Campaign(3);
  EXPECT_EQ(network.status(1).role, Role::kLeader);
}

}  // namespace
}  // namespace trimaran::raft
