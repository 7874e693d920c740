#include "tests/support/raft/network.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// The harness of these tests does what it says: faults are real while they
// last, and over when they are over.

namespace trimaran::raft {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(NetworkTest, CutLosesBothDirectionsUntilRecovered) {
  Network network = Network::Plain(3);
  network.Campaign(1);
  network.Cut(1, 3);
  ASSERT_TRUE(network.Propose(1, "x").ok());
  EXPECT_EQ(network.status(3).last.index, LogIndex(1));
  EXPECT_EQ(network.status(2).last.index, LogIndex(2));
  network.Recover();
  network.Beat(1);
  network.Beat(1);
  EXPECT_TRUE(network.Converged());
}

TEST(NetworkTest, DropIsOneWayAndByChance) {
  Network network = Network::Plain(2);
  network.Campaign(1);
  network.Drop({1, 2}, 500'000);
  int arrived = 0;
  for (int beat = 0; beat < 400; ++beat) {
    const size_t before = network.delivered();
    network.Beat(1);
    if (network.delivered() != before) ++arrived;
  }
  EXPECT_GT(arrived, 100);
  EXPECT_LT(arrived, 300);
}

TEST(NetworkTest, IgnoreAndHookPickMessages) {
  Network network = Network::Plain(3);
  network.Ignore<MsgApp>();
  size_t votes = 0;
  network.Hook([&](const Message& message) {
    if (message.As<MsgVote>() != nullptr) ++votes;
    return message.to != ReplicaId(3);
  });
  network.Campaign(1);
  EXPECT_EQ(votes, 2U);
  EXPECT_EQ(network.status(1).role, Role::kLeader);
  EXPECT_EQ(network.status(2).last.index, LogIndex(0));
  EXPECT_EQ(network.status(3).term, Term(0));
}

TEST(NetworkTest, DelayedMessagesArriveWithinTheirTicks) {
  Network network = Network::Plain(2);
  network.Campaign(1);
  network.Delay(1'000'000, 3);
  ASSERT_TRUE(network.Propose(1, "x").ok());
  EXPECT_EQ(network.status(2).last.index, LogIndex(1));
  // The append, and at most as long again for its answer.
  network.TickAll(3);
  EXPECT_EQ(network.status(2).last.index, LogIndex(2));
  network.TickAll(3);
  EXPECT_EQ(network.status(1).commit, LogIndex(2));
}

TEST(NetworkTest, DuplicatesArriveTwice) {
  Network network = Network::Plain(2);
  network.Campaign(1);
  const size_t before = network.delivered();
  network.Beat(1);
  const size_t once = network.delivered() - before;
  network.Duplicate(1'000'000);
  network.Beat(1);
  // Each copy of the beat is answered, twice.
  EXPECT_EQ(network.delivered() - before - once, 2 + 4U);
  EXPECT_EQ(once, 2U);
}

TEST(NetworkTest, BlackHoleAnswersNothing) {
  Network network;
  network.Add(PlainConfig(1), MemoryLog(Voters(2)));
  network.AddBlackHole(ReplicaId(2));
  network.Campaign(1);
  EXPECT_EQ(network.status(1).role, Role::kCandidate);
  EXPECT_EQ(network.delivered(), 1U);
}

TEST(NetworkTest, ReplicaThatMissedCompactedEntriesGetsASnapshot) {
  Network network = Network::Plain(3);
  network.Campaign(1);
  network.Isolate(3);
  std::string expected;
  for (int i = 0; i < 20; ++i) {
    const std::string text = std::to_string(i);
    ASSERT_TRUE(network.Propose(1, text).ok());
    expected += text + "\n";
  }
  ASSERT_TRUE(network.at(1).CompactTo(LogIndex(15)).ok());
  network.Recover();

  network.Beat(1);
  network.Beat(1);

  EXPECT_TRUE(network.Converged());
  EXPECT_EQ(network.at(3).log().state(), expected);
  EXPECT_GE(network.status(3).boundary.index, LogIndex(15));
  EXPECT_THAT(network.errors(), IsEmpty());
}

TEST(NetworkTest, ReplicaThatMissedEntriesOutsideOfMemoryGetsThem) {
  Network network(3, [](Config& config) {
    config.window_entries_max = 2;
    config.append_entries_max = 3;
  });
  network.Campaign(1);
  network.Isolate(3);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(network.Propose(1, std::to_string(i)).ok());
  }
  EXPECT_LE(network.status(1).window_entries, 2U);
  network.Recover();

  network.Beat(1);
  network.Beat(1);

  EXPECT_TRUE(network.Converged());
  EXPECT_EQ(network.status(3).boundary.index, LogIndex(0)) << "no snapshot";
  EXPECT_THAT(network.at(3).log_ids(), SizeIs(21));
}

TEST(NetworkTest, RestartedReplicasKeepWhatIsDurable) {
  Network network = Network::Plain(3);
  network.Campaign(1);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(network.Propose(1, std::to_string(i)).ok());
  }
  for (uint64_t id = 1; id <= 3; ++id) {
    const RaftStatus before = network.status(id);
    network.at(id).Restart();
    const RaftStatus after = network.status(id);
    EXPECT_EQ(after.role, Role::kFollower);
    EXPECT_EQ(after.term, before.term);
    EXPECT_EQ(after.vote, before.vote);
    EXPECT_EQ(after.last, before.last);
    EXPECT_EQ(after.applied, before.applied);
  }
  network.Campaign(2);
  ASSERT_TRUE(network.Propose(2, "after").ok());
  EXPECT_TRUE(network.Converged());
  EXPECT_EQ(network.at(3).log().state(), "0\n1\n2\n3\n4\nafter\n");
}

}  // namespace
}  // namespace trimaran::raft
