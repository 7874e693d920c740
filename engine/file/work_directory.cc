#include "engine/file/work_directory.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {
namespace {

constexpr std::string_view kMark = "TRIMARAN-SCRAP";

absl::Status InUse(std::string_view path) {
  return absl::UnavailableError(absl::StrCat(
      ToAbsl(path), " is in use: somebody else is making the same thing"));
}

// What was there a moment ago and is not, or the other way round, is somebody
// else's at this moment.
absl::Status UnlessRaced(const absl::Status& status, std::string_view path) {
  if (absl::IsNotFound(status) || absl::IsAlreadyExists(status)) {
    return InUse(path);
  }
  return status;
}

absl::Status RemoveEmpty(FileSystem& files, const std::string& path) {
  // Others fill it and remove it meanwhile, or it is one that cannot be removed
  // at all, as where a disk is mounted.
  constexpr int attempts_max = 5;
  absl::Status removed;
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    removed = files.Remove(path);
    if (absl::IsNotFound(removed)) return absl::OkStatus();
    if (!absl::IsFailedPrecondition(removed)) return removed;
    const auto names = files.List(path);
    if (!names.ok()) return UnlessRaced(names.status(), path);
    if (!names->empty()) return InUse(path);
  }
  return removed;
}

// Everything but the mark, then the mark and the directory: cut off anywhere,
// what is left is still told to be scrap. `lock` is that on the mark, and goes
// with it: NFS keeps a file that is open under another name, and with it the
// directory.
absl::Status RemoveScrap(FileSystem& files, const std::string& path,
                         std::unique_ptr<FileLock> lock) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                            files.List(path));
  for (const std::string& name : names) {
    if (name == kMark) continue;
    TRIMARAN_RETURN_IF_ERROR(RemoveTree(files, JoinPath(path, name)));
  }
  if (names.size() > 1) TRIMARAN_RETURN_IF_ERROR(files.SyncDirectory(path));
  TRIMARAN_RETURN_IF_ERROR(files.Remove(JoinPath(path, kMark)));
  lock.reset();
  return RemoveEmpty(files, path);
}

absl::StatusOr<std::unique_ptr<FileLock>> TakeLock(FileSystem& files,
                                                   const std::string& path) {
  auto lock = files.Lock(JoinPath(path, kMark));
  if (absl::IsUnavailable(lock.status())) return InUse(path);
  if (!lock.ok()) return UnlessRaced(lock.status(), path);
  return lock;
}

// Nobody else can have put anything in it, or exchange it while it is removed.
bool IsPrivate(const PathInfo& info) {
  constexpr uint32_t others_write = 0022;
  return info.owned && (info.mode & others_write) == 0;
}

// Who has chosen a name that is almost too long has not chosen this one.
absl::Status CheckName(std::string_view path) {
  // Of all file systems of Linux.
  constexpr size_t name_bytes_max = 255;
  const size_t bytes = path.size() - (path.rfind('/') + 1);
  if (bytes <= name_bytes_max) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(path), " has a name of ", bytes, " bytes, and ",
                   name_bytes_max, " is the limit"));
}

absl::Status RemoveEarlierAttempt(FileSystem& files, const std::string& path) {
  TRIMARAN_ASSIGN_OR_RETURN(const PathInfo info, files.Inspect(path));
  if (info.kind == FileKind::kAbsent) return absl::OkStatus();
  std::vector<std::string> names;
  if (info.kind == FileKind::kDirectory) {
    auto listed = files.List(path);
    if (!listed.ok()) return UnlessRaced(listed.status(), path);
    names = *std::move(listed);
    if (names.empty()) return RemoveEmpty(files, path);
  }
  if (!std::binary_search(names.begin(), names.end(), kMark)) {
    return absl::AlreadyExistsError(absl::StrCat(
        path, " is in the way, and not left of an earlier attempt"));
  }
  if (!IsPrivate(info)) {
    return absl::AlreadyExistsError(absl::StrCat(
        path,
        " is in the way, and not left of an earlier attempt of this "
        "user: it is somebody else's, or others can write to it"));
  }
  TRIMARAN_ASSIGN_OR_RETURN(auto lock, TakeLock(files, path));
  return RemoveScrap(files, path, std::move(lock));
}

}  // namespace

std::string_view WithoutSlashes(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  return path;
}

absl::Status RemoveTree(FileSystem& files, const std::string& path) {
  TRIMARAN_ASSIGN_OR_RETURN(const PathInfo info, files.Inspect(path));
  std::vector<std::string> names;
  if (info.kind == FileKind::kDirectory) {
    TRIMARAN_ASSIGN_OR_RETURN(names, files.List(path));
  }
  for (const std::string& name : names) {
    TRIMARAN_RETURN_IF_ERROR(RemoveTree(files, JoinPath(path, name)));
  }
  return files.Remove(path);
}

absl::StatusOr<std::unique_ptr<WorkDirectory>> WorkDirectory::Make(
    FileSystem& files, std::string_view path) {
  std::string own(WithoutSlashes(path));
  TRIMARAN_RETURN_IF_ERROR(CheckName(own));
  TRIMARAN_RETURN_IF_ERROR(RemoveEarlierAttempt(files, own));
  const absl::Status made = files.CreateDirectory(own);
  if (absl::IsAlreadyExists(made) || absl::IsUnavailable(made)) {
    return InUse(own);
  }
  TRIMARAN_RETURN_IF_ERROR(made);
  TRIMARAN_RETURN_IF_ERROR(UnlessRaced(
      files.Open(JoinPath(own, kMark), OpenMode::kCreate).status(), own));
  // Before anything that might be taken for more than scrap.
  TRIMARAN_RETURN_IF_ERROR(UnlessRaced(files.SyncDirectory(own), own));
  TRIMARAN_ASSIGN_OR_RETURN(auto lock, TakeLock(files, own));
  return std::unique_ptr<WorkDirectory>(
      new WorkDirectory(files, std::move(own), std::move(lock)));
}

WorkDirectory::~WorkDirectory() {
  // What cannot be removed is removed by the next attempt.
  RemoveScrap(files_, path_, std::move(lock_)).IgnoreError();
}

}  // namespace trimaran::engine
