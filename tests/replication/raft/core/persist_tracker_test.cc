#include "replication/raft/persist_tracker.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/random.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/printers.h"

// What is durable while several writes are under way and the log changes
// beneath them. The tracker sees indexes only, so that these tests do too.

namespace trimaran::raft {
namespace {

SnapshotMeta Snapshot(uint64_t index) { return {At(index, 1), Voters(3)}; }

// Covers: H23
TEST(PersistTrackerTest, BatchesBecomeDurableInOrder) {
  PersistTracker tracker{LogIndex(0)};
  EXPECT_FALSE(tracker.HasNew(LogIndex(0)));
  EXPECT_TRUE(tracker.HasNew(LogIndex(3)));
  const auto first = tracker.HandOut(LogIndex(3), Term());
  EXPECT_EQ(first.seq, PersistSeq(1));
  EXPECT_EQ(first.first, LogIndex(1));
  EXPECT_FALSE(tracker.HasNew(LogIndex(3)));
  const auto second = tracker.HandOut(LogIndex(5), Term());
  EXPECT_EQ(second.seq, PersistSeq(2));
  EXPECT_EQ(second.first, LogIndex(4));
  EXPECT_EQ(tracker.durable(), LogIndex(0));
  tracker.Persisted(PersistSeq(1));
  EXPECT_EQ(tracker.durable(), LogIndex(3));
  EXPECT_TRUE(tracker.in_flight());
  tracker.Persisted(PersistSeq(2));
  EXPECT_EQ(tracker.durable(), LogIndex(5));
  EXPECT_FALSE(tracker.in_flight());
}

TEST(PersistTrackerTest, OneNoticeMayCoverSeveralBatches) {
  PersistTracker tracker{LogIndex(0)};
  tracker.HandOut(LogIndex(1), Term());
  tracker.HandOut(LogIndex(2), Term(4));
  tracker.HandOut(LogIndex(3), Term());
  const auto done = tracker.Persisted(PersistSeq(3));
  EXPECT_EQ(tracker.durable(), LogIndex(3));
  EXPECT_EQ(done.self_vote, Term(4));
  // Telling it again changes nothing.
  EXPECT_EQ(tracker.Persisted(PersistSeq(2)).self_vote, Term());
  EXPECT_EQ(tracker.durable(), LogIndex(3));
}

TEST(PersistTrackerDeathTest, WhatWasNotHandedOutCannotBeDurable) {
  PersistTracker tracker{LogIndex(0)};
  EXPECT_DEATH(tracker.Persisted(PersistSeq(1)), "never handed out");
}

// Covers: C13, C11b, H23
TEST(PersistTrackerTest, ReplacedEntriesAreHandedOutAgainAndNotMarkedDurable) {
  PersistTracker tracker{LogIndex(0)};
  tracker.HandOut(LogIndex(5), Term());
  tracker.Truncated(LogIndex(3));
  EXPECT_EQ(tracker.handed_out(), LogIndex(2));
  EXPECT_TRUE(tracker.HasNew(LogIndex(5)));
  const auto again = tracker.HandOut(LogIndex(5), Term());
  EXPECT_EQ(again.first, LogIndex(3));
  tracker.Persisted(PersistSeq(1));
  EXPECT_EQ(tracker.durable(), LogIndex(2));
  tracker.Persisted(again.seq);
  EXPECT_EQ(tracker.durable(), LogIndex(5));
}

// Three leaders write index 12 one after the other, and the third writes what
// the first had written: the first write's completion must not speak for the
// third.
// Covers: C13, H23
TEST(PersistTrackerTest, EqualLookingEntryIsDurableOnlyByItsOwnWrite) {
  PersistTracker tracker{LogIndex(11)};
  const auto a = tracker.HandOut(LogIndex(12), Term());
  tracker.Truncated(LogIndex(12));
  const auto b = tracker.HandOut(LogIndex(12), Term());
  tracker.Truncated(LogIndex(12));
  const auto a_again = tracker.HandOut(LogIndex(12), Term());
  tracker.Persisted(a.seq);
  EXPECT_EQ(tracker.durable(), LogIndex(11));
  tracker.Persisted(b.seq);
  EXPECT_EQ(tracker.durable(), LogIndex(11));
  tracker.Persisted(a_again.seq);
  EXPECT_EQ(tracker.durable(), LogIndex(12));
}

TEST(PersistTrackerTest, TruncationTakesBackWhatWasDurable) {
  PersistTracker tracker{LogIndex(9)};
  tracker.Truncated(LogIndex(6));
  EXPECT_EQ(tracker.durable(), LogIndex(5));
  EXPECT_EQ(tracker.HandOut(LogIndex(7), Term()).first, LogIndex(6));
}

// Covers: H23
TEST(PersistTrackerTest, SnapshotStaysPendingUntilItsOwnBatchIsDurable) {
  PersistTracker tracker{LogIndex(3)};
  const auto before = tracker.HandOut(LogIndex(6), Term());
  tracker.Restored(Snapshot(10));
  EXPECT_TRUE(tracker.installing_snapshot());
  EXPECT_TRUE(tracker.HasNew(LogIndex(10)));
  const auto out = tracker.HandOut(LogIndex(10), Term());
  ASSERT_TRUE(out.snapshot.has_value());
  EXPECT_EQ(out.snapshot->id, At(10, 1));
  EXPECT_EQ(out.first, LogIndex(11));
  // An older write of entries has nothing to say about the new log.
  EXPECT_EQ(tracker.Persisted(before.seq).snapshot, LogIndex());
  EXPECT_TRUE(tracker.installing_snapshot());
  EXPECT_EQ(tracker.durable(), LogIndex(3));
  EXPECT_EQ(tracker.Persisted(out.seq).snapshot, LogIndex(10));
  EXPECT_FALSE(tracker.installing_snapshot());
  EXPECT_EQ(tracker.durable(), LogIndex(10));
}

// Covers: H23
TEST(PersistTrackerTest, SecondSnapshotReplacesTheFirst) {
  PersistTracker tracker{LogIndex(3)};
  tracker.Restored(Snapshot(10));
  const auto first = tracker.HandOut(LogIndex(10), Term());
  tracker.Restored(Snapshot(20));
  const auto second = tracker.HandOut(LogIndex(21), Term());
  EXPECT_EQ(tracker.Persisted(first.seq).snapshot, LogIndex(10));
  EXPECT_TRUE(tracker.installing_snapshot());
  EXPECT_EQ(tracker.pending_snapshot(), LogIndex(20));
  EXPECT_EQ(tracker.Persisted(second.seq).snapshot, LogIndex(20));
  EXPECT_FALSE(tracker.installing_snapshot());
  EXPECT_EQ(tracker.durable(), LogIndex(21));
}

// A disk that applies batches in order, holding a version number per entry.
struct ModelDisk {
  struct Write {
    PersistSeq seq;
    uint64_t first = 0;
    std::vector<uint64_t> versions;
  };
  // stored[i] belongs to index i + 1.
  std::vector<uint64_t> stored;
  std::deque<Write> under_way;

