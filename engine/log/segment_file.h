#ifndef TRIMARAN_ENGINE_LOG_SEGMENT_FILE_H_
#define TRIMARAN_ENGINE_LOG_SEGMENT_FILE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/file/file_system.h"
#include "engine/log/record.h"
#include "engine/log/record_index.h"

// Files of records, and how to read them.
//
// Thread: any, for all functions.

namespace trimaran::engine {

// A segment's file keeps its name for life, whatever sequence it holds.
//
// The file is shared: a reader goes on reading while the writer gives the
// segment back.
struct SegmentFile {
  uint64_t slot = 0;
  std::string path;
  uint64_t bytes = 0;
  std::shared_ptr<File> file;
};

// "seg-000001"; empty if `name` is no such name. On disk: never change.
std::string SegmentName(uint64_t slot);
std::optional<uint64_t> ParseSegmentName(std::string_view name);

// Exactly `bytes` bytes from `offset` on. Corruption, naming `path`, if the
// file ends before.
absl::Status ReadExactly(const SegmentFile& segment, uint64_t offset,
                         uint64_t bytes, std::string& buffer);

// The record of `ref`. Corruption, naming file and offset, if it is not there.
// `record` holds views of `buffer`.
absl::Status ReadRecord(const SegmentFile& segment, StoreId store,
                        const RecordRef& ref, std::string& buffer,
                        Record& record);
// The same, where `bytes` are what was read from there.
absl::Status DecodeRecordAt(const SegmentFile& segment, StoreId store,
                            const RecordRef& ref, std::string_view bytes,
                            Record& record);
// The chain up to an entry that the record holds.
absl::StatusOr<ChainValue> ChainInRecord(const SegmentFile& segment,
                                         StoreId store, const RecordRef& ref,
                                         LogIndex index);

// What stands in a segment from its first record on.
struct SegmentScan {
  // Behind the last whole record.
  uint64_t end = 0;
  // What stands there: kNothing or kTorn.
  RecordPeek at_end;
};
// Calls `visit` for each record in order, and passes on its first error. The
// first and count of the place are not filled. Corruption, naming the offset,
// if a record is malformed.
using RecordVisit =
    absl::FunctionRef<absl::Status(const Record&, const RecordRef&)>;
absl::StatusOr<SegmentScan> ScanSegment(StoreId store, uint64_t sequence,
                                        std::string_view segment,
                                        RecordVisit visit);

// The first place from `from` on where there is the header of a record of this
// segment: proof that what stands before it was once whole, for a record is
// written only when all earlier ones are durable.
std::optional<uint64_t> FindRecord(StoreId store, uint64_t sequence,
                                   std::string_view segment, uint64_t from);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_LOG_SEGMENT_FILE_H_
