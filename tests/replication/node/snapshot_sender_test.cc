// Goal: chunks are read one at a time for each peer, and a snapshot is offered,
// kept and given up as the receiver's doings say. Method: lanes and a clock
// that run by hand, a real snapshot on a simulated disk.

#include "replication/node/snapshot_sender.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "engine/snapshot/snapshot_reader.h"
#include "gtest/gtest.h"
#include "tests/engine/snapshot/install_home.h"
#include "tests/replication/node/manual_lane.h"
#include "tests/replication/node/snapshot_home.h"
#include "tests/support/manual_clock.h"

namespace trimaran {
namespace {

using engine::kSnapshotAt;

constexpr ReplicaId kPeer{2};
constexpr Term kTerm{5};

class SnapshotSenderTest : public ::testing::Test {
 protected:
  SnapshotSenderTest() {
    env_.store = &store_;
    env_.lanes = {.raft = &raft_,
                  .log = &raft_,
                  .apply = &raft_,
                  .maintenance = &maintenance_};
    env_.clock = &clock_;
    auto reader =
        engine::SnapshotReader::Open(store_.files(), engine::kReceivedPath);
    EXPECT_TRUE(reader.ok()) << reader.status();
    snapshot_ = *std::move(reader);
    errands_.emplace(raft_, [this] { ++errands_done_; });
    sender_.emplace(
        options_, env_, *errands_,
        SnapshotSender::Host{
            .send = [this](ReplicaId,
                           PeerBody body) { sent_.push_back(std::move(body)); },
            .report =
                [this](ReplicaId, raft::SnapshotResult result) {
                  reports_.push_back(result);
                },
            .damaged = [this](const SharedSnapshot&) { ++damaged_; }});
  }

  void Begin() {
    sender_->Prepare(kPeer, snapshot_);
    sender_->Announce({.group = engine::kTestGroup,
                       .from = ReplicaId(1),
                       .to = kPeer,
                       .term = kTerm,
                       .body = raft::MsgSnap{{.id = kSnapshotAt, .conf = {}}}});
  }
  uint64_t id() const { return snapshot_->manifest().id.value(); }
  void Fetch(uint32_t chunk, uint32_t count) {
    sender_->OnFetch(kPeer, {.snapshot = id(), .chunk = chunk, .count = count});
  }
  // What the core knows of the receiver.
  void Observe(LogIndex match, bool alive = true) {
    raft::PeerStatus peer;
    peer.id = kPeer;
    peer.match = match;
    peer.recently_active = alive;
    peers_.Observe({peer});
  }
  void TickAfter(absl::Duration time) {
    clock_.Advance(time);
    raft::RaftStatus status;
    status.term = kTerm;
    status.applied = applied_;
    sender_->Tick(status, peers_, clock_.Now());
  }
  void Deliver() {
    sender_->OnDone(kPeer, {.snapshot = id(),
                            .result = MsgSnapshotDone::Result::kReceived});
  }
  size_t OffersSent() const {
    return static_cast<size_t>(
        std::count_if(sent_.begin(), sent_.end(), [](const PeerBody& body) {
          return std::holds_alternative<MsgSnapshotOffer>(body);
        }));
  }
  // All that can be done without time.
  void RunAll() {
    while (raft_.RunOne() || maintenance_.RunOne()) continue;
  }
  // Of the chunks that were sent, in their order.
  std::vector<uint32_t> ChunksSent() const {
    std::vector<uint32_t> chunks;
    for (const PeerBody& body : sent_) {
      const auto* chunk = std::get_if<MsgSnapshotChunk>(&body);
      if (chunk != nullptr) chunks.push_back(chunk->chunk);
    }
    return chunks;
  }

