#ifndef TRIMARAN_ENGINE_SNAPSHOT_SNAPSHOT_READER_H_
#define TRIMARAN_ENGINE_SNAPSHOT_SNAPSHOT_READER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/file/file_system.h"
#include "engine/format/manifest.h"
#include "engine/kv/transfer.h"
#include "engine/snapshot/chunk_codec.h"

namespace trimaran::engine {

// The manifest in `file` of a snapshot's directory. NotFound if there is none;
// the errors of DecodeManifest; or the file system's, which says nothing about
// the snapshot.
absl::StatusOr<SnapshotManifest> ReadManifest(FileSystem& files,
                                              std::string_view directory,
                                              std::string_view file);

// A chunk as it is stored, checked against the manifest. Corruption, with the
// path, if it is missing or not what the manifest says; else the file system's
// error.
absl::StatusOr<std::string> ReadChunkFile(FileSystem& files,
                                          std::string_view directory,
                                          const SnapshotManifest& manifest,
                                          uint32_t number);

// A finished snapshot. Nothing is kept open, and one chunk is in memory at a
// time, which is the caller's.
//
// Thread: any; it does not change.
class SnapshotReader {
 public:
  // NotFound if the directory holds no finished snapshot. Corruption, with the
  // path, if its manifest is damaged. The chunks are not looked at. `files`
  // outlives the reader.
  static absl::StatusOr<std::unique_ptr<SnapshotReader>> Open(
      FileSystem& files, std::string_view directory);

  const SnapshotManifest& manifest() const { return manifest_; }
  const std::string& directory() const { return directory_; }
  uint32_t chunk_count() const {
    return static_cast<uint32_t>(manifest_.chunks.size());
  }

  // The bytes that a receiver expects, checked. InvalidArgument for a number
  // that there is not; Corruption as ReadChunkFile.
  absl::StatusOr<std::string> ReadChunk(uint32_t number) const;

  // Reads everything, and compares it with the manifest. Corruption.
  absl::Status VerifyAll() const;

 private:
  SnapshotReader(FileSystem& files, std::string_view directory,
                 SnapshotManifest manifest);

  FileSystem& files_;
  const std::string directory_;
  const SnapshotManifest manifest_;
};

// The records of a snapshot, in order, chunk after chunk.
//
// Thread: owner.
class SnapshotExport final : public StateExport {
 public:
  // The reader outlives this.
  explicit SnapshotExport(const SnapshotReader& reader) : reader_(reader) {}

  LogPosition position() const override { return reader_.manifest().position; }
  ConfState conf() const override { return reader_.manifest().conf; }
  absl::StatusOr<bool> Next(StateRecord& record) override;
  absl::Status SkipTo(std::string_view key) override;

 private:
  absl::Status OpenChunk(uint32_t number);
  // The last chunk that begins at or before `key`; 0 if none does.
  absl::StatusOr<uint32_t> FindChunk(std::string_view key);

  const SnapshotReader& reader_;
  uint32_t next_chunk_ = 0;
  std::string bytes_;
  // Points into `bytes_`.
  std::optional<ChunkReader> chunk_;
  // Passed over by SkipTo's search, and the next one to return.
  std::optional<StateRecord> ahead_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_SNAPSHOT_SNAPSHOT_READER_H_
