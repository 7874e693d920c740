#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// A host that knows that its leader counts on what is not there ends the term.

namespace trimaran::raft {
namespace {

TEST(LeaveTermTest, FollowerBeginsATermOfWhichNothingIsKnown) {
  Network network(3, [](Config&) {});
  network.Campaign(1);
  network.raft(2).LeaveTerm();
  const RaftStatus after = network.status(2);
  EXPECT_EQ(after.term, Term(2));
  EXPECT_EQ(after.role, Role::kFollower);
  EXPECT_EQ(after.leader, kNoReplica);
  EXPECT_EQ(after.vote, kNoReplica);
}

TEST(LeaveTermTest, LeaderOfTheTermGivesWay) {
  Network network(3, [](Config& config) {
    config.pre_vote = true;
    config.check_quorum = true;
  });
  network.Campaign(1);
  network.raft(2).LeaveTerm();
  network.Beat(1);
  EXPECT_EQ(network.status(1).role, Role::kFollower);
  EXPECT_EQ(network.status(1).term, Term(2));
}

TEST(LeaveTermTest, LeaderStays) {
  Network network(3, [](Config&) {});
  network.Campaign(1);
  network.raft(1).LeaveTerm();
  EXPECT_EQ(network.status(1).role, Role::kLeader);
  EXPECT_EQ(network.status(1).term, Term(1));
}

}  // namespace
}  // namespace trimaran::raft
