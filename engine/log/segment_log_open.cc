// How a log begins, and how it begins again.

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/base/fault_point.h"
#include "engine/base/mutant.h"
#include "engine/base/status_macros.h"
#include "engine/log/segment_log.h"

namespace trimaran::engine {
namespace {

constexpr uint64_t kSegmentBytesMin = 4 * kSegmentHeaderBytes;
constexpr uint64_t kSegmentBytesMax = uint64_t{1} << 30;

absl::Status CheckOptions(const SegmentLogOptions& options) {
  TRIMARAN_CHECK(options.files != nullptr);
  TRIMARAN_CHECK(options.clock != nullptr);
  if (options.segment_bytes < kSegmentBytesMin ||
      options.segment_bytes > kSegmentBytesMax ||
      options.segment_bytes % kSegmentHeaderBytes != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("segment_bytes is ", options.segment_bytes,
                     "; it must be a multiple of ", kSegmentHeaderBytes,
                     " from ", kSegmentBytesMin, " to ", kSegmentBytesMax));
  }
  if (options.spares_max == 0) {
    return absl::InvalidArgumentError("spares_max is 0; it must be at least 1");
  }
  if (options.store == StoreId()) {
    return absl::InvalidArgumentError("store is 0, which names no store");
  }
  if (options.directory.empty() || options.floor_path.empty()) {
    return absl::InvalidArgumentError("directory or floor_path is empty");
  }
  return absl::OkStatus();
}

SegmentPool::Options PoolOptions(const SegmentLogOptions& options) {
  return {options.directory, options.segment_bytes, options.spares_max};
}

// The record that a new log begins with.
RecordFields FirstRecord(const LogReset& start) {
  RecordFields fields;
  fields.kind = LogRecordKind::kReset;
  fields.number = 1;
  fields.before = start.position;
  fields.hard_state = start.hard_state;
  fields.generation = start.generation;
  return fields;
}

// AlreadyExists unless a Create that was interrupted may have left the file:
// nothing can stand behind its first record.
absl::Status CheckUnfinished(FileSystem& files, const std::string& path) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<File> file,
                            files.Open(path, OpenMode::kRead));
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t size, file->Size());
  const uint64_t behind =
      kSegmentHeaderBytes + RecordBytes(FirstRecord({}), {});
  std::string buffer(size_t{1} << 20, '\0');
  for (uint64_t offset = behind; offset < size;) {
    TRIMARAN_ASSIGN_OR_RETURN(const size_t count,
                              file->Read(offset, absl::MakeSpan(buffer)));
    const std::string_view bytes(buffer.data(), count);
    if (bytes.find_first_not_of('\0') != std::string_view::npos) {
      return absl::AlreadyExistsError(
          absl::StrCat("create a log: ", path, " holds records already"));
    }
    if (count == 0) break;
    offset += count;
  }
  return absl::OkStatus();
}

absl::Status MakeDirectory(const SegmentLogOptions& options) {
  FileSystem& files = *options.files;
  TRIMARAN_ASSIGN_OR_RETURN(const PathInfo info,
                            files.Inspect(options.directory));
  if (info.kind == FileKind::kAbsent) {
    TRIMARAN_RETURN_IF_ERROR(files.CreateDirectory(options.directory));
    return files.SyncDirectory(ParentPath(options.directory));
  }
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                            files.List(options.directory));
  std::vector<std::string> left_over;
  for (const std::string& name : names) {
    if (!ParseSegmentName(name).has_value()) continue;
    left_over.push_back(JoinPath(options.directory, name));
    TRIMARAN_RETURN_IF_ERROR(CheckUnfinished(files, left_over.back()));
  }
  for (const std::string& path : left_over) {
    TRIMARAN_RETURN_IF_ERROR(files.Remove(path));
  }
  // The directory's own name may not be durable yet.
  return files.SyncDirectory(ParentPath(options.directory));
}

absl::Status SameStore(StoreId expected, StoreId found,
                       const std::string& path) {
  if (expected == found) return absl::OkStatus();
  return CorruptionError(absl::StrCat(path, " belongs to store ", found.value(),
                                      ", not to store ", expected.value()));
}

absl::Status OpenForWriting(FileSystem& files, SegmentFile& segment) {
  TRIMARAN_ASSIGN_OR_RETURN(segment.file,
                            files.Open(segment.path, OpenMode::kReadWrite));
  return absl::OkStatus();
}

