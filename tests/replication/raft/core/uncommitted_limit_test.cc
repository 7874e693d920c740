#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// How much a leader accepts that it has not been able to commit.

namespace trimaran::raft {
namespace {

Config Limit(uint64_t bytes) {
  Config config = PlainConfig();
  config.uncommitted_bytes_max = bytes;
  return config;
}

TestReplica Leader(uint64_t bytes) {
  TestReplica leader(Limit(bytes), MemoryLog(Voters(3)));
  leader.Lead();
  EXPECT_TRUE(leader.Receive(2, 1, Ack(1)).ok());
  leader.ProcessAndTakeMessages();
  return leader;
}

absl::Status Propose(TestReplica& leader, size_t size) {
  return leader.Propose(std::string(size, 'x')).status();
}

// Covers: H22
TEST(UncommittedLimitTest, ProposalsAreDroppedWhileTooMuchIsPending) {
  constexpr size_t kEntry = 8;
  TestReplica leader = Leader(64 * kEntry);
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(Propose(leader, kEntry).ok()) << i;
  const absl::Status full = Propose(leader, kEntry);
  EXPECT_EQ(DropReasonOf(full), DropReason::kUncommittedBytesFull);
  EXPECT_EQ(OutcomeOf(full), WriteOutcome::kNotApplied);
  EXPECT_EQ(leader.status().uncommitted_bytes, 64 * kEntry);
  EXPECT_TRUE(Propose(leader, 0).ok()) << "empty entries always fit";

  leader.Process();
  ASSERT_TRUE(
      leader.Receive(2, 1, Ack(leader.status().last.index.value())).ok());
  leader.Process();
  EXPECT_EQ(leader.status().uncommitted_bytes, 0u);
  // Alone, one may be larger than the limit.
  EXPECT_TRUE(Propose(leader, 200 * kEntry).ok());
  EXPECT_FALSE(Propose(leader, 1).ok());
  EXPECT_TRUE(Propose(leader, 0).ok());
}

// Covers: H22
TEST(UncommittedLimitTest, EmptyEntriesWeighNothing) {
  TestReplica leader = Leader(10);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(Propose(leader, 0).ok());
  EXPECT_EQ(leader.status().uncommitted_bytes, 0u);
  EXPECT_EQ(EntryAt(At(1, 1)).size_bytes(), 0u);
}

// Covers: H22
TEST(UncommittedLimitTest, GrowthIsBoundedWhileAMajorityIsAway) {
  Network network(3,
                  [](Config& config) { config.uncommitted_bytes_max = 1000; });
  network.Campaign(1);
  network.Isolate(1);
  int accepted = 0;
  for (int i = 0; i < 100; ++i) {
    if (network.Propose(1, std::string(100, 'x')).ok()) ++accepted;
  }
  EXPECT_EQ(accepted, 10);
  EXPECT_EQ(network.status(1).last.index, LogIndex(11));
  network.Recover();
  network.Beat(1);
  EXPECT_TRUE(network.Converged());
  EXPECT_EQ(network.status(1).uncommitted_bytes, 0u);
  EXPECT_TRUE(network.Propose(1, std::string(100, 'x')).ok());
}

// Covers: H22
TEST(UncommittedLimitTest, NewLeaderCountsOnlyWhatItHasProposed) {
  TestReplica replica(Limit(100), MemoryLog(Voters(3)));
  MsgApp append;
  append.entries = {EntryAt(At(1, 1), std::string(90, 'x'))};
  ASSERT_TRUE(replica.Receive(2, 1, append).ok());
  replica.Process();
  replica.Lead();
  EXPECT_EQ(replica.status().uncommitted_bytes, 0u);
  ASSERT_TRUE(Propose(replica, 60).ok());
  EXPECT_FALSE(Propose(replica, 60).ok());
  replica.Process();
  // The inherited entry commits first; it was never counted.
  ASSERT_TRUE(replica.Receive(3, 2, Ack(2)).ok());
  replica.Process();
  EXPECT_EQ(replica.status().uncommitted_bytes, 60u);
  ASSERT_TRUE(replica.Receive(3, 2, Ack(3)).ok());
  replica.Process();
  EXPECT_EQ(replica.status().uncommitted_bytes, 0u);
}

// Covers: H22
TEST(UncommittedLimitTest, CounterStartsAnewWithEachLeadership) {
  TestReplica replica = Leader(100);
  ASSERT_TRUE(Propose(replica, 80).ok());
  replica.Process();
  ASSERT_TRUE(replica.Receive(2, 2, MsgHeartbeat{}).ok());
  EXPECT_EQ(replica.status().uncommitted_bytes, 0u);
  replica.Process();
  replica.Lead();
  EXPECT_EQ(replica.status().uncommitted_bytes, 0u);
  EXPECT_TRUE(Propose(replica, 80).ok());
  replica.Process();
  const uint64_t last = replica.status().last.index.value();
  ASSERT_TRUE(replica.Receive(2, 3, Ack(last)).ok());
  replica.Process();
  EXPECT_EQ(replica.status().uncommitted_bytes, 0u);
  EXPECT_EQ(replica.status().applied, LogIndex(last));
}

// Covers: H22
TEST(UncommittedLimitTest, ForwardedProposalsAreCountedToo) {
  TestReplica leader = Leader(100);
  const MsgProp large{{{EntryType::kNormal, Payload(std::string(90, 'x'))}}};
  EXPECT_TRUE(leader.Receive(2, 0, large).ok());
  EXPECT_EQ(DropReasonOf(leader.Receive(2, 0, large)),
            DropReason::kUncommittedBytesFull);
}

}  // namespace
}  // namespace trimaran::raft
