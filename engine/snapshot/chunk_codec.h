#ifndef TRIMARAN_ENGINE_SNAPSHOT_CHUNK_CODEC_H_
#define TRIMARAN_ENGINE_SNAPSHOT_CHUNK_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/format/manifest.h"
#include "engine/kv/transfer.h"

// A chunk: some consecutive records of a snapshot, whole ones, with a header
// that says where they belong and a checksum behind them (FORMAT.md, section
// 7). On disk and on the wire: never change.

namespace trimaran::engine {

inline constexpr size_t kChunkHeaderBytes = 28;
inline constexpr size_t kChunkTrailerBytes = 4;

// Where a chunk belongs.
struct ChunkPlace {
  SnapshotId snapshot;
  // The first chunk is number 0.
  uint32_t number = 0;

  friend constexpr bool operator==(const ChunkPlace&,
                                   const ChunkPlace&) = default;
};

// Whether `bytes`, which may be a part of a file, begin as a chunk does.
bool IsChunk(std::string_view bytes);

// What a chunk says of itself, for those who have no manifest: enough for
// ChunkReader::Open to check the rest. Corruption if `bytes` are no chunk;
// NewerFormatError for one of another version.
struct ChunkDescription {
  ChunkPlace place;
  ChunkInfo info;
};
absl::StatusOr<ChunkDescription> DescribeChunk(std::string_view bytes);

// Makes chunks, one after the other, in one piece of memory.
//
// Thread: owner.
class ChunkBuilder {
 public:
  ChunkBuilder() { Clear(); }

  // Forgets all records.
  void Clear();

  // Whether the chunk stays within `bytes_target` with one more record. A first
  // record always fits.
  bool Fits(const StateRecord& record, size_t bytes_target) const;
  // InvalidArgument, and nothing is added, if the record is larger than the
  // limits (manifest.h).
  absl::Status Add(const StateRecord& record);

  uint32_t rows() const { return rows_; }

  // The chunk, and what the manifest says of it. Valid until the next call.
  struct Built {
    std::string_view bytes;
    ChunkInfo info;
  };
  Built Finish(const ChunkPlace& place);

 private:
  std::string bytes_;
  uint32_t rows_ = 0;
};

// The records of a chunk that has been checked. The bytes are the caller's and
// must outlive the reader.
//
// Thread: owner.
class ChunkReader {
 public:
  // Corruption if `bytes` are not the chunk of that place that `info`
  // describes, to the last bit.
  static absl::StatusOr<ChunkReader> Open(std::string_view bytes,
                                          const ChunkPlace& place,
                                          const ChunkInfo& info);

  // Moves to the next record, at first to the first one; false at the end. The
  // record points into the chunk. Corruption if there is no whole record, or
  // something behind the last one: the chunk was made wrong.
  absl::StatusOr<bool> Next(StateRecord& record);

 private:
  ChunkReader(std::string_view body, const ChunkPlace& place, uint64_t rows)
      : rest_(body), place_(place), rows_left_(rows) {}

  std::string_view rest_;
  ChunkPlace place_;
  uint64_t rows_left_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_SNAPSHOT_CHUNK_CODEC_H_
