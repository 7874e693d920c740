#include "engine/snapshot/snapshot_loader.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/snapshot/chunk_codec.h"

namespace trimaran::engine {

SnapshotLoader::SnapshotLoader(const SnapshotReader& reader,
                               StateImport& import)
    : reader_(reader),
      import_(import),
      summarizer_(reader.manifest().group),
      bytes_left_(reader.manifest().chunk_bytes()) {}

absl::StatusOr<bool> SnapshotLoader::Step() {
  if (!failure_.ok()) return failure_;
  if (finished_) return false;
  const bool chunks_left = chunks_loaded_ < reader_.chunk_count();
  failure_ = chunks_left ? LoadChunk() : Finish();
  if (!failure_.ok()) return failure_;
  return chunks_left;
}

absl::Status SnapshotLoader::LoadChunk() {
  TRIMARAN_ASSIGN_OR_RETURN(const std::string bytes,
                            reader_.ReadChunk(chunks_loaded_));
  const SnapshotManifest& manifest = reader_.manifest();
  TRIMARAN_ASSIGN_OR_RETURN(
      ChunkReader chunk, ChunkReader::Open(bytes, {manifest.id, chunks_loaded_},
                                           manifest.chunks[chunks_loaded_]));
  StateRecord record;
  for (;;) {
    TRIMARAN_ASSIGN_OR_RETURN(const bool more, chunk.Next(record));
    if (!more) break;
    TRIMARAN_RETURN_IF_ERROR(summarizer_.Add(record.key, record.value));
    TRIMARAN_RETURN_IF_ERROR(import_.Add(record));
  }
  bytes_left_ -= manifest.chunks[chunks_loaded_].bytes;
  ++chunks_loaded_;
  return absl::OkStatus();
}

absl::Status SnapshotLoader::Finish() {
  if (summarizer_.Finish() != reader_.manifest().state) {
    return CorruptionError(absl::StrCat(
        reader_.directory(), ": its records are not those of its manifest, ",
        DebugString(reader_.manifest())));
  }
  TRIMARAN_RETURN_IF_ERROR(import_.Finish(reader_.manifest().position));
  finished_ = true;
  return absl::OkStatus();
}

}  // namespace trimaran::engine
