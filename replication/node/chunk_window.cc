#include "replication/node/chunk_window.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace trimaran {
namespace {

// `chunk` comes behind all that are in `ranges`.
void Append(std::vector<ChunkRange>& ranges, uint32_t chunk) {
  if (!ranges.empty() && ranges.back().first + ranges.back().count == chunk) {
    ++ranges.back().count;
  } else {
    ranges.push_back({chunk, 1});
  }
}

}  // namespace

ChunkWindow::ChunkWindow(const std::vector<engine::ChunkInfo>& chunks,
                         std::vector<bool> stored, const Limits& limits)
    : chunks_(chunks),
      limits_(limits),
      stored_(std::move(stored)),
      patience_(limits.patience) {
  TRIMARAN_CHECK_EQ(stored_.size(), chunks_.size());
  TRIMARAN_CHECK_GE(limits.chunks_max, 1);
  stored_count_ =
      static_cast<size_t>(std::count(stored_.begin(), stored_.end(), true));
}

bool ChunkWindow::HasRoomFor(uint32_t chunk) const {
  if (open_.empty()) return true;
  return open_.size() < limits_.chunks_max &&
         open_bytes_ + chunks_[chunk].bytes <= limits_.bytes_max;
}

std::vector<ChunkRange> ChunkWindow::TakeNext(MonotonicTime now) {
  std::vector<ChunkRange> ranges;
  for (; next_ < chunks_.size(); ++next_) {
    if (stored_[next_]) continue;
    if (!HasRoomFor(next_)) break;
    open_.emplace(next_, Open{.asked_at = now, .order = ++last_order_});
    asked_at_ = now;
    open_bytes_ += chunks_[next_].bytes;
    Append(ranges, next_);
  }
  return ranges;
}

void ChunkWindow::AskAgainFor(OpenChunk& open, MonotonicTime now,
                              std::vector<ChunkRange>& ranges) {
  open.second.order = ++last_order_;
  open.second.asked_again = true;
  open.second.lost = false;
  asked_at_ = now;
  Append(ranges, open.first);
}

std::vector<ChunkRange> ChunkWindow::Tick(MonotonicTime now) {
  std::vector<ChunkRange> ranges;
  OpenChunk* oldest = nullptr;
  for (OpenChunk& open : open_) {
    if (open.second.lost) AskAgainFor(open, now, ranges);
    if (open.second.arrived) continue;
    if (oldest == nullptr || open.second.order < oldest->second.order) {
      oldest = &open;
    }
  }
  const bool quiet = now - std::max(asked_at_, news_at_) >= patience_;
  if (!ranges.empty() || oldest == nullptr || !quiet) return ranges;
  patience_ = std::min(2 * patience_, limits_.patience_max);
  if (probing_) return AskAgain(now);
  probing_ = true;
  AskAgainFor(*oldest, now, ranges);
  return ranges;
}

std::vector<ChunkRange> ChunkWindow::AskAgain(MonotonicTime now) {
  std::vector<ChunkRange> ranges;
  for (OpenChunk& open : open_) {
    if (!open.second.arrived) AskAgainFor(open, now, ranges);
  }
  return ranges;
}

bool ChunkWindow::Arrived(uint32_t chunk, MonotonicTime now) {
  const auto found = open_.find(chunk);
  if (found == open_.end() || found->second.arrived) return false;
  Open& arrived = found->second;
  arrived.arrived = true;
  arrived.lost = false;
  // Not less than what it has really taken, for it may have been lost at first.
  const absl::Duration took = now - std::max(arrived.asked_at, news_at_);
  patience_ = std::clamp(2 * took, limits_.patience, limits_.patience_max);
  news_at_ = now;
  // Which of the answers to several questions this is, nobody knows.
  if (arrived.asked_again) return true;
  probing_ = false;
  for (auto& [other, open] : open_) {
    open.lost = open.lost || (!open.arrived && open.order < arrived.order);
  }
  return true;
}

void ChunkWindow::Stored(uint32_t chunk) {
  const auto found = open_.find(chunk);
  TRIMARAN_CHECK(found != open_.end() && found->second.arrived);
  open_.erase(found);
  open_bytes_ -= chunks_[chunk].bytes;
  stored_[chunk] = true;
  ++stored_count_;
}

void ChunkWindow::Spoiled(uint32_t chunk, MonotonicTime now) {
  const auto found = open_.find(chunk);
  TRIMARAN_CHECK(found != open_.end() && found->second.arrived);
  found->second =
      Open{.asked_at = now, .order = ++last_order_, .asked_again = true};
  asked_at_ = now;
}

}  // namespace trimaran
