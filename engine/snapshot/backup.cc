#include "engine/snapshot/backup.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "engine/file/put_in_place.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_reader.h"

namespace trimaran::engine {
namespace {

constexpr std::string_view kWhat = "a backup";

std::string PartialPath(std::string_view target) {
  return absl::StrCat(ToAbsl(target), ".partial");
}

absl::Status RemoveEarlierAttempt(FileSystem& files, std::string_view path) {
  const absl::Status status = RemoveSnapshot(files, path);
  if (!absl::IsFailedPrecondition(status)) return status;
  return absl::AlreadyExistsError(
      absl::StrCat("a backup would be written to ", ToAbsl(path),
                   " at first: ", status.message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<BackupWriter>> BackupWriter::Start(
    FileSystem& files, std::string_view target,
    const SnapshotIdentity& identity, std::unique_ptr<StateExport> state,
    const BackupOptions& options) {
  TRIMARAN_RETURN_IF_ERROR(CheckFree(files, target, kWhat));
  const std::string partial = PartialPath(target);
  TRIMARAN_RETURN_IF_ERROR(RemoveEarlierAttempt(files, partial));
  std::unique_ptr<BackupWriter> backup(
      new BackupWriter(files, target, options.check));
  TRIMARAN_ASSIGN_OR_RETURN(
      backup->writer_, SnapshotWriter::Start(files, partial, identity,
                                             std::move(state), options.writer));
  return backup;
}

BackupWriter::~BackupWriter() { Cancel().IgnoreError(); }

absl::StatusOr<SnapshotProgress> BackupWriter::Step() {
  if (!failure_.ok()) return failure_;
  if (published_) return writer_->progress();
  TRIMARAN_ASSIGN_OR_RETURN(SnapshotProgress progress, writer_->Step());
  if (!progress.done) return progress;
  failure_ = Publish();
  if (!failure_.ok()) {
    RemoveSnapshot(files_, writer_->directory()).IgnoreError();
    return failure_;
  }
  published_ = true;
  return progress;
}

// Somebody else who makes a backup of that name removes what an earlier attempt
// has left, and that may be this one.
absl::Status BackupWriter::CheckOwn() const {
  const std::string& directory = writer_->directory();
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<SnapshotReader> reader,
                            SnapshotReader::Open(files_, directory));
  bool own = reader->manifest() == writer_->manifest();
  for (uint32_t number = 0; own && number < reader->chunk_count(); ++number) {
    TRIMARAN_ASSIGN_OR_RETURN(
        const PathInfo chunk,
        files_.Inspect(JoinPath(directory, ChunkFileName(number))));
    own = chunk.kind == FileKind::kFile;
  }
  if (own) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat("somebody else is making a backup in ",
                                         directory, " as well"));
}

absl::Status BackupWriter::Publish() {
  TRIMARAN_RETURN_IF_ERROR(CheckOwn());
  if (check_ != nullptr) {
    TRIMARAN_RETURN_IF_ERROR(check_(writer_->directory()));
  }
  // Again: the user had the whole time of the backup to put something there.
  TRIMARAN_RETURN_IF_ERROR(CheckFree(files_, target_, kWhat));
  return PutInPlace(files_, writer_->directory(), target_);
}

absl::Status BackupWriter::Cancel() {
  if (writer_ == nullptr || published_ || !failure_.ok()) {
    return absl::OkStatus();
  }
  failure_ = absl::CancelledError(
      absl::StrCat("the backup to ", target_, " was given up"));
  return writer_->Cancel();
}

}  // namespace trimaran::engine
