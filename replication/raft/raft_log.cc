#include "replication/raft/raft_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "replication/raft/mutant.h"

namespace trimaran::raft {

RaftLog::RaftLog(const Config& config, const InitialState& state)
    : window_bytes_max_(config.window_bytes_max),
      window_entries_max_(config.window_entries_max),
      terms_(state.boundary, state.terms, state.last),
      window_(state.last + 1),
      // A crash may have lost the latest commit index, but not what was
      // applied under it.
      commit_(std::max(state.hard_state.commit, state.applied)),
      persist_(state.last),
      apply_(state.applied, {config.apply_bytes_max, config.apply_entries_max}),
      conf_changes_(state.conf_changes) {}

bool RaftLog::HasUnappliedCommittedConfChange() const {
  return !conf_changes_.empty() && conf_changes_.front() <= commit_;
}

void RaftLog::Append(LogEntry entry) {
  TRIMARAN_CHECK_EQ(entry.index, last().index + 1);
  if (entry.type == EntryType::kConfChange) {
    conf_changes_.push_back(entry.index);
  }
  terms_.Append(entry.term);
  window_.Append(std::move(entry));
}

absl::Status RaftLog::CheckStored(const std::vector<LogEntry>& entries) const {
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].index != entries.front().index + i ||
        !Matches(entries[i].id())) {
      return CorruptionError(absl::StrCat(
          "the storage returned entry ", entries[i].index.value(), " of term ",
          entries[i].term.value(), ", which is not what was written there"));
    }
  }
  return absl::OkStatus();
}

bool RaftLog::Merge(LogSlice slice) {
  size_t known = 0;
  while (known < slice.entries.size() && Matches(slice.entries[known].id())) {
    ++known;
  }
  if (known == slice.entries.size()) {
    // Nothing conflicts. The message may simply be late, so that what follows
    // its entries must stay.
    if (MutantActive(Mutant::kTruncateOnMatchingAppend) &&
        slice.last().index >= commit_ && slice.last().index < last().index) {
      TruncateFrom(slice.last().index + 1);
    }
    return true;
  }
  const LogIndex first = slice.entries[known].index;
  if (first <= last().index) {
    if (first <= commit_) return false;
    TruncateFrom(first);
  }
  for (; known < slice.entries.size(); ++known) {
    Append(std::move(slice.entries[known]));
  }
  return true;
}

void RaftLog::TruncateFrom(LogIndex first) {
  TRIMARAN_CHECK_GT(first, commit_);
  terms_.TruncateFrom(first);
  window_.TruncateFrom(first);
  persist_.Truncated(first);
  while (!conf_changes_.empty() && conf_changes_.back() >= first) {
    conf_changes_.pop_back();
  }
}

void RaftLog::Restore(const SnapshotMeta& snapshot) {
  TRIMARAN_CHECK_GT(snapshot.id.index, commit_);
  terms_.Reset(snapshot.id);
  window_.Reset(snapshot.id.index + 1);
  persist_.Restored(snapshot);
  apply_.SkipTo(snapshot.id.index);
  commit_ = snapshot.id.index;
  conf_changes_.clear();
}

void RaftLog::CompactTo(LogIndex index) {
  TRIMARAN_CHECK_LE(index, applied()) << "compacting what is not applied";
  if (index <= boundary().index) return;
  terms_.CompactTo(index);
  window_.DropBefore(std::max(window_.first(), index + 1));
}

void RaftLog::CommitTo(LogIndex index) {
  TRIMARAN_CHECK_LE(index, last().index) << "committing what is not there";
  commit_ = std::max(commit_, index);
}

void RaftLog::TakeUnpersisted(PersistBatch& batch, Term self_vote) {
  PersistTracker::Handout out = persist_.HandOut(last().index, self_vote);
  batch.seq = out.seq;
  batch.snapshot = std::move(out.snapshot);
  batch.entries =
      window_.Slice(out.first, window_.end(), {UINT64_MAX, UINT64_MAX});
}

Term RaftLog::Persisted(PersistSeq seq) {
  const PersistTracker::Done done = persist_.Persisted(seq);
  if (done.snapshot != LogIndex()) apply_.Applied(done.snapshot);
  ShrinkWindow();
  return done.self_vote;
}

void RaftLog::ShrinkWindow() {
  // Only what is durable can be fetched back.
  LogIndex first = window_.first();
  uint64_t bytes = window_.bytes();
  uint64_t entries = window_.size();
  while (first <= durable() && first < window_.end() &&
         (bytes > window_bytes_max_ || entries > window_entries_max_)) {
    bytes -= window_.At(first).size_bytes();
    --entries;
    ++first;
  }
  window_.DropBefore(first);
}

LogIndex RaftLog::applicable_end() const {
  // What is committed but not durable here could be lost by a crash, and then
  // the state machine would be ahead of its own log.
  if (MutantActive(Mutant::kApplyBeforeDurable)) return commit_ + 1;
  return std::min(commit_, durable()) + 1;
}

bool RaftLog::HasApplicable() const {
  const LogIndex next = applying() + 1;
  if (installing_snapshot() || next >= applicable_end()) return false;
  // How large an entry is that is not in memory is not known: it waits until
  // it is sure to fit.
  if (next < window_.first()) return !apply_.busy();
  return apply_.HasRoomFor(window_.At(next).size_bytes());
}

std::vector<LogEntry> RaftLog::TakeApplicable() {
  if (!HasApplicable() || applying() + 1 < window_.first()) return {};
  std::vector<LogEntry> page =
      window_.Slice(applying() + 1, applicable_end(), apply_.room());
  apply_.HandOut(page);
  return page;
}

std::optional<RaftLog::Range> RaftLog::ApplicableNotInMemory() const {
  if (!HasApplicable() || applying() + 1 >= window_.first()) {
    return std::nullopt;
  }
  return Range{applying() + 1, std::min(window_.first(), applicable_end()),
               apply_.room().bytes_max};
}

std::vector<LogEntry> RaftLog::TakeFetched(std::vector<LogEntry> entries) {
  if (installing_snapshot() || entries.empty() ||
      entries.front().index != applying() + 1 ||
      entries.front().index >= applicable_end() ||
      !apply_.HasRoomFor(entries.front().size_bytes())) {
    return {};
  }
  // The storage may know more than may be applied.
  const uint64_t limit =
      std::min(std::max<uint64_t>(apply_.room().entries_max, 1),
               applicable_end() - entries.front().index);
  if (entries.size() > limit) entries.resize(limit);
  apply_.HandOut(entries);
  return entries;
}

void RaftLog::Applied(LogIndex index) {
  apply_.Applied(index);
  const auto unapplied =
      std::upper_bound(conf_changes_.begin(), conf_changes_.end(), applied());
  conf_changes_.erase(conf_changes_.begin(), unapplied);
}

}  // namespace trimaran::raft
