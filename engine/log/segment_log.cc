#include "engine/log/segment_log.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/fault_point.h"
#include "engine/base/mutant.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {
namespace {

// Segments that one trim frees at most.
constexpr uint64_t kFreedPerStep = 16;
// A record with a hard state and a number. Only trims use the last so many
// bytes of a segment, or a log that got no more space could not give any back.
constexpr uint64_t kTrimBytesMax = kRecordHeaderBytes + 32;
// The terms of a batch are compared with each other, not with a leader's.
constexpr Term kAnyTerm{std::numeric_limits<uint64_t>::max()};

EntryId LastOf(const RecordFields& fields, absl::Span<const LogEntry> entries) {
  return entries.empty() ? fields.before.id : entries.back().id();
}

}  // namespace

absl::Status SegmentLog::Latch(absl::Status status) {
  if (status.ok() || MutantActive(Mutant::kFailedSyncForgotten)) return status;
  MutexLock lock(mutex_);
  if (shared_.failure.ok()) {
    shared_.failure = std::move(status);
    options_.logger.Error("the log has failed for good: ",
                          ToStd(shared_.failure.message()));
  }
  return shared_.failure;
}

RecordFields SegmentLog::NextFields(LogRecordKind kind) const {
  MutexLock lock(mutex_);
  RecordFields fields;
  fields.kind = kind;
  fields.number = shared_.image.next_record();
  fields.before = shared_.image.index().last();
  if (shared_.hard_state != shared_.image.hard_state()) {
    fields.hard_state = shared_.hard_state;
  }
  return fields;
}

// ---- Appending ----

absl::Status SegmentLog::CheckBatch(const LogBatch& batch,
                                    const RecordFields& fields) {
  const LogIndex first = batch.entries.front().index;
  {
    MutexLock lock(mutex_);
    const LogIndex truncated = TruncatedLocked();
    const LogIndex last = shared_.image.index().last().id.index;
    if (first <= truncated || first > last + 1) {
      return absl::InvalidArgumentError(absl::StrCat(
          "append at entry ", first.value(), " to a log of entries ",
          truncated.value() + 1, " to ", last.value()));
    }
  }
  TRIMARAN_RETURN_IF_ERROR(
      ValidateSlice(kAnyTerm, fields.before.id, batch.entries));
  const uint64_t bytes = RecordBytes(fields, batch.entries);
  if (bytes <= kRecordBytesMax) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a record of ", batch.entries.size(), " entries has ", bytes,
                   " bytes, more than the limit of ", kRecordBytesMax));
}

// What a replica has said once in a term, it must not say otherwise later
// (thesis §3.8): whoever asks for that is mistaken, and must not succeed.
absl::Status SegmentLog::CheckHardState(const HardState& next) const {
  HardState present;
  {
    MutexLock lock(mutex_);
    present = shared_.hard_state;
  }
  if (next.term < present.term) {
    return absl::InvalidArgumentError(
        absl::StrCat("a hard state of term ", next.term.value(),
                     " after one of term ", present.term.value()));
  }
  if (next.term == present.term && present.vote != kNoReplica &&
      next.vote != present.vote) {
    return absl::InvalidArgumentError(
        absl::StrCat("a vote for replica ", next.vote.value(), " in term ",
                     next.term.value(), ", in which there is one for replica ",
                     present.vote.value()));
  }
  return absl::OkStatus();
}

absl::Status SegmentLog::Append(const LogBatch& batch) {
  TRIMARAN_RETURN_IF_ERROR(failure());
  RecordFields fields = NextFields(LogRecordKind::kBatch);
  if (batch.hard_state.has_value()) {
    TRIMARAN_RETURN_IF_ERROR(CheckHardState(*batch.hard_state));
    fields.hard_state = *batch.hard_state;
  }
  if (!batch.entries.empty()) {
    const LogIndex first = batch.entries.front().index;
    if (first <= fields.before.id.index && first > truncated()) {
      fields.before.id = {first - 1, TermAt(first - 1).value_or(Term())};
      const absl::StatusOr<ChainValue> chain = ChainAt(first - 1);
      if (!chain.ok()) return Latch(chain.status());
      fields.before.chain = *chain;
    }
    TRIMARAN_RETURN_IF_ERROR(CheckBatch(batch, fields));
  }
  {
    MutexLock lock(mutex_);
    if (fields.hard_state == shared_.image.hard_state()) {
      fields.hard_state.reset();
    }
    if (batch.entries.empty() &&
        (!batch.must_sync || !fields.hard_state.has_value())) {
      // Nothing of it is promised: it goes with the next record.
      shared_.hard_state = batch.hard_state.value_or(shared_.hard_state);
      return absl::OkStatus();
    }
  }
  TRIMARAN_RETURN_IF_ERROR(MakeRoom(fields, batch.entries));
  absl::Status status = LowerFloor(LastOf(fields, batch.entries));
  if (status.ok()) status = WriteRecord(fields, batch.entries);
  if (status.ok()) status = KeepFloor();
  return Latch(std::move(status));
}