absl::Status OpenForWriting(FileSystem& files, LogScan& scan) {
  for (auto& [sequence, segment] : scan.segments) {
    TRIMARAN_RETURN_IF_ERROR(OpenForWriting(files, segment));
  }
  for (SegmentFile& segment : scan.spares) {
    TRIMARAN_RETURN_IF_ERROR(OpenForWriting(files, segment));
  }
  return absl::OkStatus();
}

FloorState InTheWordsOfTheFloor(const LogScan& scan) {
  FloorState state;
  state.store = scan.store;
  state.term = scan.image.hard_state().term;
  state.vote = scan.image.hard_state().vote;
  state.last = scan.image.index().last().id;
  state.newest_segment = scan.tail.header.sequence;
  state.generation = scan.image.generation();
  return state;
}

RecoveryReport ReportOf(const LogScan& scan, const FloorFile& floor,
                        const FloorVerdict& verdict) {
  RecoveryReport report;
  report.record_count = scan.record_count;
  report.entry_count = scan.entry_count;
  report.bytes = scan.bytes;
  report.torn_bytes = scan.torn_bytes;
  report.header_repaired = scan.tail.header_damaged;
  report.floor_repaired = floor.one_slot_damaged();
  report.regression = verdict.reason;
  return report;
}

}  // namespace

absl::Status SegmentLog::ValidateReset(const LogReset& reset) {
  const EntryId id = reset.position.id;
  TRIMARAN_RETURN_IF_ERROR(ValidateSlice(id.term, id, {}));
  if (reset.hard_state.commit >= id.index) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "the log would begin after entry ", id.index.value(), ", and only ",
      reset.hard_state.commit.value(), " is committed"));
}

absl::Status SegmentLog::Create(const SegmentLogOptions& options,
                                const LogReset& start) {
  TRIMARAN_RETURN_IF_ERROR(CheckOptions(options));
  TRIMARAN_RETURN_IF_ERROR(ValidateReset(start));
  TRIMARAN_RETURN_IF_ERROR(MakeDirectory(options));
  SegmentPool pool(*options.files, PoolOptions(options));
  TRIMARAN_ASSIGN_OR_RETURN(const SegmentFile segment,
                            pool.Take(options.segment_bytes));

  SegmentHeader header;
  header.store = options.store;
  header.sequence = 1;
  header.segment_bytes = options.segment_bytes;
  header.oldest_segment = 1;
  header.next_record = 1;
  header.last = start.position;
  header.hard_state = start.hard_state;
  header.generation = start.generation;
  std::string block = EncodeSegmentHeader(header);
  EncodeRecord({options.store, header.sequence, kSegmentHeaderBytes},
               FirstRecord(start), {}, block);
  TRIMARAN_RETURN_IF_ERROR(segment.file->Write(0, block));
  TRIMARAN_RETURN_IF_ERROR(segment.file->Sync());

  FloorState floor;
  floor.store = options.store;
  floor.term = start.hard_state.term;
  floor.vote = start.hard_state.vote;
  floor.last = start.position.id;
  floor.newest_segment = header.sequence;
  floor.generation = start.generation;
  return FloorFile::Create(*options.files, options.floor_path, floor);
}

SegmentLog::SegmentLog(const SegmentLogOptions& options, FloorFile floor,
                       LogScan scan)
    : options_(options),
      pool_(*options.files, PoolOptions(options)),
      floor_(std::move(floor)),
      floor_written_at_(options.clock->Now()) {
  tail_.sequence = scan.tail.header.sequence;
  tail_.segment = scan.segments.at(tail_.sequence);
  tail_.offset = scan.tail.end;
  for (const auto& [sequence, segment] : scan.segments) pool_.Reserve(segment);
  for (SegmentFile& file : scan.spares) pool_.Release(std::move(file));
  for (SegmentFile& file : scan.unfit) pool_.Discard(std::move(file));
  MutexLock lock(mutex_);
  shared_.hard_state = scan.image.hard_state();
  shared_.image = std::move(scan.image);
  shared_.segments = std::move(scan.segments);
}

