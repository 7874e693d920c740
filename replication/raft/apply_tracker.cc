#include "replication/raft/apply_tracker.h"

#include <algorithm>

#include "engine/base/check.h"

namespace trimaran::raft {

SliceLimits ApplyTracker::room() const {
  return {limits_.bytes_max - std::min(bytes_, limits_.bytes_max),
          limits_.entries_max - std::min(entries_, limits_.entries_max)};
}

void ApplyTracker::HandOut(const std::vector<LogEntry>& page) {
  TRIMARAN_CHECK(!page.empty());
  TRIMARAN_CHECK_EQ(page.front().index, applying_ + 1);
  applying_ = page.back().index;
  pages_.push_back({applying_, page.size(), SizeBytes(page)});
  entries_ += page.size();
  bytes_ += pages_.back().bytes;
}

void ApplyTracker::Applied(LogIndex index) {
  TRIMARAN_CHECK_LE(index, applying_) << "applied what was not handed out";
  applied_ = std::max(applied_, index);
  // A page counts until its last entry is applied: an early answer about a
  // part of it does not make room.
  while (!pages_.empty() && pages_.front().last <= applied_) {
    entries_ -= pages_.front().entries;
    bytes_ -= pages_.front().bytes;
    pages_.pop_front();
  }
}

void ApplyTracker::SkipTo(LogIndex index) {
  TRIMARAN_CHECK_GE(index, applying_);
  applying_ = index;
}

}  // namespace trimaran::raft
