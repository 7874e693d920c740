#include "engine/maintenance/read_only_log.h"

#include <algorithm>
#include <utility>

#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/log/segment_file.h"

namespace trimaran::engine {
namespace {

absl::Status OnlyRead() {
  return absl::FailedPreconditionError("this log is only read");
}

}  // namespace

absl::StatusOr<std::unique_ptr<ReadOnlyLog>> ReadOnlyLog::Open(
    FileSystem& files, std::string_view directory, LogVisitor* visitor) {
  TRIMARAN_ASSIGN_OR_RETURN(LogScan scan, ReadLog(files, directory, visitor));
  return std::unique_ptr<ReadOnlyLog>(new ReadOnlyLog(std::move(scan)));
}

absl::Status ReadOnlyLog::Append(const LogBatch&) { return OnlyRead(); }
absl::Status ReadOnlyLog::Reset(const LogReset&) { return OnlyRead(); }
absl::Status ReadOnlyLog::Flush() { return OnlyRead(); }
absl::Status ReadOnlyLog::Owe(EntryId) { return OnlyRead(); }
absl::StatusOr<bool> ReadOnlyLog::RecycleStep(LogIndex) { return OnlyRead(); }
void ReadOnlyLog::Compact(LogIndex) {}

LogState ReadOnlyLog::state() const {
  return {.boundary = index().boundary(),
          .last = index().last(),
          .hard_state = scan_.image.hard_state(),
          .generation = scan_.image.generation(),
          .owed = std::nullopt};
}

LogIndex ReadOnlyLog::truncated() const { return index().boundary().id.index; }

uint64_t ReadOnlyLog::file_bytes() const {
  uint64_t bytes = 0;
  for (const auto& [sequence, segment] : scan_.segments) {
    bytes += segment.bytes;
  }
  return bytes;
}

absl::Status ReadOnlyLog::CheckInLog(LogIndex at) const {
  if (at < truncated()) return CompactedError(at, truncated());
  const LogIndex last = index().last().id.index;
  return at > last ? NotInLogError(at, last) : absl::OkStatus();
}

absl::StatusOr<std::vector<LogEntry>> ReadOnlyLog::Entries(
    LogIndex first, LogIndex end, const ReadLimits& limits) const {
  if (first <= truncated()) return CompactedError(first, truncated());
  const LogIndex last = index().last().id.index;
  if (end > last + 1) return NotInLogError(end, last);
  std::vector<LogEntry> entries;
  uint64_t bytes = 0;
  std::string buffer;
  Record record;
  while (first < end) {
    const RecordRef& ref = index().Find(first);
    TRIMARAN_RETURN_IF_ERROR(ReadRecord(scan_.segments.at(ref.segment),
                                        scan_.store, ref, buffer, record));
    for (const EntryView& entry : record.entries) {
      if (entry.id.index != first || first == std::min(end, ref.end())) {
        continue;
      }
      bytes += entry.payload.size();
      const bool full =
          bytes > limits.bytes_max || entries.size() >= limits.count_max;
      if (full && !entries.empty()) return entries;
      entries.push_back(
          {entry.id.index, entry.id.term, entry.type, Payload(entry.payload)});
      first = first + 1;
    }
  }
  return entries;
}

absl::StatusOr<Term> ReadOnlyLog::TermAt(LogIndex at) const {
  TRIMARAN_RETURN_IF_ERROR(CheckInLog(at));
  return *index().TermAt(at);
}

absl::StatusOr<ChainValue> ReadOnlyLog::ChainAt(LogIndex at) const {
  TRIMARAN_RETURN_IF_ERROR(CheckInLog(at));
  if (const auto known = index().KnownChainAt(at)) return *known;
  const RecordRef& ref = index().Find(at);
  return ChainInRecord(scan_.segments.at(ref.segment), scan_.store, ref, at);
}

std::vector<TermRun> ReadOnlyLog::TermsAfter(LogIndex after) const {
  return index().TermsAfter(after);
}

std::vector<LogIndex> ReadOnlyLog::ConfChangesAfter(LogIndex after) const {
  return index().ConfChangesAfter(after);
}

}  // namespace trimaran::engine