absl::Status SegmentLog::CheckReset(const LogReset& reset) const {
  TRIMARAN_RETURN_IF_ERROR(ValidateReset(reset));
  TRIMARAN_RETURN_IF_ERROR(CheckHardState(reset.hard_state));
  MutexLock lock(mutex_);
  if (reset.generation > shared_.image.generation()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("reset to generation ", reset.generation,
                   " of a log of generation ", shared_.image.generation()));
}

absl::Status SegmentLog::Reset(const LogReset& reset) {
  TRIMARAN_RETURN_IF_ERROR(failure());
  TRIMARAN_RETURN_IF_ERROR(CheckReset(reset));
  RecordFields fields = NextFields(LogRecordKind::kReset);
  fields.before = reset.position;
  fields.hard_state = reset.hard_state;
  fields.generation = reset.generation;
  TRIMARAN_RETURN_IF_ERROR(MakeRoom(fields, {}));
  absl::Status status = LowerFloor(reset.position.id);
  if (status.ok()) status = WriteRecord(fields, {});
  if (status.ok()) status = KeepFloor();
  return Latch(std::move(status));
}

absl::Status SegmentLog::Flush() {
  TRIMARAN_RETURN_IF_ERROR(failure());
  const RecordFields fields = NextFields(LogRecordKind::kBatch);
  absl::Status status;
  if (fields.hard_state.has_value()) {
    TRIMARAN_RETURN_IF_ERROR(MakeRoom(fields, {}));
    status = WriteRecord(fields, {});
  }
  if (status.ok()) status = StoreFloor(CurrentFloor());
  return Latch(std::move(status));
}

// ---- Records ----

absl::Status SegmentLog::JudgePool(const absl::Status& status) {
  return pool_.failure().ok() ? status : Latch(pool_.failure());
}

absl::Status SegmentLog::MakeRoom(const RecordFields& fields,
                                  absl::Span<const LogEntry> entries) {
  uint64_t bytes = RecordBytes(fields, entries);
  if (fields.kind != LogRecordKind::kTrim) bytes += kTrimBytesMax;
  if (tail_.offset + bytes <= tail_.segment.bytes) return absl::OkStatus();
  absl::StatusOr<SegmentFile> segment = pool_.Take(kSegmentHeaderBytes + bytes);
  if (!segment.ok()) return JudgePool(segment.status());
  next_segment_ = *std::move(segment);
  return absl::OkStatus();
}

std::string SegmentLog::BeginSegment(SegmentFile segment) {
  tail_.segment = segment;
  ++tail_.sequence;
  tail_.offset = kSegmentHeaderBytes;
  MutexLock lock(mutex_);
  const SegmentHeader header =
      shared_.image.HeaderOf(options_.store, tail_.sequence, segment.bytes);
  shared_.segments.emplace(tail_.sequence, std::move(segment));
  return EncodeSegmentHeader(header);
}

absl::Status SegmentLog::WriteRecord(const RecordFields& fields,
                                     absl::Span<const LogEntry> entries) {
  const uint64_t bytes = RecordBytes(fields, entries);
  write_buffer_.clear();
  uint64_t write_offset = tail_.offset;
  if (next_segment_.has_value()) {
    write_buffer_ = BeginSegment(*std::exchange(next_segment_, std::nullopt));
    write_offset = 0;
  }
  TRIMARAN_CHECK_LE(tail_.offset + bytes, tail_.segment.bytes);
  RecordRef ref;
  ref.segment = tail_.sequence;
  ref.offset = tail_.offset;
  ref.bytes = bytes;
  const ChainValue chain =
      EncodeRecord({options_.store, ref.segment, ref.offset}, fields, entries,
                   write_buffer_);
  TRIMARAN_CHECK_EQ(write_buffer_.size(), ref.offset + bytes - write_offset);

  TRIMARAN_FAULT_POINT("log/before_write");
  TRIMARAN_RETURN_IF_ERROR(
      tail_.segment.file->Write(write_offset, write_buffer_));
  TRIMARAN_FAULT_POINT("log/after_write_before_sync");
  if (!MutantActive(Mutant::kLogAckBeforeSync)) {
    TRIMARAN_RETURN_IF_ERROR(tail_.segment.file->Sync());
  }
  TRIMARAN_FAULT_POINT("log/after_sync");
  tail_.offset += bytes;

  MutexLock lock(mutex_);
  if (fields.kind == LogRecordKind::kReset ||
      fields.before != shared_.image.index().last()) {
    ++shared_.replacements;
  }
  const absl::Status applied = shared_.image.Apply(
      PlaceRecord(fields, entries, chain, ref), LogImage::Link::kNext);
  TRIMARAN_CHECK(applied.ok()) << ToStd(applied.message());
  shared_.hard_state = shared_.image.hard_state();
  const EntryId last = shared_.image.index().last().id;
  if (fields.kind == LogRecordKind::kReset) shared_.compacted = last.index;
  if (shared_.owed.has_value() && IsPaid(*shared_.owed, last.term)) {
    shared_.owed.reset();
  }
  return absl::OkStatus();
}

// ---- The floor ----

