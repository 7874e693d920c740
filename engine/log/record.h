#ifndef TRIMARAN_ENGINE_LOG_RECORD_H_
#define TRIMARAN_ENGINE_LOG_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/log_types.h"
#include "engine/base/region.h"
#include "engine/format/chain.h"

// A record is what one write puts into a segment and one sync makes durable.
// The checksum of its header covers where it stands, so that bytes which say
// the same elsewhere (a recycled block, a copied file, a user's value) are
// never taken for it. FORMAT.md, section 2, has it byte by byte. Pure.
//
// Thread: any.

namespace trimaran::engine {

// On disk: never change a number.
inline constexpr size_t kRecordAlignment = 8;
inline constexpr size_t kRecordHeaderBytes = 64;
inline constexpr uint64_t kRecordBytesMax = uint64_t{1} << 30;

// On disk: never change a value.
enum class LogRecordKind : uint8_t {
  // Entries, which replace what the log holds from the first one on; or none,
  // for a hard state alone.
  kBatch = 1,
  // The log begins anew after `before`, for another generation.
  kReset = 2,
  // Segments older than `oldest_segment` are no part of the log any more.
  kTrim = 3,
  // Begins what one opening of the log adds.
  kFence = 4,
};

// Where a record stands.
struct RecordPlace {
  StoreId store;
  uint64_t segment = 0;
  uint64_t offset = 0;
};

// What a record says beside its entries.
struct RecordFields {
  LogRecordKind kind = LogRecordKind::kBatch;
  // Counts the records of a log from 1.
  uint64_t number = 0;
  // What the first entry follows; without entries, the last entry.
  LogPosition before;
  std::optional<HardState> hard_state;
  // Of a reset.
  uint64_t generation = 0;
  // Of a trim.
  uint64_t oldest_segment = 0;
};

// How many bytes EncodeRecord makes, a multiple of kRecordAlignment.
uint64_t RecordBytes(const RecordFields& fields,
                     absl::Span<const LogEntry> entries);

// Appends the record to `out`, and returns the chain behind its last entry.
// It has at most kRecordBytesMax bytes, and its entries follow `before`.
ChainValue EncodeRecord(const RecordPlace& place, const RecordFields& fields,
                        absl::Span<const LogEntry> entries, std::string& out);

// What stands at some place.
enum class RecordFound : uint8_t {
  // No record that was ever meant for this place.
  kNothing,
  // The header of one, and not all of the rest.
  kTorn,
  kRecord,
};
struct RecordPeek {
  RecordFound found = RecordFound::kNothing;
  // Of the record, also if it is torn.
  uint64_t number = 0;
  // With what fills it up to the alignment. May exceed what is there.
  uint64_t bytes = 0;
};
// `bytes` begins at `place` and goes on to the end of the segment.
RecordPeek PeekRecord(const RecordPlace& place, std::string_view bytes);
// The same, without a look at the rest of the record.
RecordPeek PeekRecordHeader(const RecordPlace& place, std::string_view bytes);

struct EntryView {
  EntryId id;
  EntryType type = EntryType::kNormal;
  std::string_view payload;
};
struct Record {
  RecordFields fields;
  // Views of the bytes that the record was read from.
  std::vector<EntryView> entries;
  // The last entry and the chain behind it; `before` without entries.
  LogPosition after;
};
// Corruption if a record that passes its checksums is none that EncodeRecord
// makes, its chain included. `bytes` as for PeekRecord, which has found one.
absl::Status DecodeRecord(std::string_view bytes, Record& record);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_LOG_RECORD_H_
