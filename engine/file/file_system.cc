#include "engine/file/file_system.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {

std::string JoinPath(std::string_view directory, std::string_view name) {
  if (!directory.empty() && directory.back() == '/') {
    return absl::StrCat(ToAbsl(directory), ToAbsl(name));
  }
  return absl::StrCat(ToAbsl(directory), "/", ToAbsl(name));
}

std::string ParentPath(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  path = path.substr(0, slash);
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  return path.empty() ? "/" : std::string(path);
}

absl::StatusOr<std::string> ReadFile(FileSystem& files, std::string_view path,
                                     uint64_t bytes_max) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<File> file,
                            files.Open(path, OpenMode::kRead));
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t size, file->Size());
  if (size > bytes_max) {
    // Not ResourceExhausted, which is what a lack of file handles or memory is:
    // that says nothing about the file.
    return CorruptionError(absl::StrCat("read ", ToAbsl(path), ": ", size,
                                        " bytes, more than the limit of ",
                                        bytes_max));
  }
  std::string content(static_cast<size_t>(size), '\0');
  TRIMARAN_ASSIGN_OR_RETURN(const size_t count,
                            file->Read(0, absl::MakeSpan(content)));
  content.resize(count);
  return content;
}

absl::Status WriteFileAtomically(FileSystem& files, std::string_view path,
                                 std::string_view data) {
  const std::string temporary = absl::StrCat(ToAbsl(path), ".tmp");
  TRIMARAN_ASSIGN_OR_RETURN(const PathInfo left_over, files.Inspect(temporary));
  if (left_over.kind != FileKind::kAbsent) {
    TRIMARAN_RETURN_IF_ERROR(files.Remove(temporary));
  }
  TRIMARAN_ASSIGN_OR_RETURN(std::unique_ptr<File> file,
                            files.Open(temporary, OpenMode::kCreate));
  TRIMARAN_RETURN_IF_ERROR(file->Write(0, data));
  TRIMARAN_RETURN_IF_ERROR(file->Sync());
  file.reset();
  TRIMARAN_RETURN_IF_ERROR(files.Rename(temporary, path));
  return files.SyncDirectory(ParentPath(path));
}

}  // namespace trimaran::engine
