#ifndef TRIMARAN_ENGINE_LOG_SEGMENT_HEADER_H_
#define TRIMARAN_ENGINE_LOG_SEGMENT_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/base/log_types.h"
#include "engine/base/region.h"
#include "engine/format/chain.h"

namespace trimaran::engine {

// The first block of a segment; records begin behind it. On disk: never change.
inline constexpr size_t kSegmentHeaderBytes = 4096;
inline constexpr uint32_t kLogFormatVersion = 1;

// Which segment this is, and what the log was when it began: what the segments
// before it said, which may be recycled.
struct SegmentHeader {
  StoreId store;
  // Counts the segments of a log from 1.
  uint64_t sequence = 0;
  // Of the file, this block included.
  uint64_t segment_bytes = 0;
  // The oldest segment that is a part of the log.
  uint64_t oldest_segment = 0;
  // Of the first record behind this block.
  uint64_t next_record = 0;
  LogPosition last;
  HardState hard_state;
  uint64_t generation = 0;

  friend bool operator==(const SegmentHeader&, const SegmentHeader&) = default;
};

// kSegmentHeaderBytes bytes. Pure, like the next one.
//
// Thread: any.
std::string EncodeSegmentHeader(const SegmentHeader& header);

// NotFound if there never was a header here (all bytes are zero); Corruption if
// there was; NewerFormatError, naming both versions, if it is of a version
// that this program does not know.
absl::StatusOr<SegmentHeader> DecodeSegmentHeader(std::string_view block);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_LOG_SEGMENT_HEADER_H_
