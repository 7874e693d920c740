#ifndef TRIMARAN_TESTS_REPLICATION_WIRE_FRAME_BYTES_H_
#define TRIMARAN_TESTS_REPLICATION_WIRE_FRAME_BYTES_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/crc32c.h"
#include "replication/wire/frame.h"

// Frames as bytes, made without the code that is tested.

namespace trimaran::wire {

// What becomes of `frame` on the wire.
inline std::string Joined(const OutgoingFrame& frame) {
  std::string bytes = frame.head;
  for (const Payload& blob : frame.blobs) bytes += blob.bytes();
  return bytes;
}

struct RawHeader {
  std::string_view magic = "TRMN";
  uint8_t type = static_cast<uint8_t>(FrameType::kRaft);
  uint8_t flags = 0;
  uint16_t reserved = 0;
  uint32_t meta_bytes = 0;
  uint32_t blob_bytes = 0;
  uint32_t body_crc32c = 0;
};

// With the right checksum of itself.
inline std::string ToBytes(const RawHeader& header) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.WriteBytes(header.magic);
  writer.WriteU8(header.type);
  writer.WriteU8(header.flags);
  writer.WriteU16(header.reserved);
  writer.WriteU32(header.meta_bytes);
  writer.WriteU32(header.blob_bytes);
  writer.WriteU32(header.body_crc32c);
  writer.WriteU32(Crc32c(bytes));
  return bytes;
}

// Puts `bytes` into `reader`, `step` at a time, and returns what comes out, as
// copies: "type meta|blob". Stops at the first error, which goes to `error`.
inline std::vector<std::string> ReadAll(FrameReader& reader,
                                        std::string_view bytes, size_t step,
                                        absl::Status& error) {
  std::vector<std::string> frames;
  while (!bytes.empty() && error.ok()) {
    const auto space = reader.Space();
    const size_t count = std::min({space.size(), step, bytes.size()});
    std::copy_n(bytes.data(), count, space.data());
    bytes.remove_prefix(count);
    reader.Filled(count);
    while (true) {
      const auto next = reader.Next();
      if (!next.ok()) error = next.status();
      if (!next.ok() || !next->has_value()) break;
      const FrameView& frame = **next;
      frames.push_back(FrameTypeName(static_cast<uint8_t>(frame.type)) + " " +
                       std::string(frame.meta) + "|" + std::string(frame.blob));
    }
  }
  return frames;
}

}  // namespace trimaran::wire

#endif  // TRIMARAN_TESTS_REPLICATION_WIRE_FRAME_BYTES_H_
