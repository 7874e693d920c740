#include "tools/trimaran/inspected_path.h"

#include <errno.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "engine/file/posix_errors.h"
#include "engine/home/home_lock.h"
#include "engine/home/home_paths.h"
#include "engine/snapshot/chunk_codec.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/wt/config.h"

namespace trimaran::tool {
namespace {

using engine::FileKind;
using engine::FileSystem;
using engine::JoinPath;

absl::StatusOr<std::string> WithoutLinks(std::string_view path) {
  if (path.empty()) return absl::NotFoundError("the path is empty");
  std::error_code error;
  const std::filesystem::path real =
      std::filesystem::canonical(std::filesystem::path(path), error);
  if (!error) return real.string();
  return engine::PosixError(error.value(), "look for", path);
}

absl::StatusOr<PathKind> KindOfFile(FileSystem& files,
                                    const std::string& path) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto file,
                            files.Open(path, engine::OpenMode::kRead));
  std::string head(4, '\0');
  TRIMARAN_ASSIGN_OR_RETURN(const size_t count,
                            file->Read(0, absl::MakeSpan(head)));
  if (count == head.size() && engine::IsChunk(head)) return PathKind::kChunk;
  return absl::NotFoundError(
      absl::StrCat(path, " is a file, and no chunk of a snapshot"));
}

bool HasName(const std::vector<std::string>& names, std::string_view name) {
  return std::binary_search(names.begin(), names.end(), name);
}

// The lock, or none where only its owner could take it: whoever may not write
// may still read.
absl::StatusOr<std::unique_ptr<engine::FileLock>> LockStore(
    FileSystem& files, const std::string& path) {
  absl::StatusOr<engine::LockedHome> locked =
      engine::LockHome(files, path, engine::HomeUse::kInspect);
  if (absl::IsPermissionDenied(locked.status()) &&
      engine::ReadIdentity(files, path).ok()) {
    return nullptr;
  }
  // Somebody else's directory.
  if (absl::IsFailedPrecondition(locked.status())) {
    return absl::NotFoundError(locked.status().message());
  }
  TRIMARAN_RETURN_IF_ERROR(locked.status());
  return std::move(locked->lock);
}

}  // namespace

absl::StatusOr<InspectedPath> InspectPath(FileSystem& files,
                                          std::string_view path) {
  InspectedPath result;
  TRIMARAN_ASSIGN_OR_RETURN(result.path, WithoutLinks(path));
  TRIMARAN_ASSIGN_OR_RETURN(const engine::PathInfo info,
                            files.Inspect(result.path));
  if (info.kind == FileKind::kFile) {
    TRIMARAN_ASSIGN_OR_RETURN(result.kind, KindOfFile(files, result.path));
    return result;
  }
  if (info.kind != FileKind::kDirectory) {
    return absl::NotFoundError(
        absl::StrCat(result.path, " is neither a directory nor a file"));
  }
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                            files.List(result.path));
  if (names.empty()) {
    return absl::NotFoundError(absl::StrCat(result.path, " is empty"));
  }
  if (HasName(names, engine::kManifestFile) ||
      HasName(names, engine::kPartialManifestFile)) {
    result.kind = PathKind::kSnapshot;
    return result;
  }
  TRIMARAN_ASSIGN_OR_RETURN(result.lock, LockStore(files, result.path));
  return result;
}

absl::Status CheckDirectory(std::string_view path) {
  std::error_code error;
  const std::filesystem::file_status found =
      std::filesystem::status(std::filesystem::path(path), error);
  switch (found.type()) {
    case std::filesystem::file_type::directory:
      return absl::OkStatus();
    case std::filesystem::file_type::not_found:
      return absl::NotFoundError(absl::StrCat("there is no ", ToAbsl(path)));
    case std::filesystem::file_type::none:
      return engine::PosixError(error.value(), "look for", path);
    default:
      return absl::NotFoundError(
          absl::StrCat(ToAbsl(path), " is no directory"));
  }
}

absl::Status CheckDestination(std::string_view target) {
  if (target.empty()) return absl::NotFoundError("the path is empty");
  return CheckDirectory(engine::ParentPath(target));
}

absl::StatusOr<std::unique_ptr<ScratchDirectory>> ScratchDirectory::Make() {
  std::error_code error;
  const std::filesystem::path root =
      std::filesystem::temp_directory_path(error);
  if (error) {
    return engine::PosixError(error.value(), "look for", "a temporary place");
  }
  std::string pattern = root / "trimaran-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) {
    return engine::PosixError(errno, "mkdtemp", pattern);
  }
  return std::unique_ptr<ScratchDirectory>(
      new ScratchDirectory(std::move(pattern)));
}

ScratchDirectory::~ScratchDirectory() {
  // What cannot be removed is of no use, and does no harm.
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

absl::StatusOr<StateHome> FindStateHome(FileSystem& files,
                                        std::string_view store) {
  StateHome result;
  result.path = JoinPath(store, engine::kStateDirectory);
  const auto names = files.List(result.path);
  if (absl::IsNotFound(names.status())) return result;
  TRIMARAN_RETURN_IF_ERROR(names.status());
  const auto is_leftover = [](std::string_view name) {
    return name == wt::kTurtleSetFile || name == wt::kBackupFile;
  };
  if (std::none_of(names->begin(), names->end(), is_leftover)) return result;
  TRIMARAN_ASSIGN_OR_RETURN(result.links, ScratchDirectory::Make());
  for (const std::string& name : *names) {
    if (is_leftover(name)) continue;
    const std::string link = JoinPath(result.links->path(), name);
    std::error_code error;
    std::filesystem::create_symlink(JoinPath(result.path, name), link, error);
    if (error) return engine::PosixError(error.value(), "symlink", link);
  }
  result.path = result.links->path();
  return result;
}

}  // namespace trimaran::tool
