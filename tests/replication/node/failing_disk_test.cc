// Goal: a node whose disk fails, in the midst of whatever it is doing, says so
// to everybody, and comes to its end when it is told to.

#include "absl/status/status.h"
#include "engine/base/errors.h"
#include "gtest/gtest.h"
#include "tests/replication/node/laned_replica.h"

namespace trimaran {
namespace {

TEST(FailingDiskTest, StopEndsWhenLogAndStateMachineHaveBothFailed) {
  LanedReplica replica(1);
  // One write is about to be applied while another is about to be written.
  replica.Submit();
  while (replica.apply.idle()) {
    replica.raft.RunAll();
    replica.log.RunOne();
  }
  replica.Submit();
  while (replica.log.idle()) ASSERT_TRUE(replica.raft.RunOne());
  replica.disk.CutPowerAfter(0);
  bool stopped = false;
  replica.node->Stop([&stopped] { stopped = true; });
  // One after the other comes to its end; the state machine is the last.
  for (TimelessLane* lane : {&replica.rest, &replica.log, &replica.apply}) {
    lane->RunAll();
    replica.raft.RunAll();
  }
  EXPECT_TRUE(stopped);
  EXPECT_EQ(replica.answered, replica.asked);
}

TEST(FailingDiskTest, WriteWhoseLogHasFailedIsNotAcknowledged) {
  LanedReplica replica(1);
  replica.RunAll();
  replica.Submit();
  while (replica.log.idle()) ASSERT_TRUE(replica.raft.RunOne());
  replica.disk.CutPowerAfter(0);
  replica.RunAll();
  ASSERT_TRUE(replica.answer.has_value());
  EXPECT_EQ(OutcomeOf(*replica.answer), WriteOutcome::kUnknown)
      << *replica.answer;
  EXPECT_FALSE(replica.node->status()->failure.ok());
}

}  // namespace
}  // namespace trimaran
