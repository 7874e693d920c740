#include "engine/log/log_image.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/base/mutant.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {
namespace {

std::string ToText(EntryId id) {
  return absl::StrCat(id.index.value(), "/", id.term.value());
}

absl::Status Unlinked(const PlacedRecord& record, EntryId expected) {
  return CorruptionError(
      absl::StrCat("record ", record.fields.number, " follows entry ",
                   ToText(record.fields.before.id), ", but the log has ",
                   ToText(expected), " there, or another history"));
}

PlacedRecord Begin(const RecordFields& fields, const LogPosition& after,
                   const RecordRef& place, uint64_t entry_count) {
  PlacedRecord placed;
  placed.fields = fields;
  placed.after = after;
  placed.entries.ref = place;
  placed.entries.ref.first = fields.before.id.index + 1;
  placed.entries.ref.count = entry_count;
  placed.entries.ref.chain_before = fields.before.chain;
  placed.entries.before = fields.before;
  placed.entries.after = after;
  return placed;
}

void AddEntry(EntryId id, EntryType type, RecordEntries& entries) {
  if (entries.runs.empty() || entries.runs.back().term != id.term) {
    entries.runs.push_back({id.index, id.term});
  }
  if (type == EntryType::kConfChange) entries.conf_changes.push_back(id.index);
}

}  // namespace

PlacedRecord PlaceRecord(const Record& record, const RecordRef& place) {
  PlacedRecord placed =
      Begin(record.fields, record.after, place, record.entries.size());
  for (const EntryView& entry : record.entries) {
    AddEntry(entry.id, entry.type, placed.entries);
  }
  return placed;
}

PlacedRecord PlaceRecord(const RecordFields& fields,
                         absl::Span<const LogEntry> entries, ChainValue after,
                         const RecordRef& place) {
  const EntryId last = entries.empty() ? fields.before.id : entries.back().id();
  PlacedRecord placed = Begin(fields, {last, after}, place, entries.size());
  for (const LogEntry& entry : entries) {
    AddEntry(entry.id(), entry.type, placed.entries);
  }
  return placed;
}

LogImage::LogImage(const SegmentHeader& header)
    : hard_state_(header.hard_state),
      generation_(header.generation),
      oldest_segment_(header.oldest_segment),
      next_record_(header.next_record) {
  index_.Restart(header.last);
}

absl::Status LogImage::CheckLink(const PlacedRecord& record) const {
  const LogPosition& before = record.fields.before;
  if (record.fields.kind == LogRecordKind::kReset) return absl::OkStatus();
  if (record.entries.ref.count == 0) {
    // Such a record repeats what is the last entry.
    return before == index_.last() ? absl::OkStatus()
                                   : Unlinked(record, index_.last().id);
  }
  // What came between is in segments that are gone.
  if (before.id.index < index_.boundary().id.index) return absl::OkStatus();
  const std::optional<Term> term = index_.TermAt(before.id.index);
  if (!term.has_value()) return Unlinked(record, index_.last().id);
  const std::optional<ChainValue> chain = index_.KnownChainAt(before.id.index);
  if (*term != before.id.term ||
      (chain.has_value() && *chain != before.chain)) {
    return Unlinked(record, {before.id.index, *term});
  }
  return absl::OkStatus();
}

absl::Status LogImage::Apply(const PlacedRecord& record, Link link) {
  const RecordFields& fields = record.fields;
  if (fields.number != next_record_) {
    return CorruptionError(absl::StrCat("record ", fields.number,
                                        " stands where record ", next_record_,
                                        " should be"));
  }
  if (link == Link::kNext) TRIMARAN_RETURN_IF_ERROR(CheckLink(record));
  const bool keeps_tail = MutantActive(Mutant::kTailKeptByReset) &&
                          fields.before.id.index < index_.last().id.index;
  if (link == Link::kFirst ||
      (fields.kind == LogRecordKind::kReset && !keeps_tail)) {
    index_.Restart(fields.before);
  }
  if (record.entries.ref.count > 0) index_.Replace(record.entries);
  if (fields.kind == LogRecordKind::kReset) generation_ = fields.generation;
  if (fields.kind == LogRecordKind::kTrim) {
    oldest_segment_ = fields.oldest_segment;
    index_.DropSegments(oldest_segment_);
  }
  if (fields.hard_state.has_value()) hard_state_ = *fields.hard_state;
  ++next_record_;
  return absl::OkStatus();
}

SegmentHeader LogImage::HeaderOf(StoreId store, uint64_t sequence,
                                 uint64_t segment_bytes) const {
  SegmentHeader header;
  header.store = store;
  header.sequence = sequence;
  header.segment_bytes = segment_bytes;
  header.oldest_segment = oldest_segment_;
  header.next_record = next_record_;
  header.last = index_.last();
  header.hard_state = hard_state_;
  header.generation = generation_;
  return header;
}

}  // namespace trimaran::engine
