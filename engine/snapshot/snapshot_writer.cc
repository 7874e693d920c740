#include "engine/snapshot/snapshot_writer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/manifest_codec.h"
#include "engine/snapshot/snapshot_paths.h"

namespace trimaran::engine {
namespace {

// Enough for the disk to be busy while the processor is, and no more than it
// writes in some hundredths of a second: whoever syncs something else meanwhile
// may have to wait for it.
constexpr uint64_t kUnsyncedBytesMax = uint64_t{4} << 20;

absl::Status ValidateOptions(const SnapshotIdentity& identity,
                             const SnapshotWriterOptions& options) {
  if (identity.id == SnapshotId() || identity.cluster == ClusterId() ||
      identity.group == GroupId()) {
    return absl::InvalidArgumentError(
        "a snapshot needs an id, a cluster and a group");
  }
  if (options.chunk_bytes_target == 0 ||
      options.chunk_bytes_target > kChunkBytesTargetMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("chunk_bytes_target is ", options.chunk_bytes_target,
                     "; it must be 1 to ", kChunkBytesTargetMax));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<SnapshotWriter>> SnapshotWriter::Start(
    FileSystem& files, std::string_view directory,
    const SnapshotIdentity& identity, std::unique_ptr<StateExport> state,
    const SnapshotWriterOptions& options) {
  TRIMARAN_CHECK(state != nullptr);
  TRIMARAN_RETURN_IF_ERROR(ValidateOptions(identity, options));
  TRIMARAN_RETURN_IF_ERROR(files.CreateDirectory(directory));
  // Not make_unique: the constructor is private. From here on the writer
  // removes the directory if anything goes wrong.
  std::unique_ptr<SnapshotWriter> writer(new SnapshotWriter(
      files, directory, identity, std::move(state), options));
  TRIMARAN_RETURN_IF_ERROR(files.SyncDirectory(ParentPath(directory)));
  return writer;
}

SnapshotWriter::SnapshotWriter(FileSystem& files, std::string_view directory,
                               const SnapshotIdentity& identity,
                               std::unique_ptr<StateExport> state,
                               const SnapshotWriterOptions& options)
    : files_(files),
      directory_(directory),
      options_(options),
      state_(std::move(state)),
      summarizer_(identity.group) {
  manifest_.id = identity.id;
  manifest_.cluster = identity.cluster;
  manifest_.group = identity.group;
  manifest_.position = state_->position();
  manifest_.conf = state_->conf();
}

SnapshotWriter::~SnapshotWriter() {
  // What cannot be removed now has no manifest, and is removed at the next
  // open.
  Cancel().IgnoreError();
}

absl::Status SnapshotWriter::Cancel() {
  if (progress_.done || !failure_.ok()) return absl::OkStatus();
  failure_ = absl::CancelledError(
      absl::StrCat("the snapshot in ", directory_, " was given up"));
  state_.reset();
  return RemoveSnapshot(files_, directory_);
}

absl::StatusOr<SnapshotProgress> SnapshotWriter::Step() {
  if (!failure_.ok()) return failure_;
  if (progress_.done) return progress_;
  failure_ = WriteNext();
  if (failure_.ok()) return progress_;
  state_.reset();
  const absl::Status removed = RemoveSnapshot(files_, directory_);
  if (!removed.ok()) {
    failure_ = absl::Status(failure_.code(),
                            absl::StrCat(failure_.message(),
                                         "; what was written of it is still "
                                         "there: ",
                                         removed.message()));
  }
  return failure_;
}

absl::Status SnapshotWriter::WriteNext() {
  builder_.Clear();
  TRIMARAN_RETURN_IF_ERROR(FillChunk());
  return builder_.rows() > 0 ? WriteChunk() : Finish();
}

absl::Status SnapshotWriter::FillChunk() {
  for (;;) {
    if (!has_record_) {
      TRIMARAN_ASSIGN_OR_RETURN(has_record_, state_->Next(record_));
      if (!has_record_) return absl::OkStatus();
    }
    if (!builder_.Fits(record_, options_.chunk_bytes_target)) {
      // The export keeps the record valid until it is asked for the next one.
      return absl::OkStatus();
    }
    TRIMARAN_RETURN_IF_ERROR(builder_.Add(record_));
    TRIMARAN_RETURN_IF_ERROR(summarizer_.Add(record_.key, record_.value));
    has_record_ = false;
  }
}

absl::Status SnapshotWriter::WriteChunk() {
  if (manifest_.chunks.size() >= kSnapshotChunksMax) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the snapshot in ", directory_, " would have more than ",
                     kSnapshotChunksMax, " chunks; write larger ones"));
  }
  const auto number = static_cast<uint32_t>(manifest_.chunks.size());
  const ChunkBuilder::Built chunk = builder_.Finish({manifest_.id, number});
  TRIMARAN_RETURN_IF_ERROR(CheckSpace(chunk.bytes.size()));
  TRIMARAN_ASSIGN_OR_RETURN(
      std::unique_ptr<File> file,
      files_.Open(JoinPath(directory_, ChunkFileName(number)),
                  OpenMode::kCreate));
  TRIMARAN_RETURN_IF_ERROR(file->Write(0, chunk.bytes));
  TRIMARAN_RETURN_IF_ERROR(file->BeginSync());
  unsynced_.push_back({std::move(file), chunk.info.bytes});
  unsynced_bytes_ += chunk.info.bytes;
  TRIMARAN_RETURN_IF_ERROR(SyncChunks(kUnsyncedBytesMax));
  manifest_.chunks.push_back(chunk.info);
  ++progress_.chunks;
  progress_.rows += chunk.info.rows;
  progress_.bytes += chunk.info.bytes;
  return absl::OkStatus();
}

absl::Status SnapshotWriter::SyncChunks(uint64_t bytes_max) {
  while (unsynced_bytes_ > bytes_max) {
    TRIMARAN_RETURN_IF_ERROR(unsynced_.front().file->Sync());
    unsynced_bytes_ -= unsynced_.front().bytes;
    unsynced_.pop_front();
  }
  return absl::OkStatus();
}

absl::Status SnapshotWriter::Finish() {
  state_.reset();
  TRIMARAN_RETURN_IF_ERROR(SyncChunks(0));
  manifest_.state = summarizer_.Finish();
  // What the state machine gave is checked before anybody relies on it.
  TRIMARAN_RETURN_IF_ERROR(ValidateManifest(manifest_));
  const std::string encoded = EncodeManifest(manifest_);
  TRIMARAN_RETURN_IF_ERROR(CheckSpace(encoded.size()));
  // The names of the chunks before that of the manifest.
  TRIMARAN_RETURN_IF_ERROR(files_.SyncDirectory(directory_));
  TRIMARAN_RETURN_IF_ERROR(WriteFileAtomically(
      files_, JoinPath(directory_, kManifestFile), encoded));
  progress_.bytes += encoded.size();
  progress_.done = true;
  return absl::OkStatus();
}

absl::Status SnapshotWriter::CheckSpace(uint64_t bytes) {
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t free, files_.FreeBytes(directory_));
  if (free >= bytes && free - bytes >= options_.free_bytes_min) {
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(absl::StrCat(
      "no space for ", bytes, " bytes of the snapshot in ", directory_,
      ": the file system has ", free, " bytes, of which ",
      options_.free_bytes_min, " must stay free"));
}

}  // namespace trimaran::engine
