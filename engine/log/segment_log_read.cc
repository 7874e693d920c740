// The reading half of SegmentLog: the lock is held while it is looked up where
// entries are, never while they are read.

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/mutant.h"
#include "engine/base/status_macros.h"
#include "engine/log/segment_log.h"

namespace trimaran::engine {
namespace {

// What one call of the system reads, unless a record is larger.
constexpr uint64_t kReadBytes = uint64_t{1} << 20;

// Takes entries until a limit is met.
class Collector {
 public:
  Collector(LogIndex first, LogIndex end, const ReadLimits& limits)
      : next_(first), end_(end), limits_(limits) {}

  bool done() const {
    return full_ || next_ >= end_ ||
           (!entries_.empty() && entries_.size() >= limits_.count_max);
  }
  LogIndex next() const { return next_; }

  void Add(const EntryView& view) {
    if (done() || view.id.index != next_) return;
    if (!entries_.empty() && bytes_ + view.payload.size() > limits_.bytes_max) {
      full_ = true;
      return;
    }
    bytes_ += view.payload.size();
    entries_.push_back(
        {view.id.index, view.id.term, view.type, Payload(view.payload)});
    ++next_;
  }

  std::vector<LogEntry> Take() { return std::move(entries_); }

 private:
  LogIndex next_;
  const LogIndex end_;
  const ReadLimits limits_;
  uint64_t bytes_ = 0;
  bool full_ = false;
  std::vector<LogEntry> entries_;
};

}  // namespace

// One stretch of a segment.
struct SegmentLog::ReadPlan {
  SegmentFile segment;
  std::vector<RecordRef> records;
  // Shared::replacements at that time.
  uint64_t replacements = 0;

