#ifndef TRIMARAN_ENGINE_LOG_LOG_IMAGE_H_
#define TRIMARAN_ENGINE_LOG_LOG_IMAGE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/log_types.h"
#include "engine/log/record.h"
#include "engine/log/record_index.h"
#include "engine/log/segment_header.h"

namespace trimaran::engine {

// A record and where it is, without its payloads.
struct PlacedRecord {
  RecordFields fields;
  LogPosition after;
  // Of the entries; `before` and `after` are filled by the image.
  RecordEntries entries;
};

// From a record as it was read, or as it is about to be written.
PlacedRecord PlaceRecord(const Record& record, const RecordRef& place);
PlacedRecord PlaceRecord(const RecordFields& fields,
                         absl::Span<const LogEntry> entries, ChainValue after,
                         const RecordRef& place);

// What the records of a log add up to. The same code follows the log while it
// is written and when it is read again. Pure.
//
// Thread: owner.
class LogImage {
 public:
  LogImage() = default;
  // Before the first record behind `header`.
  explicit LogImage(const SegmentHeader& header);

  // Corruption, and nothing happens, if the record does not link to what came
  // before it. `Link::kFirst` is for the first record of what is left of a log:
  // it says itself what it follows.
  enum class Link : uint8_t { kFirst, kNext };
  absl::Status Apply(const PlacedRecord& record, Link link);

  // The header of the segment that would begin now.
  SegmentHeader HeaderOf(StoreId store, uint64_t sequence,
                         uint64_t segment_bytes) const;

  const RecordIndex& index() const { return index_; }
  const HardState& hard_state() const { return hard_state_; }
  uint64_t generation() const { return generation_; }
  uint64_t oldest_segment() const { return oldest_segment_; }
  uint64_t next_record() const { return next_record_; }

 private:
  absl::Status CheckLink(const PlacedRecord& record) const;

  RecordIndex index_;
  HardState hard_state_;
  uint64_t generation_ = 0;
  uint64_t oldest_segment_ = 1;
  uint64_t next_record_ = 1;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_LOG_LOG_IMAGE_H_
