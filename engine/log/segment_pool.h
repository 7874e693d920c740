#ifndef TRIMARAN_ENGINE_LOG_SEGMENT_POOL_H_
#define TRIMARAN_ENGINE_LOG_SEGMENT_POOL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/file/file_system.h"
#include "engine/log/segment_file.h"

namespace trimaran::engine {

// Makes segments, keeps those that wait to be used, and removes what is too
// much. A segment that it hands out has its size, its blocks and its name on
// the disk: writing into it changes no metadata.
//
// One that has no room, with some left for others, is not begun: preparing it
// again and again does not write to a disk that is nearly full.
//
// An error of making or removing a file concerns nothing that is in use: what
// is not certainly whole is given up and never handed out, and the next call
// begins anew. Only a sync of the directory that has failed, and not one that
// could not be begun, is for good (failure()): no name that is made after it
// could be relied on.
//
// Thread: owner.
class SegmentPool {
 public:
  struct Options {
    std::string directory;
    // Of an ordinary segment.
    uint64_t segment_bytes = 0;
    // Spares that are kept.
    size_t spares_max = 0;
  };
  // `files` must outlive the pool.
  SegmentPool(FileSystem& files, Options options);

  // The file is in use: its name is taken.
  void Reserve(const SegmentFile& segment);
  // Gives a file back. An ordinary one that was in use once becomes a spare,
  // any other is removed by a later step.
  void Release(SegmentFile segment);
  // A file that may be half made, to be removed by a later step.
  void Discard(SegmentFile segment);

  // A segment of at least `bytes` bytes. Makes one where there is none;
  // ResourceExhausted if the disk has no room for it.
  absl::StatusOr<SegmentFile> Take(uint64_t bytes);
  // One that is made for this, and is no larger: not an ordinary one, so that
  // it is removed when it is given back.
  absl::StatusOr<SegmentFile> TakeSpecial(uint64_t bytes);

  bool has_surplus() const;
  // Removes one file, if there is one too many.
  absl::Status RemoveOne();

  bool has_spare() const { return !spares_.empty(); }
  // Works on the next spare, a bounded number of bytes.
  absl::Status PrepareStep();

  // The first failed sync of the directory; OK until then. Every later call
  // returns it and does nothing.
  const absl::Status& failure() const { return failure_; }

 private:
  absl::StatusOr<SegmentFile> Begin(uint64_t bytes);
  absl::Status Fill(const SegmentFile& segment, uint64_t from, uint64_t bytes);
  absl::Status FinishName();
  absl::Status RemoveFile(const SegmentFile& segment);
  // Removes what may be half made. Returns `why`, or what is worse.
  absl::Status GiveUp(SegmentFile segment, const absl::Status& why);
  absl::Status RemoveGivenUp();

  FileSystem& files_;
  const Options options_;
  std::set<uint64_t> slots_;
  std::vector<SegmentFile> spares_;
  std::vector<SegmentFile> surplus_;
  // Being prepared: the first `prepared_bytes_` bytes are durable.
  std::optional<SegmentFile> preparing_;
  uint64_t prepared_bytes_ = 0;
  // Could not be removed yet. No other file is made before it is gone.
  std::optional<SegmentFile> given_up_;
  // A name was made or removed after the last sync of the directory.
  bool names_changed_ = false;
  absl::Status failure_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_LOG_SEGMENT_POOL_H_
