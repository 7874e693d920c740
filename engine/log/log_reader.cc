#include "engine/log/log_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {
namespace {

// A segment is never larger than the header and the largest record.
constexpr uint64_t kSegmentBytesMax = 2 * kSegmentHeaderBytes + kRecordBytesMax;

// A file of the directory, by what its first block says.
struct FoundFile {
  SegmentFile file;
  enum class Kind : uint8_t { kNeverUsed, kDamaged, kIntact };
  Kind kind = Kind::kDamaged;
  SegmentHeader header;
  // It also holds the start of a segment that never came to be.
  bool torn_start = false;
};

absl::Status AtPath(const std::string& path, const absl::Status& status) {
  const std::string message = absl::StrCat(path, ": ", status.message());
  if (IsCorruption(status)) return CorruptionError(message);
  if (IsNewerFormat(status)) return NewerFormatError(message);
  return absl::Status(status.code(), message);
}

absl::Status CheckTrim(const Record& record, const RecordRef& place) {
  if (record.fields.oldest_segment <= place.segment) return absl::OkStatus();
  return CorruptionError(absl::StrCat("record ", record.fields.number,
                                      " trims segments that follow it"));
}

// One reading of a log, step by step in the order of the public functions.
class Scanner {
 public:
  Scanner(FileSystem& files, std::string_view directory, LogVisitor* visitor)
      : files_(files), directory_(directory), visitor_(visitor) {}

  absl::Status FindFiles();
  absl::Status OrderSegments();
  absl::Status FindSuccessor();
  absl::Status CheckRange();
  absl::Status ReplaySegments();
  absl::Status ReplaySuccessor();
  absl::Status CheckTail();
  LogScan Take();

 private:
  uint64_t newest() const { return by_sequence_.rbegin()->first; }

  absl::StatusOr<FoundFile> Look(uint64_t slot, const std::string& path);
  absl::StatusOr<bool> MayBeSuccessor(FoundFile& found);
  absl::Status CheckOneHeaderLost(const FoundFile& found);
  absl::Status RaiseOldest(uint64_t sequence);
  absl::Status CheckHeader(const FoundFile& found) const;
  absl::Status Replay(const FoundFile& found, const SegmentHeader& header);
  absl::Status Apply(const Record& record, const RecordRef& ref);
  absl::Status CheckChainWithin(const Record& record) const;
  absl::Status Load(const FoundFile& found);

  FileSystem& files_;
  const std::string directory_;
  LogVisitor* const visitor_;

  std::vector<FoundFile> found_;
  // Places in found_.
  std::map<uint64_t, size_t> by_sequence_;
  std::optional<size_t> successor_;
  // The record at the start of a successor that is torn apart, or 0.
  uint64_t torn_successor_ = 0;
  uint64_t oldest_ = 0;

  std::string buffer_;
  SegmentScan last_scan_;
  bool began_ = false;
  LogScan scan_;
};

absl::StatusOr<FoundFile> Scanner::Look(uint64_t slot,
                                        const std::string& path) {
  FoundFile found;
  found.file.slot = slot;
  found.file.path = path;
  TRIMARAN_ASSIGN_OR_RETURN(found.file.file,
                            files_.Open(path, OpenMode::kRead));
  TRIMARAN_ASSIGN_OR_RETURN(found.file.bytes, found.file.file->Size());
  std::string block(kSegmentHeaderBytes, '\0');
  TRIMARAN_ASSIGN_OR_RETURN(const size_t count,
                            found.file.file->Read(0, absl::MakeSpan(block)));
  block.resize(count);
  const absl::StatusOr<SegmentHeader> header = DecodeSegmentHeader(block);
  if (header.ok()) {
    found.kind = FoundFile::Kind::kIntact;
    found.header = *header;
  } else if (absl::IsNotFound(header.status())) {
    found.kind = FoundFile::Kind::kNeverUsed;
  } else if (!IsCorruption(header.status())) {
    return AtPath(path, header.status());
  }
  return found;
}

absl::Status Scanner::FindFiles() {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                            files_.List(directory_));
  for (const std::string& name : names) {
    const std::optional<uint64_t> slot = ParseSegmentName(name);
    if (!slot.has_value()) continue;
    TRIMARAN_ASSIGN_OR_RETURN(FoundFile found,
                              Look(*slot, JoinPath(directory_, name)));
    found_.push_back(std::move(found));
  }
  return absl::OkStatus();
}

