#include "replication/wire/frame.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "engine/base/crc32c.h"

namespace trimaran::wire {
namespace {

// On the wire: never change.
//   magic u32, type u8, flags u8, reserved u16, bytes of meta u32, bytes of
//   blob u32, checksum of both u32, checksum of all that u32
constexpr std::string_view kMagic = "TRMN";
constexpr size_t kCheckedHeaderBytes = kFrameHeaderBytes - sizeof(uint32_t);

// Numbers, and room for those that later versions add.
constexpr size_t kSmallMetaBytesMax = size_t{1} << 10;
// The numbers of 4096 entries (raft::Config::append_entries_max), the longest
// of them, and a configuration.
constexpr size_t kRaftMetaBytesMax = size_t{128} << 10;
constexpr size_t kHandshakeMetaBytesMax = size_t{4} << 10;
constexpr size_t kPingMetaBytesMax = 64;
// The text of an error may be long.
constexpr size_t kDigestMetaBytesMax = size_t{16} << 10;

absl::Status NoFrame(std::string_view bytes) {
  // The first bytes of a TLS record with a handshake.
  if (bytes.substr(0, 2) == std::string_view("\x16\x03", 2)) {
    return absl::InvalidArgumentError(
        "the other side speaks TLS, and this one does not");
  }
  return absl::InvalidArgumentError("bytes that are no frame");
}

}  // namespace

std::string FrameTypeName(uint8_t type) {
  switch (static_cast<FrameType>(type)) {
    case FrameType::kHello:
      return "Hello";
    case FrameType::kWelcome:
      return "Welcome";
    case FrameType::kRefusal:
      return "Refusal";
    case FrameType::kPing:
      return "Ping";
    case FrameType::kPong:
      return "Pong";
    case FrameType::kReceiving:
      return "Receiving";
    case FrameType::kRaft:
      return "Raft";
    case FrameType::kForward:
      return "Forward";
    case FrameType::kForwardResp:
      return "ForwardResp";
    case FrameType::kSnapshotOffer:
      return "SnapshotOffer";
    case FrameType::kSnapshotFetch:
      return "SnapshotFetch";
    case FrameType::kSnapshotChunk:
      return "SnapshotChunk";
    case FrameType::kSnapshotDone:
      return "SnapshotDone";
    case FrameType::kStoreRefused:
      return "StoreRefused";
    case FrameType::kStateDigest:
      return "StateDigest";
  }
  return absl::StrCat("frame of type ", static_cast<int>(type));
}

std::optional<FrameLimits> LimitsOf(uint8_t type) {
  switch (static_cast<FrameType>(type)) {
    case FrameType::kHello:
    case FrameType::kWelcome:
    case FrameType::kRefusal:
      return FrameLimits{kHandshakeMetaBytesMax, 0};
    case FrameType::kPing:
    case FrameType::kPong:
    case FrameType::kReceiving:
      return FrameLimits{kPingMetaBytesMax, 0};
    case FrameType::kRaft:
      return FrameLimits{kRaftMetaBytesMax, kEntryBytesMax};
    case FrameType::kForward:
      return FrameLimits{kSmallMetaBytesMax, kEntryBytesMax};
    case FrameType::kSnapshotOffer:
      return FrameLimits{kRaftMetaBytesMax, kSnapshotManifestBytesMax};
    case FrameType::kSnapshotChunk:
      return FrameLimits{kSmallMetaBytesMax, kSnapshotChunkBytesMax};
    case FrameType::kForwardResp:
    case FrameType::kSnapshotFetch:
    case FrameType::kSnapshotDone:
    case FrameType::kStoreRefused:
      return FrameLimits{kSmallMetaBytesMax, 0};
    case FrameType::kStateDigest:
      return FrameLimits{kDigestMetaBytesMax, 0};
  }
  return std::nullopt;
}

size_t OutgoingFrame::size_bytes() const {
  size_t bytes = head.size();
  for (const Payload& blob : blobs) bytes += blob.size();
  return bytes;
}

OutgoingFrame MakeFrame(FrameType type, std::string_view meta,
                        std::vector<Payload> blobs) {
  size_t blob_bytes = 0;
  uint32_t body_crc32c = Crc32c(meta);
  for (const Payload& blob : blobs) {
    blob_bytes += blob.size();
    body_crc32c = ExtendCrc32c(body_crc32c, blob.bytes());
  }
  const auto limits = LimitsOf(static_cast<uint8_t>(type));
  TRIMARAN_CHECK(limits.has_value());
  TRIMARAN_CHECK_LE(meta.size(), limits->meta_bytes_max);
  TRIMARAN_CHECK_LE(blob_bytes, limits->blob_bytes_max);

  OutgoingFrame frame;
  frame.head.reserve(kFrameHeaderBytes + meta.size());
  ByteWriter writer(frame.head);
  writer.WriteBytes(kMagic);
  writer.WriteU8(static_cast<uint8_t>(type));
  // Flags, and what is reserved.
  writer.WriteU8(0);
  writer.WriteU16(0);
  writer.WriteU32(static_cast<uint32_t>(meta.size()));
  writer.WriteU32(static_cast<uint32_t>(blob_bytes));
  writer.WriteU32(body_crc32c);
  writer.WriteU32(Crc32c(frame.head));
  writer.WriteBytes(meta);
  frame.blobs = std::move(blobs);
  return frame;
}

absl::StatusOr<FrameHeader> DecodeFrameHeader(std::string_view bytes) {
  TRIMARAN_CHECK_EQ(bytes.size(), kFrameHeaderBytes);
  ByteReader reader(bytes);
  std::string_view magic;
  uint8_t type = 0;
  uint8_t flags = 0;
  uint16_t reserved = 0;
  uint32_t meta_bytes = 0;
  uint32_t blob_bytes = 0;
  uint32_t body_crc32c = 0;
  uint32_t header_crc32c = 0;
  const bool whole =
      reader.ReadBytes(kMagic.size(), magic) && reader.ReadU8(type) &&
      reader.ReadU8(flags) && reader.ReadU16(reserved) &&
      reader.ReadU32(meta_bytes) && reader.ReadU32(blob_bytes) &&
      reader.ReadU32(body_crc32c) && reader.ReadU32(header_crc32c);
  TRIMARAN_CHECK(whole);
  if (magic != kMagic) return NoFrame(bytes);
  if (Crc32c(bytes.substr(0, kCheckedHeaderBytes)) != header_crc32c) {
    return absl::DataLossError("the checksum of a frame's header is wrong");
  }
  const auto limits = LimitsOf(type);
  if (!limits || flags != 0 || reserved != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        FrameTypeName(type), " with flags ", static_cast<int>(flags), " and ",
        reserved, ": this version knows no such frame"));
  }
  if (meta_bytes > limits->meta_bytes_max ||
      blob_bytes > limits->blob_bytes_max) {
    return absl::InvalidArgumentError(
        absl::StrCat(FrameTypeName(type), " of ", meta_bytes, " and ",
                     blob_bytes, " bytes; the limits are ",
                     limits->meta_bytes_max, " and ", limits->blob_bytes_max));
  }
  return FrameHeader{static_cast<FrameType>(type), meta_bytes, blob_bytes,
                     body_crc32c};
}

}  // namespace trimaran::wire
