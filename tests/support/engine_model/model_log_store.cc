#include "tests/support/engine_model/model_log_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {

ModelLogStore::ModelLogStore(ModelLogDisk& disk)
    : disk_(disk), image_(disk.durable()) {
  TRIMARAN_CHECK_EQ(disk.unsynced(), 0u);
}

absl::Status ModelLogStore::Fail(absl::Status error) {
  failure_ = error;
  return error;
}

absl::Status ModelLogStore::CheckEntries(const LogBatch& batch) const {
  if (batch.entries.empty()) return absl::OkStatus();
  const LogIndex first = batch.entries.front().index;
  if (first <= truncated() || first > image_.last().id.index + 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "entries from ", first.value(), " to a log of (", truncated().value(),
        ", ", image_.last().id.index.value(), "]"));
  }
  EntryId before = image_.PositionAt(first - 1)->id;
  for (const LogEntry& entry : batch.entries) {
    if (entry.index != before.index + 1 || entry.term < before.term ||
        entry.term == Term()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "entry ", entry.index.value(), "/", entry.term.value(), " after ",
          before.index.value(), "/", before.term.value()));
    }
    before = entry.id();
  }
  return absl::OkStatus();
}

absl::Status ModelLogStore::CheckHardState(const HardState& next) const {
  const HardState& now = image_.hard_state;
  const bool votes_again =
      next.term == now.term && next.vote != now.vote && now.vote != kNoReplica;
  if (next.term >= now.term && !votes_again) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "term ", next.term.value(), ", vote ", next.vote.value(), " after term ",
      now.term.value(), ", vote ", now.vote.value()));
}

absl::Status ModelLogStore::Append(const LogBatch& batch) {
  TRIMARAN_RETURN_IF_ERROR(failure_);
  TRIMARAN_RETURN_IF_ERROR(CheckEntries(batch));
  if (batch.hard_state.has_value()) {
    TRIMARAN_RETURN_IF_ERROR(CheckHardState(*batch.hard_state));
  }
  LogAppend append{{batch.entries.begin(), batch.entries.end()},
                   batch.hard_state};
  disk_.Write(append);
  if (absl::Status error = disk_.TakeFailure(); !error.ok()) {
    return Fail(std::move(error));
  }
  if (!batch.entries.empty() &&
      batch.entries.front().index <= image_.last().id.index) {
    ++replacements_;
  }
  ApplyWrite(append, image_);
  if (batch.must_sync) disk_.Sync();
  return absl::OkStatus();
}

absl::Status ModelLogStore::Reset(const LogReset& reset) {
  TRIMARAN_RETURN_IF_ERROR(failure_);
  if (reset.generation <= image_.generation) {
    return absl::InvalidArgumentError(
        absl::StrCat("generation ", reset.generation, " after generation ",
                     image_.generation));
  }
  TRIMARAN_RETURN_IF_ERROR(CheckHardState(reset.hard_state));
  disk_.Write(reset);
  if (absl::Status error = disk_.TakeFailure(); !error.ok()) {
    return Fail(std::move(error));
  }
  ++replacements_;
  ApplyWrite(reset, image_);
  compacted_ = LogIndex();
  disk_.Sync();
  return absl::OkStatus();
}

absl::Status ModelLogStore::Flush() {
  TRIMARAN_RETURN_IF_ERROR(failure_);
  if (absl::Status error = disk_.TakeFailure(); !error.ok()) {
    return Fail(std::move(error));
  }
  disk_.Sync();
  return absl::OkStatus();
}

absl::Status ModelLogStore::Owe(EntryId owed) {
  TRIMARAN_RETURN_IF_ERROR(failure_);
  if (absl::Status error = disk_.TakeFailure(); !error.ok()) {
    return Fail(std::move(error));
  }
  disk_.Owe(owed);
  return absl::OkStatus();
}