absl::Status Scanner::OrderSegments() {
  for (size_t i = 0; i < found_.size(); ++i) {
    const FoundFile& found = found_[i];
    if (found.kind != FoundFile::Kind::kIntact) continue;
    if (by_sequence_.empty()) scan_.store = found.header.store;
    if (found.header.store != scan_.store) {
      return CorruptionError(absl::StrCat(
          found.file.path, " belongs to store ", found.header.store.value(),
          ", but other segments to store ", scan_.store.value()));
    }
    const auto [same, added] =
        by_sequence_.try_emplace(found.header.sequence, i);
    if (!added) {
      return CorruptionError(
          absl::StrCat(found.file.path, " and ", found_[same->second].file.path,
                       " both are segment ", found.header.sequence));
    }
  }
  if (!by_sequence_.empty()) return absl::OkStatus();
  return CorruptionError(
      absl::StrCat(directory_, " holds no segment with an intact header, of ",
                   found_.size(), " files"));
}

// Whether `found` holds what was to become the segment after the newest one,
// whose header a crash, or damage, has lost.
absl::StatusOr<bool> Scanner::MayBeSuccessor(FoundFile& found) {
  const uint64_t sequence = newest() + 1;
  const RecordPlace first{scan_.store, sequence, kSegmentHeaderBytes};
  if (found.file.bytes < kSegmentHeaderBytes + kRecordHeaderBytes) return false;
  if (found.kind == FoundFile::Kind::kIntact) {
    // Used again: the first write reached the records and not the header.
    TRIMARAN_RETURN_IF_ERROR(
        ReadExactly(found.file, first.offset, kRecordHeaderBytes, buffer_));
    if (PeekRecordHeader(first, buffer_).found == RecordFound::kNothing) {
      return false;
    }
  }
  TRIMARAN_RETURN_IF_ERROR(Load(found));
  const std::string_view bytes(buffer_);
  const RecordPeek peek = PeekRecord(first, bytes.substr(kSegmentHeaderBytes));
  if (peek.found == RecordFound::kRecord) return true;
  torn_successor_ = std::max(torn_successor_, peek.number);
  found.torn_start = peek.found == RecordFound::kTorn;
  const std::optional<uint64_t> behind = FindRecord(
      scan_.store, sequence, bytes, kSegmentHeaderBytes + kRecordAlignment);
  if (!behind.has_value()) return false;
  return CorruptionError(absl::StrCat(
      found.file.path, " (segment ", sequence,
      "): header and first record are damaged, but there is a record at ",
      *behind));
}

// A segment begins only when the one before it is durable, its header as well:
// a crash can lose one header and not two.
absl::Status Scanner::CheckOneHeaderLost(const FoundFile& found) {
  const RecordPlace first{scan_.store, newest() + 2, kSegmentHeaderBytes};
  if (found.file.bytes < kSegmentHeaderBytes + kRecordHeaderBytes) {
    return absl::OkStatus();
  }
  TRIMARAN_RETURN_IF_ERROR(
      ReadExactly(found.file, first.offset, kRecordHeaderBytes, buffer_));
  if (PeekRecordHeader(first, buffer_).found == RecordFound::kNothing) {
    return absl::OkStatus();
  }
  return CorruptionError(absl::StrCat(
      found.file.path, " holds records of segment ", newest() + 2,
      " without its header, and there is none of segment ", newest() + 1));
}

absl::Status Scanner::FindSuccessor() {
  for (size_t i = 0; i < found_.size(); ++i) {
    if (found_[i].header.sequence == newest()) continue;
    TRIMARAN_RETURN_IF_ERROR(CheckOneHeaderLost(found_[i]));
    TRIMARAN_ASSIGN_OR_RETURN(const bool may_be, MayBeSuccessor(found_[i]));
    if (!may_be) continue;
    if (successor_.has_value()) {
      return CorruptionError(absl::StrCat(
          found_[i].file.path, " and ", found_[*successor_].file.path,
          " both hold records of segment ", newest() + 1));
    }
    successor_ = i;
  }
  return absl::OkStatus();
}

absl::Status Scanner::Load(const FoundFile& found) {
  if (found.file.bytes > kSegmentBytesMax) {
    return CorruptionError(
        absl::StrCat(found.file.path, " has ", found.file.bytes,
                     " bytes, more than the limit of ", kSegmentBytesMax));
  }
  return ReadExactly(found.file, 0, found.file.bytes, buffer_);
}

// Trims are written when earlier segments may already be in use again, so that
// they are looked for before anything is missed.
absl::Status Scanner::RaiseOldest(uint64_t sequence) {
  const absl::StatusOr<SegmentScan> scan =
      ScanSegment(scan_.store, sequence, buffer_,
                  [this](const Record& record, const RecordRef& ref) {
                    oldest_ = std::max(oldest_, record.fields.oldest_segment);
                    return CheckTrim(record, ref);
                  });
  return scan.status();
}

