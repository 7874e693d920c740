#include "engine/format/manifest_codec.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "engine/base/crc32c.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/conf_codec.h"
#include "engine/proto/manifest.pb.h"

namespace trimaran::engine {
namespace {

// The frame, which is the same in every version: magic, version, size of the
// body, checksum of those three and of the body. On disk: never change.
constexpr std::string_view kMagic = "TRIMSNAP";
constexpr uint32_t kVersion = 1;
constexpr size_t kFrameBytes = 8 + 3 * sizeof(uint32_t);

absl::Status Broken(std::string_view text) {
  return CorruptionError(
      absl::StrCat("snapshot manifest: ", std::string(text)));
}

uint32_t FrameChecksum(std::string_view head, std::string_view body) {
  return ExtendCrc32c(Crc32c(head), body);
}

// ---- The body ----

void Fill(const StateSummary& state, proto::SnapshotManifest& message) {
  message.set_rows(state.rows);
  message.set_bytes(state.bytes);
  message.set_hash_high(state.hash.high);
  message.set_hash_low(state.hash.low);
  for (const FamilySummary& family : state.families) {
    proto::FamilySummary& out = *message.add_families();
    out.set_family(family.family.value());
    out.set_name(family.name);
    out.set_rows(family.rows);
    out.set_bytes(family.bytes);
    out.set_hash_high(family.hash.high);
    out.set_hash_low(family.hash.low);
  }
}

StateSummary StateOf(const proto::SnapshotManifest& message) {
  StateSummary state;
  state.rows = message.rows();
  state.bytes = message.bytes();
  state.hash = {message.hash_high(), message.hash_low()};
  for (const proto::FamilySummary& family : message.families()) {
    state.families.push_back({FamilyId(family.family()),
                              family.name(),
                              family.rows(),
                              family.bytes(),
                              {family.hash_high(), family.hash_low()}});
  }
  return state;
}

std::string EncodeBody(const SnapshotManifest& manifest) {
  proto::SnapshotManifest message;
  message.set_snapshot(manifest.id.value());
  message.set_cluster_high(manifest.cluster.high);
  message.set_cluster_low(manifest.cluster.low);
  message.set_group(manifest.group.value());
  message.mutable_position()->set_index(manifest.position.id.index.value());
  message.mutable_position()->set_term(manifest.position.id.term.value());
  message.set_chain(manifest.position.chain.value);
  FillConf(manifest.conf, *message.mutable_conf());
  Fill(manifest.state, message);
  for (const ChunkInfo& chunk : manifest.chunks) {
    message.add_chunk_rows(chunk.rows);
    message.add_chunk_bytes(chunk.bytes);
    message.add_chunk_crc32c(chunk.crc32c);
  }
  return message.SerializeAsString();
}

absl::StatusOr<SnapshotManifest> DecodeBody(std::string_view body) {
  proto::SnapshotManifest message;
  if (!message.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return Broken("it cannot be parsed");
  }
  const int chunks = message.chunk_rows_size();
  if (message.chunk_bytes_size() != chunks ||
      message.chunk_crc32c_size() != chunks) {
    return Broken("it has not the same number of everything for each chunk");
  }
  SnapshotManifest manifest;
  manifest.id = SnapshotId(message.snapshot());
  manifest.cluster = {message.cluster_high(), message.cluster_low()};
  manifest.group = GroupId(message.group());
  manifest.position.id = {LogIndex(message.position().index()),
                          Term(message.position().term())};
  manifest.position.chain = ChainValue{message.chain()};
  manifest.conf = ConfOf(message.conf());
  manifest.state = StateOf(message);
  manifest.chunks.reserve(static_cast<size_t>(chunks));
  for (int i = 0; i < chunks; ++i) {
    manifest.chunks.push_back({message.chunk_rows(i), message.chunk_bytes(i),
                               message.chunk_crc32c(i)});
  }
  TRIMARAN_RETURN_IF_ERROR(ValidateManifest(manifest));
  // One encoding only: fields that this program does not know, for one, would
  // be lost when the manifest is passed on.
  if (EncodeBody(manifest) != body) {
    return Broken("it is not encoded as this program would");
  }
  return manifest;
}

}  // namespace

std::string EncodeManifest(const SnapshotManifest& manifest) {
  const absl::Status valid = ValidateManifest(manifest);
  TRIMARAN_CHECK(valid.ok()) << valid.ToString();
  const std::string body = EncodeBody(manifest);
  std::string out;
  ByteWriter writer(out);
  writer.WriteBytes(kMagic);
  writer.WriteU32(kVersion);
  writer.WriteU32(static_cast<uint32_t>(body.size()));
  writer.WriteU32(FrameChecksum(out, body));
  writer.WriteBytes(body);
  TRIMARAN_CHECK_LE(out.size(), kManifestBytesMax);
  return out;
}

absl::StatusOr<SnapshotManifest> DecodeManifest(std::string_view bytes) {
  if (bytes.size() > kManifestBytesMax) {
    return Broken(absl::StrCat("it has ", bytes.size(), " bytes; the limit is ",
                               kManifestBytesMax));
  }
  ByteReader reader(bytes);
  std::string_view magic;
  uint32_t version = 0;
  uint32_t body_bytes = 0;
  uint32_t stored = 0;
  if (!reader.ReadBytes(kMagic.size(), magic) || magic != kMagic) {
    return Broken("the file does not begin as one");
  }
  if (!reader.ReadU32(version) || !reader.ReadU32(body_bytes) ||
      !reader.ReadU32(stored) || reader.remaining() != body_bytes) {
    return Broken(
        absl::StrCat("it is cut off or too long, at ", bytes.size(), " bytes"));
  }
  const std::string_view head = bytes.substr(0, kFrameBytes - sizeof(uint32_t));
  if (FrameChecksum(head, reader.rest()) != stored) {
    return Broken("its checksum is wrong");
  }
  if (version > kVersion) {
    return NewerFormatError(
        absl::StrCat("the snapshot is of format version ", version,
                     ", and this program knows version ", kVersion));
  }
  if (version < kVersion) return Broken("there was never a version 0");
  return DecodeBody(reader.rest());
}

}  // namespace trimaran::engine
