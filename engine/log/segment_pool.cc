#include "engine/log/segment_pool.h"

#include <algorithm>
#include <utility>

#include "engine/base/fault_point.h"
#include "engine/base/status_macros.h"
#include "engine/log/segment_header.h"

namespace trimaran::engine {
namespace {

// One step of preparing: some ten milliseconds at most.
constexpr uint64_t kStepBytes = uint64_t{1} << 20;

uint64_t RoundedUp(uint64_t bytes) {
  return (bytes + kSegmentHeaderBytes - 1) / kSegmentHeaderBytes *
         kSegmentHeaderBytes;
}

}  // namespace

SegmentPool::SegmentPool(FileSystem& files, Options options)
    : files_(files), options_(std::move(options)) {}

void SegmentPool::Reserve(const SegmentFile& segment) {
  slots_.insert(segment.slot);
}

void SegmentPool::Release(SegmentFile segment) {
  Reserve(segment);
  std::vector<SegmentFile>& list =
      segment.bytes == options_.segment_bytes ? spares_ : surplus_;
  list.push_back(std::move(segment));
}

void SegmentPool::Discard(SegmentFile segment) {
  Reserve(segment);
  surplus_.push_back(std::move(segment));
}

absl::StatusOr<SegmentFile> SegmentPool::Begin(uint64_t bytes) {
  uint64_t slot = 1;
  while (slots_.contains(slot)) ++slot;
  SegmentFile segment;
  segment.slot = slot;
  segment.path = JoinPath(options_.directory, SegmentName(slot));
  segment.bytes = bytes;
  TRIMARAN_ASSIGN_OR_RETURN(segment.file,
                            files_.Open(segment.path, OpenMode::kCreate));
  slots_.insert(slot);
  return segment;
}

absl::Status SegmentPool::Fill(const SegmentFile& segment, uint64_t from,
                               uint64_t bytes) {
  const std::string zeros(static_cast<size_t>(std::min(bytes, kStepBytes)),
                          '\0');
  for (uint64_t offset = from; offset < from + bytes;) {
    const uint64_t count =
        std::min<uint64_t>(from + bytes - offset, zeros.size());
    TRIMARAN_RETURN_IF_ERROR(segment.file->Write(
        offset, std::string_view(zeros).substr(0, static_cast<size_t>(count))));
    offset += count;
  }
  TRIMARAN_FAULT_POINT("log/after_zeros_before_sync");
  return segment.file->Sync();
}

absl::Status SegmentPool::FinishName() {
  TRIMARAN_FAULT_POINT("log/before_directory_sync");
  return files_.SyncDirectory(options_.directory);
}

absl::StatusOr<SegmentFile> SegmentPool::Take(uint64_t bytes) {
  if (bytes > options_.segment_bytes) {
    TRIMARAN_ASSIGN_OR_RETURN(SegmentFile special, Begin(RoundedUp(bytes)));
    TRIMARAN_RETURN_IF_ERROR(Fill(special, 0, special.bytes));
    TRIMARAN_RETURN_IF_ERROR(FinishName());
    return special;
  }
  while (spares_.empty()) TRIMARAN_RETURN_IF_ERROR(PrepareStep());
  SegmentFile taken = std::move(spares_.back());
  spares_.pop_back();
  return taken;
}

bool SegmentPool::has_surplus() const {
  return !surplus_.empty() || spares_.size() > options_.spares_max;
}

absl::Status SegmentPool::RemoveOne() {
  if (!has_surplus()) return absl::OkStatus();
  std::vector<SegmentFile>& list = surplus_.empty() ? spares_ : surplus_;
  const SegmentFile removed = std::move(list.back());
  list.pop_back();
  TRIMARAN_RETURN_IF_ERROR(files_.Remove(removed.path));
  TRIMARAN_RETURN_IF_ERROR(FinishName());
  slots_.erase(removed.slot);
  return absl::OkStatus();
}

absl::Status SegmentPool::PrepareStep() {
  if (!preparing_.has_value()) {
    TRIMARAN_ASSIGN_OR_RETURN(preparing_, Begin(options_.segment_bytes));
    prepared_bytes_ = 0;
  }
  const uint64_t bytes =
      std::min(kStepBytes, options_.segment_bytes - prepared_bytes_);
  TRIMARAN_RETURN_IF_ERROR(Fill(*preparing_, prepared_bytes_, bytes));
  prepared_bytes_ += bytes;
  if (prepared_bytes_ < options_.segment_bytes) return absl::OkStatus();
  TRIMARAN_RETURN_IF_ERROR(FinishName());
  spares_.push_back(*std::move(preparing_));
  preparing_.reset();
  return absl::OkStatus();
}

}  // namespace trimaran::engine