absl::StatusOr<SegmentLog::Opened> SegmentLog::Open(
    const SegmentLogOptions& options) {
  TRIMARAN_RETURN_IF_ERROR(CheckOptions(options));
  TRIMARAN_ASSIGN_OR_RETURN(FloorFile floor,
                            FloorFile::Open(*options.files, options.floor_path,
                                            OpenMode::kReadWrite));
  TRIMARAN_RETURN_IF_ERROR(
      SameStore(options.store, floor.state().store, options.floor_path));
  TRIMARAN_ASSIGN_OR_RETURN(
      LogScan scan, ReadLog(*options.files, options.directory, nullptr));
  TRIMARAN_RETURN_IF_ERROR(
      SameStore(options.store, scan.store, options.directory));
  const FloorVerdict verdict =
      JudgeLog(floor.state(), InTheWordsOfTheFloor(scan),
               scan.image.hard_state().commit);
  TRIMARAN_RETURN_IF_ERROR(OpenForWriting(*options.files, scan));

  Opened opened;
  opened.report = ReportOf(scan, floor, verdict);
  const LogTail tail = scan.tail;
  opened.log = absl::WrapUnique(
      new SegmentLog(options, std::move(floor), std::move(scan)));
  TRIMARAN_RETURN_IF_ERROR(opened.log->Recover(tail, verdict));
  return opened;
}

absl::Status SegmentLog::Recover(const LogTail& tail,
                                 const FloorVerdict& verdict) {
  {
    MutexLock lock(mutex_);
    shared_.owed = verdict.owed;
    if (MutantActive(Mutant::kLossNotNoticed)) shared_.owed.reset();
    shared_.hard_state = verdict.hard_state.value_or(shared_.hard_state);
  }
  if (verdict.owed.has_value()) {
    options_.logger.Error("the log has lost what it had promised: ",
                          verdict.reason);
    // Before the log takes over what would show it.
    FloorState floor = floor_.state();
    floor.last = *verdict.owed;
    TRIMARAN_RETURN_IF_ERROR(StoreFloor(floor));
  }
  TRIMARAN_RETURN_IF_ERROR(RewriteTail(tail));
  while (pool_.has_surplus()) TRIMARAN_RETURN_IF_ERROR(pool_.RemoveOne());
  const RecordFields fence = NextFields(LogRecordKind::kFence);
  TRIMARAN_RETURN_IF_ERROR(MakeRoomToOpen(fence));
  TRIMARAN_RETURN_IF_ERROR(WriteRecord(fence, /*entries=*/{}));
  // Even if it says so already: that may be in memory only, like the log.
  return floor_.Write(CurrentFloor());
}

// A log that waits for a segment must be opened on a full disk as well, for
// only an open log gives space back. The smallest of segments lasts for a while
// of fences and small records; what does not fit waits for a whole one.
absl::Status SegmentLog::MakeRoomToOpen(const RecordFields& fence) {
  absl::Status made = MakeRoom(fence, /*entries=*/{});
  if (!absl::IsResourceExhausted(made) ||
      options_.segment_bytes <= kSegmentBytesMin) {
    return made;
  }
  absl::StatusOr<SegmentFile> segment = pool_.TakeSpecial(kSegmentBytesMin);
  if (!segment.ok()) return JudgePool(segment.status());
  options_.logger.Warning("the log is opened with a segment of ",
                          kSegmentBytesMin, " bytes: ", ToStd(made.message()));
  next_segment_ = *std::move(segment);
  return absl::OkStatus();
}

// What was read may be in the memory of the system only: the process was killed
// before the sync, or an earlier sync failed. It is made durable before the
// fence is written behind it, or a crash in between could leave a fence behind
// a record that is torn.
absl::Status SegmentLog::RewriteTail(const LogTail& tail) {
  const bool is_first = !tail.last_record.has_value() ||
                        tail.last_record->offset == kSegmentHeaderBytes;
  if (is_first || tail.header_damaged) {
    TRIMARAN_RETURN_IF_ERROR(
        tail_.segment.file->Write(0, EncodeSegmentHeader(tail.header)));
  }
  if (tail.last_record.has_value()) {
    std::string record;
    TRIMARAN_RETURN_IF_ERROR(ReadExactly(tail_.segment,
                                         tail.last_record->offset,
                                         tail.last_record->bytes, record));
    TRIMARAN_RETURN_IF_ERROR(
        tail_.segment.file->Write(tail.last_record->offset, record));
  }
  TRIMARAN_FAULT_POINT("log/after_rewrite_before_sync");
  return tail_.segment.file->Sync();
}

}  // namespace trimaran::engine
