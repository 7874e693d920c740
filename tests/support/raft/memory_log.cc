#include "tests/support/raft/memory_log.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"

namespace trimaran::raft {

MemoryLog::MemoryLog(ConfState conf) : conf_(std::move(conf)) {}

EntryId MemoryLog::last() const {
  return entries_.empty() ? boundary_ : entries_.back().id();
}

absl::StatusOr<Term> MemoryLog::TermAt(LogIndex index) const {
  if (index == boundary_.index) return boundary_.term;
  if (index < boundary_.index) return absl::OutOfRangeError("compacted");
  if (index > last().index) return absl::NotFoundError("unavailable");
  return entries_[index - first()].term;
}

absl::StatusOr<std::vector<LogEntry>> MemoryLog::Entries(
    LogIndex first_wanted, LogIndex end, uint64_t bytes_max) const {
  if (first_wanted <= boundary_.index) {
    return absl::OutOfRangeError("compacted");
  }
  if (end > last().index + 1 || first_wanted >= end) {
    return absl::NotFoundError("unavailable");
  }
  std::vector<LogEntry> found;
  uint64_t bytes = 0;
  for (LogIndex index = first_wanted; index < end; ++index) {
    const LogEntry& entry = entries_[index - first()];
    bytes += entry.size_bytes();
    if (!found.empty() && bytes > bytes_max) break;
    found.push_back(entry);
  }
  return found;
}

absl::Status MemoryLog::Apply(const PersistBatch& batch,
                              const std::string& state) {
  if (batch.snapshot) {
    TRIMARAN_RETURN_IF_ERROR(Restore({*batch.snapshot, state}));
  }
  TRIMARAN_RETURN_IF_ERROR(Append(batch.entries));
  if (batch.hard_state) hard_state_ = *batch.hard_state;
  TRIMARAN_CHECK_LE(hard_state_.commit, last().index);
  return absl::OkStatus();
}

absl::Status MemoryLog::Append(std::vector<LogEntry> entries) {
  std::erase_if(entries, [this](const LogEntry& entry) {
    return entry.index <= boundary_.index;
  });
  if (entries.empty()) return absl::OkStatus();
  const LogIndex begin = entries.front().index;
  if (begin > last().index + 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a gap between ", last().index.value(), " and ", begin.value()));
  }
  for (size_t i = 0; i < entries.size(); ++i) {
    TRIMARAN_CHECK_EQ(entries[i].index, begin + i);
  }
  entries_.resize(begin - first());
  entries_.insert(entries_.end(), std::make_move_iterator(entries.begin()),
                  std::make_move_iterator(entries.end()));
  return absl::OkStatus();
}

absl::Status MemoryLog::Restore(const StoredSnapshot& snapshot) {
  if (snapshot.meta.id.index <= boundary_.index) {
    return absl::FailedPreconditionError("the snapshot is out of date");
  }
  boundary_ = snapshot.meta.id;
  entries_.clear();
  applied_ = boundary_.index;
  conf_ = snapshot.meta.conf;
  state_ = snapshot.state;
  hard_state_.commit = std::max(hard_state_.commit, boundary_.index);
  return absl::OkStatus();
}

void MemoryLog::SetApplied(LogIndex index, ConfState conf, std::string state) {
  TRIMARAN_CHECK_GE(index, applied_);
  TRIMARAN_CHECK_LE(index, last().index) << "applied and not durable";
  applied_ = index;
  conf_ = std::move(conf);
  state_ = std::move(state);
}

absl::Status MemoryLog::CompactTo(LogIndex index) {
  if (index <= boundary_.index) return absl::OutOfRangeError("compacted");
  if (index > last().index) return absl::NotFoundError("unavailable");
  if (index > applied_) return absl::InternalError("not applied yet");
  const EntryId boundary = entries_[index - first()].id();
  entries_.erase(
      entries_.begin(),
      entries_.begin() + static_cast<std::ptrdiff_t>(index - boundary_.index));
  boundary_ = boundary;
  return absl::OkStatus();
}

absl::StatusOr<StoredSnapshot> MemoryLog::CreateSnapshot() const {
  if (applied_ == LogIndex()) {
    return absl::FailedPreconditionError("there is nothing to save");
  }
  TRIMARAN_ASSIGN_OR_RETURN(const Term term, TermAt(applied_));
  return StoredSnapshot{{{applied_, term}, conf_}, state_};
}

InitialState MemoryLog::Load() const {
  InitialState state;
  state.hard_state = hard_state_;
  state.conf = conf_;
  state.boundary = boundary_;
  state.last = last().index;
  state.applied = applied_;
  for (const LogEntry& entry : entries_) {
    if (state.terms.empty() || state.terms.back().term != entry.term) {
      state.terms.push_back({entry.index, entry.term});
    }
    if (entry.type == EntryType::kConfChange && entry.index > applied_) {
      state.conf_changes.push_back(entry.index);
    }
  }
  return state;
}

}  // namespace trimaran::raft
