// Goal: a stream gives the frames that were put into it, however it is cut into
// pieces, or an error; and it costs no more memory than bytes have arrived.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/crc32c.h"
#include "replication/wire/frame.h"
#include "tests/replication/wire/frame_bytes.h"

namespace trimaran::wire {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Stage = FrameReader::Stage;

constexpr size_t kHandshakeMemory = size_t{8} << 10;
constexpr size_t kUsualMemory = size_t{64} << 10;

std::string Frame(FrameType type, std::string_view meta,
                  std::string_view blob = "") {
  return Joined(MakeFrame(type, meta, {Payload(blob)}));
}

// Bytes in which no two places look the same.
std::string Bulk(size_t bytes) {
  std::string bulk(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) {
    bulk[i] = static_cast<char>((i * 2654435761u) >> 13);
  }
  return bulk;
}

// What `reader` says to all of `bytes`.
absl::Status ErrorOf(FrameReader& reader, std::string_view bytes) {
  absl::Status error;
  ReadAll(reader, bytes, bytes.size(), error);
  return error;
}

// Puts `bytes` into the reader without asking it for frames.
void Fill(FrameReader& reader, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto space = reader.Space();
    ASSERT_FALSE(space.empty());
    const size_t count = std::min(space.size(), bytes.size());
    std::copy_n(bytes.data(), count, space.data());
    reader.Filled(count);
    bytes.remove_prefix(count);
  }
}

TEST(FrameReaderTest, PiecesOfAnySizeGiveTheSameFrames) {
  std::string stream = Frame(FrameType::kPing, "1");
  stream += Frame(FrameType::kRaft, "meta", Bulk(300000));
  stream += Frame(FrameType::kRaft, "");
  stream += Frame(FrameType::kForward, "f", "entry");
  for (int i = 0; i < 3000; ++i) stream += Frame(FrameType::kPong, "pong");
  stream += Frame(FrameType::kSnapshotChunk, "c", Bulk(70000));
  stream += Frame(FrameType::kSnapshotChunk, "d", Bulk(200001));

  FrameReader at_once(Stage::kMessages);
  absl::Status error;
  const auto frames = ReadAll(at_once, stream, stream.size(), error);
  ASSERT_TRUE(error.ok()) << error;
  ASSERT_EQ(frames.size(), 3006u);
  EXPECT_EQ(frames[0], "Ping 1|");
  EXPECT_EQ(frames[1], "Raft meta|" + Bulk(300000));
  EXPECT_EQ(frames[2], "Raft |");
  EXPECT_EQ(frames[3], "Forward f|entry");
  EXPECT_EQ(frames.back(), "SnapshotChunk d|" + Bulk(200001));
  for (const size_t step : {1u, 7u, 24u, 4096u, 65536u, 100000u}) {
    FrameReader in_pieces(Stage::kMessages);
    EXPECT_EQ(ReadAll(in_pieces, stream, step, error), frames) << step;
    EXPECT_TRUE(error.ok()) << error;
  }
}

TEST(FrameReaderTest, APartOfAFrameIsNone) {
  const std::string stream = Frame(FrameType::kRaft, "meta", "blob");
  for (size_t size = 0; size < stream.size(); ++size) {
    FrameReader reader(Stage::kMessages);
    absl::Status error;
    EXPECT_THAT(ReadAll(reader, stream.substr(0, size), 5, error), IsEmpty());
    EXPECT_TRUE(error.ok()) << size;
  }
}

TEST(FrameReaderTest, AChangedBitIsNoticed) {
  const std::string stream = Frame(FrameType::kRaft, "meta", "blob");
  for (size_t bit = 0; bit < 8 * stream.size(); ++bit) {
    std::string changed = stream;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    FrameReader reader(Stage::kMessages);
    absl::Status error;
    EXPECT_THAT(ReadAll(reader, changed, changed.size(), error), IsEmpty());
    EXPECT_FALSE(error.ok()) << "bit " << bit;
    if (bit >= 8 * sizeof(uint32_t)) {
      EXPECT_TRUE(absl::IsDataLoss(error)) << "bit " << bit << ": " << error;
    }
  }
}

TEST(FrameReaderTest, NothingIsReadBehindAnError) {
  FrameReader reader(Stage::kMessages);
  const absl::Status error = ErrorOf(reader, std::string(100, 'x'));
  EXPECT_TRUE(absl::IsInvalidArgument(error));
  // Frames may come; they are not looked at, and take no room.
  for (int i = 0; i < 100; ++i) {
    Fill(reader, Frame(FrameType::kRaft, "meta", Bulk(10000)));
    EXPECT_EQ(reader.Next().status(), error);
  }
  EXPECT_EQ(reader.memory_bytes(), kUsualMemory);
}

