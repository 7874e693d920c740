// Goal: what is received is what was announced, is asked for within limits, and
// an offer is never left without an answer. Method: lanes and a clock that run
// by hand, a real snapshot on a simulated disk.

#include "replication/node/snapshot_fetcher.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/snapshot/snapshot_reader.h"
#include "engine/snapshot/snapshot_receiver.h"
#include "gtest/gtest.h"
#include "tests/engine/snapshot/install_home.h"
#include "tests/replication/node/manual_lane.h"
#include "tests/replication/node/snapshot_home.h"
#include "tests/support/manual_clock.h"

namespace trimaran {
namespace {

constexpr ReplicaId kLeader{3};
constexpr char kSentPath[] = "/store/sent";

class SnapshotFetcherTest : public ::testing::Test {
 protected:
  SnapshotFetcherTest() {
    env_.store = &store_;
    env_.lanes = {.raft = &raft_,
                  .log = &raft_,
                  .apply = &raft_,
                  .maintenance = &maintenance_};
    env_.clock = &clock_;
    options_.snapshots.free_bytes_min = 0;
    options_.snapshots.window_chunks = 2;
    // It is the leader's, and nothing is here yet.
    EXPECT_TRUE(store_.files().Rename(engine::kReceivedPath, kSentPath).ok());
    auto reader = engine::SnapshotReader::Open(store_.files(), kSentPath);
    EXPECT_TRUE(reader.ok()) << reader.status();
    sent_ = *std::move(reader);
    errands_.emplace(raft_, [this] { ++errands_done_; });
    StartFetcher();
  }

  void StartFetcher() {
    fetcher_.emplace(
        options_, env_, *errands_,
        SnapshotFetcher::Host{
            .send = [this](ReplicaId,
                           PeerBody body) { said_.push_back(std::move(body)); },
            .received =
                [this](const std::string& name, raft::Message announcement) {
                  received_.emplace_back(name, std::move(announcement));
                }});
  }
  const engine::SnapshotManifest& manifest() const { return sent_->manifest(); }
  void Offer(const engine::SnapshotManifest& manifest) {
    fetcher_->OnOffer(kLeader, manifest,
                      {.group = engine::kTestGroup,
                       .from = kLeader,
                       .to = ReplicaId(1),
                       .term = Term(5),
                       .body = raft::MsgSnap{{.id = manifest.position.id,
                                              .conf = manifest.conf}}});
  }
  void Chunk(uint32_t number) {
    const auto bytes = sent_->ReadChunk(number);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    fetcher_->OnChunk(kLeader, {.snapshot = manifest().id.value(),
                                .chunk = number,
                                .bytes = Payload(*bytes)});
  }
  // All that can be done without time.
  void RunAll() {
    while (raft_.RunOne() || maintenance_.RunOne()) continue;
  }
  // What has been asked for since the last call, as a leader hears it.
  std::vector<uint32_t> TakeAsked() {
    std::vector<uint32_t> asked;
    for (const PeerBody& body : std::exchange(said_, {})) {
      const auto* fetch = std::get_if<MsgSnapshotFetch>(&body);
      if (fetch == nullptr) continue;
      for (uint32_t i = 0; i < fetch->count; ++i) {
        asked.push_back(fetch->chunk + i);
      }
    }
    return asked;
  }
  // Gives what is asked for, until nothing is.
  void SendAll() {
    RunAll();
    for (;;) {
      const std::vector<uint32_t> asked = TakeAsked();
      if (asked.empty()) return;
      for (const uint32_t number : asked) Chunk(number);
      RunAll();
    }
  }

