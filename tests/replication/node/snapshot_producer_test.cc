// Goal: a snapshot is written no faster than it may be, and as soon as it may.
// Method: lanes and a clock that run by hand, a model of the state machine, a
// simulated disk.

#include "replication/node/snapshot_producer.h"

#include <algorithm>
#include <optional>

#include "engine/base/random.h"
#include "gtest/gtest.h"
#include "tests/engine/snapshot/install_home.h"
#include "tests/replication/node/manual_lane.h"
#include "tests/replication/node/snapshot_home.h"
#include "tests/support/manual_clock.h"

namespace trimaran {
namespace {

constexpr ReplicaId kPeer{2};
constexpr absl::Duration kTick = absl::Milliseconds(10);

class SnapshotProducerTest : public ::testing::Test {
 protected:
  SnapshotProducerTest() {
    env_.store = &store_;
    env_.lanes = {.raft = &raft_,
                  .log = &raft_,
                  .apply = &raft_,
                  .maintenance = &maintenance_};
    env_.clock = &clock_;
    env_.random = &random_;
    options_.snapshots.chunk_bytes_target = 300;
    const auto more =
        engine::PutEntries(engine::kCommon + 1, engine::kCommon + 101, Term(1));
    EXPECT_TRUE(engine::ApplyAll(store_.machine(), more).ok());
  }

  // Asks for a snapshot, and lets time pass until it is there. How long that
  // took.
  absl::Duration Produce() {
    Errands errands(raft_, [] {});
    SnapshotProducer producer(
        options_, env_, errands,
        {.available = [this](ReplicaId,
                             const SharedSnapshot& made) { made_ = made; },
         .unavailable = [](ReplicaId) { FAIL() << "refused"; }});
    const MonotonicTime start = clock_.Now();
    producer.Request({.peer = kPeer, .index_min = LogIndex(1)});
    RunAll();
    while (made_ == nullptr && clock_.Now() - start < absl::Minutes(10)) {
      clock_.Advance(kTick);
      producer.Tick(clock_.Now());
      RunAll();
    }
    EXPECT_NE(made_, nullptr);
    return clock_.Now() - start;
  }
  void RunAll() {
    while (RunOne()) continue;
  }
  bool RunOne() { return raft_.RunOne() || maintenance_.RunOne(); }
  // The next snapshot is newer than all that are there.
  void ApplyMore() {
    const LogIndex at = store_.machine().applied().applied.id.index;
    const auto more = engine::PutEntries(at + 1, at + 101, Term(1));
    ASSERT_TRUE(engine::ApplyAll(store_.machine(), more).ok());
  }
  LogIndex NewestThatIsThere() {
    const auto stored = store_.snapshots().List(clock_.Now());
    EXPECT_TRUE(stored.ok()) << stored.status();
    LogIndex newest;
    for (const engine::StoredSnapshot& one : *stored) {
      newest = std::max(newest, one.position.index);
    }
    return newest;
  }

