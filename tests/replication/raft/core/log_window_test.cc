#include "replication/raft/log_window.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/printers.h"

// The entries held in memory, against a std::deque.

namespace trimaran::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr SliceLimits kAll = {UINT64_MAX, UINT64_MAX};

LogWindow WindowOf(uint64_t first, const std::vector<size_t>& sizes) {
  LogWindow window{LogIndex(first)};
  for (const size_t size : sizes) {
    window.Append(EntryAt({window.end(), Term(1)}, std::string(size, 'x')));
  }
  return window;
}

std::vector<uint64_t> Indexes(const std::vector<LogEntry>& entries) {
  std::vector<uint64_t> indexes;
  for (const LogEntry& entry : entries) indexes.push_back(entry.index.value());
  return indexes;
}

// Covers: C16
TEST(LogWindowTest, SliceStopsAtTheByteLimitButTakesOneEntry) {
  const LogWindow window = WindowOf(4, {100, 100, 100});
  const LogIndex first(4);
  EXPECT_THAT(Indexes(window.Slice(first, LogIndex(7), {0, 10})),
              ElementsAre(4));
  EXPECT_THAT(Indexes(window.Slice(first, LogIndex(7), {199, 10})),
              ElementsAre(4));
  EXPECT_THAT(Indexes(window.Slice(first, LogIndex(7), {200, 10})),
              ElementsAre(4, 5));
  EXPECT_THAT(Indexes(window.Slice(first, LogIndex(7), {1000, 10})),
              ElementsAre(4, 5, 6));
}

TEST(LogWindowTest, SliceStopsAtTheCountLimitButTakesOneEntry) {
  const LogWindow window = WindowOf(1, {1, 1, 1});
  EXPECT_THAT(Indexes(window.Slice(LogIndex(1), LogIndex(4), {100, 0})),
              ElementsAre(1));
  EXPECT_THAT(Indexes(window.Slice(LogIndex(1), LogIndex(4), {100, 2})),
              ElementsAre(1, 2));
}

TEST(LogWindowTest, SliceEndsWhereTheWindowEnds) {
  const LogWindow window = WindowOf(1, {1, 1, 1});
  EXPECT_THAT(Indexes(window.Slice(LogIndex(3), LogIndex(99), kAll)),
              ElementsAre(3));
  EXPECT_THAT(window.Slice(LogIndex(4), LogIndex(99), kAll), IsEmpty());
  EXPECT_THAT(window.Slice(LogIndex(2), LogIndex(2), kAll), IsEmpty());
}

TEST(LogWindowTest, TruncationBelowTheWindowEmptiesIt) {
  LogWindow window = WindowOf(10, {5, 5, 5});
  window.TruncateFrom(LogIndex(7));
  EXPECT_EQ(window.first(), LogIndex(7));
  EXPECT_EQ(window.end(), LogIndex(7));
  EXPECT_EQ(window.bytes(), 0u);
}

TEST(LogWindowTest, DroppingPastTheEndEmptiesIt) {
  LogWindow window = WindowOf(10, {5, 5, 5});
  window.DropBefore(LogIndex(20));
  EXPECT_EQ(window.first(), LogIndex(20));
  EXPECT_EQ(window.size(), 0u);
  EXPECT_EQ(window.bytes(), 0u);
}

TEST(LogWindowDeathTest, EntriesOutsideAreNotThere) {
  LogWindow window = WindowOf(10, {5});
  EXPECT_DEATH(static_cast<void>(window.At(LogIndex(9))), "is not in");
  EXPECT_DEATH(static_cast<void>(window.At(LogIndex(11))), "is not in");
  EXPECT_DEATH(window.Append(EntryAt(At(12, 1))), "check failed");
}

void ExpectEqual(const LogWindow& window, uint64_t first,
                 const std::deque<LogEntry>& model) {
  ASSERT_EQ(window.first(), LogIndex(first));
  ASSERT_EQ(window.size(), model.size());
  uint64_t bytes = 0;
  for (size_t i = 0; i < model.size(); ++i) {
    ASSERT_EQ(window.At(LogIndex(first + i)), model[i]);
    bytes += model[i].size_bytes();
  }
  ASSERT_EQ(window.bytes(), bytes);
}

TEST(LogWindowTest, RandomChangesAgreeWithADeque) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SeededRandom random(seed);
    uint64_t first = 1;
    std::deque<LogEntry> model;
    LogWindow window{LogIndex(first)};
    for (int step = 0; step < 400; ++step) {
      const uint64_t end = first + model.size();
      const uint64_t action = random.Uniform(20);
      if (action < 16) {
        LogEntry entry = EntryAt(At(end, 1 + static_cast<uint64_t>(step)),
                                 std::string(random.Uniform(20), 'a'));
        model.push_back(entry);
        window.Append(entry);
      } else if (action < 18) {
        const uint64_t keep = random.Uniform(model.size() + 1);
        model.erase(model.begin() + static_cast<int64_t>(keep), model.end());
        window.TruncateFrom(LogIndex(first + keep));
      } else if (action < 19 || !random.OneIn(10)) {
        const uint64_t cut = random.Uniform(model.size() + 1);
        model.erase(model.begin(), model.begin() + static_cast<int64_t>(cut));
        first += cut;
        window.DropBefore(LogIndex(first));
      } else {
        model.clear();
        first = end + random.Uniform(5);
        window.Reset(LogIndex(first));
      }
      ASSERT_NO_FATAL_FAILURE(ExpectEqual(window, first, model))
          << "seed " << seed << ", step " << step;
    }
  }
}

}  // namespace
}  // namespace trimaran::raft
