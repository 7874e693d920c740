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

const ChunkWindow::Limits kThree{
    .chunks_max = 3, .bytes_max = 1000, .patience = absl::Seconds(2)};

TEST(ChunkWindowTest, AsksForAWindowAndGoesOnAsChunksAreStored) {
  const auto chunks = Chunks({10, 10, 10, 10, 10});
  ChunkWindow window(chunks, std::vector<bool>(5), kThree);
  EXPECT_EQ(window.TakeNext(kBegin), (Ranges{{0, 3}}));
  EXPECT_EQ(window.TakeNext(kBegin), Ranges());
  ASSERT_TRUE(window.Arrived(1));
  // In memory still.
  EXPECT_EQ(window.TakeNext(kBegin), Ranges());
  window.Stored(1);
  EXPECT_EQ(window.TakeNext(kBegin), (Ranges{{3, 1}}));
  for (const uint32_t chunk : {0u, 2u, 3u}) {
    ASSERT_TRUE(window.Arrived(chunk));
    window.Stored(chunk);
  }
  EXPECT_FALSE(window.complete());
  EXPECT_EQ(window.TakeNext(kBegin), (Ranges{{4, 1}}));
  ASSERT_TRUE(window.Arrived(4));
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
  ASSERT_TRUE(window.Arrived(0));
  window.Stored(0);
  EXPECT_EQ(window.TakeNext(kBegin), (Ranges{{1, 1}}));
  ASSERT_TRUE(window.Arrived(1));
  window.Stored(1);
  EXPECT_EQ(window.TakeNext(kBegin), (Ranges{{2, 1}}));
}

TEST(ChunkWindowTest, AsksAgainWhenPatienceIsOver) {
  const auto chunks = Chunks({10, 10, 10});
  ChunkWindow window(chunks, std::vector<bool>(3), kThree);
  EXPECT_EQ(window.TakeNext(kBegin), (Ranges{{0, 3}}));
  EXPECT_EQ(window.Tick(At(1)), Ranges());
  ASSERT_TRUE(window.Arrived(1));
  EXPECT_EQ(window.Tick(At(2)), (Ranges{{0, 1}, {2, 1}}));
  EXPECT_EQ(window.Tick(At(3)), Ranges());
  EXPECT_EQ(window.Tick(At(4)), (Ranges{{0, 1}, {2, 1}}));
}

TEST(ChunkWindowTest, OtherSenderIsAskedForAllThatIsOpen) {
  const auto chunks = Chunks({10, 10, 10});
  ChunkWindow window(chunks, std::vector<bool>(3), kThree);
  (void)window.TakeNext(kBegin);
  ASSERT_TRUE(window.Arrived(0));
  EXPECT_EQ(window.AskAgain(kBegin), (Ranges{{1, 2}}));
}

TEST(ChunkWindowTest, DropsWhatItDoesNotExpect) {
  const auto chunks = Chunks({10, 10, 10, 10});
  ChunkWindow window(chunks, std::vector<bool>(4), kThree);
  EXPECT_FALSE(window.Arrived(0));
  (void)window.TakeNext(kBegin);
  EXPECT_TRUE(window.Arrived(0));
  EXPECT_FALSE(window.Arrived(0)) << "twice";
  window.Stored(0);
  EXPECT_FALSE(window.Arrived(0)) << "stored";
  EXPECT_FALSE(window.Arrived(3)) << "not asked for yet";
  EXPECT_FALSE(window.Arrived(77)) << "no such chunk";
}

TEST(ChunkWindowTest, SpoiledChunkIsAskedForAgainButNotAtOnce) {
  const auto chunks = Chunks({10});
  ChunkWindow window(chunks, std::vector<bool>(1), kThree);
  (void)window.TakeNext(kBegin);
  ASSERT_TRUE(window.Arrived(0));
  window.Spoiled(0, At(2));
  EXPECT_EQ(window.TakeNext(At(2)), Ranges());
  EXPECT_EQ(window.Tick(At(3)), Ranges());
  EXPECT_EQ(window.Tick(At(4)), (Ranges{{0, 1}}));
}

}  // namespace
}  // namespace trimaran