  HomeStore store_;
  ManualClock clock_;
  SeededRandom random_{1};
  ManualLane raft_;
  ManualLane maintenance_;
  NodeEnvironment env_;
  NodeOptions options_;
  SharedSnapshot made_;
};

TEST_F(SnapshotProducerTest, WithoutALimitTakesNoPauses) {
  EXPECT_EQ(Produce(), absl::ZeroDuration());
}

TEST_F(SnapshotProducerTest, WritesNoFasterThanItMay) {
  constexpr uint64_t kBytesPerSecond = 1000;
  constexpr uint64_t kBurst = 500;
  options_.snapshots.write_rate = {.bytes_per_second = kBytesPerSecond,
                                   .burst_bytes = kBurst};
  const absl::Duration took = Produce();

  ASSERT_NE(made_, nullptr);
  uint64_t bytes = 0;
  uint64_t longest = 0;
  const auto& chunks = made_->manifest().chunks;
  for (const auto& chunk : chunks) {
    bytes += chunk.bytes;
    longest = std::max<uint64_t>(longest, chunk.bytes);
  }
  ASSERT_GT(chunks.size(), 10u);
  const auto TimeFor = [](uint64_t written) {
    return absl::Seconds(1) * static_cast<double>(written) / kBytesPerSecond;
  };
  // The last chunk is paid for when nobody waits any more.
  EXPECT_GE(took, TimeFor(bytes - longest - kBurst));
  EXPECT_LE(took, TimeFor(bytes) + kTick * static_cast<int>(chunks.size()));
}

// Whoever was being sent it goes on with that, and then with the log.
TEST_F(SnapshotProducerTest, NewLeaderKeepsTheLogBehindWhatIsThere) {
  Produce();
  ASSERT_NE(made_, nullptr);
  const LogIndex at = made_->manifest().position.id.index;
  Errands errands(raft_, [] {});
  SnapshotProducer producer(options_, env_, errands,
                            {.available = [](ReplicaId, auto) { FAIL(); },
                             .unavailable = [](ReplicaId) { FAIL(); }});
  EXPECT_EQ(producer.pinned(), std::nullopt);

  producer.KeepNewest();

  // Nobody knows yet where it is.
  EXPECT_EQ(producer.pinned(), LogIndex());
  RunAll();
  EXPECT_EQ(producer.pinned(), at);
  EXPECT_FALSE(producer.busy());
  clock_.Advance(options_.snapshots.give_up_after - kTick);
  EXPECT_EQ(producer.pinned(), at);
  clock_.Advance(kTick);
  EXPECT_EQ(producer.pinned(), std::nullopt);

  producer.KeepNewest();
  RunAll();
  EXPECT_EQ(producer.pinned(), at);
  producer.ForgetRequests();
  EXPECT_EQ(producer.pinned(), std::nullopt);

  // It leads again before anything has been found.
  producer.KeepNewest();
  producer.ForgetRequests();
  producer.KeepNewest();
  RunAll();
  EXPECT_EQ(producer.pinned(), at);
}

TEST_F(SnapshotProducerTest, WhatPausesIsGivenUpWithTheLeadership) {
  Produce();
  ASSERT_NE(made_, nullptr);
  const LogIndex at = made_->manifest().position.id.index;
  ApplyMore();
  options_.snapshots.write_rate = {.bytes_per_second = 1000,
                                   .burst_bytes = 500};
  Errands errands(raft_, [] {});
  SnapshotProducer producer(options_, env_, errands,
                            {.available = [](ReplicaId, auto) { FAIL(); },
                             .unavailable = [](ReplicaId) { FAIL(); }});
  producer.Request({.peer = kPeer, .index_min = at + 1});
  RunAll();
  EXPECT_EQ(producer.pinned(), at + 100);

  producer.ForgetRequests();

  EXPECT_FALSE(producer.busy());
  producer.KeepNewest();
  RunAll();
  EXPECT_EQ(producer.pinned(), at);
}

// Whatever is under way then.
TEST_F(SnapshotProducerTest, WhoLeadsAgainKeepsWhatIsThere) {
  Produce();
  ASSERT_NE(made_, nullptr);
  const LogIndex at = made_->manifest().position.id.index;
  ApplyMore();
  bool answered = false;
  for (int before = 0; !answered; ++before) {
    SCOPED_TRACE(before);
    Errands errands(raft_, [] {});
    SnapshotProducer producer(
        options_, env_, errands,
        {.available = [&](ReplicaId, auto) { answered = true; },
         .unavailable = [](ReplicaId) { FAIL(); }});
    producer.Request({.peer = kPeer, .index_min = at + 1});
    for (int i = 0; i < before && RunOne(); ++i) continue;

    producer.ForgetRequests();
    producer.KeepNewest();

    EXPECT_EQ(producer.pinned(), LogIndex());
    RunAll();
    EXPECT_EQ(producer.pinned(), NewestThatIsThere());
    EXPECT_FALSE(producer.busy());
  }
  EXPECT_GT(NewestThatIsThere(), at);
}

TEST_F(SnapshotProducerTest, WhoLeadsAgainSendsWhatIsThere) {
  Produce();
  ASSERT_NE(made_, nullptr);
  const LogIndex at = made_->manifest().position.id.index;
  ApplyMore();
  Errands errands(raft_, [] {});
  std::optional<LogIndex> sent;
  SnapshotProducer producer(
      options_, env_, errands,
      {.available =
           [&](ReplicaId, const SharedSnapshot& snapshot) {
             sent = snapshot->manifest().position.id.index;
           },
       .unavailable = [](ReplicaId) { FAIL(); }});
  producer.Request({.peer = kPeer, .index_min = at + 1});
  while (producer.pinned() == std::nullopt) ASSERT_TRUE(RunOne());
  // A step of the writer is under way.
  ASSERT_TRUE(producer.busy());

  producer.ForgetRequests();
  producer.KeepNewest();
  producer.Request({.peer = kPeer, .index_min = at});
  RunAll();

  EXPECT_EQ(sent, at);
  EXPECT_EQ(producer.produced(), 0u);
  EXPECT_FALSE(producer.busy());
}

TEST_F(SnapshotProducerTest, WhatNobodyWaitsForIsGivenUpWithoutAPause) {
  options_.snapshots.write_rate = {.bytes_per_second = 1, .burst_bytes = 1};
  Errands errands(raft_, [] {});
  int answers = 0;
  SnapshotProducer producer(options_, env_, errands,
                            {.available = [&](ReplicaId, auto) { ++answers; },
                             .unavailable = [&](ReplicaId) { ++answers; }});
  producer.Request({.peer = kPeer, .index_min = LogIndex(1)});
  while (producer.pinned() == std::nullopt) ASSERT_TRUE(RunOne());

  producer.ForgetRequests();
  RunAll();

  EXPECT_FALSE(producer.busy());
  EXPECT_EQ(producer.pinned(), std::nullopt);
  // A request is not told to come again later.
  producer.Request({.peer = kPeer, .index_min = LogIndex(1)});
  EXPECT_TRUE(producer.busy());
  EXPECT_EQ(answers, 0);
  producer.Stop();
  RunAll();
  EXPECT_FALSE(producer.busy());
  EXPECT_EQ(answers, 0);
}

// Each costs a checkpoint.
TEST_F(SnapshotProducerTest, WhoLeadsAgainDoesNotTryAgainAtOnce) {
  constexpr uint64_t kNoRoom = ~uint64_t{0};
  const uint64_t room = options_.snapshots.free_bytes_min;
  options_.snapshots.free_bytes_min = kNoRoom;
  Errands errands(raft_, [] {});
  int refused = 0;
  int sent = 0;
  SnapshotProducer producer(options_, env_, errands,
                            {.available = [&](ReplicaId, auto) { ++sent; },
                             .unavailable = [&](ReplicaId) { ++refused; }});
  producer.Request({.peer = kPeer, .index_min = LogIndex(1)});
  RunAll();
  ASSERT_EQ(refused, 1);

  options_.snapshots.free_bytes_min = room;
  producer.ForgetRequests();
  producer.KeepNewest();
  producer.Request({.peer = kPeer, .index_min = LogIndex(1)});
  RunAll();
  EXPECT_EQ(refused, 2);
  EXPECT_EQ(sent, 0);

  clock_.Advance(options_.snapshots.retry_after);
  producer.Request({.peer = kPeer, .index_min = LogIndex(1)});
  RunAll();
  EXPECT_EQ(refused, 2);
  EXPECT_EQ(sent, 1);
}

TEST_F(SnapshotProducerTest, NewLeaderKeepsNothingForWhatIsOfNoUse) {
  Errands errands(raft_, [] {});
  SnapshotProducer producer(options_, env_, errands,
                            {.available = [](ReplicaId, auto) { FAIL(); },
                             .unavailable = [](ReplicaId) { FAIL(); }});
  // There is none.
  producer.KeepNewest();
  RunAll();
  EXPECT_EQ(producer.pinned(), std::nullopt);

  Produce();
  ASSERT_NE(made_, nullptr);
  producer.KeepNewest();
  RunAll();
  EXPECT_EQ(producer.pinned(), made_->manifest().position.id.index);

  // The log is made to begin behind it.
  const EntryId next{made_->manifest().position.id.index + 1, Term(9)};
  ASSERT_TRUE(store_.log()
                  .Reset({.position = {next, {}},
                          .hard_state = {next.term, kNoReplica, next.index},
                          .generation = 9})
                  .ok());
  EXPECT_EQ(producer.pinned(), std::nullopt);
  producer.KeepNewest();
  RunAll();
  EXPECT_EQ(producer.pinned(), std::nullopt);
}

}  // namespace
}  // namespace trimaran