TEST(FrameReaderTest, EachStageHasItsFrames) {
  for (int type = 0; type < 256; ++type) {
    if (!LimitsOf(static_cast<uint8_t>(type))) continue;
    const bool introduces = type <= 3;
    const std::string frame = Frame(static_cast<FrameType>(type), "");
    FrameReader stranger(Stage::kHandshake);
    EXPECT_EQ(ErrorOf(stranger, frame).ok(), introduces) << type;
    FrameReader peer(Stage::kMessages);
    EXPECT_EQ(ErrorOf(peer, frame).ok(), !introduces) << type;
  }
}

TEST(FrameReaderTest, FramesBehindTheHandshakeAreStillThere) {
  FrameReader reader(Stage::kHandshake);
  const std::string raft = Frame(FrameType::kRaft, "meta", "blob");
  Fill(reader, Frame(FrameType::kWelcome, "w") + raft + raft.substr(0, 30));
  const auto welcome = reader.Next();
  ASSERT_TRUE(welcome.ok() && welcome->has_value());
  EXPECT_EQ((*welcome)->type, FrameType::kWelcome);

  reader.EnterMessages();
  const auto first = reader.Next();
  ASSERT_TRUE(first.ok() && first->has_value());
  EXPECT_EQ((*first)->blob, "blob");
  absl::Status error;
  EXPECT_THAT(ReadAll(reader, raft.substr(30), 1, error),
              ElementsAre("Raft meta|blob"));
  // From now on much is read at a time.
  EXPECT_EQ(reader.Space().size(), kUsualMemory);
}

TEST(FrameReaderTest, AStrangerGetsRoomForAHelloAndNoMore) {
  const size_t meta_bytes_max =
      LimitsOf(static_cast<uint8_t>(FrameType::kHello))->meta_bytes_max;
  const std::string longest =
      Frame(FrameType::kHello, std::string(meta_bytes_max, 'm'));
  FrameReader reader(Stage::kHandshake);
  EXPECT_EQ(reader.memory_bytes(), 0u);
  absl::Status error;
  EXPECT_EQ(ReadAll(reader, longest, 100, error).size(), 1u);
  EXPECT_EQ(reader.memory_bytes(), kHandshakeMemory);
  // However many, of which none is taken amiss.
  for (int i = 0; i < 10; ++i) ReadAll(reader, longest, 5000, error);
  EXPECT_TRUE(error.ok());
  EXPECT_EQ(reader.memory_bytes(), kHandshakeMemory);
}

TEST(FrameReaderTest, AHeaderAloneCostsNothing) {
  RawHeader header;
  header.blob_bytes = static_cast<uint32_t>(kEntryBytesMax);
  FrameReader reader(Stage::kMessages);
  EXPECT_TRUE(ErrorOf(reader, ToBytes(header)).ok());
  reader.Space();
  EXPECT_EQ(reader.memory_bytes(), kUsualMemory);
}

TEST(FrameReaderTest, MemoryGrowsWithWhatArrivesAndIsGivenBack) {
  const std::string blob = Bulk(kSnapshotChunkBytesMax);
  const std::string longest = Frame(FrameType::kSnapshotChunk, "meta", blob);
  FrameReader reader(Stage::kMessages);
  absl::Status error;
  std::vector<std::string> frames;
  constexpr size_t kStep = 50000;
  for (size_t at = 0; at < longest.size(); at += kStep) {
    const size_t before = reader.memory_bytes();
    frames = ReadAll(reader, longest.substr(at, kStep), kStep, error);
    const size_t arrived = std::min(longest.size(), at + kStep);
    ASSERT_LE(reader.memory_bytes(), std::max(kUsualMemory, 2 * arrived));
    ASSERT_GE(reader.memory_bytes(), before);
  }
  EXPECT_EQ(reader.memory_bytes(), longest.size());
  ASSERT_TRUE(error.ok()) << error;
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(Crc32c(frames.front()), Crc32c("SnapshotChunk meta|" + blob));

  EXPECT_EQ(ReadAll(reader, Frame(FrameType::kPing, "1"), 99, error).size(),
            1u);
  EXPECT_EQ(reader.memory_bytes(), kUsualMemory);
}

TEST(FrameReaderTest, WhatIsNotTakenYetIsKept) {
  FrameReader reader(Stage::kMessages);
  for (int i = 0; i < 10000; ++i) Fill(reader, Frame(FrameType::kPing, "p"));
  for (int i = 0; i < 10000; ++i) {
    const auto next = reader.Next();
    ASSERT_TRUE(next.ok() && next->has_value());
    ASSERT_EQ((*next)->meta, "p");
  }
  EXPECT_FALSE(reader.Next()->has_value());
  reader.Space();
  EXPECT_EQ(reader.memory_bytes(), kUsualMemory);
}

}  // namespace
}  // namespace trimaran::wire
