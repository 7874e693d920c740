#include "engine/log/segment_file.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/log/segment_header.h"

namespace trimaran::engine {
namespace {

constexpr std::string_view kNamePrefix = "seg-";
constexpr size_t kSlotDigitsMin = 6;

absl::Status DamagedAt(const SegmentFile& segment, const RecordRef& ref,
                       std::string_view what) {
  return CorruptionError(absl::StrCat(segment.path, " (segment ", ref.segment,
                                      "), offset ", ref.offset, ": ",
                                      ToAbsl(what)));
}

}  // namespace

std::string SegmentName(uint64_t slot) {
  return absl::StrFormat("seg-%06d", slot);
}

std::optional<uint64_t> ParseSegmentName(std::string_view name) {
  if (name.substr(0, kNamePrefix.size()) != kNamePrefix) return std::nullopt;
  const std::string_view digits = name.substr(kNamePrefix.size());
  uint64_t slot = 0;
  if (digits.size() < kSlotDigitsMin ||
      digits.find_first_not_of("0123456789") != std::string_view::npos ||
      !absl::SimpleAtoi(ToAbsl(digits), &slot) || slot == 0 ||
      SegmentName(slot) != name) {
    return std::nullopt;
  }
  return slot;
}

absl::Status ReadExactly(const SegmentFile& segment, uint64_t offset,
                         uint64_t bytes, std::string& buffer) {
  buffer.resize(static_cast<size_t>(bytes));
  TRIMARAN_ASSIGN_OR_RETURN(const size_t count,
                            segment.file->Read(offset, absl::MakeSpan(buffer)));
  if (count == bytes) return absl::OkStatus();
  return CorruptionError(absl::StrCat(segment.path, " ends at ", offset + count,
                                      ", and should reach ", offset + bytes));
}

absl::Status ReadRecord(const SegmentFile& segment, StoreId store,
                        const RecordRef& ref, std::string& buffer,
                        Record& record) {
  TRIMARAN_RETURN_IF_ERROR(ReadExactly(segment, ref.offset, ref.bytes, buffer));
  return DecodeRecordAt(segment, store, ref, buffer, record);
}

absl::Status DecodeRecordAt(const SegmentFile& segment, StoreId store,
                            const RecordRef& ref, std::string_view bytes,
                            Record& record) {
  const RecordPlace place{store, ref.segment, ref.offset};
  if (PeekRecord(place, bytes).found != RecordFound::kRecord) {
    return DamagedAt(segment, ref, "the record is damaged");
  }
  if (const absl::Status status = DecodeRecord(bytes, record); !status.ok()) {
    return DamagedAt(segment, ref, ToStd(status.message()));
  }
  return absl::OkStatus();
}

absl::StatusOr<ChainValue> ChainInRecord(const SegmentFile& segment,
                                         StoreId store, const RecordRef& ref,
                                         LogIndex index) {
  std::string buffer;
  Record record;
  TRIMARAN_RETURN_IF_ERROR(ReadRecord(segment, store, ref, buffer, record));
  ChainValue chain = record.fields.before.chain;
  for (const EntryView& entry : record.entries) {
    chain = ExtendChain(chain, entry.id, entry.type, entry.payload);
    if (entry.id.index == index) return chain;
  }
  return DamagedAt(segment, ref,
                   absl::StrCat("the record lacks entry ", index.value()));
}

absl::StatusOr<SegmentScan> ScanSegment(StoreId store, uint64_t sequence,
                                        std::string_view segment,
                                        RecordVisit visit) {
  SegmentScan scan;
  scan.end = kSegmentHeaderBytes;
  Record record;
  while (scan.end < segment.size()) {
    const std::string_view rest = segment.substr(static_cast<size_t>(scan.end));
    scan.at_end = PeekRecord({store, sequence, scan.end}, rest);
    if (scan.at_end.found != RecordFound::kRecord) return scan;
    RecordRef ref;
    ref.segment = sequence;
    ref.offset = scan.end;
    ref.bytes = scan.at_end.bytes;
    if (const absl::Status status = DecodeRecord(rest, record); !status.ok()) {
      return CorruptionError(absl::StrCat("segment ", sequence, ", offset ",
                                          scan.end, ": ", status.message()));
    }
    TRIMARAN_RETURN_IF_ERROR(visit(record, ref));
    scan.end += ref.bytes;
  }
  scan.at_end = {};
  return scan;
}

std::optional<uint64_t> FindRecord(StoreId store, uint64_t sequence,
                                   std::string_view segment, uint64_t from) {
  TRIMARAN_CHECK_EQ(from % kRecordAlignment, 0u);
  for (uint64_t offset = from; offset + kRecordHeaderBytes <= segment.size();
       offset += kRecordAlignment) {
    const RecordPeek peek = PeekRecordHeader(
        {store, sequence, offset}, segment.substr(static_cast<size_t>(offset)));
    if (peek.found != RecordFound::kNothing) return offset;
  }
  return std::nullopt;
}

}  // namespace trimaran::engine
