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
#include "tests/support/node/blocking.h"
#include "tests/support/node/threaded_cluster.h"

namespace trimaran {
namespace {

using Fate = FaultyTransport::Fate;

constexpr uint64_t kLogLimit = 20;

// Snapshots of many small chunks, needed soon.
ThreadedCluster::Options SmallSteps() {
  ThreadedCluster::Options options;
  options.node.maintenance.log_entries_limit = kLogLimit;
  options.node.snapshots.chunk_bytes_target = 4096;
  options.node.snapshots.window_chunks = 4;
  options.node.snapshots.ask_again_after = absl::Milliseconds(100);
  options.node.snapshots.free_bytes_min = uint64_t{1} << 20;
  return options;
}

void PutMany(ThreadedCluster& cluster, uint64_t at, const std::string& prefix,
             int count, size_t value_bytes = 1000) {
  const std::string value(value_bytes, 'v');
  for (int i = 0; i < count; ++i) {
    const auto put = cluster.at(at).Put(absl::StrCat(prefix, i), value);
    ASSERT_TRUE(put.ok()) << put.status();
  }
}

absl::StatusOr<AppliedWrite> Delete(ThreadedCluster& cluster, uint64_t at,
                                    std::string_view key) {
  engine::WriteCommand write;
  write.operations = {engine::DeleteOp{engine::kDefaultFamily, key}};
  return cluster.at(at).Write({.stamp = {}, .body = write}, absl::Seconds(10));
}

// Waits until `id` cannot be served from the log of `leader` any more.
bool LogIsGoneFor(ThreadedCluster& cluster, LogIndex applied, uint64_t leader) {
  return Eventually(
      [&] { return cluster.at(leader).node().status()->truncated > applied; });
}

LogIndex AppliedAt(ThreadedCluster& cluster, uint64_t id) {
  return cluster.at(id).engine().machine().applied().applied.id.index;
}

void ExpectSameState(ThreadedCluster& cluster,
                     const std::set<uint64_t>& replicas) {
  const uint64_t first = *replicas.begin();
  // One more write, so that all know that all is committed.
  ASSERT_TRUE(cluster.at(first).Put("last", "v").ok());
  const LogIndex goal = AppliedAt(cluster, first);
  const auto expected = cluster.Digest(first);
  ASSERT_TRUE(expected.ok()) << expected.status();
  for (const uint64_t id : replicas) {
    ASSERT_TRUE(Eventually([&] { return AppliedAt(cluster, id) >= goal; }))
        << id;
    const auto digest = cluster.Digest(id);
    ASSERT_TRUE(digest.ok()) << digest.status();
    if (digest->position.id != expected->position.id) continue;
    EXPECT_EQ(*digest, *expected) << id;
  }
}

NodeCounters CountersOf(ThreadedCluster& cluster, uint64_t id) {
  return cluster.at(id).node().status()->counters;
}

bool HasInstalled(ThreadedCluster& cluster, uint64_t id) {
  return Eventually(
      [&] { return CountersOf(cluster, id).snapshots_installed > 0; });
}

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

// A follower that was away while the log went on without it.
struct Absence {
  uint64_t leader = 0;
  uint64_t follower = 0;
  uint64_t other = 0;
};
Absence WriteInAbsence(ThreadedCluster& cluster, int writes) {
  Absence who;
  PutMany(cluster, 1, "early", 10);
  who.leader = cluster.Leader(1);
  who.follower = who.leader % 3 + 1;
  who.other = who.follower % 3 + 1;
  EXPECT_TRUE(cluster.CatchesUp(who.follower, who.leader));
  const LogIndex applied = AppliedAt(cluster, who.follower);
  cluster.Stop(who.follower);
  PutMany(cluster, who.leader, "late", writes);
  EXPECT_TRUE(Delete(cluster, who.leader, "early3").ok());
  EXPECT_TRUE(LogIsGoneFor(cluster, applied, who.leader));
  return who;
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

TEST(SnapshotClusterTest, TransferWithoutProgressIsGivenUpAndBegunAgain) {
  ThreadedCluster::Options options = SmallSteps();
  options.node.snapshots.give_up_after = absl::Milliseconds(240);
  ThreadedCluster cluster(3, options);
  const Absence who = WriteInAbsence(cluster, 60);
  // Announcements differ only where the core has begun anew: the offers that
  // are merely repeated come while the receiver is silent.
  auto chunks = std::make_shared<std::atomic<int>>(0);
  auto open = std::make_shared<std::atomic<bool>>(false);
  cluster.transport().SetJudge([chunks, open](const PeerMessage& message) {
    if (!std::holds_alternative<MsgSnapshotChunk>(message.body) || *open) {
      return Fate::kArrives;
    }
    ++*chunks;
    return Fate::kIsLost;
  });
  cluster.Start(who.follower);
  // A window of four, asked for three times before the sender gives up; more
  // of them are of a second transfer.
  ASSERT_TRUE(Eventually([&] { return *chunks > 20; }));
  *open = true;
  ASSERT_TRUE(HasInstalled(cluster, who.follower));
  ExpectSameState(cluster, {1, 2, 3});
}

// When there is one at least: counters are shown with the next tick only.
uint64_t Produced(ThreadedCluster& cluster) {
  uint64_t produced = 0;
  EXPECT_TRUE(Eventually([&] {
    produced = 0;
    for (const uint64_t id : {1u, 2u, 3u}) {
      produced += CountersOf(cluster, id).snapshots_produced;
    }
    return produced > 0;
  }));
  return produced;
}

// Covers: G14
TEST(SnapshotClusterTest, OneSnapshotSufficesHoweverLongItsImportTakes) {
  ThreadedCluster::Options options = SmallSteps();
  options.node.snapshots.give_up_after = absl::Milliseconds(200);
  ThreadedCluster cluster(3, options);
  const Absence who = WriteInAbsence(cluster, 60);
  cluster.transport().Cut(ReplicaId(who.follower));
  cluster.Start(who.follower);
  EventLoop& import_lane = cluster.at(who.follower).maintenance();
  auto gate = std::make_shared<Later<bool>>();
  auto received = std::make_shared<std::atomic<bool>>(false);
  cluster.transport().SetJudge(
      [&import_lane, gate, received](const PeerMessage& message) {
        const auto* done = std::get_if<MsgSnapshotDone>(&message.body);
        if (done != nullptr && !received->exchange(true)) {
          import_lane.Post([gate] { gate->Wait(); });
        }
        return Fate::kArrives;
      });
  cluster.transport().Heal(ReplicaId(who.follower));
  ASSERT_TRUE(Eventually([&] { return received->load(); }));

  // Many times as long as a transfer may stand still, and many times as much
  // as a log has.
  const MonotonicClock clock;
  const MonotonicTime end = clock.Now() + absl::Seconds(1);
  int written = 0;
  for (; written < 200 || clock.Now() < end; ++written) {
    ASSERT_TRUE(
        cluster.at(who.leader).Put(absl::StrCat("m", written), "v").ok());
  }
  gate->Set(true);
  ASSERT_TRUE(HasInstalled(cluster, who.follower));
  ASSERT_TRUE(cluster.CatchesUp(who.follower, who.leader));
  EXPECT_EQ(Produced(cluster), 1u);
  EXPECT_EQ(CountersOf(cluster, who.follower).snapshots_installed, 1u);
  // And then nothing is kept any more.
  PutMany(cluster, who.leader, "after", 5);
  Node& leader = cluster.at(who.leader).node();
  EXPECT_TRUE(Eventually([&leader] {
    const auto status = leader.status();
    return status->raft.applied - status->truncated <= 2 * kLogLimit;
  }));
  ExpectSameState(cluster, {1, 2, 3});
}

TEST(SnapshotClusterTest, OfferInTheMiddleOfAnInstallationIsPutOff) {
  ThreadedCluster cluster(3, SmallSteps());
  const Absence who = WriteInAbsence(cluster, 60);
  cluster.transport().Cut(ReplicaId(who.follower));
  cluster.Start(who.follower);
  EventLoop& import_lane = cluster.at(who.follower).maintenance();
  auto gate = std::make_shared<Later<bool>>();
  auto received = std::make_shared<std::atomic<bool>>(false);
  auto offer = std::make_shared<Later<PeerMessage>>();
  auto put_off = std::make_shared<std::atomic<uint64_t>>(0);
  auto refused = std::make_shared<std::atomic<int>>(0);
  cluster.transport().SetJudge([=, &import_lane](const PeerMessage& message) {
    const auto* done = std::get_if<MsgSnapshotDone>(&message.body);
    const auto* fetch = std::get_if<MsgSnapshotFetch>(&message.body);
    if (std::holds_alternative<MsgSnapshotOffer>(message.body)) {
      offer->Set(message);
    } else if (fetch != nullptr && fetch->count == 0) {
      *put_off = fetch->snapshot;
    } else if (done != nullptr && !received->exchange(true)) {
      import_lane.Post([gate] { gate->Wait(); });
    }
    if (done != nullptr && done->result == MsgSnapshotDone::Result::kRefused) {
      ++*refused;
    }
    return Fate::kArrives;
  });
  cluster.transport().Heal(ReplicaId(who.follower));
  ASSERT_TRUE(Eventually([&] {
    return cluster.at(who.follower).node().status()->raft.pending_snapshot !=
           LogIndex();
  }));

  // As a new leader would offer it.
  PeerMessage other = offer->Wait();
  auto& body = std::get<MsgSnapshotOffer>(other.body);
  auto manifest = engine::DecodeManifest(body.manifest);
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  manifest->id = engine::SnapshotId(4711);
  manifest->position.id.index = manifest->position.id.index + 1000;
  body.manifest = engine::EncodeManifest(*manifest);
  body.announcement.body =
      raft::MsgSnap{{.id = manifest->position.id, .conf = manifest->conf}};
  // One that does not fit together is counted and does nothing.
  PeerMessage unfit = other;
  std::get<MsgSnapshotOffer>(unfit.body).announcement.body =
      raft::MsgTimeoutNow{};
  cluster.transport().Send({unfit});
  EXPECT_TRUE(Eventually(
      [&] { return CountersOf(cluster, who.follower).messages_refused == 1; }));
  cluster.transport().Send({other});
  EXPECT_TRUE(Eventually([&] { return *put_off == 4711; }));
  gate->Set(true);
  ASSERT_TRUE(HasInstalled(cluster, who.follower));
  EXPECT_EQ(*refused, 0);
  ExpectSameState(cluster, {1, 2, 3});
}

TEST(SnapshotClusterTest, LostWordOfReceiptIsSaidAgain) {
  ThreadedCluster cluster(3, SmallSteps());
  const Absence who = WriteInAbsence(cluster, 60);
  auto lost = std::make_shared<std::atomic<int>>(0);
  auto refused = std::make_shared<std::atomic<int>>(0);
  cluster.transport().SetJudge([lost, refused](const PeerMessage& message) {
    const auto* done = std::get_if<MsgSnapshotDone>(&message.body);
    if (done == nullptr) return Fate::kArrives;
    if (done->result != MsgSnapshotDone::Result::kReceived) ++*refused;
    return lost->fetch_add(1) == 0 ? Fate::kIsLost : Fate::kArrives;
  });
  cluster.Start(who.follower);
  ASSERT_TRUE(HasInstalled(cluster, who.follower));
  PutMany(cluster, who.leader, "after", 40);
  ASSERT_TRUE(cluster.CatchesUp(who.follower, who.leader));
  EXPECT_GT(*lost, 0);
  EXPECT_EQ(*refused, 0);
  EXPECT_EQ(Produced(cluster), 1u);
  ExpectSameState(cluster, {1, 2, 3});
}

// As when it restarts in the middle of an installation.
TEST(SnapshotClusterTest,
     ReceiverThatHasNotInstalledWhatItGotIsOfferedItAgain) {
  ThreadedCluster cluster(3, SmallSteps());
  const Absence who = WriteInAbsence(cluster, 60);
  auto snapshot = std::make_shared<std::atomic<uint64_t>>(0);
  auto open = std::make_shared<std::atomic<bool>>(false);
  cluster.transport().SetJudge([snapshot, open](const PeerMessage& message) {
    const auto* chunk = std::get_if<MsgSnapshotChunk>(&message.body);
    if (chunk == nullptr || *open) return Fate::kArrives;
    *snapshot = chunk->snapshot;
    return Fate::kIsLost;
  });
  cluster.Start(who.follower);
  ASSERT_TRUE(Eventually([&] { return *snapshot != 0; }));
  cluster.transport().Send(
      {{.from = ReplicaId(who.follower),
        .to = ReplicaId(who.leader),
        .body =
            MsgSnapshotDone{.snapshot = *snapshot,
                            .result = MsgSnapshotDone::Result::kReceived}}});
  *open = true;
  ASSERT_TRUE(HasInstalled(cluster, who.follower));
  EXPECT_EQ(Produced(cluster), 1u);
  ExpectSameState(cluster, {1, 2, 3});
}

// The directories in `snap/` that begin with `prefix`.
std::vector<std::string> SnapshotsAt(ThreadedCluster& cluster, uint64_t id,
                                     std::string_view prefix) {
  engine::TempHome& home = cluster.home(id);
  const std::string root = home.path() + "/snap";
  std::vector<std::string> found;
  const auto names = home.files().List(root);
  EXPECT_TRUE(names.ok()) << names.status();
  if (!names.ok()) return found;
  for (const std::string& name : *names) {
    if (name.starts_with(prefix)) found.push_back(root + "/" + name);
  }
  return found;
}

TEST(SnapshotClusterTest, DamagedSnapshotIsDroppedAndAnotherOneIsWritten) {
  ThreadedCluster cluster(3, SmallSteps());
  const Absence who = WriteInAbsence(cluster, 60);
  auto lost = std::make_shared<std::atomic<int>>(0);
  auto open = std::make_shared<std::atomic<bool>>(false);
  cluster.transport().SetJudge([lost, open](const PeerMessage& message) {
    const auto* chunk = std::get_if<MsgSnapshotChunk>(&message.body);
    if (chunk == nullptr || chunk->chunk < 2 || *open) return Fate::kArrives;
    ++*lost;
    return Fate::kIsLost;
  });
  cluster.Start(who.follower);
  ASSERT_TRUE(Eventually([&] { return *lost > 0; }));
  // One that the receiver has not asked for yet.
  const auto snapshots = SnapshotsAt(cluster, who.leader, "out-");
  ASSERT_EQ(snapshots.size(), 1u);
  {
    auto file =
        cluster.home(who.leader)
            .files()
            .Open(snapshots[0] + "/chunk-000009", engine::OpenMode::kReadWrite);
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_TRUE((*file)->Write(100, "#").ok());
  }
  *open = true;
  ASSERT_TRUE(HasInstalled(cluster, who.follower));
  EXPECT_TRUE(Eventually(
      [&] { return CountersOf(cluster, who.leader).snapshots_produced == 2; }));
  ExpectSameState(cluster, {1, 2, 3});
}

// Covers: G8
TEST(SnapshotClusterTest, ReceiverWithoutRoomRefusesAndGetsItLater) {
  ThreadedCluster cluster(3, SmallSteps());
  const Absence who = WriteInAbsence(cluster, 60);
  auto refused = std::make_shared<std::atomic<int>>(0);
  cluster.transport().SetJudge([refused](const PeerMessage& message) {
    const auto* done = std::get_if<MsgSnapshotDone>(&message.body);
    if (done != nullptr && done->result == MsgSnapshotDone::Result::kRefused) {
      ++*refused;
    }
    return Fate::kArrives;
  });
  const uint64_t least = cluster.node_options().snapshots.free_bytes_min;
  cluster.node_options().snapshots.free_bytes_min = uint64_t{1} << 60;
  cluster.Start(who.follower);
  ASSERT_TRUE(Eventually([&] { return *refused > 0; }));
  PutMany(cluster, who.leader, "meanwhile", 3);
  cluster.Stop(who.follower);
  cluster.node_options().snapshots.free_bytes_min = least;
  cluster.Start(who.follower);
  ASSERT_TRUE(HasInstalled(cluster, who.follower));
  ExpectSameState(cluster, {1, 2, 3});
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
