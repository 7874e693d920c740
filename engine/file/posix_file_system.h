#ifndef TRIMARAN_ENGINE_FILE_POSIX_FILE_SYSTEM_H_
#define TRIMARAN_ENGINE_FILE_POSIX_FILE_SYSTEM_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/file/file_system.h"

namespace trimaran::engine {

// The disk of this machine.
//
// What it makes belongs to the owner alone, whatever the umask says. A file is
// a regular file: links, devices and pipes are refused with
// FailedPrecondition. Nothing that it opens is inherited by a program that
// this process starts, nor takes the place of a closed standard stream.
//
// Thread: any.
class PosixFileSystem final : public FileSystem {
 public:
  PosixFileSystem() = default;

  absl::StatusOr<std::unique_ptr<File>> Open(std::string_view path,
                                             OpenMode mode) override;
  absl::Status CreateDirectory(std::string_view path) override;
  absl::Status SyncDirectory(std::string_view path) override;
  absl::StatusOr<std::vector<std::string>> List(std::string_view path) override;
  absl::Status Remove(std::string_view path) override;
  absl::Status Rename(std::string_view from, std::string_view to) override;
  absl::StatusOr<PathInfo> Inspect(std::string_view path) override;
  absl::StatusOr<uint64_t> FreeBytes(std::string_view path) override;
  absl::StatusOr<std::unique_ptr<FileLock>> Lock(
      std::string_view path) override;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FILE_POSIX_FILE_SYSTEM_H_
