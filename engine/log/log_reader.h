#ifndef TRIMARAN_ENGINE_LOG_LOG_READER_H_
#define TRIMARAN_ENGINE_LOG_LOG_READER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/file/file_system.h"
#include "engine/log/log_image.h"
#include "engine/log/record.h"
#include "engine/log/segment_file.h"
#include "engine/log/segment_header.h"

namespace trimaran::engine {

// Sees everything that a log holds, in order. All arguments are valid during
// the call only.
class LogVisitor {
 public:
  virtual ~LogVisitor() = default;
  // `header` is worked out from what comes before where it is damaged.
  virtual void OnSegment(const SegmentFile& file,
                         const SegmentHeader& header) = 0;
  virtual void OnRecord(const Record& record, const RecordRef& place) = 0;
};

// The end of a log that was read.
struct LogTail {
  // Of the newest segment.
  SegmentHeader header;
  // It has to be written again.
  bool header_damaged = false;
  // The last record of this segment, if it has one.
  std::optional<RecordRef> last_record;
  // Where the next record goes.
  uint64_t end = 0;
};

// What reading a log has found.
struct LogScan {
  StoreId store;
  LogImage image;
  // By sequence, without hole.
  std::map<uint64_t, SegmentFile> segments;
  // No part of the log any more; can be used again.
  std::vector<SegmentFile> spares;
  // No part of the log, and to be removed: never in use and perhaps half made,
  // or with the torn start of a segment that never came to be.
  std::vector<SegmentFile> unfit;

  LogTail tail;

  uint64_t record_count = 0;
  uint64_t entry_count = 0;
  uint64_t bytes = 0;
  // Of a record at the end of which the header is whole and the rest is not.
  // What a crash has torn apart further looks as if it had never been.
  uint64_t torn_bytes = 0;
};

// Reads the whole log in `directory` and decides what is the log, what a crash
// has left at its end, and what is damage. Writes nothing.
//
// Corruption, naming file or sequence and offset: no segment, one missing or
// there twice or of another store or of another size than it should have, a
// record that is damaged although later ones are whole, one that does not link
// to what came before. NewerFormatError: a format version that this program
// does not know. FailedPrecondition: something that is no file. And the errors
// of a file system.
//
// `visitor` may be null. It has seen what comes before the damage when an error
// is returned.
//
// Thread: any.
absl::StatusOr<LogScan> ReadLog(FileSystem& files, std::string_view directory,
                                LogVisitor* visitor);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_LOG_LOG_READER_H_