  HomeStore store_;
  ManualClock clock_;
  ManualLane raft_;
  ManualLane maintenance_;
  NodeEnvironment env_;
  NodeOptions options_;
  std::unique_ptr<engine::SnapshotReader> sent_;
  std::optional<Errands> errands_;
  std::optional<SnapshotFetcher> fetcher_;
  std::vector<PeerBody> said_;
  std::vector<std::pair<std::string, raft::Message>> received_;
  int errands_done_ = 0;
};

TEST_F(SnapshotFetcherTest, CoreHearsOfWhatIsWholeAndWasAnnounced) {
  Offer(manifest());
  SendAll();
  ASSERT_EQ(received_.size(), 1u);
  EXPECT_EQ(received_[0].first, ReceivedName());
  EXPECT_EQ(received_[0].second.As<raft::MsgSnap>()->snapshot.id,
            engine::kSnapshotAt);
  EXPECT_EQ(fetcher_->name(), "");
}

TEST_F(SnapshotFetcherTest, NonsenseIsDropped) {
  Offer(manifest());
  RunAll();
  const uint64_t id = manifest().id.value();
  const std::string large(size_t{1} << 20, 'x');
  for (const uint32_t number : {0u, 1u, 2u, 3u, ~0u}) {
    for (const uint64_t snapshot : {id, id + 1, uint64_t{0}}) {
      fetcher_->OnChunk(
          kLeader,
          {.snapshot = snapshot, .chunk = number, .bytes = Payload(large)});
      fetcher_->OnChunk(ReplicaId(77), {.snapshot = snapshot,
                                        .chunk = number,
                                        .bytes = Payload(std::string())});
      RunAll();
    }
  }
  fetcher_->OnDone(ReplicaId(77),
                   {.snapshot = id, .result = MsgSnapshotDone::Result::kGone});
  EXPECT_EQ(fetcher_->chunks_stored(), 0u);
  // What was spoiled is asked for again in its time.
  clock_.Advance(options_.snapshots.ask_again_after);
  fetcher_->Tick(clock_.Now());
  SendAll();
  EXPECT_EQ(received_.size(), 1u);
}

// The chunks that are here are read first, which may take long.
TEST_F(SnapshotFetcherTest, OfferIsAnsweredWhileItReadsWhatItHas) {
  const auto receiver = engine::SnapshotReceiver::Begin(
      store_.files(), store_.snapshots().root(), manifest(),
      {.cluster = engine::kTestCluster,
       .group = engine::kTestGroup,
       .free_bytes_min = 0});
  ASSERT_TRUE(receiver.ok()) << receiver.status();
  const auto chunks = static_cast<uint32_t>(manifest().chunks.size());
  ASSERT_GE(chunks, 3u);
  for (uint32_t number = 0; number + 1 < chunks; ++number) {
    ASSERT_TRUE((*receiver)->AddChunk(number, *sent_->ReadChunk(number)).ok());
  }

  Offer(manifest());
  // To begin, and then a task for each chunk.
  for (uint32_t i = 0; i < 1 + chunks; ++i) {
    EXPECT_TRUE(said_.empty());
    Offer(manifest());
    ASSERT_EQ(said_.size(), 1u);
    const auto* word = std::get_if<MsgSnapshotFetch>(&said_[0]);
    ASSERT_NE(word, nullptr);
    EXPECT_EQ(word->snapshot, manifest().id.value());
    EXPECT_EQ(word->count, 0u);
    said_.clear();
    ASSERT_TRUE(maintenance_.RunOne());
    ASSERT_TRUE(raft_.RunOne());
  }
  EXPECT_EQ(TakeAsked(), std::vector<uint32_t>{chunks - 1});
  // And while it puts away the last one, and finishes.
  Chunk(chunks - 1);
  for (int i = 0; i < 2; ++i) {
    Offer(manifest());
    ASSERT_EQ(said_.size(), 1u);
    EXPECT_EQ(TakeAsked(), std::vector<uint32_t>());
    ASSERT_TRUE(maintenance_.RunOne());
    ASSERT_TRUE(raft_.RunOne());
  }
  EXPECT_EQ(received_.size(), 1u);
}

TEST_F(SnapshotFetcherTest, DiskThatIsSlowIsNoReasonToGiveUp) {
  Offer(manifest());
  RunAll();
  Chunk(0);
  clock_.Advance(options_.snapshots.give_up_after * 2);
  fetcher_->Tick(clock_.Now());
  EXPECT_EQ(fetcher_->name(), ReceivedName());
  RunAll();
  clock_.Advance(options_.snapshots.give_up_after);
  fetcher_->Tick(clock_.Now());
  EXPECT_EQ(fetcher_->name(), "");
}

// No correct leader does it; what it must not do is to make the core believe in
// a snapshot that is not here.
TEST_F(SnapshotFetcherTest, OtherManifestOfTheSameIdIsAnotherSnapshot) {
  Offer(manifest());
  RunAll();
  engine::SnapshotManifest other = manifest();
  other.position.id.index = other.position.id.index + 1;
  Offer(other);
  EXPECT_NE(fetcher_->name(), ReceivedName());
  SendAll();
  for (const auto& [name, announcement] : received_) {
    const EntryId announced = announcement.As<raft::MsgSnap>()->snapshot.id;
    EXPECT_EQ(name, engine::IncomingName(announced, manifest().id));
  }
}

}  // namespace
}  // namespace trimaran
