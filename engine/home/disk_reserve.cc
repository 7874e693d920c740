#include "engine/home/disk_reserve.h"

#include <algorithm>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "engine/home/home_paths.h"

namespace trimaran::engine {
namespace {

constexpr uint64_t kPieceBytes = uint64_t{1} << 20;

// It gets its name only when it has its blocks: after a crash, a size alone
// would not say so.
std::string TemporaryPath(const std::string& path) {
  return absl::StrCat(path, ".tmp");
}

absl::Status RemoveIfThere(FileSystem& files, const std::string& path) {
  const absl::Status removed = files.Remove(path);
  return absl::IsNotFound(removed) ? absl::OkStatus() : removed;
}

absl::Status RemoveBoth(FileSystem& files, const std::string& path) {
  TRIMARAN_RETURN_IF_ERROR(RemoveIfThere(files, TemporaryPath(path)));
  return RemoveIfThere(files, path);
}

absl::Status Fill(FileSystem& files, const std::string& path, uint64_t bytes) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<File> file,
                            files.Open(path, OpenMode::kCreate));
  const std::string zeros(static_cast<size_t>(std::min(bytes, kPieceBytes)),
                          '\0');
  for (uint64_t offset = 0; offset < bytes; offset += zeros.size()) {
    TRIMARAN_RETURN_IF_ERROR(file->Write(offset, zeros));
  }
  return file->Sync();
}

absl::Status MakeIfThereIsRoom(FileSystem& files, const std::string& path,
                               uint64_t bytes) {
  TRIMARAN_ASSIGN_OR_RETURN(const PathInfo info, files.Inspect(path));
  if (info.size_bytes >= bytes) return absl::OkStatus();
  TRIMARAN_RETURN_IF_ERROR(RemoveBoth(files, path));
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t free,
                            files.FreeBytes(ParentPath(path)));
  if (free / 2 < bytes) return absl::OkStatus();
  absl::Status made = Fill(files, TemporaryPath(path), bytes);
  if (made.ok()) made = files.Rename(TemporaryPath(path), path);
  // The crash that would lose the name may be on a disk that is full by then.
  if (made.ok()) made = files.SyncDirectory(ParentPath(path));
  if (!made.ok()) RemoveBoth(files, path).IgnoreError();
  return made;
}

absl::Status RemoveIfFull(FileSystem& files, std::string_view directory,
                          uint64_t bytes, const Logger& logger) {
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t free, files.FreeBytes(directory));
  if (free >= bytes) return absl::OkStatus();
  logger.Warning("the disk is full, and has ", free,
                 " bytes left: the reserve is given up to open ",
                 ToAbsl(directory));
  return RemoveBoth(files, JoinPath(directory, kReserveFile));
}

}  // namespace

void GiveUpReserve(FileSystem& files, std::string_view directory,
                   uint64_t bytes, const Logger& logger) {
  if (bytes == 0) return;
  const absl::Status given_up = RemoveIfFull(files, directory, bytes, logger);
  if (given_up.ok()) return;
  logger.Warning("the reserve cannot be given up: ", given_up.ToString());
}

void KeepReserve(FileSystem& files, std::string_view directory, uint64_t bytes,
                 const Logger& logger) {
  if (bytes == 0) return;
  const absl::Status kept =
      MakeIfThereIsRoom(files, JoinPath(directory, kReserveFile), bytes);
  if (kept.ok()) return;
  logger.Warning("no reserve for an open on a full disk: ", kept.ToString());
}

}  // namespace trimaran::engine
