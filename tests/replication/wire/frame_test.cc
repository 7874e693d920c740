// Goal: a frame has one form, and what is none is found out from its header.

#include "replication/wire/frame.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "engine/base/absl_compat.h"
#include "engine/format/limits.h"
#include "engine/format/manifest.h"
#include "replication/raft/config.h"
#include "replication/transport/peer_message.h"
#include "tests/replication/wire/frame_bytes.h"

namespace trimaran::wire {
namespace {

// The floor that may not be included has the limits that count: whatever it
// stores can be sent.
static_assert(kEntryBytesMax > engine::kCommandBytesMax);
static_assert(kSnapshotChunkBytesMax >= engine::kChunkBytesMax);
static_assert(kSnapshotManifestBytesMax == engine::kManifestBytesMax);
static_assert(kEntryBytesMax > raft::Config{}.append_bytes_max);

std::string Hex(std::string_view bytes) {
  return absl::BytesToHexString(ToAbsl(bytes));
}

FrameLimits Limits(FrameType type) {
  return LimitsOf(static_cast<uint8_t>(type)).value();
}

RawHeader HeaderOf(FrameType type) {
  RawHeader header;
  header.type = static_cast<uint8_t>(type);
  return header;
}

std::vector<FrameType> AllTypes() {
  std::vector<FrameType> types;
  for (int type = 0; type < 256; ++type) {
    if (LimitsOf(static_cast<uint8_t>(type))) {
      types.push_back(static_cast<FrameType>(type));
    }
  }
  return types;
}

TEST(FrameTest, TheBytesOfAFrameNeverChange) {
  const OutgoingFrame frame =
      MakeFrame(FrameType::kForward, "meta", {Payload("blo"), Payload("bs")});
  EXPECT_EQ(Hex(frame.head),
            "54524d4e"  // The magic.
            "11"        // The type.
            "00"        // Flags.
            "0000"      // Reserved.
            "00000004"  // Bytes of meta.
            "00000005"  // Bytes of blob.
            "75abd6fa"  // CRC-32C of "metablobs".
            "429f8ada"  // CRC-32C of all that.
            "6d657461");
  EXPECT_EQ(frame.size_bytes(), 24u + 4 + 5);
  EXPECT_EQ(Joined(frame).substr(24), "metablobs");
}

TEST(FrameTest, TheNumbersOfTypesNeverChange) {
  std::string all;
  for (const FrameType type : AllTypes()) {
    const auto number = static_cast<uint8_t>(type);
    all += std::to_string(number) + " " + FrameTypeName(number) + "\n";
  }
  EXPECT_EQ(all,
            "1 Hello\n2 Welcome\n3 Refusal\n4 Ping\n5 Pong\n"
            "6 Receiving\n16 Raft\n17 Forward\n18 ForwardResp\n19 "
            "SnapshotOffer\n20 SnapshotFetch\n"
            "21 SnapshotChunk\n22 SnapshotDone\n23 StoreRefused\n"
            "24 StateDigest\n");
  EXPECT_EQ(AllTypes().size(), 6 + std::variant_size_v<PeerBody>);
  EXPECT_EQ(FrameTypeName(77), "frame of type 77");
}

TEST(FrameTest, BlobsAreSharedAndNotCopied) {
  const Payload blob("bytes of an entry");
  const OutgoingFrame frame = MakeFrame(FrameType::kRaft, "", {blob});
  EXPECT_EQ(frame.blobs.front().bytes().data(), blob.bytes().data());
}

TEST(FrameTest, AHeaderMayClaimWhatItsTypeMayHold) {
  for (const FrameType type : AllTypes()) {
    const FrameLimits limits = Limits(type);
    RawHeader header = HeaderOf(type);
    header.meta_bytes = static_cast<uint32_t>(limits.meta_bytes_max);
    header.blob_bytes = static_cast<uint32_t>(limits.blob_bytes_max);
    header.body_crc32c = 0x12345678;
    const auto decoded = DecodeFrameHeader(ToBytes(header));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(decoded->type, type);
    EXPECT_EQ(decoded->meta_bytes, limits.meta_bytes_max);
    EXPECT_EQ(decoded->blob_bytes, limits.blob_bytes_max);
    EXPECT_EQ(decoded->body_crc32c, 0x12345678u);
    EXPECT_EQ(decoded->frame_bytes(),
              24 + limits.meta_bytes_max + limits.blob_bytes_max);
  }
}

TEST(FrameTest, AHeaderMayNotClaimMore) {
  for (const FrameType type : AllTypes()) {
    const FrameLimits limits = Limits(type);
    RawHeader meta = HeaderOf(type);
    meta.meta_bytes = static_cast<uint32_t>(limits.meta_bytes_max + 1);
    EXPECT_TRUE(
        absl::IsInvalidArgument(DecodeFrameHeader(ToBytes(meta)).status()));
    RawHeader blob = HeaderOf(type);
    blob.blob_bytes = static_cast<uint32_t>(limits.blob_bytes_max + 1);
    EXPECT_TRUE(
        absl::IsInvalidArgument(DecodeFrameHeader(ToBytes(blob)).status()));
    RawHeader both = HeaderOf(type);
    both.meta_bytes = both.blob_bytes = 0xffffffff;
    EXPECT_TRUE(
        absl::IsInvalidArgument(DecodeFrameHeader(ToBytes(both)).status()));
  }
}

TEST(FrameTest, WhatThisVersionDoesNotKnowIsRefused) {
  for (const int type : {0, 7, 15, 25, 128, 255}) {
    RawHeader header;
    header.type = static_cast<uint8_t>(type);
    EXPECT_TRUE(
        absl::IsInvalidArgument(DecodeFrameHeader(ToBytes(header)).status()))
        << type;
  }
  RawHeader flags;
  flags.flags = 1;
  EXPECT_TRUE(
      absl::IsInvalidArgument(DecodeFrameHeader(ToBytes(flags)).status()));
  RawHeader reserved;
  reserved.reserved = 0x100;
  EXPECT_TRUE(
      absl::IsInvalidArgument(DecodeFrameHeader(ToBytes(reserved)).status()));
}

TEST(FrameTest, WhateverIsNoFrameIsSaidToBeNone) {
  const std::string http = "GET / HTTP/1.1\r\nHost: db1";
  EXPECT_EQ(DecodeFrameHeader(http.substr(0, 24)).status(),
            absl::InvalidArgumentError("bytes that are no frame"));
  EXPECT_EQ(DecodeFrameHeader(std::string(24, '\0')).status(),
            absl::InvalidArgumentError("bytes that are no frame"));
  // The first thing that a client of TLS says.
  const std::string tls =
      std::string("\x16\x03\x01\x02\x00\x01", 6) + std::string(18, '\0');
  EXPECT_EQ(DecodeFrameHeader(tls).status(),
            absl::InvalidArgumentError(
                "the other side speaks TLS, and this one does not"));
}

TEST(FrameTest, AChangedBitInAHeaderIsNoticed) {
  RawHeader header = HeaderOf(FrameType::kSnapshotChunk);
  header.meta_bytes = 20;
  header.blob_bytes = 4096;
  header.body_crc32c = 0xdeadbeef;
  const std::string bytes = ToBytes(header);
  ASSERT_TRUE(DecodeFrameHeader(bytes).ok());
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(DecodeFrameHeader(changed).ok()) << "bit " << bit;
  }
}

}  // namespace
}  // namespace trimaran::wire