  HomeStore store_;
  ManualClock clock_;
  ManualLane raft_;
  ManualLane maintenance_;
  NodeEnvironment env_;
  NodeOptions options_;
  SharedSnapshot snapshot_;
  std::optional<Errands> errands_;
  std::optional<SnapshotSender> sender_;
  PeerWatch peers_{2};
  // Here.
  LogIndex applied_{500};
  std::vector<PeerBody> sent_;
  std::vector<raft::SnapshotResult> reports_;
  int errands_done_ = 0;
  int damaged_ = 0;
};

TEST_F(SnapshotSenderTest, ChunksAreReadOneAtATime) {
  Begin();
  Fetch(0, 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(errands_->running(), 1u);
    ASSERT_TRUE(maintenance_.RunOne());
    EXPECT_TRUE(maintenance_.idle());
    ASSERT_TRUE(raft_.RunOne());
  }
  EXPECT_EQ(errands_->running(), 0u);
  EXPECT_EQ(ChunksSent(), (std::vector<uint32_t>{0, 1, 2}));
}

TEST_F(SnapshotSenderTest, TellsHowFarEachHasCome) {
  const auto& chunks = snapshot_->manifest().chunks;
  ASSERT_GE(chunks.size(), 3u);
  const uint64_t all = snapshot_->manifest().chunk_bytes();
  const auto sent = [&] {
    const auto on_their_way = sender_->on_their_way();
    EXPECT_EQ(on_their_way.size(), 1u);
    EXPECT_EQ(on_their_way.at(0).peer, kPeer);
    EXPECT_EQ(on_their_way.at(0).bytes, all);
    return on_their_way.at(0).bytes_sent;
  };
  EXPECT_TRUE(sender_->on_their_way().empty());
  Observe(LogIndex(3));
  Begin();
  EXPECT_EQ(sent(), 0u);
  // It has the first one already.
  Fetch(1, 1);
  RunAll();
  const uint64_t two = chunks[0].bytes + chunks[1].bytes;
  EXPECT_EQ(sent(), two);
  // Once more is no progress.
  Fetch(1, 1);
  RunAll();
  EXPECT_EQ(ChunksSent().size(), 2u);
  EXPECT_EQ(sent(), two);
  Deliver();
  EXPECT_EQ(sent(), all);
  Observe(kSnapshotAt.index);
  TickAfter(absl::ZeroDuration());
  EXPECT_TRUE(sender_->on_their_way().empty());
}

TEST_F(SnapshotSenderTest, NonsenseIsAnsweredWithinBounds) {
  options_.snapshots.window_chunks = 2;
  Begin();
  Fetch(~0u, ~0u);
  EXPECT_EQ(errands_->running(), 0u);
  Fetch(0, ~0u);
  RunAll();
  EXPECT_LE(ChunksSent().size(), 3u);
  sent_.clear();
  // Of a snapshot, and by a replica, that nobody knows.
  sender_->OnFetch(kPeer, {.snapshot = 4711, .chunk = 0, .count = ~0u});
  sender_->OnFetch(ReplicaId(77), {.snapshot = id(), .chunk = 0, .count = 1});
  ASSERT_EQ(sent_.size(), 2u);
  for (const PeerBody& body : sent_) {
    const auto* done = std::get_if<MsgSnapshotDone>(&body);
    ASSERT_NE(done, nullptr);
    EXPECT_EQ(done->result, MsgSnapshotDone::Result::kGone);
  }
  sender_->OnDone(ReplicaId(77), {.snapshot = id()});
  sender_->OnDone(kPeer, {.snapshot = 4711});
  EXPECT_TRUE(reports_.empty());
}

TEST_F(SnapshotSenderTest, ReadOfAnEndedTransferIsNotTheNextOnes) {
  Begin();
  Fetch(0, 1);
  sender_->EndAll();
  // The same snapshot again, while the chunk is still being read.
  Begin();
  Fetch(1, 2);
  EXPECT_EQ(errands_->running(), 1u);
  RunAll();
  EXPECT_EQ(errands_->running(), 0u);
  EXPECT_EQ(ChunksSent(), (std::vector<uint32_t>{0, 1, 2}));
}

TEST_F(SnapshotSenderTest, LogIsKeptWhileALivingReceiverInstalls) {
  Observe(LogIndex(3));
  Begin();
  Deliver();
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_EQ(reports_[0], raft::SnapshotResult::kDelivered);
  const int times = static_cast<int>(options_.snapshots.install_time_max /
                                     options_.snapshots.give_up_after);
  for (int i = 1; i < times; ++i) {
    TickAfter(options_.snapshots.give_up_after);
    ASSERT_EQ(sender_->pinned(), kSnapshotAt.index);
  }
  // Enough is enough.
  TickAfter(options_.snapshots.give_up_after);
  EXPECT_EQ(sender_->pinned(), std::nullopt);
  EXPECT_EQ(reports_.size(), 1u);
  EXPECT_EQ(OffersSent(), 1u);
}

TEST_F(SnapshotSenderTest, BusyReceiverIsWaitedForButNotForEver) {
  Observe(LogIndex(3));
  Begin();
  const int times = static_cast<int>(options_.snapshots.install_time_max /
                                     options_.snapshots.give_up_after);
  for (int i = 1; i < times; ++i) {
    Fetch(0, 0);
    TickAfter(options_.snapshots.give_up_after / 2);
    Fetch(0, 0);
    TickAfter(options_.snapshots.give_up_after / 2);
    ASSERT_EQ(sender_->pinned(), kSnapshotAt.index);
  }
  TickAfter(options_.snapshots.give_up_after);
  EXPECT_EQ(reports_, (std::vector{raft::SnapshotResult::kFailed}));
}

TEST_F(SnapshotSenderTest, WhoAsksForTheSameAgainMakesNoProgress) {
  Observe(LogIndex(3));
  Begin();
  Fetch(0, 1);
  RunAll();
  TickAfter(options_.snapshots.give_up_after / 2);
  Fetch(0, 1);
  RunAll();
  EXPECT_EQ(ChunksSent(), (std::vector<uint32_t>{0, 0}));
  TickAfter(options_.snapshots.give_up_after / 2);
  EXPECT_EQ(reports_, (std::vector{raft::SnapshotResult::kFailed}));
}

TEST_F(SnapshotSenderTest, LogIsNotKeptForWhoIsSilentOrRemoved) {
  Observe(LogIndex(3));
  Begin();
  Deliver();
  TickAfter(absl::Seconds(1));
  for (int i = 0; i < 2; ++i) Observe(LogIndex(3), false);
  TickAfter(options_.snapshots.give_up_after - absl::Seconds(1));
  // It may come back.
  EXPECT_EQ(sender_->pinned(), kSnapshotAt.index);
  TickAfter(absl::Seconds(1));
  EXPECT_EQ(sender_->pinned(), std::nullopt);

  Observe(LogIndex(3));
  Begin();
  Deliver();
  peers_.Observe({});
  TickAfter(absl::Seconds(1));
  EXPECT_EQ(sender_->pinned(), std::nullopt);
}

TEST_F(SnapshotSenderTest, TransferToWhoIsRemovedIsOver) {
  Observe(LogIndex(3));
  Begin();
  Fetch(0, 2);
  peers_.Observe({});
  TickAfter(absl::Milliseconds(1));
  EXPECT_EQ(sender_->pinned(), std::nullopt);
  EXPECT_EQ(reports_, (std::vector{raft::SnapshotResult::kFailed}));
  RunAll();
  EXPECT_EQ(ChunksSent(), std::vector<uint32_t>());
}

TEST_F(SnapshotSenderTest, LogIsKeptUntilTheReceiverIsNearItsEnd) {
  options_.maintenance.log_entries_limit = 100;
  Observe(LogIndex(3));
  Begin();
  // Its word of receipt got lost.
  Observe(kSnapshotAt.index);
  TickAfter(absl::Seconds(1));
  EXPECT_EQ(reports_, (std::vector{raft::SnapshotResult::kDelivered}));
  EXPECT_EQ(sender_->pinned(), kSnapshotAt.index);
  // Should it need another one after all, it gets it at once.
  EXPECT_FALSE(sender_->IsBusyWith(kPeer));
  Observe(LogIndex(399));
  TickAfter(absl::Seconds(1));
  EXPECT_EQ(sender_->pinned(), LogIndex(399));
  Observe(LogIndex(400));
  TickAfter(absl::Seconds(1));
  EXPECT_EQ(sender_->pinned(), std::nullopt);
  EXPECT_EQ(reports_.size(), 1u);
}

TEST_F(SnapshotSenderTest, WhoNeedsAnotherOneAfterDeliveryGetsIt) {
  Observe(LogIndex(3));
  Begin();
  EXPECT_TRUE(sender_->IsBusyWith(kPeer));
  Deliver();
  // It is being installed, or so it seems.
  EXPECT_TRUE(sender_->IsBusyWith(kPeer));
  TickAfter(options_.snapshots.give_up_after - absl::Nanoseconds(1));
  EXPECT_TRUE(sender_->IsBusyWith(kPeer));
  TickAfter(absl::Nanoseconds(1));
  EXPECT_FALSE(sender_->IsBusyWith(kPeer));
  EXPECT_EQ(sender_->pinned(), kSnapshotAt.index);
  Begin();
  EXPECT_EQ(OffersSent(), 2u);
  EXPECT_TRUE(sender_->IsBusyWith(kPeer));
  Deliver();
  EXPECT_EQ(reports_.size(), 2u);
}

TEST_F(SnapshotSenderTest, WhoRefusesIsLeftAloneForAWhile) {
  Observe(LogIndex(3));
  Begin();
  sender_->OnDone(
      kPeer, {.snapshot = id(), .result = MsgSnapshotDone::Result::kRefused});
  EXPECT_EQ(reports_, (std::vector{raft::SnapshotResult::kFailed}));
  EXPECT_EQ(sender_->pinned(), std::nullopt);
  EXPECT_TRUE(sender_->IsBusyWith(kPeer));
  clock_.Advance(options_.snapshots.retry_after);
  EXPECT_FALSE(sender_->IsBusyWith(kPeer));
}

TEST_F(SnapshotSenderTest, TimeEndsATransferAndTicksDoNot) {
  Observe(LogIndex(3));
  Begin();
  const absl::Duration patience = options_.snapshots.give_up_after;
  for (int i = 0; i < 1000; ++i) TickAfter(patience / 1001);
  EXPECT_EQ(reports_.size(), 0u);
  // Said again at its own pace as well.
  EXPECT_EQ(OffersSent(),
            static_cast<size_t>(patience / options_.snapshots.ask_again_after));
  TickAfter(patience / 500);
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_EQ(reports_[0], raft::SnapshotResult::kFailed);
  EXPECT_EQ(sender_->pinned(), std::nullopt);
}

}  // namespace
}  // namespace trimaran
