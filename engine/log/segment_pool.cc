#include "engine/log/segment_pool.h"

#include <algorithm>
#include <utility>

#include "engine/base/fault_point.h"
#include "engine/base/status_macros.h"
#include "engine/file/disk_room.h"
#include "engine/log/segment_header.h"

namespace trimaran::engine {
namespace {

// One step of preparing: some ten milliseconds at most.
constexpr uint64_t kStepBytes = uint64_t{1} << 20;

// Others write to the same disk, and the state machine does not survive that it
// finds no room at all: a segment leaves them a quarter of itself, up to here.
constexpr uint64_t kLeftFreeBytesMax = uint64_t{4} << 20;

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
  TRIMARAN_RETURN_IF_ERROR(RemoveGivenUp());
  const uint64_t left_free = std::min(bytes / 4, kLeftFreeBytesMax);
  const absl::Status room = CheckRoom(files_, {.what = "a segment",
                                               .directory = options_.directory,
                                               .bytes = bytes + left_free});
  // Where it cannot be told, the attempt tells.
  if (absl::IsResourceExhausted(room)) return room;
  uint64_t slot = 1;
  while (slots_.contains(slot)) ++slot;
  SegmentFile segment;
  segment.slot = slot;
  segment.path = JoinPath(options_.directory, SegmentName(slot));
  segment.bytes = bytes;
  absl::StatusOr<std::unique_ptr<File>> file =
      files_.Open(segment.path, OpenMode::kCreate);
  slots_.insert(slot);
  // Not ours; the name stays taken.
  if (absl::IsAlreadyExists(file.status())) return file.status();
  if (!file.ok()) return GiveUp(std::move(segment), file.status());
  names_changed_ = true;
  segment.file = *std::move(file);
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
  if (!names_changed_) return absl::OkStatus();
  TRIMARAN_FAULT_POINT("log/before_directory_sync");
  const absl::Status synced = files_.SyncDirectory(options_.directory);
  if (synced.ok()) names_changed_ = false;
  // One that could not be begun leaves nothing in doubt.
  if (!absl::IsResourceExhausted(synced)) failure_ = synced;
  return synced;
}

absl::Status SegmentPool::RemoveFile(const SegmentFile& segment) {
  const absl::Status removed = files_.Remove(segment.path);
  // What could not be made may never have been there.
  if (!removed.ok() && !absl::IsNotFound(removed)) return removed;
  if (removed.ok()) names_changed_ = true;
  TRIMARAN_RETURN_IF_ERROR(FinishName());
  slots_.erase(segment.slot);
  return absl::OkStatus();
}

absl::Status SegmentPool::RemoveGivenUp() {
  if (!given_up_.has_value()) return absl::OkStatus();
  TRIMARAN_RETURN_IF_ERROR(RemoveFile(*given_up_));
  given_up_.reset();
  return absl::OkStatus();
}

absl::Status SegmentPool::GiveUp(SegmentFile segment, const absl::Status& why) {
  if (!failure_.ok()) return failure_;
  segment.file.reset();
  given_up_ = std::move(segment);
  // At once, for it may hold the last space that there is. If it cannot be
  // removed now, it is before another file is made.
  RemoveGivenUp().IgnoreError();
  return failure_.ok() ? why : failure_;
}

absl::StatusOr<SegmentFile> SegmentPool::Take(uint64_t bytes) {
  TRIMARAN_RETURN_IF_ERROR(failure_);
  if (bytes > options_.segment_bytes) return TakeSpecial(bytes);
  while (spares_.empty()) TRIMARAN_RETURN_IF_ERROR(PrepareStep());
  SegmentFile taken = std::move(spares_.back());
  spares_.pop_back();
  return taken;
}

absl::StatusOr<SegmentFile> SegmentPool::TakeSpecial(uint64_t bytes) {
  TRIMARAN_RETURN_IF_ERROR(failure_);
  TRIMARAN_ASSIGN_OR_RETURN(SegmentFile special, Begin(RoundedUp(bytes)));
  absl::Status made = Fill(special, 0, special.bytes);
  if (made.ok()) made = FinishName();
  if (!made.ok()) return GiveUp(std::move(special), made);
  return special;
}

bool SegmentPool::has_surplus() const {
  return given_up_.has_value() || !surplus_.empty() ||
         spares_.size() > options_.spares_max;
}

absl::Status SegmentPool::RemoveOne() {
  TRIMARAN_RETURN_IF_ERROR(failure_);
  if (given_up_.has_value()) return RemoveGivenUp();
  if (!has_surplus()) return absl::OkStatus();
  std::vector<SegmentFile>& list = surplus_.empty() ? spares_ : surplus_;
  TRIMARAN_RETURN_IF_ERROR(RemoveFile(list.back()));
  list.pop_back();
  return absl::OkStatus();
}

absl::Status SegmentPool::PrepareStep() {
  TRIMARAN_RETURN_IF_ERROR(failure_);
  if (!preparing_.has_value()) {
    TRIMARAN_ASSIGN_OR_RETURN(preparing_, Begin(options_.segment_bytes));
    prepared_bytes_ = 0;
  }
  const uint64_t bytes =
      std::min(kStepBytes, options_.segment_bytes - prepared_bytes_);
  absl::Status status = Fill(*preparing_, prepared_bytes_, bytes);
  if (status.ok()) {
    prepared_bytes_ += bytes;
    if (prepared_bytes_ < options_.segment_bytes) return absl::OkStatus();
    status = FinishName();
  }
  SegmentFile prepared = *std::move(preparing_);
  preparing_.reset();
  if (!status.ok()) return GiveUp(std::move(prepared), status);
  spares_.push_back(std::move(prepared));
  return absl::OkStatus();
}

}  // namespace trimaran::engine
