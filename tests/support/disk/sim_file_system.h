#ifndef TRIMARAN_TESTS_SUPPORT_DISK_SIM_FILE_SYSTEM_H_
#define TRIMARAN_TESTS_SUPPORT_DISK_SIM_FILE_SYSTEM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/file/file_system.h"
#include "tests/support/disk/sim_disk.h"

namespace trimaran::disk {

// The file port of the storage engine, on a simulated disk. Everything belongs
// to the user who runs the test, with the modes that the port promises.
//
// Thread: any.
class SimFileSystem : public engine::FileSystem {
 public:
  // `disk` outlives this, and every file and lock that comes from it.
  explicit SimFileSystem(SimDisk& disk) : disk_(disk) {}

  absl::StatusOr<std::unique_ptr<engine::File>> Open(
      std::string_view path, engine::OpenMode mode) override;
  absl::Status CreateDirectory(std::string_view path) override;
  absl::Status SyncDirectory(std::string_view path) override;
  absl::StatusOr<std::vector<std::string>> List(std::string_view path) override;
  absl::Status Remove(std::string_view path) override;
  absl::Status Rename(std::string_view from, std::string_view to) override;
  absl::StatusOr<engine::PathInfo> Inspect(std::string_view path) override;
  absl::StatusOr<uint64_t> FreeBytes(std::string_view path) override;
  absl::StatusOr<std::unique_ptr<engine::FileLock>> Lock(
      std::string_view path) override;

 private:
  SimDisk& disk_;
};

}  // namespace trimaran::disk

#endif  // TRIMARAN_TESTS_SUPPORT_DISK_SIM_FILE_SYSTEM_H_
