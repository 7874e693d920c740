// Goal: space is given back in bounded steps and used again, the directory
// stops growing, and what was given back never comes to life again.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "engine/log/segment_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/log/log_fixture.h"

namespace trimaran::engine {
namespace {

using ::testing::ElementsAre;

uint64_t FileBytesOf(const disk::DiskImage& image) {
  uint64_t bytes = 0;
  for (const auto& [path, content] : image.files) bytes += content.size();
  return bytes;
}

// Entries 0..99 of the course are 1..100 here: [first, end) there is what a
// bound of `end` gives back here, when each entry has a segment to itself.
// Covers: F4
TEST(RecycleTest, SpaceIsGivenBackUpToTheBoundFromWhereverTheLogBegins) {
  auto home = NewLogHome();
  for (uint64_t i = 1; i <= 101; ++i) {
    ASSERT_TRUE(home->Append(MakeEntries(i, 1, 1, 12200)).ok());
  }
  const auto boundary = [&] {
    return home->log().state().boundary.id.index.value();
  };
  home->log().Compact(LogIndex(100));

  ASSERT_TRUE(home->Recycle(10).ok());
  EXPECT_EQ(boundary(), 10u);
  ASSERT_TRUE(home->Recycle(50).ok());
  EXPECT_EQ(boundary(), 50u);
  ASSERT_TRUE(home->Recycle(50).ok());
  EXPECT_EQ(boundary(), 50u);
  ASSERT_TRUE(home->Recycle(60).ok());
  EXPECT_EQ(boundary(), 60u);
  EXPECT_EQ(home->log().truncated(), LogIndex(100));
  EXPECT_EQ(home->log().state().last.id.index, LogIndex(101));
  // A crash forgets the compaction, which the state machine keeps.
  EXPECT_EQ(home->Reopen().truncated(), LogIndex(60));
  EXPECT_EQ(AllEntries(home->log()), MakeEntries(61, 41, 1, 12200));
}

// Covers: F7
TEST(RecycleTest, NothingAboveTheBoundOrTheCompactionIsGivenBack) {
  auto home = NewLogHome();
  for (uint64_t i = 1; i <= 50; ++i) {
    ASSERT_TRUE(home->Append(MakeEntries(i, 1, 1, 12200)).ok());
  }

  ASSERT_TRUE(home->Recycle(50).ok());
  EXPECT_EQ(home->log().state().boundary.id.index, LogIndex(0));

  home->log().Compact(LogIndex(20));
  ASSERT_TRUE(home->Recycle(50).ok());
  EXPECT_EQ(home->log().state().boundary.id.index, LogIndex(20));

  home->log().Compact(LogIndex(40));
  ASSERT_TRUE(home->Recycle(30).ok());
  EXPECT_EQ(home->log().state().boundary.id.index, LogIndex(30));
}

TEST(RecycleTest, DirectoryStopsGrowingWhenTheLogIsBounded) {
  auto home = NewLogHome();
  uint64_t bytes_max = 0;
  uint64_t files_max = 0;
  uint64_t last = 0;
  // Ten times through 5,000 appends, of which the last 100 are kept.
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 500; ++i) {
      ++last;
      ASSERT_TRUE(
          home->Append(MakeEntries(last, 1, 1, last * 7919 % 900)).ok());
      if (last % 50 == 0 && last > 100) {
        home->log().Compact(LogIndex(last - 100));
        ASSERT_TRUE(home->Recycle(last - 100).ok());
      }
    }
    home->Reopen();
    const disk::DiskImage image = home->disk().Visible();
    if (round == 1) {
      bytes_max = FileBytesOf(image);
      files_max = image.files.size();
    } else if (round > 1) {
      // A segment more or less is under way at any time.
      EXPECT_LE(FileBytesOf(image), bytes_max + 2 * kTestSegmentBytes);
      EXPECT_LE(image.files.size(), files_max + 2);
    }
  }
  EXPECT_EQ(home->log().state().last.id.index, LogIndex(last));
}

TEST(RecycleTest, RecordsOfAnEarlierUseOfABlockAreNotTakenForNewOnes) {
  auto home = NewLogHome();
  // Records of one size, so that old ones stand where new ones would.
  for (uint64_t i = 1; i <= 100; ++i) {
    ASSERT_TRUE(home->Append(MakeEntries(i, 1, 1, 700)).ok());
  }
  home->log().Compact(LogIndex(100));
  ASSERT_TRUE(home->Recycle(100).ok());
  for (uint64_t i = 101; i <= 130; ++i) {
    ASSERT_TRUE(home->Append(MakeEntries(i, 1, 1, 700)).ok());
  }

  home->Reopen();

  EXPECT_EQ(home->log().state().last.id.index, LogIndex(130));
  EXPECT_EQ(home->report().torn_bytes, 0u);
}

TEST(RecycleTest, StepsAreBoundedAndPrepareTheNextSegment) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 1, 1, 9000)).ok());
  ASSERT_TRUE(home->Recycle(0).ok());
  const uint64_t before = home->disk().operation_count();

  // The header and the record of the new segment, and the floor.
  ASSERT_TRUE(home->Append(MakeEntries(2, 1, 1, 9000)).ok());

  EXPECT_EQ(home->disk().operation_count() - before, 4u);
}

TEST(RecycleTest, SegmentsBeforeAResetAreGivenBack) {
  auto home = NewLogHome();
  for (uint64_t i = 1; i <= 50; ++i) {
    ASSERT_TRUE(home->Append(MakeEntries(i, 1, 1, 9000)).ok());
  }
  LogReset reset;
  reset.position = {{LogIndex(100), Term(2)}, ChainValue{1}};
  reset.hard_state = {Term(2), ReplicaId(), LogIndex(100)};
  reset.generation = 2;
  ASSERT_TRUE(home->log().Reset(reset).ok());

  ASSERT_TRUE(home->Recycle(0).ok());

  EXPECT_LE(SegmentsOf(home->disk().Visible()).size(), 4u);
  EXPECT_EQ(home->Reopen().state().last, reset.position);
}

TEST(RecycleTest, ReadersOnOtherThreadsSeeWholeEntriesOrCompacted) {
  auto home = NewLogHome();
  const SegmentLog& log = home->log();
  constexpr uint64_t kLast = 400;
  std::atomic<bool> stop = false;
  std::atomic<uint64_t> wrong = 0;
  const auto read = [&] {
    while (!stop.load()) {
      const LogIndex first = log.truncated() + 1;
      const LogIndex end = log.state().last.id.index + 1;
      if (first >= end) continue;
      const auto entries = log.Entries(first, end, {50000, 100});
      if (!entries.ok()) {
        if (!IsCompacted(entries.status())) ++wrong;
        continue;
      }
      LogIndex index = first;
      for (const LogEntry& entry : *entries) {
        if (entry != MakeEntries(index.value(), 1, 1, 700).front()) ++wrong;
        ++index;
      }
      const auto chain = log.ChainAt(first);
      if (!chain.ok() && !IsCompacted(chain.status())) ++wrong;
    }
  };
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) readers.emplace_back(read);
  for (uint64_t i = 1; i <= kLast; ++i) {
    ASSERT_TRUE(home->Append(MakeEntries(i, 1, 1, 700)).ok());
    if (i % 20 == 0) {
      home->log().Compact(LogIndex(i - 10));
      ASSERT_TRUE(home->Recycle(i - 10).ok());
    }
  }
  stop.store(true);
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong.load(), 0u);
}

}  // namespace
}  // namespace trimaran::engine
