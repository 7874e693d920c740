#include "engine/snapshot/snapshot_receiver.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/manifest_codec.h"
#include "engine/snapshot/chunk_codec.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_reader.h"

namespace trimaran::engine {
namespace {

absl::Status CheckWanted(const SnapshotManifest& manifest,
                         const SnapshotReceiverOptions& options) {
  if (manifest.cluster != options.cluster) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the snapshot is of cluster ", manifest.cluster.ToString(),
        ", and this store of cluster ", options.cluster.ToString()));
  }
  if (manifest.group != options.group) {
    return absl::FailedPreconditionError(
        absl::StrCat("the snapshot is of group ", manifest.group.value(),
                     ", and this replica of group ", options.group.value()));
  }
  if (manifest.chunk_bytes() > options.bytes_max) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the snapshot has ", manifest.chunk_bytes(),
                     " bytes; the limit is ", options.bytes_max));
  }
  return absl::OkStatus();
}

}  // namespace

SnapshotReceiver::SnapshotReceiver(FileSystem& files,
                                   std::string_view directory,
                                   const SnapshotManifest& manifest,
                                   const SnapshotReceiverOptions& options)
    : files_(files),
      directory_(directory),
      manifest_(manifest),
      options_(options),
      received_(manifest.chunks.size(), false) {}

absl::StatusOr<std::unique_ptr<SnapshotReceiver>> SnapshotReceiver::Begin(
    FileSystem& files, std::string_view root, const SnapshotManifest& manifest,
    const SnapshotReceiverOptions& options) {
  TRIMARAN_RETURN_IF_ERROR(ValidateManifest(manifest));
  TRIMARAN_RETURN_IF_ERROR(CheckWanted(manifest, options));
  const std::string directory =
      JoinPath(root, IncomingName(manifest.position.id, manifest.id));
  absl::StatusOr<std::unique_ptr<SnapshotReceiver>> earlier =
      Resume(files, directory, options);
  if (earlier.ok()) {
    if ((*earlier)->manifest() == manifest) return earlier;
    return absl::FailedPreconditionError(
        absl::StrCat(directory, " holds another snapshot under the same name: ",
                     DebugString((*earlier)->manifest())));
  }
  // Without a manifest it is what a crash left of an earlier Begin; with a
  // damaged one nothing in it can be relied on.
  if (!absl::IsNotFound(earlier.status()) && !IsCorruption(earlier.status())) {
    return earlier.status();
  }
  TRIMARAN_RETURN_IF_ERROR(RemoveSnapshot(files, directory));
  std::unique_ptr<SnapshotReceiver> receiver(
      new SnapshotReceiver(files, directory, manifest, options));
  TRIMARAN_RETURN_IF_ERROR(receiver->CreateDirectory());
  // There is nothing in it.
  receiver->verified_end_ = receiver->chunk_count();
  return receiver;
}

absl::Status SnapshotReceiver::CreateDirectory() {
  const std::string encoded = EncodeManifest(manifest_);
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t free,
                            files_.FreeBytes(ParentPath(directory_)));
  // The chunks, and the state that is made of them before they are removed.
  const uint64_t needed = 2 * manifest_.chunk_bytes() + encoded.size();
  if (free < needed || free - needed < options_.free_bytes_min) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "no room for a snapshot of ", manifest_.chunk_bytes(),
        " bytes, which takes ", needed, ": the file system has ", free,
        " bytes, of which ", options_.free_bytes_min, " must stay free"));
  }
  TRIMARAN_RETURN_IF_ERROR(files_.CreateDirectory(directory_));
  absl::Status status = WriteFileAtomically(
      files_, JoinPath(directory_, kPartialManifestFile), encoded);
  if (status.ok()) status = files_.SyncDirectory(ParentPath(directory_));
  if (!status.ok()) {
    // What remains has no manifest, or one without chunks; both are harmless.
    RemoveSnapshot(files_, directory_).IgnoreError();
  }
  return status;
}

absl::StatusOr<std::unique_ptr<SnapshotReceiver>> SnapshotReceiver::Resume(
    FileSystem& files, std::string_view directory,
    const SnapshotReceiverOptions& options) {
  absl::StatusOr<SnapshotManifest> manifest =
      ReadManifest(files, directory, kManifestFile);
  const bool finished = manifest.ok();
  if (absl::IsNotFound(manifest.status())) {
    manifest = ReadManifest(files, directory, kPartialManifestFile);
  }
  if (!manifest.ok()) return manifest.status();
  TRIMARAN_RETURN_IF_ERROR(CheckWanted(*manifest, options));
  std::unique_ptr<SnapshotReceiver> receiver(
      new SnapshotReceiver(files, directory, *manifest, options));
  receiver->finished_ = finished;
  return receiver;
}