void ModelLogStore::Compact(LogIndex truncated) {
  TRIMARAN_CHECK_LE(truncated, image_.last().id.index);
  compacted_ = std::max(compacted_, truncated);
}

absl::StatusOr<bool> ModelLogStore::RecycleStep(LogIndex bound) {
  TRIMARAN_RETURN_IF_ERROR(failure_);
  const LogPosition boundary =
      disk_.Recycle(std::min(bound, this->truncated()));
  if (absl::Status error = disk_.TakeFailure(); !error.ok()) {
    return Fail(std::move(error));
  }
  while (image_.boundary.id.index < boundary.id.index) {
    image_.items.pop_front();
    image_.boundary.id.index = image_.boundary.id.index + 1;
  }
  image_.boundary = boundary;
  return false;
}

LogState ModelLogStore::state() const {
  return {.boundary = image_.boundary,
          .last = image_.last(),
          .hard_state = image_.hard_state,
          .generation = image_.generation,
          .owed = disk_.owed(),
          .replacements = replacements_};
}

LogIndex ModelLogStore::truncated() const {
  return std::max(compacted_, image_.boundary.id.index);
}

uint64_t ModelLogStore::file_bytes() const {
  uint64_t bytes = 0;
  for (const ModelLogImage::Item& item : image_.items) {
    bytes += item.entry.payload.size();
  }
  return bytes;
}

absl::StatusOr<LogPosition> ModelLogStore::PositionAt(LogIndex index) const {
  if (index < truncated()) return CompactedError(index, truncated());
  if (const auto position = image_.PositionAt(index)) return *position;
  return NotInLogError(index, image_.last().id.index);
}

absl::StatusOr<std::vector<LogEntry>> ModelLogStore::Entries(
    LogIndex first, LogIndex end, const ReadLimits& limits) const {
  TRIMARAN_CHECK_LE(first, end);
  TRIMARAN_RETURN_IF_ERROR(disk_.TakeReadFailure());
  const LogIndex last = image_.last().id.index;
  if (first <= truncated()) return CompactedError(first, truncated());
  if (end > last + 1) return NotInLogError(end - 1, last);
  std::vector<LogEntry> entries;
  uint64_t bytes = 0;
  for (const ModelLogImage::Item& item : image_.items) {
    if (item.entry.index < first) continue;
    if (item.entry.index >= end) break;
    bytes += item.entry.size_bytes();
    if (!entries.empty() &&
        (bytes > limits.bytes_max || entries.size() >= limits.count_max)) {
      break;
    }
    entries.push_back(item.entry);
  }
  return entries;
}

absl::StatusOr<Term> ModelLogStore::TermAt(LogIndex index) const {
  TRIMARAN_ASSIGN_OR_RETURN(const LogPosition position, PositionAt(index));
  return position.id.term;
}

absl::StatusOr<ChainValue> ModelLogStore::ChainAt(LogIndex index) const {
  TRIMARAN_ASSIGN_OR_RETURN(const LogPosition position, PositionAt(index));
  return position.chain;
}

std::vector<TermRun> ModelLogStore::TermsAfter(LogIndex after) const {
  TRIMARAN_CHECK_GE(after, truncated());
  std::vector<TermRun> runs;
  for (const ModelLogImage::Item& item : image_.items) {
    if (item.entry.index <= after) continue;
    if (runs.empty() || runs.back().term != item.entry.term) {
      runs.push_back({item.entry.index, item.entry.term});
    }
  }
  return runs;
}

std::vector<LogIndex> ModelLogStore::ConfChangesAfter(LogIndex after) const {
  TRIMARAN_CHECK_GE(after, truncated());
  std::vector<LogIndex> indexes;
  for (const ModelLogImage::Item& item : image_.items) {
    if (item.entry.index > after && item.entry.type == EntryType::kConfChange) {
      indexes.push_back(item.entry.index);
    }
  }
  return indexes;
}

}  // namespace trimaran::engine
