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
// An error leaves unknown what is on the disk; do not call again.
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

  // A segment of at least `bytes` bytes. Makes one where there is none.
  absl::StatusOr<SegmentFile> Take(uint64_t bytes);

  bool has_surplus() const;
  // Removes one file, if there is one too many.
  absl::Status RemoveOne();

  bool has_spare() const { return !spares_.empty(); }
  // Works on the next spare, a bounded number of bytes.
  absl::Status PrepareStep();

 private:
  absl::StatusOr<SegmentFile> Begin(uint64_t bytes);
  absl::Status Fill(const SegmentFile& segment, uint64_t from, uint64_t bytes);
  absl::Status FinishName();

  FileSystem& files_;
  const Options options_;
  std::set<uint64_t> slots_;
  std::vector<SegmentFile> spares_;
  std::vector<SegmentFile> surplus_;
  // Being prepared: the first `prepared_bytes_` bytes are durable.
  std::optional<SegmentFile> preparing_;
  uint64_t prepared_bytes_ = 0;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_LOG_SEGMENT_POOL_H_
