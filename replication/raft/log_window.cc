#include "replication/raft/log_window.h"

#include <algorithm>
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

  uint64_t count = 0;
  uint64_t bytes = 0;
  const uint64_t count_max =
      std::min(end - first, std::max<uint64_t>(limits.entries_max, 1));
  while (count < count_max) {
    bytes += ring_[Slot(first + count)].size_bytes();
    if (count > 0 && bytes > limits.bytes_max) break;
    ++count;
  }
  entries.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    entries.push_back(ring_[Slot(first + i)]);
  }
  return entries;
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
