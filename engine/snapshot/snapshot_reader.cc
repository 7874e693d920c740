#include "engine/snapshot/snapshot_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/manifest_codec.h"
#include "engine/snapshot/snapshot_paths.h"

namespace trimaran::engine {
namespace {

// The same kind of error, with the path before its text.
absl::Status At(std::string_view path, const absl::Status& status) {
  const std::string text = absl::StrCat(ToAbsl(path), ": ", status.message());
  if (IsCorruption(status)) return CorruptionError(text);
  if (IsNewerFormat(status)) return NewerFormatError(text);
  return {status.code(), text};
}

}  // namespace

absl::StatusOr<SnapshotManifest> ReadManifest(FileSystem& files,
                                              std::string_view directory,
                                              std::string_view file) {
  const std::string path = JoinPath(directory, file);
  absl::StatusOr<std::string> bytes = ReadFile(files, path, kManifestBytesMax);
  if (absl::IsNotFound(bytes.status())) {
    return absl::NotFoundError(
        absl::StrCat(ToAbsl(directory),
                     " holds no finished snapshot: there is "
                     "no ",
                     ToAbsl(file)));
  }
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<SnapshotManifest> manifest = DecodeManifest(*bytes);
  if (!manifest.ok()) return At(path, manifest.status());
  return manifest;
}

absl::StatusOr<std::string> ReadChunkFile(FileSystem& files,
                                          std::string_view directory,
                                          const SnapshotManifest& manifest,
                                          uint32_t number) {
  if (number >= manifest.chunks.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "chunk ", number, " of a snapshot that has ", manifest.chunks.size()));
  }
  const ChunkInfo& info = manifest.chunks[number];
  const std::string path = JoinPath(directory, ChunkFileName(number));
  absl::StatusOr<std::string> bytes = ReadFile(files, path, info.bytes);
  if (absl::IsNotFound(bytes.status())) {
    return CorruptionError(absl::StrCat(path, ": the chunk is missing"));
  }
  if (!bytes.ok()) return bytes;
  const absl::Status verified =
      ChunkReader::Open(*bytes, {manifest.id, number}, info).status();
  if (!verified.ok()) return At(path, verified);
  return bytes;
}

// ---- SnapshotReader ----

absl::StatusOr<std::unique_ptr<SnapshotReader>> SnapshotReader::Open(
    FileSystem& files, std::string_view directory) {
  TRIMARAN_ASSIGN_OR_RETURN(SnapshotManifest manifest,
                            ReadManifest(files, directory, kManifestFile));
  // Not make_unique: the constructor is private.
  return std::unique_ptr<SnapshotReader>(
      new SnapshotReader(files, directory, std::move(manifest)));
}

SnapshotReader::SnapshotReader(FileSystem& files, std::string_view directory,
                               SnapshotManifest manifest)
    : files_(files), directory_(directory), manifest_(std::move(manifest)) {}

absl::StatusOr<std::string> SnapshotReader::ReadChunk(uint32_t number) const {
  return ReadChunkFile(files_, directory_, manifest_, number);
}

absl::Status SnapshotReader::VerifyAll() const {
  SnapshotExport records(*this);
  StateSummarizer summarizer(manifest_.group);
  StateRecord record;
  for (;;) {
    TRIMARAN_ASSIGN_OR_RETURN(const bool more, records.Next(record));
    if (!more) break;
    const absl::Status added = summarizer.Add(record.key, record.value);
    if (!added.ok()) return At(directory_, added);
  }
  if (summarizer.Finish() == manifest_.state) return absl::OkStatus();
  return CorruptionError(
      absl::StrCat(directory_, ": its records are not those of its manifest, ",
                   DebugString(manifest_)));
}

// ---- SnapshotExport ----

absl::Status SnapshotExport::OpenChunk(uint32_t number) {
  chunk_.reset();
  TRIMARAN_ASSIGN_OR_RETURN(bytes_, reader_.ReadChunk(number));
  const SnapshotManifest& manifest = reader_.manifest();
  TRIMARAN_ASSIGN_OR_RETURN(chunk_,
                            ChunkReader::Open(bytes_, {manifest.id, number},
                                              manifest.chunks[number]));
  next_chunk_ = number + 1;
  return absl::OkStatus();
}

absl::StatusOr<bool> SnapshotExport::Next(StateRecord& record) {
  if (ahead_.has_value()) {
    record = *std::exchange(ahead_, std::nullopt);
    return true;
  }
  for (;;) {
    if (chunk_.has_value()) {
      absl::StatusOr<bool> more = chunk_->Next(record);
      if (!more.ok() || *more) return more;
    }
    if (next_chunk_ == reader_.chunk_count()) {
      chunk_.reset();
      return false;
    }
    TRIMARAN_RETURN_IF_ERROR(OpenChunk(next_chunk_));
  }
}

absl::StatusOr<uint32_t> SnapshotExport::FindChunk(std::string_view key) {
  uint32_t first = 0;
  uint32_t end = reader_.chunk_count();
  while (end - first > 1) {
    const uint32_t middle = first + (end - first) / 2;
    TRIMARAN_RETURN_IF_ERROR(OpenChunk(middle));
    StateRecord record;
    TRIMARAN_ASSIGN_OR_RETURN(const bool more, chunk_->Next(record));
    if (more && record.key <= key) {
      first = middle;
    } else {
      end = middle;
    }
  }
  return first;
}

absl::Status SnapshotExport::SkipTo(std::string_view key) {
  ahead_.reset();
  if (reader_.chunk_count() == 0) return absl::OkStatus();
  TRIMARAN_ASSIGN_OR_RETURN(const uint32_t first, FindChunk(key));
  TRIMARAN_RETURN_IF_ERROR(OpenChunk(first));
  StateRecord record;
  for (;;) {
    TRIMARAN_ASSIGN_OR_RETURN(const bool more, Next(record));
    if (!more) return absl::OkStatus();
    if (record.key > key) break;
  }
  ahead_ = record;
  return absl::OkStatus();
}

}  // namespace trimaran::engine
