#include "engine/snapshot/backup.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "engine/file/put_in_place.h"

namespace trimaran::engine {
namespace {

constexpr std::string_view kWhat = "a backup";

}  // namespace

absl::StatusOr<std::unique_ptr<BackupWriter>> BackupWriter::Start(
    FileSystem& files, std::string_view target,
    const SnapshotIdentity& identity, std::unique_ptr<StateExport> state,
    const BackupOptions& options) {
  TRIMARAN_RETURN_IF_ERROR(CheckFree(files, WithoutSlashes(target), kWhat));
  std::unique_ptr<BackupWriter> backup(
      new BackupWriter(files, target, options.check));
  TRIMARAN_ASSIGN_OR_RETURN(
      backup->work_,
      WorkDirectory::Make(files, absl::StrCat(backup->target_, ".partial")));
  TRIMARAN_ASSIGN_OR_RETURN(
      backup->writer_,
      SnapshotWriter::Start(files, backup->work_->Inside("backup"), identity,
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
  work_.reset();
  if (!failure_.ok()) return failure_;
  published_ = true;
  return progress;
}

absl::Status BackupWriter::Publish() {
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
  const absl::Status cancelled = writer_->Cancel();
  work_.reset();
  return cancelled;
}

}  // namespace trimaran::engine
