#ifndef TRIMARAN_ENGINE_SNAPSHOT_SNAPSHOT_WRITER_H_
#define TRIMARAN_ENGINE_SNAPSHOT_SNAPSHOT_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/cluster_id.h"
#include "engine/file/file_system.h"
#include "engine/format/manifest.h"
#include "engine/kv/transfer.h"
#include "engine/snapshot/chunk_codec.h"

namespace trimaran::engine {

// Whose snapshot it is.
struct SnapshotIdentity {
  // Drawn at random by whoever starts the writing; not 0.
  SnapshotId id;
  ClusterId cluster;
  GroupId group;
};

struct SnapshotWriterOptions {
  // A chunk is closed before it grows beyond this, at most
  // kChunkBytesTargetMax. What one step reads, writes and keeps in memory.
  size_t chunk_bytes_target = size_t{1} << 20;
  // A chunk that would leave less on the file system is not written.
  uint64_t free_bytes_min = uint64_t{64} << 20;
};

struct SnapshotProgress {
  uint64_t chunks = 0;
  uint64_t rows = 0;
  // Written to the directory.
  uint64_t bytes = 0;
  bool done = false;
};

// Writes a state into a directory of its own, a chunk at a time, so that
// whoever calls decides about pace, pauses and giving up.
//
// Invariants:
//  1. The directory holds a manifest if and only if it holds a whole snapshot,
//     of which every byte and name is durable.
//  2. At most one chunk and one record are in memory, and the files of few more
//     are not synced.
//  3. After an error or Cancel the directory is gone, or, where that failed as
//     well or the process ended, without a manifest.
//
// Thread: the owner of the export.
class SnapshotWriter {
 public:
  // Makes `directory`. AlreadyExists if there is something; InvalidArgument for
  // options or an identity that cannot be. `files` outlives the writer.
  static absl::StatusOr<std::unique_ptr<SnapshotWriter>> Start(
      FileSystem& files, std::string_view directory,
      const SnapshotIdentity& identity, std::unique_ptr<StateExport> state,
      const SnapshotWriterOptions& options);

  // Cancels unless done.
  ~SnapshotWriter();
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;

  // Writes the next chunk, or the manifest when there are no more records.
  // ResourceExhausted: the disk is full, or would be (the options). Corruption:
  // what the export gives is no state. After an error every call returns it.
  absl::StatusOr<SnapshotProgress> Step();

  // Stops, and removes what was written. Does nothing after the end.
  absl::Status Cancel();

  const SnapshotProgress& progress() const { return progress_; }
  const std::string& directory() const { return directory_; }
  // Complete once progress().done.
  const SnapshotManifest& manifest() const { return manifest_; }

 private:
  struct UnsyncedChunk {
    std::unique_ptr<File> file;
    uint64_t bytes = 0;
  };

  SnapshotWriter(FileSystem& files, std::string_view directory,
                 const SnapshotIdentity& identity,
                 std::unique_ptr<StateExport> state,
                 const SnapshotWriterOptions& options);

  absl::Status WriteNext();
  // Moves records from the export into the builder until the chunk is full.
  absl::Status FillChunk();
  absl::Status WriteChunk();
  // Syncs chunks, the oldest first, until no more than `bytes_max` are left.
  absl::Status SyncChunks(uint64_t bytes_max);
  absl::Status Finish();
  absl::Status CheckSpace(uint64_t bytes);

  FileSystem& files_;
  const std::string directory_;
  const SnapshotWriterOptions options_;
  // Null when it is no longer needed, so that its space is given back.
  std::unique_ptr<StateExport> state_;
  SnapshotManifest manifest_;
  StateSummarizer summarizer_;
  ChunkBuilder builder_;
  // Read from the export, and too large for the chunk that was written last.
  StateRecord record_;
  bool has_record_ = false;
  // Written, and on their way to the disk, which works while the next one is
  // put together.
  std::deque<UnsyncedChunk> unsynced_;
  uint64_t unsynced_bytes_ = 0;
  SnapshotProgress progress_;
  absl::Status failure_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_SNAPSHOT_SNAPSHOT_WRITER_H_
