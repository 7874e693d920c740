#include "engine/snapshot/chunk_codec.h"

#include "absl/strings/str_cat.h"
#include "engine/base/bytes.h"
#include "engine/base/crc32c.h"
#include "engine/base/errors.h"

namespace trimaran::engine {
namespace {

// "TCHK" and the version of the layout. On disk: never change.
constexpr uint32_t kMagic = 0x5443484b;
constexpr uint32_t kVersion = 1;

static_assert(kChunkBytesTargetMax < kChunkBytesMax);
static_assert(kChunkHeaderBytes + kChunkTrailerBytes + 2 * kVarint64BytesMax +
                  kRecordKeyBytesMax + kRecordValueBytesMax <=
              kChunkBytesMax);

size_t RecordBytes(const StateRecord& record) {
  return Varint64Bytes(record.key.size()) + Varint64Bytes(record.value.size()) +
         record.key.size() + record.value.size();
}

struct Header {
  uint32_t magic = kMagic;
  uint32_t version = kVersion;
  ChunkPlace place;
  uint32_t rows = 0;
  uint32_t body_bytes = 0;
};

std::string EncodeHeader(const Header& header) {
  std::string out;
  ByteWriter writer(out);
  writer.WriteU32(header.magic);
  writer.WriteU32(header.version);
  writer.WriteU64(header.place.snapshot.value());
  writer.WriteU32(header.place.number);
  writer.WriteU32(header.rows);
  writer.WriteU32(header.body_bytes);
  return out;
}

absl::Status Broken(const ChunkPlace& place, std::string_view text) {
  return CorruptionError(
      absl::StrCat("chunk ", place.number, " of snapshot ",
                   absl::Hex(place.snapshot.value(), absl::kZeroPad16), ": ",
                   std::string(text)));
}

}  // namespace

bool IsChunk(std::string_view bytes) {
  uint32_t magic = 0;
  return ByteReader(bytes).ReadU32(magic) && magic == kMagic;
}

absl::StatusOr<ChunkDescription> DescribeChunk(std::string_view bytes) {
  ByteReader reader(bytes);
  Header header;
  uint64_t snapshot = 0;
  if (!reader.ReadU32(header.magic) || header.magic != kMagic ||
      !reader.ReadU32(header.version)) {
    return CorruptionError("this is no chunk of a snapshot");
  }
  if (header.version != kVersion) {
    return NewerFormatError(
        absl::StrCat("the chunk has format version ", header.version,
                     ", and this program knows version ", kVersion));
  }
  if (!reader.ReadU64(snapshot) || !reader.ReadU32(header.place.number) ||
      !reader.ReadU32(header.rows) || !reader.ReadU32(header.body_bytes) ||
      reader.remaining() < kChunkTrailerBytes) {
    return CorruptionError("the chunk is cut off");
  }
  ChunkDescription result;
  result.place = {SnapshotId(snapshot), header.place.number};
  result.info.rows = header.rows;
  result.info.bytes = bytes.size();
  ByteReader trailer(bytes.substr(bytes.size() - kChunkTrailerBytes));
  if (!trailer.ReadU32(result.info.crc32c)) {
    return CorruptionError("the chunk is cut off");
  }
  return result;
}

// ---- ChunkBuilder ----

void ChunkBuilder::Clear() {
  // Room for the header, which is filled in last.
  bytes_.assign(kChunkHeaderBytes, '\0');
  rows_ = 0;
}

bool ChunkBuilder::Fits(const StateRecord& record, size_t bytes_target) const {
  return rows_ == 0 ||
         bytes_.size() + RecordBytes(record) + kChunkTrailerBytes <=
             bytes_target;
}

absl::Status ChunkBuilder::Add(const StateRecord& record) {
  if (record.key.empty() || record.key.size() > kRecordKeyBytesMax ||
      record.value.size() > kRecordValueBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a record with a key of ", record.key.size(), " bytes and a value of ",
        record.value.size(), " does not fit a chunk; the limits are 1 to ",
        kRecordKeyBytesMax, " and ", kRecordValueBytesMax));
  }
  ByteWriter writer(bytes_);
  writer.WriteVarint64(record.key.size());
  writer.WriteVarint64(record.value.size());
  writer.WriteBytes(record.key);
  writer.WriteBytes(record.value);
  ++rows_;
  return absl::OkStatus();
}

ChunkBuilder::Built ChunkBuilder::Finish(const ChunkPlace& place) {
  Header header;
  header.place = place;
  header.rows = rows_;
  header.body_bytes = static_cast<uint32_t>(bytes_.size() - kChunkHeaderBytes);
  bytes_.replace(0, kChunkHeaderBytes, EncodeHeader(header));
  const uint32_t crc = Crc32c(bytes_);
  ByteWriter(bytes_).WriteU32(crc);
  return {bytes_, {rows_, bytes_.size(), crc}};
}

// ---- ChunkReader ----

absl::StatusOr<ChunkReader> ChunkReader::Open(std::string_view bytes,
                                              const ChunkPlace& place,
                                              const ChunkInfo& info) {
  if (bytes.size() != info.bytes ||
      bytes.size() < kChunkHeaderBytes + kChunkTrailerBytes ||
      bytes.size() > kChunkBytesMax) {
    return Broken(place, absl::StrCat("it has ", bytes.size(), " bytes, not ",
                                      info.bytes));
  }
  const std::string_view covered =
      bytes.substr(0, bytes.size() - kChunkTrailerBytes);
  ByteReader trailer(bytes.substr(covered.size()));
  uint32_t stored = 0;
  if (!trailer.ReadU32(stored) || stored != info.crc32c ||
      Crc32c(covered) != stored) {
    return Broken(place, "its checksum is wrong");
  }
  Header expected;
  expected.place = place;
  expected.rows = static_cast<uint32_t>(info.rows);
  expected.body_bytes =
      static_cast<uint32_t>(covered.size() - kChunkHeaderBytes);
  if (covered.substr(0, kChunkHeaderBytes) != EncodeHeader(expected)) {
    return Broken(place, "its header is of another chunk");
  }
  return ChunkReader(covered.substr(kChunkHeaderBytes), place, info.rows);
}

absl::StatusOr<bool> ChunkReader::Next(StateRecord& record) {
  if (rows_left_ == 0) {
    if (rest_.empty()) return false;
    return Broken(place_, "something stands behind its last record");
  }
  ByteReader reader(rest_);
  uint64_t key_bytes = 0;
  uint64_t value_bytes = 0;
  StateRecord next;
  if (!reader.ReadVarint64(key_bytes) || !reader.ReadVarint64(value_bytes) ||
      key_bytes == 0 || key_bytes > kRecordKeyBytesMax ||
      value_bytes > kRecordValueBytesMax ||
      !reader.ReadBytes(static_cast<size_t>(key_bytes), next.key) ||
      !reader.ReadBytes(static_cast<size_t>(value_bytes), next.value)) {
    return Broken(place_, "a record of it is cut off or too large");
  }
  rest_ = reader.rest();
  --rows_left_;
  record = next;
  return true;
}

}  // namespace trimaran::engine
