#include "engine/file/put_in_place.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {

absl::Status CheckFree(FileSystem& files, std::string_view target,
                       std::string_view what) {
  TRIMARAN_ASSIGN_OR_RETURN(const PathInfo info, files.Inspect(target));
  if (info.kind == FileKind::kAbsent) return absl::OkStatus();
  if (info.kind == FileKind::kDirectory) {
    TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                              files.List(target));
    if (names.empty()) return absl::OkStatus();
  }
  return absl::AlreadyExistsError(
      absl::StrCat(ToAbsl(what), " goes into a new or an empty directory, and",
                   " not to ", ToAbsl(target)));
}

absl::Status PutInPlace(FileSystem& files, std::string_view from,
                        std::string_view target) {
  TRIMARAN_ASSIGN_OR_RETURN(const PathInfo info, files.Inspect(target));
  if (info.kind == FileKind::kDirectory) {
    TRIMARAN_RETURN_IF_ERROR(files.Remove(target));
  }
  TRIMARAN_RETURN_IF_ERROR(files.Rename(from, target));
  return files.SyncDirectory(ParentPath(target));
}

}  // namespace trimaran::engine
