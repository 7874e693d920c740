#include "replication/raft/apply_tracker.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/printers.h"

// How much is handed out for applying, over all pages under way.

namespace trimaran::raft {
namespace {

std::vector<LogEntry> Page(uint64_t first, const std::vector<size_t>& sizes) {
  std::vector<LogEntry> page;
  for (const size_t size : sizes) {
    page.push_back(EntryAt(At(first + page.size(), 1), std::string(size, 'x')));
  }
  return page;
}

// Covers: C11a
TEST(ApplyTrackerTest, LimitsCountAllPagesUnderWay) {
  ApplyTracker tracker(LogIndex(0), {2048, 100});
  EXPECT_TRUE(tracker.has_room());
  EXPECT_EQ(tracker.room().bytes_max, 2048u);
  tracker.HandOut(Page(1, {1000, 1000}));
  EXPECT_EQ(tracker.applying(), LogIndex(2));
  EXPECT_EQ(tracker.applied(), LogIndex(0));
  EXPECT_TRUE(tracker.has_room());
  EXPECT_EQ(tracker.room().bytes_max, 48u);
  EXPECT_EQ(tracker.room().entries_max, 98u);
  tracker.HandOut(Page(3, {1000}));
  EXPECT_FALSE(tracker.has_room());
  tracker.Applied(LogIndex(2));
  EXPECT_TRUE(tracker.has_room());
  EXPECT_EQ(tracker.room().bytes_max, 1048u);
  tracker.Applied(LogIndex(3));
  EXPECT_EQ(tracker.room().bytes_max, 2048u);
  EXPECT_EQ(tracker.room().entries_max, 100u);
}

TEST(ApplyTrackerTest, CountLimitHoldsWhereEntriesAreEmpty) {
  ApplyTracker tracker(LogIndex(0), {2048, 2});
  tracker.HandOut(Page(1, {0, 0}));
  EXPECT_FALSE(tracker.has_room());
  tracker.Applied(LogIndex(2));
  EXPECT_TRUE(tracker.has_room());
}

TEST(ApplyTrackerTest, PageCountsUntilItsLastEntryIsApplied) {
  ApplyTracker tracker(LogIndex(0), {2000, 100});
  tracker.HandOut(Page(1, {1000, 1000}));
  tracker.Applied(LogIndex(1));
  EXPECT_EQ(tracker.applied(), LogIndex(1));
  EXPECT_FALSE(tracker.has_room());
  tracker.Applied(LogIndex(2));
  EXPECT_TRUE(tracker.has_room());
}

TEST(ApplyTrackerTest, RoomIsNeverNegativeAfterAnOversizedEntry) {
  ApplyTracker tracker(LogIndex(0), {10, 100});
  tracker.HandOut(Page(1, {5000}));
  EXPECT_FALSE(tracker.has_room());
  EXPECT_EQ(tracker.room().bytes_max, 0u);
}

TEST(ApplyTrackerTest, SnapshotReplacesThePagesUnderWay) {
  ApplyTracker tracker(LogIndex(0), {2000, 100});
  tracker.HandOut(Page(1, {1500}));
  tracker.SkipTo(LogIndex(10));
  EXPECT_EQ(tracker.applying(), LogIndex(10));
  EXPECT_EQ(tracker.applied(), LogIndex(0));
  tracker.Applied(LogIndex(10));
  EXPECT_EQ(tracker.applied(), LogIndex(10));
  EXPECT_EQ(tracker.room().bytes_max, 2000u);
  // A page of the old state machine that finishes late says nothing new.
  tracker.Applied(LogIndex(1));
  EXPECT_EQ(tracker.applied(), LogIndex(10));
}

TEST(ApplyTrackerDeathTest, PagesAreContiguousAndAppliedOnlyAfterHandOut) {
  ApplyTracker tracker(LogIndex(4), {2000, 100});
  EXPECT_DEATH(tracker.HandOut(Page(6, {1})), "check failed");
  EXPECT_DEATH(tracker.HandOut({}), "check failed");
  EXPECT_DEATH(tracker.Applied(LogIndex(5)), "not handed out");
}

}  // namespace
}  // namespace trimaran::raft