  void FinishOne() {
    const Write write = under_way.front();
    under_way.pop_front();
    if (write.versions.empty()) return;
    stored.resize(write.first - 1);
    stored.insert(stored.end(), write.versions.begin(), write.versions.end());
  }
};

// Whether some write under way will change the entry at `index`.
bool WillChange(const ModelDisk& disk, const std::vector<uint64_t>& log,
                uint64_t index) {
  for (const auto& write : disk.under_way) {
    if (write.versions.empty() || write.first > index) continue;
    const uint64_t offset = index - write.first;
    if (offset >= write.versions.size()) return true;
    if (write.versions[offset] != log[index - 1]) return true;
  }
  return false;
}

// Covers: C13, H23
TEST(PersistTrackerTest, DurableMeansOnTheDiskWhateverTheOrderOfEvents) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SeededRandom random(seed);
    std::vector<uint64_t> log;
    uint64_t next_version = 1;
    ModelDisk disk;
    PersistTracker tracker{LogIndex(0)};
    for (int step = 0; step < 200; ++step) {
      const uint64_t action = random.Uniform(10);
      if (action < 4) {
        log.push_back(next_version++);
      } else if (action < 5 && !log.empty()) {
        const uint64_t first = 1 + random.Uniform(log.size());
        log.resize(first - 1);
        tracker.Truncated(LogIndex(first));
        // The replacement comes at once, as in Merge.
        log.push_back(next_version++);
      } else if (action < 8) {
        const auto out = tracker.HandOut(LogIndex(log.size()), Term());
        const uint64_t first = out.first.value();
        disk.under_way.push_back(
            {out.seq,
             first,
             {log.begin() + static_cast<int64_t>(first) - 1, log.end()}});
      } else if (!disk.under_way.empty()) {
        const PersistSeq seq = disk.under_way.front().seq;
        disk.FinishOne();
        tracker.Persisted(seq);
      }
      ASSERT_LE(tracker.durable(), tracker.handed_out());
      ASSERT_LE(tracker.handed_out(), LogIndex(log.size()));
      for (uint64_t index = 1; index <= tracker.durable().value(); ++index) {
        ASSERT_LE(index, disk.stored.size()) << "seed " << seed;
        ASSERT_EQ(disk.stored[index - 1], log[index - 1])
            << "seed " << seed << ", step " << step << ", index " << index;
        ASSERT_FALSE(WillChange(disk, log, index))
            << "seed " << seed << ", step " << step << ", index " << index;
      }
    }
    // Everything handed out ends up durable: memory is freed eventually.
    const auto out = tracker.HandOut(LogIndex(log.size()), Term());
    tracker.Persisted(out.seq);
    ASSERT_EQ(tracker.durable(), LogIndex(log.size())) << "seed " << seed;
  }
}

}  // namespace
}  // namespace trimaran::raft
