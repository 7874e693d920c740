#ifndef TRIMARAN_ENGINE_FILE_WORK_DIRECTORY_H_
#define TRIMARAN_ENGINE_FILE_WORK_DIRECTORY_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/file/file_system.h"

namespace trimaran::engine {

// "a" of "a/": a name that another one can be made of by adding to it. Behind a
// slash a link would be followed.
//
// Thread: any.
std::string_view WithoutSlashes(std::string_view path);

// Removes `path` and all that is in it; a link, and not what it leads to.
//
// Thread: any.
absl::Status RemoveTree(FileSystem& files, const std::string& path);

// A directory beside something that is being made, on the same file system, for
// what must not be there yet. Its name is fixed, so that what a crash leaves is
// found and removed by the next attempt; a mark in it, which comes first and
// goes last, says that everything in it is scrap.
//
// Thread: owner.
class WorkDirectory {
 public:
  // AlreadyExists: there is something without the mark, or that others can
  // write to. Unavailable: somebody else is at it. InvalidArgument: its name is
  // too long. The errors of a file system, which outlives this.
  static absl::StatusOr<std::unique_ptr<WorkDirectory>> Make(
      FileSystem& files, std::string_view path);
  // Removes it with all that is in it.
  ~WorkDirectory();
  WorkDirectory(const WorkDirectory&) = delete;
  WorkDirectory& operator=(const WorkDirectory&) = delete;

  // A name in it.
  std::string Inside(std::string_view name) const {
    return JoinPath(path_, name);
  }

 private:
  WorkDirectory(FileSystem& files, std::string path,
                std::unique_ptr<FileLock> lock)
      : files_(files), path_(std::move(path)), lock_(std::move(lock)) {}

  FileSystem& files_;
  const std::string path_;
  std::unique_ptr<FileLock> lock_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FILE_WORK_DIRECTORY_H_
