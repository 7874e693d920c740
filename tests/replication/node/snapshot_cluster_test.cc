// Goal: whoever cannot be served from the log any more gets the state as a
// whole, over a network that loses, doubles and reorders, through restarts and
// changes of leader; and afterwards all states are the same.

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/format/manifest_codec.h"
#include "gtest/gtest.h"
#include "replication/raft/conf_change.h"
#include "tests/replication/node/snapshot_group.h"
#include "tests/support/node/blocking.h"
#include "tests/support/node/threaded_cluster.h"

namespace trimaran {
namespace {

using Fate = FaultyTransport::Fate;

// Changes the group, wherever it is led from at last.
absl::Status ChangeMembers(ThreadedCluster& cluster, uint64_t at,
                           raft::ConfChangeStep step) {
  absl::Status last;
  Eventually([&] {
    const uint64_t leader = cluster.Leader(at);
    Later<absl::StatusOr<ConfState>> later;
    cluster.at(leader).node().ChangeMembers(
        {.transition = raft::ConfChangeTransition::kAuto,
         .steps = {step},
         .context = ""},
        MonotonicTime::Infinite(),
        [&later](absl::StatusOr<ConfState> answer) { later.Set(answer); });
    last = later.Wait().status();
    return last.ok();
  });
  return last;
}

// Covers: G13, F5
TEST(SnapshotClusterTest, FollowerThatWasAwayCatchesUpBySnapshotAndThenByLog) {
  ThreadedCluster cluster(3, SmallSteps());
  const Absence who = WriteInAbsence(cluster, 60);

  cluster.Start(who.follower);
  ASSERT_TRUE(HasInstalled(cluster, who.follower));
  PutMany(cluster, who.leader, "after", 5);
  ASSERT_TRUE(cluster.CatchesUp(who.follower, who.leader));
  for (const uint64_t id : {1u, 2u, 3u}) {
    EXPECT_EQ(cluster.at(id).Get("early3").value(), std::nullopt);
    EXPECT_NE(cluster.at(id).Get("early4").value(), std::nullopt);
    EXPECT_NE(cluster.at(id).Get("late59").value(), std::nullopt);
    EXPECT_NE(cluster.at(id).Get("after4").value(), std::nullopt);
  }
  ExpectSameState(cluster, {1, 2, 3});

  // What was installed is there after a restart, and the logs stay in bounds.
  cluster.Stop(who.follower);
  cluster.Start(who.follower);
  EXPECT_EQ(cluster.at(who.follower).Get("early3").value(), std::nullopt);
  EXPECT_NE(cluster.at(who.follower).Get("after4").value(), std::nullopt);
  for (const uint64_t id : {1u, 2u, 3u}) {
    Node& node = cluster.at(id).node();
    EXPECT_TRUE(Eventually([&node] {
      const auto status = node.status();
      return status->raft.applied - status->truncated <= 2 * kLogLimit;
    })) << id;
  }
  ExpectSameState(cluster, {1, 2, 3});
}

TEST(SnapshotClusterTest, JoinerStartsWithASnapshotAndBecomesAVoter) {
  ThreadedCluster cluster(3, SmallSteps());
  PutMany(cluster, 1, "key", 30);
  cluster.StartJoiner(4);
  ASSERT_TRUE(ChangeMembers(cluster, 1,
                            {.type = raft::ConfChangeType::kAddLearner,
                             .replica = ReplicaId(4)})
                  .ok());
  ASSERT_TRUE(HasInstalled(cluster, 4));
  PutMany(cluster, 2, "more", 5);
  ASSERT_TRUE(cluster.CatchesUp(4, 2));

  ASSERT_TRUE(ChangeMembers(cluster, 1,
                            {.type = raft::ConfChangeType::kAddVoter,
                             .replica = ReplicaId(4)})
                  .ok());
  EXPECT_TRUE(Eventually([&] {
    return cluster.at(4).node().status()->raft.conf.voters.size() == 4;
  }));
  // It counts, reads and writes like the others.
  EXPECT_NE(cluster.at(4).Get("key29").value(), std::nullopt);
  EXPECT_TRUE(cluster.at(4).Put("from the new one", "v").ok());
  ExpectSameState(cluster, {1, 2, 3, 4});
}

TEST(SnapshotClusterTest, ChunksMayGetLostDoubledAndReordered) {
  ThreadedCluster cluster(3, SmallSteps());
  const Absence who = WriteInAbsence(cluster, 60);
  auto count = std::make_shared<std::atomic<uint64_t>>(0);
  cluster.transport().SetJudge([count](const PeerMessage& message) {
    if (std::holds_alternative<raft::Message>(message.body)) {
      return Fate::kArrives;
    }
    switch (count->fetch_add(1) % 7) {
      case 1:
        return Fate::kArrivesTwice;
      case 2:
      case 6:
        return Fate::kIsLost;
      case 4:
        return Fate::kIsHeldBack;
      default:
        return Fate::kArrives;
    }
  });
  cluster.Start(who.follower);
  ASSERT_TRUE(HasInstalled(cluster, who.follower));
  ExpectSameState(cluster, {1, 2, 3});
}

// Whoever of the two leads.
SnapshotOnItsWay OnItsWay(ThreadedCluster& cluster, const Absence& who) {
  for (const uint64_t id : {who.leader, who.other}) {
    for (const SnapshotOnItsWay& each :
         cluster.at(id).node().status()->snapshots_sent) {
      if (each.peer == ReplicaId(who.follower)) return each;
    }
  }
  return {};
}

TEST(SnapshotClusterTest, ReceiverThatRestartsGetsOnlyWhatIsMissing) {
  ThreadedCluster cluster(3, SmallSteps());
  const Absence who = WriteInAbsence(cluster, 80);
  // Some chunks arrive, and then none.
  auto passed = std::make_shared<std::atomic<int>>(0);
  auto open = std::make_shared<std::atomic<bool>>(false);
  cluster.transport().SetJudge([passed, open](const PeerMessage& message) {
    if (!std::holds_alternative<MsgSnapshotChunk>(message.body) || *open) {
      return Fate::kArrives;
    }
    return passed->fetch_add(1) < 8 ? Fate::kArrives : Fate::kIsLost;
  });
  cluster.Start(who.follower);
  ASSERT_TRUE(Eventually([&] {
    return CountersOf(cluster, who.follower).snapshot_chunks_stored == 8;
  }));
  // As it says to who waits for that.
  EXPECT_TRUE(Eventually([&] {
    const SnapshotOnItsWay half = OnItsWay(cluster, who);
    return half.bytes_sent >= 8 * 3000 && half.bytes_sent < half.bytes;
  }));
  cluster.Stop(who.follower);
  *open = true;
  cluster.Start(who.follower);
  ASSERT_TRUE(HasInstalled(cluster, who.follower));
  const uint64_t produced = CountersOf(cluster, who.leader).snapshots_produced +
                            CountersOf(cluster, who.other).snapshots_produced;
  EXPECT_EQ(produced, 1u);
  // 90 rows of 1000 bytes, three to a chunk: some thirty in all.
  const uint64_t stored =
      CountersOf(cluster, who.follower).snapshot_chunks_stored;
  EXPECT_GE(stored, 15u);
  EXPECT_LE(stored, 26u);
  EXPECT_TRUE(
      Eventually([&] { return OnItsWay(cluster, who).peer == kNoReplica; }));
  ExpectSameState(cluster, {1, 2, 3});
}

TEST(SnapshotClusterTest, LeadershipLostInTheMiddleOfATransfer) {
  ThreadedCluster cluster(3, SmallSteps());
  const Absence who = WriteInAbsence(cluster, 80);
  auto passed = std::make_shared<std::atomic<int>>(0);
  auto leader = std::make_shared<std::atomic<uint64_t>>(who.leader);
  cluster.transport().SetJudge([passed, leader](const PeerMessage& message) {
    if (!std::holds_alternative<MsgSnapshotChunk>(message.body) ||
        message.from != ReplicaId(leader->load())) {
      return Fate::kArrives;
    }
    return passed->fetch_add(1) < 5 ? Fate::kArrives : Fate::kIsLost;
  });
  cluster.Start(who.follower);
  ASSERT_TRUE(Eventually([&] { return passed->load() > 5; }));

  Later<absl::Status> asked;
  cluster.at(who.leader)
      .node()
      .TransferLeadership(
          ReplicaId(who.other),
          [&asked](const absl::Status& status) { asked.Set(status); });
  ASSERT_TRUE(asked.Wait().ok());
  ASSERT_TRUE(HasInstalled(cluster, who.follower));
  ExpectSameState(cluster, {1, 2, 3});
}

TEST(SnapshotClusterTest, InstallationRacesWithWrites) {
  ThreadedCluster cluster(3, SmallSteps());
  const Absence who = WriteInAbsence(cluster, 60);
  std::atomic<bool> enough = false;
  // Looked up before the cluster changes.
  ThreadedReplica& other = cluster.at(who.other);
  std::thread writer([&] {
    for (int i = 0; !enough; ++i) {
      const auto put = other.Put(absl::StrCat("race", i % 50), absl::StrCat(i));
      EXPECT_TRUE(put.ok()) << put.status();
    }
  });
  cluster.Start(who.follower);
  EXPECT_TRUE(HasInstalled(cluster, who.follower));
  // And with its own.
  PutMany(cluster, who.follower, "own", 20, 10);
  enough = true;
  writer.join();
  ExpectSameState(cluster, {1, 2, 3});
}

TEST(SnapshotClusterTest, LanesOnThreadsOfTheirOwnDoTheSame) {
  ThreadedCluster::Options options = SmallSteps();
  options.threads = ThreadedReplica::Threads::kOwn;
  ThreadedCluster cluster(3, options);
  for (int round = 0; round < 3; ++round) {
    const Absence who = WriteInAbsence(cluster, 60);
    std::atomic<bool> enough = false;
    ThreadedReplica& other = cluster.at(who.other);
    std::thread writer([&] {
      for (int i = 0; !enough; ++i) {
        const auto put = other.Put(absl::StrCat("race", i % 50), "v");
        EXPECT_TRUE(put.ok()) << put.status();
      }
    });
    cluster.Start(who.follower);
    EXPECT_TRUE(HasInstalled(cluster, who.follower));
    enough = true;
    writer.join();
    ExpectSameState(cluster, {1, 2, 3});
  }
}

// Covers: G15
TEST(SnapshotClusterTest, SnapshotsThatNobodyNeedsAreRemoved) {
  ThreadedCluster::Options options = SmallSteps();
  options.node.snapshots.garbage_interval = absl::Milliseconds(50);
  ThreadedCluster cluster(3, options);
  const Absence who = WriteInAbsence(cluster, 60);
  cluster.Start(who.follower);
  ASSERT_TRUE(HasInstalled(cluster, who.follower));
  PutMany(cluster, who.leader, "beyond", 60);
  for (const uint64_t id : {1u, 2u, 3u}) {
    engine::TempHome& home = cluster.home(id);
    EXPECT_TRUE(Eventually([&home] {
      const auto names = home.files().List(home.path() + "/snap");
      return names.ok() && names->empty();
    })) << id;
  }
}

TEST(SnapshotClusterTest, StopInTheMiddleOfEverythingEnds) {
  ThreadedCluster::Options options = SmallSteps();
  // A snapshot takes many ticks to write.
  options.node.snapshots.write_rate = {.bytes_per_second = 50'000,
                                       .burst_bytes = 1000};
  ThreadedCluster cluster(3, options);
  const Absence who = WriteInAbsence(cluster, 60);
  cluster.Start(who.follower);
  PutMany(cluster, who.leader, "while it is written", 10);
  cluster.Stop(who.leader);
  cluster.Stop(who.other);
  cluster.Stop(who.follower);
  for (const uint64_t id : {1u, 2u, 3u}) cluster.Start(id);
  ASSERT_TRUE(HasInstalled(cluster, who.follower));
  ExpectSameState(cluster, {1, 2, 3});
}

// Writes at `at` until `count` writes have been acknowledged, and remembers
// these.
void WriteAcknowledged(ThreadedCluster& cluster, uint64_t at,
                       const std::string& prefix, int count,
                       std::vector<std::string>& acknowledged) {
  for (int i = 0; i < count; ++i) {
    std::string key = absl::StrCat(prefix, i);
    if (cluster.at(at).Put(key, key).ok()) {
      acknowledged.push_back(std::move(key));
    }
  }
}

// Covers: G14, F5
TEST(SnapshotClusterTest, RestoredAgainAndAgainUnderFaults) {
  ThreadedCluster cluster(3, SmallSteps());
  auto count = std::make_shared<std::atomic<uint64_t>>(0);
  cluster.transport().SetJudge([count](const PeerMessage&) {
    return count->fetch_add(1) % 97 == 96 ? Fate::kIsLost : Fate::kArrives;
  });
  std::vector<std::string> acknowledged[2];
  constexpr int kRounds = 6;
  for (int round = 0; round < kRounds; ++round) {
    const auto victim = static_cast<uint64_t>(round % 3 + 1);
    const bool restarts = round % 2 == 0;
    if (restarts) {
      cluster.Stop(victim);
    } else {
      cluster.transport().Cut(ReplicaId(victim));
    }
    std::thread other([&] {
      WriteAcknowledged(cluster, (victim + 1) % 3 + 1,
                        absl::StrCat("b", round, "-"), 40, acknowledged[1]);
    });
    WriteAcknowledged(cluster, victim % 3 + 1, absl::StrCat("a", round, "-"),
                      40, acknowledged[0]);
    other.join();
    if (restarts) {
      cluster.Start(victim);
    } else {
      cluster.transport().Heal(ReplicaId(victim));
    }
    // Nobody else is taken away before it is of use again.
    ASSERT_TRUE(cluster.CatchesUp(victim, victim % 3 + 1)) << round;
  }
  uint64_t installed = 0;
  for (const uint64_t id : {1u, 2u, 3u}) {
    installed += CountersOf(cluster, id).snapshots_installed;
    Node& node = cluster.at(id).node();
    EXPECT_TRUE(Eventually([&node] {
      const auto status = node.status();
      return status->raft.applied - status->truncated <= 2 * kLogLimit;
    })) << id;
  }
  EXPECT_GT(installed, 0u);
  EXPECT_GT(acknowledged[0].size() + acknowledged[1].size(), 300u);
  for (const uint64_t id : {1u, 2u, 3u}) {
    ASSERT_TRUE(cluster.at(id).Get("a0-0").ok());
    for (const auto& keys : acknowledged) {
      for (const std::string& key : keys) {
        std::string value;
        const auto found = cluster.at(id).engine().machine().Get(
            engine::kDefaultFamily, key, value);
        ASSERT_TRUE(found.ok() && *found) << key << " at " << id;
      }
    }
  }
  ExpectSameState(cluster, {1, 2, 3});
}

}  // namespace
}  // namespace trimaran
