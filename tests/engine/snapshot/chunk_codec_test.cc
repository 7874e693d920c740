// Goal: records come out of a chunk as they went in, and a chunk that was
// changed, or belongs elsewhere, is noticed before any record is used.

#include "engine/snapshot/chunk_codec.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "engine/base/absl_compat.h"
#include "engine/base/bytes.h"
#include "engine/base/crc32c.h"
#include "engine/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;
using Records = std::vector<std::pair<std::string, std::string>>;

constexpr ChunkPlace kPlace{SnapshotId(0x0102030405060708), 5};

struct StoredChunk {
  std::string bytes;
  ChunkInfo info;
};

StoredChunk Build(const Records& records) {
  ChunkBuilder builder;
  for (const auto& [key, value] : records) {
    EXPECT_TRUE(builder.Add({key, value}).ok());
  }
  const ChunkBuilder::Built built = builder.Finish(kPlace);
  return {std::string(built.bytes), built.info};
}

absl::StatusOr<Records> Read(const StoredChunk& chunk) {
  auto reader = ChunkReader::Open(chunk.bytes, kPlace, chunk.info);
  if (!reader.ok()) return reader.status();
  Records records;
  StateRecord record;
  for (;;) {
    const auto more = reader->Next(record);
    if (!more.ok()) return more.status();
    if (!*more) return records;
    records.emplace_back(record.key, record.value);
  }
}

// A chunk with a body of the test's own, all the rest as it should be.
StoredChunk Framed(std::string_view body, uint32_t rows) {
  StoredChunk chunk;
  ByteWriter writer(chunk.bytes);
  writer.WriteBytes("TCHK");
  writer.WriteU32(1);
  writer.WriteU64(kPlace.snapshot.value());
  writer.WriteU32(kPlace.number);
  writer.WriteU32(rows);
  writer.WriteU32(static_cast<uint32_t>(body.size()));
  writer.WriteBytes(body);
  const uint32_t crc = Crc32c(chunk.bytes);
  writer.WriteU32(crc);
  chunk.info = {rows, chunk.bytes.size(), crc};
  return chunk;
}

TEST(ChunkCodecTest, RecordsComeBackInOrder) {
  const Records records = {{"a", "1"},
                           {"b", ""},
                           {"c", std::string(300, 'v')},
                           {std::string("\0\xff", 2), std::string(1, '\0')}};
  const auto read = Read(Build(records));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, records);
}

TEST(ChunkCodecTest, TheBytesNeverChange) {
  const StoredChunk chunk = Build({{"key", "value"}, {"k", ""}});
  EXPECT_EQ(absl::BytesToHexString(chunk.bytes),
            // Magic, version, snapshot, number, rows, size of the body.
            "5443484b"
            "00000001"
            "0102030405060708"
            "00000005"
            "00000002"
            "0000000d"
            // The records.
            "03056b657976616c7565"
            "01006b"
            // The checksum.
            "1c49c20a");
  EXPECT_EQ(chunk.info.bytes, 45u);
}

TEST(ChunkCodecTest, EveryFlippedBitIsNoticed) {
  const StoredChunk good = Build({{"key", "value"}, {"k", ""}});
  for (size_t bit = 0; bit < 8 * good.bytes.size(); ++bit) {
    StoredChunk bad = good;
    char& byte = bad.bytes[bit / 8];
    byte = static_cast<char>(byte ^ (1 << (bit % 8)));
    EXPECT_TRUE(IsCorruption(Read(bad).status())) << "bit " << bit;
  }
}

TEST(ChunkCodecTest, EveryCutAndEveryAdditionIsNoticed) {
  const StoredChunk good = Build({{"key", "value"}});
  for (size_t size = 0; size < good.bytes.size(); ++size) {
    StoredChunk bad = good;
    bad.bytes.resize(size);
    EXPECT_TRUE(IsCorruption(Read(bad).status())) << size;
    bad.info.bytes = size;
    EXPECT_TRUE(IsCorruption(Read(bad).status())) << size;
  }
  StoredChunk longer = good;
  longer.bytes += '\0';
  EXPECT_TRUE(IsCorruption(Read(longer).status()));
}

