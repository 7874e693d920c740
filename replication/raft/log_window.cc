#include "replication/raft/log_window.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "engine/base/check.h"

namespace trimaran::raft {

const LogEntry& LogWindow::At(LogIndex index) const {
  TRIMARAN_CHECK(index >= first_ && index < end())
      << index << " is not in [" << first_ << ", " << end() << ")";
  return ring_[Slot(index)];
}

std::vector<LogEntry> LogWindow::Slice(LogIndex first, LogIndex end,
                                       SliceLimits limits) const {
  std::vector<LogEntry> entries;
  end = std::min(end, this->end());
  if (first >= end) return entries;
  TRIMARAN_CHECK_GE(first, first_);

  uint64_t count =
      std::min(end - first, std::max<uint64_t>(limits.entries_max, 1));
  // Sizes matter only if not everything fits.
  if (bytes_ > limits.bytes_max) count = CountFitting(first, count, limits);
  // The ring may go round once in between.
  const auto begin = ring_.begin() + static_cast<std::ptrdiff_t>(Slot(first));
  const auto straight = static_cast<std::ptrdiff_t>(
      std::min<uint64_t>(count, ring_.size() - Slot(first)));
  const auto around = static_cast<std::ptrdiff_t>(count) - straight;
  entries.reserve(count);
  entries.assign(begin, begin + straight);
  entries.insert(entries.end(), ring_.begin(), ring_.begin() + around);
  return entries;
}

uint64_t LogWindow::CountFitting(LogIndex first, uint64_t count,
                                 SliceLimits limits) const {
  uint64_t bytes = At(first).size_bytes();
  uint64_t fitting = 1;
  while (fitting < count) {
    bytes += ring_[Slot(first + fitting)].size_bytes();
    if (bytes > limits.bytes_max) break;
    ++fitting;
  }
  return fitting;
}

void LogWindow::Append(LogEntry entry) {
  TRIMARAN_CHECK_EQ(entry.index, end());
  if (count_ == ring_.size()) Grow();
  bytes_ += entry.size_bytes();
  ring_[Slot(entry.index)] = std::move(entry);
  ++count_;
}

void LogWindow::TruncateFrom(LogIndex index) {
  if (index <= first_) {
    Reset(index);
    return;
  }
  while (end() > index) {
    LogEntry& last = ring_[Slot(end() - 1)];
    bytes_ -= last.size_bytes();
    last = LogEntry();
    --count_;
  }
}

void LogWindow::DropBefore(LogIndex index) {
  if (index >= end()) {
    Reset(std::max(index, first_));
    return;
  }
  while (first_ < index) {
    LogEntry& oldest = ring_[head_];
    bytes_ -= oldest.size_bytes();
    oldest = LogEntry();
    head_ = (head_ + 1) & (ring_.size() - 1);
    ++first_;
    --count_;
  }
}

void LogWindow::Reset(LogIndex first) {
  first_ = first;
  count_ = 0;
  bytes_ = 0;
  ring_.clear();
  head_ = 0;
}

void LogWindow::Grow() {
  std::vector<LogEntry> larger(std::max<size_t>(16, ring_.size() * 2));
  for (uint64_t i = 0; i < count_; ++i) {
    larger[i] = std::move(ring_[Slot(first_ + i)]);
  }
  ring_ = std::move(larger);
  head_ = 0;
}

}  // namespace trimaran::raft