absl::Status Scanner::CheckRange() {
  const FoundFile& newest_file = found_[by_sequence_.rbegin()->second];
  oldest_ = newest_file.header.oldest_segment;
  TRIMARAN_RETURN_IF_ERROR(Load(newest_file));
  TRIMARAN_RETURN_IF_ERROR(RaiseOldest(newest()));
  if (successor_.has_value()) {
    TRIMARAN_RETURN_IF_ERROR(Load(found_[*successor_]));
    TRIMARAN_RETURN_IF_ERROR(RaiseOldest(newest() + 1));
  }
  const uint64_t end = newest() + (successor_.has_value() ? 2 : 1);
  for (uint64_t sequence = oldest_; sequence < newest() + 1; ++sequence) {
    if (by_sequence_.contains(sequence)) continue;
    return CorruptionError(
        absl::StrCat("segment ", sequence, " is missing from ", directory_,
                     "; the log has segments ", oldest_, " to ", end - 1));
  }
  return absl::OkStatus();
}

absl::Status Scanner::CheckHeader(const FoundFile& found) const {
  const SegmentHeader& header = found.header;
  if (header.segment_bytes != found.file.bytes) {
    return CorruptionError(absl::StrCat(
        found.file.path, " (segment ", header.sequence, ") has ",
        found.file.bytes, " bytes and should have ", header.segment_bytes));
  }
  if (!began_) return absl::OkStatus();
  const SegmentHeader expected =
      scan_.image.HeaderOf(scan_.store, header.sequence, header.segment_bytes);
  if (header == expected) return absl::OkStatus();
  return CorruptionError(
      absl::StrCat("segment ", header.sequence - 1, ", offset ", last_scan_.end,
                   ": the records end before record ", expected.next_record,
                   ", but segment ", header.sequence, " (", found.file.path,
                   ") goes on with record ", header.next_record));
}

absl::Status Scanner::CheckChainWithin(const Record& record) const {
  const RecordIndex& index = scan_.image.index();
  const LogPosition& before = record.fields.before;
  if (record.entries.empty() || before.id.index <= index.boundary().id.index ||
      before.id.index >= index.last().id.index ||
      index.KnownChainAt(before.id.index).has_value()) {
    return absl::OkStatus();
  }
  const RecordRef& ref = index.Find(before.id.index);
  TRIMARAN_ASSIGN_OR_RETURN(const ChainValue chain,
                            ChainInRecord(scan_.segments.at(ref.segment),
                                          scan_.store, ref, before.id.index));
  if (chain == before.chain) return absl::OkStatus();
  return CorruptionError(absl::StrCat("record ", record.fields.number,
                                      " follows another entry ",
                                      before.id.index.value()));
}

absl::Status Scanner::Apply(const Record& record, const RecordRef& ref) {
  TRIMARAN_RETURN_IF_ERROR(CheckTrim(record, ref));
  const LogImage::Link link =
      began_ ? LogImage::Link::kNext : LogImage::Link::kFirst;
  if (began_) TRIMARAN_RETURN_IF_ERROR(CheckChainWithin(record));
  TRIMARAN_RETURN_IF_ERROR(scan_.image.Apply(PlaceRecord(record, ref), link));
  began_ = true;
  scan_.tail.last_record = ref;
  ++scan_.record_count;
  scan_.entry_count += record.entries.size();
  scan_.bytes += ref.bytes;
  if (visitor_ != nullptr) visitor_->OnRecord(record, ref);
  return absl::OkStatus();
}

absl::Status Scanner::Replay(const FoundFile& found,
                             const SegmentHeader& header) {
  TRIMARAN_RETURN_IF_ERROR(Load(found));
  if (!began_) scan_.image = LogImage(header);
  scan_.tail.header = header;
  scan_.tail.last_record.reset();
  scan_.segments.emplace(header.sequence, found.file);
  if (visitor_ != nullptr) visitor_->OnSegment(found.file, header);
  absl::StatusOr<SegmentScan> scan =
      ScanSegment(scan_.store, header.sequence, buffer_,
                  [this](const Record& record, const RecordRef& ref) {
                    absl::Status status = Apply(record, ref);
                    if (status.ok()) return status;
                    return AtPath(absl::StrCat("offset ", ref.offset), status);
                  });
  if (!scan.ok()) return AtPath(found.file.path, scan.status());
  last_scan_ = *scan;
  began_ = true;
  return absl::OkStatus();
}

