#include "replication/node/change_feed.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "engine/base/check.h"
#include "replication/node/mutant.h"

namespace trimaran {
namespace {

// What counts for an entry of few bytes.
constexpr size_t kEntryOverhead = 64;
// What one reader is handed at a time, so that many slow ones hold little.
constexpr uint64_t kStretchBytesMax = uint64_t{256} << 10;
constexpr size_t kStretchEntriesMax = 64;
// The clock may be another one than that of the standard library.
constexpr absl::Duration kWaitPiece = absl::Seconds(1);

CommandOutcome OutcomeOf(const engine::CommandResult& result) {
  // What was done before is not done again.
  if (!result.status.ok() || result.repeated) return CommandOutcome::kNothing;
  return result.succeeded ? CommandOutcome::kOperations
                          : CommandOutcome::kOtherwise;
}

std::vector<CommandOutcome> OutcomesFrom(const engine::EntryResult& result) {
  std::vector<CommandOutcome> outcomes;
  const auto is_done = [](const engine::CommandResult& command) {
    return OutcomeOf(command) == CommandOutcome::kOperations;
  };
  if (std::all_of(result.commands.begin(), result.commands.end(), is_done)) {
    return outcomes;
  }
  outcomes.reserve(result.commands.size());
  for (const engine::CommandResult& command : result.commands) {
    outcomes.push_back(OutcomeOf(command));
  }
  return outcomes;
}

}  // namespace

ChangeFeed::ChangeFeed(size_t bytes_max, LogIndex applied,
                       const engine::LogStore& log)
    : bytes_max_(bytes_max),
      log_(log),
      window_first_(applied + 1),
      first_(applied + 1),
      last_(applied) {}

void ChangeFeed::Append(const LogEntry& entry,
                        const engine::EntryResult& result) {
  std::shared_ptr<DoneEntry> done;
  if (!result.commands.empty()) {
    done = std::make_shared<DoneEntry>(
        DoneEntry{.index = entry.index,
                  .payload = entry.payload,
                  .outcomes = OutcomesFrom(result)});
  }
  const MutexLock lock(mutex_);
  TRIMARAN_CHECK_EQ(entry.index, last_ + 1);
  last_ = entry.index;
  if (done != nullptr) {
    window_bytes_ += done->payload.size() + kEntryOverhead;
    window_.push_back(std::move(done));
    Shrink();
  }
  if (waiters_ > 0) news_.NotifyAll();
}

void ChangeFeed::Shrink() {
  if (window_bytes_ <= bytes_max_) return;
  while (window_bytes_ > bytes_max_ && window_.size() > 1) {
    const DoneEntry& oldest = *window_.front();
    window_bytes_ -= oldest.payload.size() + kEntryOverhead;
    if (!MutantActive(Mutant::kFeedForgetsWhatItDropped)) {
      window_first_ = oldest.index + 1;
    }
    if (!oldest.outcomes.empty()) {
      old_bytes_ += oldest.outcomes.size() + kEntryOverhead;
      old_.push_back({.index = oldest.index, .outcomes = oldest.outcomes});
    }
    window_.pop_front();
  }
  if (old_.empty()) return;
  const LogIndex truncated = log_.truncated();
  while (!old_.empty() &&
         (old_.front().index <= truncated || old_bytes_ > bytes_max_)) {
    first_ = old_.front().index + 1;
    old_bytes_ -= old_.front().outcomes.size() + kEntryOverhead;
    old_.pop_front();
  }
}

void ChangeFeed::Skip(LogIndex index) {
  const MutexLock lock(mutex_);
  window_.clear();
  window_bytes_ = 0;
  old_.clear();
  old_bytes_ = 0;
  window_first_ = index + 1;
  first_ = index + 1;
  last_ = index;
  news_.NotifyAll();
}

void ChangeFeed::Close(const absl::Status& error) {
  const MutexLock lock(mutex_);
  if (closed_.ok()) closed_ = error;
  news_.NotifyAll();
}

void ChangeFeed::Wake() {
  const MutexLock lock(mutex_);
  news_.NotifyAll();
}

LogIndex ChangeFeed::first() const {
  const MutexLock lock(mutex_);
  return FirstLocked();
}

LogIndex ChangeFeed::FirstLocked() const {
  return std::min(window_first_, std::max(first_, log_.truncated() + 1));
}

absl::Status ChangeFeed::CompactedError(LogIndex from) const {
  return engine::CompactedError(from, FirstLocked() - 1);
}

absl::StatusOr<DoneStretch> ChangeFeed::Read(
    LogIndex from, const Clock& clock, MonotonicTime deadline,
    const std::atomic<bool>& cancelled) const {
  LogIndex window_first;
  {
    const MutexLock lock(mutex_);
    while (true) {
      if (!closed_.ok()) return closed_;
      if (cancelled.load(std::memory_order_acquire)) {
        return absl::CancelledError("cancelled while it waited for changes");
      }
      if (from < window_first_) break;
      DoneStretch found = FromWindow(from);
      const absl::Duration left = deadline - clock.Now();
      if (found.end > from || left <= absl::ZeroDuration()) return found;
      ++waiters_;
      news_.WaitFor(mutex_, std::min(left, kWaitPiece));
      --waiters_;
    }
    if (from < FirstLocked()) return CompactedError(from);
    window_first = window_first_;
  }
  return FromLog(from, window_first);
}

DoneStretch ChangeFeed::FromWindow(LogIndex from) const {
  DoneStretch stretch;
  auto at = std::lower_bound(
      window_.begin(), window_.end(), from,
      [](const auto& done, LogIndex index) { return done->index < index; });
  uint64_t bytes = 0;
  for (; at != window_.end(); ++at) {
    bytes += (*at)->payload.size();
    const bool full = bytes > kStretchBytesMax ||
                      stretch.entries.size() == kStretchEntriesMax;
    if (full && !stretch.entries.empty()) {
      stretch.end = (*at)->index;
      return stretch;
    }
    stretch.entries.push_back(*at);
  }
  stretch.end = std::max(from, last_ + 1);
  return stretch;
}

absl::StatusOr<DoneStretch> ChangeFeed::FromLog(LogIndex from,
                                                LogIndex end) const {
  // Without the lock, which the raft lane takes.
  absl::StatusOr<std::vector<LogEntry>> entries = log_.Entries(
      from, end,
      {.bytes_max = kStretchBytesMax, .count_max = kStretchEntriesMax});
  const MutexLock lock(mutex_);
  // The outcomes may have been forgotten meanwhile, and then entries as well.
  if (from < FirstLocked()) return CompactedError(from);
  if (!entries.ok()) return entries.status();
  DoneStretch stretch;
  for (LogEntry& entry : *entries) {
    stretch.end = entry.index + 1;
    if (entry.type != EntryType::kNormal || entry.payload.empty()) continue;
    stretch.entries.push_back(std::make_shared<DoneEntry>(
        DoneEntry{.index = entry.index,
                  .payload = std::move(entry.payload),
                  .outcomes = OldOutcomesOf(entry.index)}));
  }
  return stretch;
}

std::vector<CommandOutcome> ChangeFeed::OldOutcomesOf(LogIndex index) const {
  const auto old = std::lower_bound(
      old_.begin(), old_.end(), index,
      [](const OldOutcomes& one, LogIndex at) { return one.index < at; });
  if (old == old_.end() || old->index != index) return {};
  return old->outcomes;
}

}  // namespace trimaran
