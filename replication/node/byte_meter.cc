#include "replication/node/byte_meter.h"

#include <algorithm>

#include "engine/base/check.h"

namespace trimaran {

ByteMeter::ByteMeter(uint64_t grain, LogIndex begin) : grain_(grain) {
  TRIMARAN_CHECK_GE(grain, 1);
  marks_.push_back({begin, 0});
}

void ByteMeter::Add(LogIndex last, uint64_t bytes) {
  TRIMARAN_CHECK_GE(last, marks_.back().index);
  total_ += bytes;
  if (total_ - marks_.back().total < grain_) return;
  marks_.push_back({last, total_});
  if (marks_.size() > kMarksMax) Coarsen();
}

void ByteMeter::Coarsen() {
  grain_ *= 2;
  std::deque<Mark> kept;
  for (const Mark& mark : marks_) {
    if (kept.empty() || mark.total - kept.back().total >= grain_) {
      kept.push_back(mark);
    }
  }
  marks_.swap(kept);
}

uint64_t ByteMeter::After(LogIndex index) const {
  const auto behind = std::upper_bound(
      marks_.begin(), marks_.end(), index,
      [](LogIndex asked, const Mark& mark) { return asked < mark.index; });
  // All that was ever counted lies behind an index before the first mark.
  if (behind == marks_.begin()) return total_ - marks_.front().total;
  return total_ - (behind - 1)->total;
}

void ByteMeter::ForgetBefore(LogIndex index) {
  while (marks_.size() > 1 && marks_[1].index <= index) marks_.pop_front();
}

void ByteMeter::Restart(LogIndex index) {
  marks_.clear();
  marks_.push_back({index, total_});
}

}  // namespace trimaran