absl::Status Scanner::ReplaySegments() {
  for (auto at = by_sequence_.find(oldest_); at != by_sequence_.end(); ++at) {
    const FoundFile& found = found_[at->second];
    TRIMARAN_RETURN_IF_ERROR(CheckHeader(found));
    TRIMARAN_RETURN_IF_ERROR(Replay(found, found.header));
  }
  return absl::OkStatus();
}

absl::Status Scanner::ReplaySuccessor() {
  const uint64_t sequence = newest() + 1;
  const uint64_t expected = scan_.image.next_record();
  uint64_t number = torn_successor_;
  if (successor_.has_value()) {
    std::string front;
    TRIMARAN_RETURN_IF_ERROR(ReadExactly(found_[*successor_].file,
                                         kSegmentHeaderBytes,
                                         kRecordHeaderBytes, front));
    number =
        PeekRecordHeader({scan_.store, sequence, kSegmentHeaderBytes}, front)
            .number;
  }
  if (number > expected) {
    return CorruptionError(absl::StrCat(
        "segment ", newest(), ", offset ", last_scan_.end,
        ": the records end before record ", expected, ", but segment ",
        sequence, " goes on with record ", number));
  }
  if (!successor_.has_value()) return absl::OkStatus();
  FoundFile& found = found_[*successor_];
  if (number < expected) {
    // What an earlier crash has left in a spare.
    found.torn_start = true;
    successor_.reset();
    return absl::OkStatus();
  }
  scan_.tail.header_damaged = true;
  return Replay(found,
                scan_.image.HeaderOf(scan_.store, sequence, found.file.bytes));
}

// At most one record is ever not durable, and it is the last one. So nothing
// stands behind what a crash has torn apart.
absl::Status Scanner::CheckTail() {
  const uint64_t sequence = scan_.tail.header.sequence;
  const SegmentFile& file = scan_.segments.at(sequence);
  const RecordPeek& torn = last_scan_.at_end;
  const uint64_t next = scan_.image.next_record();
  if (torn.found == RecordFound::kTorn && torn.number != next) {
    return CorruptionError(absl::StrCat(
        file.path, " (segment ", sequence, "), offset ", last_scan_.end,
        ": record ", torn.number, " stands where record ", next, " should be"));
  }
  // The buffer still holds the newest segment.
  const std::optional<uint64_t> behind = FindRecord(
      scan_.store, sequence, buffer_, last_scan_.end + kRecordAlignment);
  if (behind.has_value()) {
    return CorruptionError(
        absl::StrCat(file.path, " (segment ", sequence, "), offset ",
                     last_scan_.end, ": record ", next,
                     " is damaged, but there is a later one at ", *behind));
  }
  scan_.tail.end = last_scan_.end;
  scan_.torn_bytes =
      torn.found == RecordFound::kTorn ? torn.bytes : uint64_t{0};
  if (scan_.image.oldest_segment() == oldest_) return absl::OkStatus();
  return CorruptionError(absl::StrCat(
      directory_, ": the log begins with segment ",
      scan_.image.oldest_segment(), " and with segment ", oldest_));
}

LogScan Scanner::Take() {
  for (size_t i = 0; i < found_.size(); ++i) {
    FoundFile& found = found_[i];
    const bool is_successor = successor_ == i;
    if (is_successor || (found.kind == FoundFile::Kind::kIntact &&
                         found.header.sequence >= oldest_)) {
      continue;
    }
    // A torn start must not meet another attempt at the same segment: of two
    // that are torn, a crash could leave one that never was.
    const bool fit =
        found.kind == FoundFile::Kind::kIntact && !found.torn_start;
    (fit ? scan_.spares : scan_.unfit).push_back(std::move(found.file));
  }
  return std::move(scan_);
}

}  // namespace

absl::StatusOr<LogScan> ReadLog(FileSystem& files, std::string_view directory,
                                LogVisitor* visitor) {
  Scanner scanner(files, directory, visitor);
  TRIMARAN_RETURN_IF_ERROR(scanner.FindFiles());
  TRIMARAN_RETURN_IF_ERROR(scanner.OrderSegments());
  TRIMARAN_RETURN_IF_ERROR(scanner.FindSuccessor());
  TRIMARAN_RETURN_IF_ERROR(scanner.CheckRange());
  TRIMARAN_RETURN_IF_ERROR(scanner.ReplaySegments());
  TRIMARAN_RETURN_IF_ERROR(scanner.ReplaySuccessor());
  TRIMARAN_RETURN_IF_ERROR(scanner.CheckTail());
  return scanner.Take();
}

}  // namespace trimaran::engine
