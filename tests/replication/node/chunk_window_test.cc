// Goal: the receiver asks for what is missing, a window at a time, again where
// nothing comes, and never for what it has.

#include "replication/node/chunk_window.h"

#include <vector>

#include "gtest/gtest.h"

namespace trimaran {
namespace {

using Ranges = std::vector<ChunkRange>;

constexpr MonotonicTime kBegin;

// So many seconds later.
MonotonicTime At(int seconds) { return kBegin + absl::Seconds(seconds); }

std::vector<engine::ChunkInfo> Chunks(const std::vector<uint64_t>& sizes) {
  std::vector<engine::ChunkInfo> chunks;
  for (const uint64_t bytes : sizes) chunks.push_back({1, bytes, 0});
  return chunks;
}

const ChunkWindow::Limits kThree{.chunks_max = 3,
                                 .bytes_max = 1000,
                                 .patience = absl::Seconds(2),
                                 .patience_max = absl::Seconds(10)};

TEST(ChunkWindowTest, AsksForAWindowAndGoesOnAsChunksAreStored) {
  const auto chunks = Chunks({10, 10, 10, 10, 10});
  ChunkWindow window(chunks, std::vector<bool>(5), kThree);
  EXPECT_EQ(window.TakeNext(kBegin), (Ranges{{0, 3}}));
  EXPECT_EQ(window.TakeNext(kBegin), Ranges());
  ASSERT_TRUE(window.Arrived(1, kBegin));
  // In memory still.
  EXPECT_EQ(window.TakeNext(kBegin), Ranges());
  window.Stored(1);
  EXPECT_EQ(window.TakeNext(kBegin), (Ranges{{3, 1}}));
  for (const uint32_t chunk : {0u, 2u, 3u}) {
    ASSERT_TRUE(window.Arrived(chunk, kBegin));
    window.Stored(chunk);
  }
  EXPECT_FALSE(window.complete());
  EXPECT_EQ(window.TakeNext(kBegin), (Ranges{{4, 1}}));
  ASSERT_TRUE(window.Arrived(4, kBegin));
  window.Stored(4);
  EXPECT_TRUE(window.complete());
}

TEST(ChunkWindowTest, NeverAsksForWhatIsThere) {
  const auto chunks = Chunks({10, 10, 10, 10, 10});
  ChunkWindow window(chunks, {true, false, true, false, false}, kThree);
  EXPECT_EQ(window.TakeNext(kBegin), (Ranges{{1, 1}, {3, 2}}));
}

TEST(ChunkWindowTest, SnapshotWithoutChunksAndOneThatIsThereAreComplete) {
  const auto none = Chunks({});
  EXPECT_TRUE(ChunkWindow(none, {}, kThree).complete());
  const auto all = Chunks({10, 10});
  EXPECT_TRUE(ChunkWindow(all, {true, true}, kThree).complete());
}

TEST(ChunkWindowTest, BytesLimitTheWindowButOneChunkAlwaysFits) {
  const auto chunks = Chunks({600, 600, 5000, 10});
  ChunkWindow window(chunks, std::vector<bool>(4), kThree);
  EXPECT_EQ(window.TakeNext(kBegin), (Ranges{{0, 1}}));
  ASSERT_TRUE(window.Arrived(0, kBegin));
  window.Stored(0);
  EXPECT_EQ(window.TakeNext(kBegin), (Ranges{{1, 1}}));
  ASSERT_TRUE(window.Arrived(1, kBegin));
  window.Stored(1);
  EXPECT_EQ(window.TakeNext(kBegin), (Ranges{{2, 1}}));
}

TEST(ChunkWindowTest, WhereNothingComesAsksForOneAgainAndThenForAll) {
  const auto chunks = Chunks({10, 10, 10});
  ChunkWindow window(chunks, std::vector<bool>(3), kThree);
  EXPECT_EQ(window.TakeNext(kBegin), (Ranges{{0, 3}}));
  EXPECT_EQ(window.Tick(At(1)), Ranges());
  EXPECT_EQ(window.Tick(At(2)), (Ranges{{0, 1}}));
  // With twice the patience each time.
  EXPECT_EQ(window.Tick(At(5)), Ranges());
  EXPECT_EQ(window.Tick(At(6)), (Ranges{{0, 3}}));
  EXPECT_EQ(window.Tick(At(13)), Ranges());
  EXPECT_EQ(window.Tick(At(14)), (Ranges{{0, 3}}));
  EXPECT_EQ(window.Tick(At(23)), Ranges());
  EXPECT_EQ(window.Tick(At(24)), (Ranges{{0, 3}})) << "ten seconds at most";
}

TEST(ChunkWindowTest, WhatWasAskedForBeforeWhatComesIsLost) {
  const auto chunks = Chunks({10, 10, 10});
  ChunkWindow window(chunks, std::vector<bool>(3), kThree);
  (void)window.TakeNext(kBegin);
  ASSERT_TRUE(window.Arrived(1, At(1)));
  EXPECT_EQ(window.Tick(At(1)), (Ranges{{0, 1}}));
  EXPECT_EQ(window.Tick(At(1)), Ranges()) << "twice";
  // This one was asked for before that.
  ASSERT_TRUE(window.Arrived(2, At(1)));
  EXPECT_EQ(window.Tick(At(1)), Ranges());
}

TEST(ChunkWindowTest, AnswerToTheSecondQuestionTellsNothingOfOthers) {
  const auto chunks = Chunks({10, 10, 10});
  ChunkWindow window(chunks, std::vector<bool>(3), kThree);
  (void)window.TakeNext(kBegin);
  EXPECT_EQ(window.Tick(At(2)), (Ranges{{0, 1}}));
  // Perhaps the first answer, and late.
  ASSERT_TRUE(window.Arrived(0, At(3)));
  EXPECT_EQ(window.Tick(At(3)), Ranges());
}

TEST(ChunkWindowTest, SlowLinkIsAskedForOneChunkTooMuch) {
  const auto chunks = Chunks(std::vector<uint64_t>(50, 10));
  ChunkWindow window(chunks, std::vector<bool>(50), kThree);
  uint32_t asked = 0;
  const auto count = [&asked](const Ranges& ranges) {
    for (const ChunkRange& range : ranges) asked += range.count;
  };
  count(window.TakeNext(kBegin));
  // Each chunk takes four seconds, twice as long as is thought at first; and
  // what is asked for twice comes twice.
  int now = 0;
  for (uint32_t chunk = 0; chunk < 50; ++chunk) {
    for (const int end = now + 4; now < end; ++now) count(window.Tick(At(now)));
    ASSERT_TRUE(window.Arrived(chunk, At(now)));
    window.Stored(chunk);
    count(window.TakeNext(At(now)));
  }
  EXPECT_TRUE(window.complete());
  EXPECT_EQ(asked, 51u);
}

TEST(ChunkWindowTest, QuickLinkIsTrustedAgainAfterASlowTime) {
  const auto chunks = Chunks({10, 10, 10, 10});
  ChunkWindow window(chunks, std::vector<bool>(4), kThree);
  (void)window.TakeNext(kBegin);
  ASSERT_TRUE(window.Arrived(0, At(4)));
  ASSERT_TRUE(window.Arrived(1, At(4)));
  EXPECT_EQ(window.Tick(At(5)), Ranges());
  EXPECT_EQ(window.Tick(At(6)), (Ranges{{2, 1}}));
}

TEST(ChunkWindowTest, OtherSenderIsAskedForAllThatIsOpen) {
  const auto chunks = Chunks({10, 10, 10});
  ChunkWindow window(chunks, std::vector<bool>(3), kThree);
  (void)window.TakeNext(kBegin);
  ASSERT_TRUE(window.Arrived(0, kBegin));
  EXPECT_EQ(window.AskAgain(kBegin), (Ranges{{1, 2}}));
}

TEST(ChunkWindowTest, DropsWhatItDoesNotExpect) {
  const auto chunks = Chunks({10, 10, 10, 10});
  ChunkWindow window(chunks, std::vector<bool>(4), kThree);
  EXPECT_FALSE(window.Arrived(0, kBegin));
  (void)window.TakeNext(kBegin);
  EXPECT_TRUE(window.Arrived(0, kBegin));
  EXPECT_FALSE(window.Arrived(0, kBegin)) << "twice";
  window.Stored(0);
  EXPECT_FALSE(window.Arrived(0, kBegin)) << "stored";
  EXPECT_FALSE(window.Arrived(3, kBegin)) << "not asked for yet";
  EXPECT_FALSE(window.Arrived(77, kBegin)) << "no such chunk";
}

TEST(ChunkWindowTest, SpoiledChunkIsAskedForAgainButNotAtOnce) {
  const auto chunks = Chunks({10});
  ChunkWindow window(chunks, std::vector<bool>(1), kThree);
  (void)window.TakeNext(kBegin);
  ASSERT_TRUE(window.Arrived(0, kBegin));
  window.Spoiled(0, At(2));
  EXPECT_EQ(window.TakeNext(At(2)), Ranges());
  EXPECT_EQ(window.Tick(At(3)), Ranges());
  EXPECT_EQ(window.Tick(At(4)), (Ranges{{0, 1}}));
}

}  // namespace
}  // namespace trimaran