  uint64_t begin() const { return records.front().offset; }
  uint64_t bytes() const {
    return records.back().offset + records.back().bytes - begin();
  }
};

LogIndex SegmentLog::TruncatedLocked() const {
  return std::max(shared_.compacted, shared_.image.index().boundary().id.index);
}

LogState SegmentLog::state() const {
  MutexLock lock(mutex_);
  LogState state;
  state.boundary = shared_.image.index().boundary();
  state.last = shared_.image.index().last();
  state.hard_state = shared_.hard_state;
  state.generation = shared_.image.generation();
  state.owed = shared_.owed;
  state.replacements = shared_.replacements;
  return state;
}

absl::Status SegmentLog::failure() const {
  MutexLock lock(mutex_);
  return shared_.failure;
}

LogIndex SegmentLog::truncated() const {
  MutexLock lock(mutex_);
  return TruncatedLocked();
}

uint64_t SegmentLog::file_bytes() const {
  MutexLock lock(mutex_);
  uint64_t bytes = 0;
  for (const auto& [sequence, segment] : shared_.segments) {
    bytes += segment.bytes;
  }
  return bytes;
}

absl::Status SegmentLog::CheckInLog(LogIndex index) const {
  const LogIndex truncated = TruncatedLocked();
  const LogIndex last = shared_.image.index().last().id.index;
  if (index < truncated) return CompactedError(index, truncated);
  if (index > last) return NotInLogError(index, last);
  return absl::OkStatus();
}

absl::StatusOr<Term> SegmentLog::TermAt(LogIndex index) const {
  MutexLock lock(mutex_);
  TRIMARAN_RETURN_IF_ERROR(CheckInLog(index));
  if (MutantActive(Mutant::kBoundaryTermForgotten) &&
      index == TruncatedLocked()) {
    return CompactedError(index, index);
  }
  const std::optional<Term> term = shared_.image.index().TermAt(index);
  TRIMARAN_CHECK(term.has_value()) << index;
  return *term;
}

absl::StatusOr<ChainValue> SegmentLog::ChainAt(LogIndex index) const {
  RecordRef ref;
  SegmentFile segment;
  {
    MutexLock lock(mutex_);
    TRIMARAN_RETURN_IF_ERROR(CheckInLog(index));
    const RecordIndex& records = shared_.image.index();
    const std::optional<ChainValue> known = records.KnownChainAt(index);
    if (known.has_value()) return *known;
    ref = records.Find(index);
    segment = shared_.segments.at(ref.segment);
  }
  absl::StatusOr<ChainValue> chain =
      ChainInRecord(segment, options_.store, ref, index);
  if (chain.ok()) return chain;
  return ExplainReadError(chain.status(), index, ref.segment);
}

std::vector<TermRun> SegmentLog::TermsAfter(LogIndex after) const {
  MutexLock lock(mutex_);
  return shared_.image.index().TermsAfter(after);
}

std::vector<LogIndex> SegmentLog::ConfChangesAfter(LogIndex after) const {
  MutexLock lock(mutex_);
  return shared_.image.index().ConfChangesAfter(after);
}

absl::Status SegmentLog::ExplainReadError(absl::Status status, LogIndex first,
                                          uint64_t segment) const {
  MutexLock lock(mutex_);
  // The segment was given back, and may hold something else by now.
  if (segment < shared_.image.oldest_segment()) {
    return CompactedError(first, TruncatedLocked());
  }
  return status;
}

absl::StatusOr<SegmentLog::ReadPlan> SegmentLog::PlanRead(
    LogIndex first, LogIndex end, const ReadLimits& limits) const {
  MutexLock lock(mutex_);
  const LogIndex truncated = TruncatedLocked();
  const RecordIndex& index = shared_.image.index();
  if (first <= truncated) return CompactedError(first, truncated);
  if (end > index.last().id.index + 1) {
    return NotInLogError(end - 1, index.last().id.index);
  }
  ReadPlan plan;
  plan.replacements = shared_.replacements;
  if (first >= end) return plan;
  uint64_t count = 0;
  const uint64_t bytes_max = std::min(kReadBytes, limits.bytes_max);
  for (size_t i = index.FindPlace(first); i < index.records().size(); ++i) {
    const RecordRef& ref = index.records()[i];
    if (plan.records.empty()) {
      plan.segment = shared_.segments.at(ref.segment);
    } else if (ref.first >= end || count >= limits.count_max ||
               ref.segment != plan.records.front().segment ||
               ref.offset != plan.begin() + plan.bytes() ||
               plan.bytes() + ref.bytes > bytes_max) {
      break;
    }
    plan.records.push_back(ref);
    count += ref.end() - std::max(ref.first, first);
  }
  return plan;
}

absl::StatusOr<std::vector<LogEntry>> SegmentLog::Entries(
    LogIndex first, LogIndex end, const ReadLimits& limits) const {
  Collector collector(first, end, limits);
  std::string buffer;
  Record record;
  std::optional<uint64_t> replacements;
  do {
    TRIMARAN_ASSIGN_OR_RETURN(const ReadPlan plan,
                              PlanRead(collector.next(), end, limits));
    // What has been read is a prefix of what was asked for at that time.
    if (replacements.value_or(plan.replacements) != plan.replacements) break;
    replacements = plan.replacements;
    if (plan.records.empty()) break;
    const uint64_t segment = plan.records.front().segment;
    absl::Status status =
        ReadExactly(plan.segment, plan.begin(), plan.bytes(), buffer);
    const std::string_view all(buffer);
    for (const RecordRef& ref : plan.records) {
      if (!status.ok() || collector.done()) break;
      const std::string_view bytes =
          all.substr(ref.offset - plan.begin(), ref.bytes);
      status = DecodeRecordAt(plan.segment, options_.store, ref, bytes, record);
      if (!status.ok()) break;
      // Later entries of the record may have been replaced.
      for (const EntryView& entry : record.entries) {
        if (entry.id.index < ref.end()) collector.Add(entry);
      }
    }
    if (!status.ok()) return ExplainReadError(status, first, segment);
  } while (!collector.done());
  return collector.Take();
}

}  // namespace trimaran::engine