FloorState SegmentLog::CurrentFloor() const {
  MutexLock lock(mutex_);
  FloorState state;
  state.store = options_.store;
  state.term = shared_.image.hard_state().term;
  state.vote = shared_.image.hard_state().vote;
  // What is owed stays owed, so that a restart does not forget it.
  state.last = shared_.owed.value_or(shared_.image.index().last().id);
  state.newest_segment = tail_.sequence;
  state.generation = shared_.image.generation();
  return state;
}

absl::Status SegmentLog::StoreFloor(const FloorState& state) {
  floor_written_at_ = options_.clock->Now();
  if (MutantActive(Mutant::kFloorNotWritten)) return absl::OkStatus();
  if (state == floor_.state() && !floor_.one_slot_damaged()) {
    return absl::OkStatus();
  }
  TRIMARAN_FAULT_POINT("floor/before_write");
  return floor_.Write(state);
}

absl::Status SegmentLog::LowerFloor(EntryId last) {
  {
    MutexLock lock(mutex_);
    if (shared_.owed.has_value()) return absl::OkStatus();
  }
  if (IsAtLeastAsUpToDate(last, floor_.state().last)) return absl::OkStatus();
  FloorState lowered = floor_.state();
  lowered.last = last;
  return StoreFloor(lowered);
}

absl::Status SegmentLog::Owe(EntryId owed) {
  TRIMARAN_RETURN_IF_ERROR(failure());
  {
    MutexLock lock(mutex_);
    if (shared_.owed.has_value() && shared_.owed->term >= owed.term) {
      return absl::OkStatus();
    }
    shared_.owed = owed;
  }
  options_.logger.Error("the log has lost what it had promised, up to entry ",
                        owed.index.value());
  return Latch(StoreFloor(CurrentFloor()));
}

absl::Status SegmentLog::KeepFloor() {
  const FloorState state = CurrentFloor();
  const FloorState& written = floor_.state();
  // What was owed and is paid leaves the floor beyond the log.
  const bool due =
      !IsAtLeastAsUpToDate(state.last, written.last) ||
      state.term != written.term || state.vote != written.vote ||
      state.newest_segment != written.newest_segment ||
      state.generation != written.generation ||
      options_.clock->Now() - floor_written_at_ >= options_.floor_interval;
  return due ? StoreFloor(state) : absl::OkStatus();
}

absl::Status SegmentLog::WriteFloor() {
  TRIMARAN_RETURN_IF_ERROR(failure());
  return Latch(StoreFloor(CurrentFloor()));
}

// ---- Recycling ----

void SegmentLog::Compact(LogIndex truncated) {
  MutexLock lock(mutex_);
  shared_.compacted = std::max(shared_.compacted, truncated);
}

uint64_t SegmentLog::FirstSegmentNeeded(LogIndex bound) const {
  MutexLock lock(mutex_);
  return shared_.image.index().FirstSegmentNeeded(
      std::min(bound, TruncatedLocked()), tail_.sequence);
}

bool SegmentLog::WantsSpare() const {
  return !pool_.has_spare() && tail_.offset > tail_.segment.bytes / 2;
}

absl::Status SegmentLog::FreeSegments(uint64_t oldest) {
  RecordFields fields = NextFields(LogRecordKind::kTrim);
  fields.oldest_segment = oldest;
  TRIMARAN_RETURN_IF_ERROR(MakeRoom(fields, {}));
  TRIMARAN_RETURN_IF_ERROR(Latch(WriteRecord(fields, {})));
  TRIMARAN_FAULT_POINT("log/after_trim");
  {
    MutexLock lock(mutex_);
    auto& segments = shared_.segments;
    while (segments.begin()->first < oldest) {
      pool_.Release(std::move(segments.begin()->second));
      segments.erase(segments.begin());
    }
  }
  return Latch(KeepFloor());
}

absl::Status SegmentLog::DoMaintenance(LogIndex bound) {
  // Before the next trim, which may need the room.
  if (pool_.has_surplus()) return JudgePool(pool_.RemoveOne());
  const uint64_t needed = FirstSegmentNeeded(bound);
  uint64_t oldest = 0;
  {
    MutexLock lock(mutex_);
    oldest = shared_.image.oldest_segment();
  }
  if (needed > oldest) {
    return FreeSegments(std::min(needed, oldest + kFreedPerStep));
  }
  if (WantsSpare()) return JudgePool(pool_.PrepareStep());
  return absl::OkStatus();
}

bool SegmentLog::HasMaintenance(LogIndex bound) const {
  if (pool_.has_surplus() || WantsSpare()) return true;
  const uint64_t needed = FirstSegmentNeeded(bound);
  MutexLock lock(mutex_);
  return needed > shared_.image.oldest_segment();
}

absl::StatusOr<bool> SegmentLog::RecycleStep(LogIndex bound) {
  TRIMARAN_RETURN_IF_ERROR(failure());
  TRIMARAN_RETURN_IF_ERROR(DoMaintenance(bound));
  return HasMaintenance(bound);
}

}  // namespace trimaran::engine
