#include "tests/fuzz/snapshot_round_trip.h"

#include <string>

#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "engine/base/crc32c.h"
#include "engine/base/errors.h"
#include "engine/format/manifest_codec.h"
#include "engine/snapshot/chunk_codec.h"

namespace trimaran::engine {
namespace {

constexpr ChunkPlace kPlace{SnapshotId(0xabc), 3};

// Refusals are of these two kinds and no other.
void CheckRefusal(const absl::Status& status) {
  TRIMARAN_CHECK(IsCorruption(status) || IsNewerFormat(status)) << status;
}

struct FramedChunk {
  std::string bytes;
  ChunkInfo info;
};

FramedChunk FrameChunk(std::string_view body, uint32_t rows) {
  FramedChunk chunk;
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

}  // namespace

bool CheckManifestRoundTrip(std::string_view bytes) {
  const auto manifest = DecodeManifest(bytes);
  if (!manifest.ok()) {
    CheckRefusal(manifest.status());
    return false;
  }
  TRIMARAN_CHECK(EncodeManifest(*manifest) == bytes) << DebugString(*manifest);
  return true;
}

bool CheckManifestBodyRoundTrip(std::string_view body) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.WriteBytes("TRIMSNAP");
  writer.WriteU32(1);
  writer.WriteU32(static_cast<uint32_t>(body.size()));
  writer.WriteU32(ExtendCrc32c(Crc32c(bytes), body));
  writer.WriteBytes(body);
  return CheckManifestRoundTrip(bytes);
}

bool CheckChunkRoundTrip(std::string_view body, uint32_t rows) {
  const FramedChunk chunk = FrameChunk(body, rows);
  auto reader = ChunkReader::Open(chunk.bytes, kPlace, chunk.info);
  if (!reader.ok()) {
    CheckRefusal(reader.status());
    return false;
  }
  ChunkBuilder builder;
  StateRecord record;
  for (;;) {
    const auto more = reader->Next(record);
    if (!more.ok()) {
      CheckRefusal(more.status());
      return false;
    }
    if (!*more) break;
    const absl::Status added = builder.Add(record);
    TRIMARAN_CHECK(added.ok()) << added;
  }
  TRIMARAN_CHECK(builder.Finish(kPlace).bytes == chunk.bytes);
  return true;
}

bool CheckSnapshotInput(std::string_view input) {
  if (input.empty()) return false;
  const auto choice = static_cast<unsigned char>(input.front());
  const std::string_view rest = input.substr(1);
  switch (choice % 3) {
    case 0:
      return CheckManifestRoundTrip(rest);
    case 1:
      return CheckManifestBodyRoundTrip(rest);
    default:
      return CheckChunkRoundTrip(rest, choice / 3);
  }
}

}  // namespace trimaran::engine
