#include "engine/log/record.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "engine/base/crc32c.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {
namespace {

// On disk: never change. "TRrc".
constexpr uint32_t kMagic = 0x54527263;
constexpr uint8_t kHasHardState = 1;
constexpr size_t kHardStateBytes = 24;
constexpr size_t kNumberBytes = 8;
// Of the header: what its own checksum covers.
constexpr size_t kCoveredFrom = 8;

uint64_t Aligned(uint64_t bytes) {
  return (bytes + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
}

bool HasNumber(LogRecordKind kind) {
  return kind == LogRecordKind::kReset || kind == LogRecordKind::kTrim;
}

uint32_t HeaderChecksum(const RecordPlace& place, std::string_view covered) {
  // On the stack: a log may be made of millions of small records.
  std::array<char, 3 * kNumberBytes> seed;
  size_t at = 0;
  for (const uint64_t number :
       {place.store.value(), place.segment, place.offset}) {
    for (size_t shift = 64; shift > 0; shift -= 8) {
      seed[at++] = static_cast<char>((number >> (shift - 8)) & 0xff);
    }
  }
  return ExtendCrc32c(Crc32c(std::string_view(seed.data(), seed.size())),
                      covered);
}

// The header, in the order of its bytes.
struct Header {
  uint32_t body_checksum = 0;
  uint32_t body_bytes = 0;
  uint64_t number = 0;
  uint64_t first = 0;
  uint64_t before_term = 0;
  uint64_t before_chain = 0;
  uint64_t chain = 0;
  uint32_t entry_count = 0;
  uint8_t kind = 0;
  uint8_t flags = 0;
  uint16_t zero = 0;
};

void WriteCovered(const Header& header, std::string& out) {
  ByteWriter writer(out);
  writer.WriteU32(header.body_checksum);
  writer.WriteU32(header.body_bytes);
  writer.WriteU64(header.number);
  writer.WriteU64(header.first);
  writer.WriteU64(header.before_term);
  writer.WriteU64(header.before_chain);
  writer.WriteU64(header.chain);
  writer.WriteU32(header.entry_count);
  writer.WriteU8(header.kind);
  writer.WriteU8(header.flags);
  writer.WriteU16(header.zero);
}

// `covered` has been checked to be long enough.
Header ReadCovered(std::string_view covered) {
  ByteReader reader(covered);
  Header header;
  const bool complete =
      reader.ReadU32(header.body_checksum) &&
      reader.ReadU32(header.body_bytes) && reader.ReadU64(header.number) &&
      reader.ReadU64(header.first) && reader.ReadU64(header.before_term) &&
      reader.ReadU64(header.before_chain) && reader.ReadU64(header.chain) &&
      reader.ReadU32(header.entry_count) && reader.ReadU8(header.kind) &&
      reader.ReadU8(header.flags) && reader.ReadU16(header.zero);
  TRIMARAN_CHECK(complete) << covered.size();
  return header;
}

std::string_view CoveredOf(std::string_view bytes) {
  return bytes.substr(kCoveredFrom, kRecordHeaderBytes - kCoveredFrom);
}

// What stands before the payload. Put together first, since a string takes
// longer for three single bytes than for a hundred at once.
void WriteEntryHead(const LogEntry& entry, Term before, std::string& out) {
  std::array<char, 1 + 2 * kVarint64BytesMax> head;
  size_t size = 0;
  head[size++] = static_cast<char>(entry.type);
  for (uint64_t number :
       {entry.term.value() - before.value(), uint64_t{entry.payload.size()}}) {
    for (; number >= 0x80; number >>= 7) {
      head[size++] = static_cast<char>((number & 0x7f) | 0x80);
    }
    head[size++] = static_cast<char>(number);
  }
  out.append(head.data(), size);
}

ChainValue WriteBody(const RecordFields& fields,
                     absl::Span<const LogEntry> entries, std::string& out) {
  ByteWriter writer(out);
  if (fields.hard_state.has_value()) {
    writer.WriteU64(fields.hard_state->term.value());
    writer.WriteU64(fields.hard_state->vote.value());
    writer.WriteU64(fields.hard_state->commit.value());
  }
  if (fields.kind == LogRecordKind::kReset) writer.WriteU64(fields.generation);
  if (fields.kind == LogRecordKind::kTrim) {
    writer.WriteU64(fields.oldest_segment);
  }
  LogPosition last = fields.before;
  for (const LogEntry& entry : entries) {
    TRIMARAN_CHECK_EQ(entry.index, last.id.index + 1);
    TRIMARAN_CHECK_GE(entry.term, last.id.term);
    WriteEntryHead(entry, last.id.term, out);
    writer.WriteBytes(entry.payload.bytes());
    last = {entry.id(), ExtendChain(last.chain, entry)};
  }
  return last.chain;
}

absl::Status Malformed(const Header& header, std::string_view what) {
  return CorruptionError(
      absl::StrCat("record ", header.number, ": ", ToAbsl(what)));
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

// What comes before the entries.
absl::Status ReadFields(const Header& header, ByteReader& reader,
                        RecordFields& fields) {
  if (header.kind < static_cast<uint8_t>(LogRecordKind::kBatch) ||
      header.kind > static_cast<uint8_t>(LogRecordKind::kFence)) {
    return Malformed(header, absl::StrCat("of unknown kind ", header.kind));
  }
  if (header.flags > kHasHardState || header.zero != 0 || header.first == 0) {
    return Malformed(header, "with an impossible header");
  }
  fields = RecordFields{};
  fields.kind = static_cast<LogRecordKind>(header.kind);
  fields.number = header.number;
  fields.before = {{LogIndex(header.first - 1), Term(header.before_term)},
                   ChainValue{header.before_chain}};
  if (header.entry_count > 0 && fields.kind != LogRecordKind::kBatch) {
    return Malformed(header, "with entries, of a kind that has none");
  }
  if ((header.flags & kHasHardState) != 0 &&
      !ReadHardState(reader, fields.hard_state.emplace())) {
    return Malformed(header, "with half a hard state");
  }
  uint64_t number = 0;
  if (HasNumber(fields.kind) && !reader.ReadU64(number)) {
    return Malformed(header, "without the number of its kind");
  }
  if (fields.kind == LogRecordKind::kReset) fields.generation = number;
  if (fields.kind == LogRecordKind::kTrim) fields.oldest_segment = number;
  return absl::OkStatus();
}

absl::Status ReadEntry(const Header& header, ByteReader& reader,
                       const EntryId& before, EntryView& entry) {
  uint8_t type = 0;
  uint64_t term_step = 0;
  if (!reader.ReadU8(type) || !reader.ReadVarint64(term_step) ||
      !reader.ReadLengthPrefixed(entry.payload) ||
      type > static_cast<uint8_t>(EntryType::kConfChange) ||
      before.term.value() + term_step < term_step) {
    return Malformed(header, absl::StrCat("with an impossible entry ",
                                          before.index.value() + 1));
  }
  entry.id = {before.index + 1, before.term + term_step};
  entry.type = static_cast<EntryType>(type);
  return absl::OkStatus();
}

}  // namespace

uint64_t RecordBytes(const RecordFields& fields,
                     absl::Span<const LogEntry> entries) {
  uint64_t bytes = kRecordHeaderBytes;
  if (fields.hard_state.has_value()) bytes += kHardStateBytes;
  if (HasNumber(fields.kind)) bytes += kNumberBytes;
  Term term = fields.before.id.term;
  for (const LogEntry& entry : entries) {
    bytes += 1 + Varint64Bytes(entry.term.value() - term.value()) +
             Varint64Bytes(entry.payload.size()) + entry.payload.size();
    term = entry.term;
  }
  return Aligned(bytes);
}

ChainValue EncodeRecord(const RecordPlace& place, const RecordFields& fields,
                        absl::Span<const LogEntry> entries, std::string& out) {
  TRIMARAN_CHECK_EQ(place.offset % kRecordAlignment, 0u);
  TRIMARAN_CHECK(entries.empty() || fields.kind == LogRecordKind::kBatch);
  const size_t begin = out.size();
  out.append(kRecordHeaderBytes, '\0');
  const ChainValue chain = WriteBody(fields, entries, out);
  const size_t bytes = out.size() - begin;
  TRIMARAN_CHECK_LE(bytes, kRecordBytesMax);

  Header header;
  header.body_bytes = static_cast<uint32_t>(bytes - kRecordHeaderBytes);
  const std::string_view written(out);
  header.body_checksum = Crc32c(written.substr(begin + kRecordHeaderBytes));
  header.number = fields.number;
  header.first = fields.before.id.index.value() + 1;
  header.before_term = fields.before.id.term.value();
  header.before_chain = fields.before.chain.value;
  header.chain = chain.value;
  header.entry_count = static_cast<uint32_t>(entries.size());
  header.kind = static_cast<uint8_t>(fields.kind);
  header.flags = fields.hard_state.has_value() ? kHasHardState : 0;
  std::string covered;
  WriteCovered(header, covered);
  std::string front;
  ByteWriter writer(front);
  writer.WriteU32(kMagic);
  writer.WriteU32(HeaderChecksum(place, covered));
  writer.WriteBytes(covered);
  TRIMARAN_CHECK_EQ(front.size(), kRecordHeaderBytes);
  out.replace(begin, kRecordHeaderBytes, front);
  out.append(static_cast<size_t>(Aligned(bytes)) - bytes, '\0');
  return chain;
}

RecordPeek PeekRecordHeader(const RecordPlace& place, std::string_view bytes) {
  if (bytes.size() < kRecordHeaderBytes) return {};
  ByteReader reader(bytes);
  uint32_t magic = 0;
  uint32_t checksum = 0;
  if (!reader.ReadU32(magic) || magic != kMagic || !reader.ReadU32(checksum) ||
      checksum != HeaderChecksum(place, CoveredOf(bytes))) {
    return {};
  }
  const Header header = ReadCovered(CoveredOf(bytes));
  RecordPeek peek;
  peek.found = RecordFound::kRecord;
  peek.number = header.number;
  peek.bytes = Aligned(kRecordHeaderBytes + uint64_t{header.body_bytes});
  return peek;
}

RecordPeek PeekRecord(const RecordPlace& place, std::string_view bytes) {
  RecordPeek peek = PeekRecordHeader(place, bytes);
  if (peek.found == RecordFound::kNothing) return peek;
  const Header header = ReadCovered(CoveredOf(bytes));
  if (peek.bytes > bytes.size() ||
      header.body_checksum !=
          Crc32c(bytes.substr(kRecordHeaderBytes, header.body_bytes))) {
    peek.found = RecordFound::kTorn;
  }
  return peek;
}

absl::Status DecodeRecord(std::string_view bytes, Record& record) {
  TRIMARAN_CHECK_GE(bytes.size(), kRecordHeaderBytes);
  const Header header = ReadCovered(CoveredOf(bytes));
  ByteReader reader(bytes.substr(kRecordHeaderBytes, header.body_bytes));
  TRIMARAN_RETURN_IF_ERROR(ReadFields(header, reader, record.fields));
  // An entry has three bytes at least, so that the count is no larger than
  // what is there allows.
  if (header.entry_count > reader.remaining() / 3) {
    return Malformed(header, "with fewer entries than it announces");
  }
  record.entries.clear();
  record.entries.reserve(header.entry_count);
  record.after = record.fields.before;
  for (uint32_t i = 0; i < header.entry_count; ++i) {
    EntryView& entry = record.entries.emplace_back();
    TRIMARAN_RETURN_IF_ERROR(ReadEntry(header, reader, record.after.id, entry));
    record.after = {entry.id, ExtendChain(record.after.chain, entry.id,
                                          entry.type, entry.payload)};
  }
  if (!reader.empty()) return Malformed(header, "with bytes to spare");
  if (record.after.chain.value != header.chain) {
    return Malformed(header, "whose chain does not hold");
  }
  return absl::OkStatus();
}

}  // namespace trimaran::engine