// What was whole once goes back to partial: that keeps what is good of it.
absl::Status SnapshotReceiver::MarkPartial() {
  if (!finished_) return absl::OkStatus();
  TRIMARAN_RETURN_IF_ERROR(
      files_.Rename(JoinPath(directory_, kManifestFile),
                    JoinPath(directory_, kPartialManifestFile)));
  TRIMARAN_RETURN_IF_ERROR(files_.SyncDirectory(directory_));
  finished_ = false;
  return absl::OkStatus();
}

absl::StatusOr<bool> SnapshotReceiver::VerifyNext() {
  if (!failure_.ok()) return failure_;
  if (verified_end_ < chunk_count()) {
    failure_ = VerifyChunk(verified_end_);
    if (!failure_.ok()) return failure_;
    ++verified_end_;
  }
  return verified_end_ < chunk_count();
}

absl::Status SnapshotReceiver::VerifyChunk(uint32_t number) {
  const absl::Status status =
      ReadChunkFile(files_, directory_, manifest_, number).status();
  if (status.ok()) {
    MarkReceived(number);
    return status;
  }
  if (!IsCorruption(status)) return status;
  TRIMARAN_RETURN_IF_ERROR(MarkPartial());
  const std::string path = JoinPath(directory_, ChunkFileName(number));
  TRIMARAN_ASSIGN_OR_RETURN(const PathInfo info, files_.Inspect(path));
  if (info.kind == FileKind::kAbsent) return absl::OkStatus();
  return files_.Remove(path);
}

absl::Status SnapshotReceiver::CheckVerified() const {
  if (verified_end_ == chunk_count()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("what is in ", directory_, " has been verified up to chunk ",
                   verified_end_, " of ", chunk_count()));
}

void SnapshotReceiver::MarkReceived(uint32_t number) {
  received_[number] = true;
  ++chunks_received_;
  bytes_received_ += manifest_.chunks[number].bytes;
}

absl::Status SnapshotReceiver::AddChunk(uint32_t number,
                                        std::string_view bytes) {
  if (!failure_.ok()) return failure_;
  if (number >= received_.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "chunk ", number, " of a snapshot that has ", received_.size()));
  }
  TRIMARAN_RETURN_IF_ERROR(CheckVerified());
  if (received_[number]) return absl::OkStatus();
  TRIMARAN_RETURN_IF_ERROR(
      ChunkReader::Open(bytes, {manifest_.id, number}, manifest_.chunks[number])
          .status());
  TRIMARAN_RETURN_IF_ERROR(CheckRoom(bytes.size()));
  const absl::Status status = WriteChunk(number, bytes);
  if (status.ok()) {
    MarkReceived(number);
    return status;
  }
  // What is in the file is unknown, and reading it back would prove nothing.
  const absl::Status removed =
      files_.Remove(JoinPath(directory_, ChunkFileName(number)));
  const bool gone = removed.ok() || absl::IsNotFound(removed);
  if (!absl::IsResourceExhausted(status) || !gone) failure_ = status;
  return status;
}

absl::Status SnapshotReceiver::CheckRoom(uint64_t bytes) {
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t free, files_.FreeBytes(directory_));
  if (free >= bytes && free - bytes >= options_.free_bytes_min) {
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(
      absl::StrCat("no room for a chunk of ", bytes, " bytes in ", directory_,
                   ": the file system has ", free, " bytes, of which ",
                   options_.free_bytes_min, " must stay free"));
}

absl::Status SnapshotReceiver::WriteChunk(uint32_t number,
                                          std::string_view bytes) {
  TRIMARAN_ASSIGN_OR_RETURN(
      const std::unique_ptr<File> file,
      files_.Open(JoinPath(directory_, ChunkFileName(number)),
                  OpenMode::kCreate));
  TRIMARAN_RETURN_IF_ERROR(file->Write(0, bytes));
  return file->Sync();
}

std::optional<uint32_t> SnapshotReceiver::first_missing(uint32_t from) const {
  for (uint32_t number = from; number < received_.size(); ++number) {
    if (!received_[number]) return number;
  }
  return std::nullopt;
}

absl::Status SnapshotReceiver::Finish() {
  if (!failure_.ok()) return failure_;
  TRIMARAN_RETURN_IF_ERROR(CheckVerified());
  if (finished_) return absl::OkStatus();
  if (const auto missing = first_missing(); missing.has_value()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the snapshot in ", directory_, " lacks chunk ", *missing,
                     ", and has ", chunks_received_, " of ", received_.size()));
  }
  // The names of the chunks before that of the manifest.
  failure_ = files_.SyncDirectory(directory_);
  if (failure_.ok()) {
    failure_ = files_.Rename(JoinPath(directory_, kPartialManifestFile),
                             JoinPath(directory_, kManifestFile));
  }
  if (failure_.ok()) failure_ = files_.SyncDirectory(directory_);
  finished_ = failure_.ok();
  return failure_;
}

absl::Status SnapshotReceiver::Discard() {
  failure_ = absl::CancelledError(
      absl::StrCat("the snapshot in ", directory_, " was given up"));
  finished_ = false;
  return RemoveSnapshot(files_, directory_);
}

}  // namespace trimaran::engine
