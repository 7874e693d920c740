#include "engine/log/segment_header.h"

#include "absl/strings/str_cat.h"
#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "engine/base/crc32c.h"
#include "engine/base/errors.h"

namespace trimaran::engine {
namespace {

// On disk: never change. "TRMNlog\n".
constexpr uint64_t kMagic = 0x54524d4e6c6f670a;
// Magic and checksum; the checksum covers what follows.
constexpr size_t kCoveredFrom = 12;

bool ReadPosition(ByteReader& reader, LogPosition& position) {
  uint64_t index = 0;
  uint64_t term = 0;
  if (!reader.ReadU64(index) || !reader.ReadU64(term) ||
      !reader.ReadU64(position.chain.value)) {
    return false;
  }
  position.id = {LogIndex(index), Term(term)};
  return true;
}

bool ReadHardState(ByteReader& reader, HardState& state) {
  uint64_t term = 0;
  uint64_t vote = 0;
  uint64_t commit = 0;
  if (!reader.ReadU64(term) || !reader.ReadU64(vote) ||
      !reader.ReadU64(commit)) {
    return false;
  }
  state = {Term(term), ReplicaId(vote), LogIndex(commit)};
  return true;
}

bool ReadHeader(ByteReader& reader, SegmentHeader& header) {
  uint64_t store = 0;
  if (!reader.ReadU64(store) || !reader.ReadU64(header.sequence) ||
      !reader.ReadU64(header.segment_bytes) ||
      !reader.ReadU64(header.oldest_segment) ||
      !reader.ReadU64(header.next_record) ||
      !ReadPosition(reader, header.last) ||
      !ReadHardState(reader, header.hard_state) ||
      !reader.ReadU64(header.generation)) {
    return false;
  }
  header.store = StoreId(store);
  return header.oldest_segment > 0 &&
         header.oldest_segment <= header.sequence && header.next_record > 0;
}

}  // namespace

std::string EncodeSegmentHeader(const SegmentHeader& header) {
  std::string covered;
  ByteWriter writer(covered);
  writer.WriteU32(kLogFormatVersion);
  writer.WriteU64(header.store.value());
  writer.WriteU64(header.sequence);
  writer.WriteU64(header.segment_bytes);
  writer.WriteU64(header.oldest_segment);
  writer.WriteU64(header.next_record);
  writer.WriteU64(header.last.id.index.value());
  writer.WriteU64(header.last.id.term.value());
  writer.WriteU64(header.last.chain.value);
  writer.WriteU64(header.hard_state.term.value());
  writer.WriteU64(header.hard_state.vote.value());
  writer.WriteU64(header.hard_state.commit.value());
  writer.WriteU64(header.generation);
  covered.resize(kSegmentHeaderBytes - kCoveredFrom, '\0');

  std::string block;
  ByteWriter block_writer(block);
  block_writer.WriteU64(kMagic);
  block_writer.WriteU32(Crc32c(covered));
  block_writer.WriteBytes(covered);
  TRIMARAN_CHECK_EQ(block.size(), kSegmentHeaderBytes);
  return block;
}

absl::StatusOr<SegmentHeader> DecodeSegmentHeader(std::string_view block) {
  if (block.find_first_not_of('\0') == std::string_view::npos) {
    return absl::NotFoundError("never used");
  }
  ByteReader reader(block);
  uint64_t magic = 0;
  uint32_t checksum = 0;
  if (block.size() != kSegmentHeaderBytes || !reader.ReadU64(magic) ||
      magic != kMagic || !reader.ReadU32(checksum) ||
      checksum != Crc32c(reader.rest())) {
    return CorruptionError("the header of the segment is damaged");
  }
  uint32_t version = 0;
  if (!reader.ReadU32(version)) {
    return CorruptionError("the header of the segment is cut off");
  }
  if (version != kLogFormatVersion) {
    return NewerFormatError(
        absl::StrCat("the segment has format version ", version,
                     ", and this program knows version ", kLogFormatVersion));
  }
  SegmentHeader header;
  if (!ReadHeader(reader, header)) {
    return CorruptionError("the header of the segment says the impossible");
  }
  return header;
}

}  // namespace trimaran::engine
