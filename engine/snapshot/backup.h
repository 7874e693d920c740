#ifndef TRIMARAN_ENGINE_SNAPSHOT_BACKUP_H_
#define TRIMARAN_ENGINE_SNAPSHOT_BACKUP_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/file/file_system.h"
#include "engine/file/work_directory.h"
#include "engine/kv/transfer.h"
#include "engine/snapshot/snapshot_writer.h"

namespace trimaran::engine {

struct BackupOptions {
  SnapshotWriterOptions writer = {};
  // Called with the directory when everything is in it and durable, before it
  // gets its name; an error gives the backup up. May be null.
  std::function<absl::Status(const std::string& directory)> check = nullptr;
};

// Writes a state into a directory that the user names, while the store is in
// use: a finished snapshot, which needs nothing beside it. SnapshotReader reads
// it and SnapshotLoader restores it.
//
// Invariant: `target` does not exist before it is whole and durable. Until then
// everything is in "<target>.partial", a WorkDirectory.
//
// Thread: the owner of the export.
class BackupWriter {
 public:
  // AlreadyExists, and nothing is touched: there is something at `target` that
  // is not an empty directory, or at "<target>.partial" that is not left of an
  // earlier backup, which is removed. Unavailable: a backup to `target` is
  // being made. InvalidArgument: the name of the latter would be too long. Else
  // as SnapshotWriter::Start.
  static absl::StatusOr<std::unique_ptr<BackupWriter>> Start(
      FileSystem& files, std::string_view target,
      const SnapshotIdentity& identity, std::unique_ptr<StateExport> state,
      const BackupOptions& options);

  // Cancels unless done.
  ~BackupWriter();
  BackupWriter(const BackupWriter&) = delete;
  BackupWriter& operator=(const BackupWriter&) = delete;

  // As SnapshotWriter::Step; `done` when the backup is at `target`.
  absl::StatusOr<SnapshotProgress> Step();
  // Stops, and removes what was written. Does nothing after the end.
  absl::Status Cancel();

  const SnapshotManifest& manifest() const { return writer_->manifest(); }

 private:
  BackupWriter(FileSystem& files, std::string_view target,
               std::function<absl::Status(const std::string&)> check)
      : files_(files),
        target_(WithoutSlashes(target)),
        check_(std::move(check)) {}

  absl::Status Publish();

  FileSystem& files_;
  const std::string target_;
  const std::function<absl::Status(const std::string&)> check_;
  std::unique_ptr<WorkDirectory> work_;
  std::unique_ptr<SnapshotWriter> writer_;
  bool published_ = false;
  absl::Status failure_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_SNAPSHOT_BACKUP_H_
