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
    : chunks_(chunks), limits_(limits), stored_(std::move(stored)) {
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
    open_.emplace(next_, Open{.asked_at = now});
    open_bytes_ += chunks_[next_].bytes;
    Append(ranges, next_);
  }
  return ranges;
}

std::vector<ChunkRange> ChunkWindow::Tick(MonotonicTime now) {
  std::vector<ChunkRange> overdue;
  for (auto& [chunk, open] : open_) {
    if (open.arrived || now - open.asked_at < limits_.patience) continue;
    open.asked_at = now;
    Append(overdue, chunk);
  }
  return overdue;
}

std::vector<ChunkRange> ChunkWindow::AskAgain(MonotonicTime now) {
  std::vector<ChunkRange> asked;
  for (auto& [chunk, open] : open_) {
    if (open.arrived) continue;
    open.asked_at = now;
    Append(asked, chunk);
  }
  return asked;
}

bool ChunkWindow::Arrived(uint32_t chunk) {
  const auto found = open_.find(chunk);
  if (found == open_.end() || found->second.arrived) return false;
  found->second.arrived = true;
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
  found->second = Open{.asked_at = now};
}

}  // namespace trimaran
