// Goal: a transfer that goes wrong costs no more than it must, and ends: what
// gets lost is said again, what is damaged is made anew, and one snapshot is
// enough for one that is away.

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "engine/format/manifest_codec.h"
#include "gtest/gtest.h"
#include "tests/replication/node/snapshot_group.h"
#include "tests/support/node/blocking.h"
#include "tests/support/node/threaded_cluster.h"

namespace trimaran {
namespace {

using Fate = FaultyTransport::Fate;

TEST(SnapshotTransferTest, TransferWithoutProgressIsGivenUpAndBegunAgain) {
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
TEST(SnapshotTransferTest, OneSnapshotSufficesHoweverLongItsImportTakes) {
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

TEST(SnapshotTransferTest, OfferInTheMiddleOfAnInstallationIsPutOff) {
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

TEST(SnapshotTransferTest, LostWordOfReceiptIsSaidAgain) {
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
TEST(SnapshotTransferTest,
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

TEST(SnapshotTransferTest, DamagedSnapshotIsDroppedAndAnotherOneIsWritten) {
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
TEST(SnapshotTransferTest, ReceiverWithoutRoomRefusesAndGetsItLater) {
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

}  // namespace
}  // namespace trimaran
