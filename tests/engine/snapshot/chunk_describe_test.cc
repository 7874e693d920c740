// Goal: a chunk is told from anything else by its bytes alone, and what it says
// of itself is enough to read it.

#include <string>

#include "engine/base/errors.h"
#include "engine/snapshot/chunk_codec.h"
#include "gtest/gtest.h"

namespace trimaran::engine {
namespace {

constexpr ChunkPlace kPlace{SnapshotId(0x0102030405060708), 5};

std::string Chunk() {
  ChunkBuilder builder;
  EXPECT_TRUE(builder.Add({"a", "1"}).ok());
  EXPECT_TRUE(builder.Add({"b", "2"}).ok());
  return std::string(builder.Finish(kPlace).bytes);
}

TEST(IsChunkTest, OnlyTheFirstFourBytesCount) {
  const std::string chunk = Chunk();
  EXPECT_TRUE(IsChunk(chunk));
  EXPECT_TRUE(IsChunk(chunk.substr(0, 4)));
  EXPECT_FALSE(IsChunk(chunk.substr(0, 3)));
  EXPECT_FALSE(IsChunk(chunk.substr(1)));
  EXPECT_FALSE(IsChunk(""));
}

TEST(DescribeChunkTest, DescriptionIsEnoughToReadTheChunk) {
  const std::string chunk = Chunk();

  const auto description = DescribeChunk(chunk);

  ASSERT_TRUE(description.ok()) << description.status();
  EXPECT_EQ(description->place, kPlace);
  EXPECT_EQ(description->info.rows, 2u);
  EXPECT_EQ(description->info.bytes, chunk.size());
  auto reader = ChunkReader::Open(chunk, description->place, description->info);
  ASSERT_TRUE(reader.ok()) << reader.status();
  StateRecord record;
  ASSERT_TRUE(*reader->Next(record));
  EXPECT_EQ(record.key, "a");
}

TEST(DescribeChunkTest, ChunkThatWasChangedDoesNotOpen) {
  const std::string sound = Chunk();
  for (size_t at = 0; at < sound.size(); ++at) {
    std::string chunk = sound;
    chunk[at] = static_cast<char>(chunk[at] ^ 1);
    const auto description = DescribeChunk(chunk);
    if (!description.ok()) continue;
    EXPECT_FALSE(
        ChunkReader::Open(chunk, description->place, description->info).ok())
        << "byte " << at;
  }
}

TEST(DescribeChunkTest, ChunkThatIsCutOffIsNone) {
  const std::string chunk = Chunk();
  for (size_t size = 0; size < kChunkHeaderBytes + kChunkTrailerBytes; ++size) {
    EXPECT_TRUE(IsCorruption(DescribeChunk(chunk.substr(0, size)).status()))
        << size << " bytes";
  }
}

TEST(DescribeChunkTest, LaterVersionIsToldFromDamage) {
  std::string chunk = Chunk();
  chunk[7] = 2;
  EXPECT_TRUE(IsNewerFormat(DescribeChunk(chunk).status()));
}

}  // namespace
}  // namespace trimaran::engine