TEST(ChunkCodecTest, AnIntactChunkOfAnotherPlaceIsNoticed) {
  const StoredChunk chunk = Build({{"key", "value"}});
  for (const ChunkPlace& place :
       {ChunkPlace{kPlace.snapshot, 6}, ChunkPlace{SnapshotId(1), 5}}) {
    const absl::Status status =
        ChunkReader::Open(chunk.bytes, place, chunk.info).status();
    EXPECT_TRUE(IsCorruption(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr("another chunk"));
  }
}

TEST(ChunkCodecTest, AnIntactChunkThatIsNotOfTheManifestIsNoticed) {
  const StoredChunk chunk = Build({{"key", "value"}});
  StoredChunk other_rows = chunk;
  other_rows.info.rows = 2;
  EXPECT_TRUE(IsCorruption(Read(other_rows).status()));
  StoredChunk other_crc = chunk;
  other_crc.info.crc32c ^= 1;
  EXPECT_TRUE(IsCorruption(Read(other_crc).status()));
}

TEST(ChunkCodecTest, WhatWasFramedWronglyIsNoticedRecordByRecord) {
  struct Case {
    std::string body;
    uint32_t rows;
    const char* message;
  };
  const std::vector<Case> cases = {
      {std::string("\x01\x01", 2) + "kv" + "x", 1, "behind its last"},
      {std::string("\x01\x01", 2) + "kv", 2, "cut off"},
      {std::string("\x01\x02", 2) + "kv", 1, "cut off"},
      {std::string("\x00\x01", 2) + "v", 1, "cut off"},
      {std::string("\x81\x00\x01", 3) + "kv", 1, "cut off"},
      {std::string(9, '\xff') + "\x01\x01" + "kv", 1, "cut off"},
  };
  for (const Case& one : cases) {
    const absl::Status status = Read(Framed(one.body, one.rows)).status();
    EXPECT_TRUE(IsCorruption(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr(one.message));
  }
  // The same frame around a good body, so that the cases mean what they say.
  EXPECT_TRUE(Read(Framed(std::string("\x01\x01", 2) + "kv", 1)).ok());
}

TEST(ChunkBuilderTest, AFirstRecordAlwaysFitsAndLaterOnesToTheByte) {
  ChunkBuilder builder;
  const std::string value(100, 'v');
  EXPECT_TRUE(builder.Fits({"key", value}, 1));
  ASSERT_TRUE(builder.Add({"key", value}).ok());
  // Two records of two lengths, a key of 3 and a value of 100 bytes each.
  const size_t both = kChunkHeaderBytes + kChunkTrailerBytes + 2 * (2 + 103);
  EXPECT_FALSE(builder.Fits({"key", value}, both - 1));
  EXPECT_TRUE(builder.Fits({"key", value}, both));
}

TEST(ChunkBuilderTest, TheLargestRecordFitsAChunk) {
  const std::string key(kRecordKeyBytesMax, 'k');
  const std::string value(kRecordValueBytesMax, 'v');
  const StoredChunk chunk = Build({{key, value}});
  EXPECT_LE(chunk.bytes.size(), kChunkBytesMax);
  const auto read = Read(chunk);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->size(), 1u);
}

TEST(ChunkBuilderTest, LargerRecordsAreRefusedWithTheLimits) {
  const std::string key(kRecordKeyBytesMax + 1, 'k');
  const std::string value(kRecordValueBytesMax + 1, 'v');
  ChunkBuilder builder;
  for (const StateRecord& record :
       {StateRecord{key, ""}, StateRecord{"k", value}, StateRecord{"", "v"}}) {
    const absl::Status status = builder.Add(record);
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr("1088"));
  }
  EXPECT_EQ(builder.rows(), 0u);
}

TEST(ChunkBuilderTest, ClearForgetsAllRecords) {
  ChunkBuilder builder;
  ASSERT_TRUE(builder.Add({"a", "1"}).ok());
  const StoredChunk first{std::string(builder.Finish(kPlace).bytes), {}};
  builder.Clear();
  ASSERT_TRUE(builder.Add({"a", "1"}).ok());
  EXPECT_EQ(builder.Finish(kPlace).bytes, first.bytes);
}

}  // namespace
}  // namespace trimaran::engine
