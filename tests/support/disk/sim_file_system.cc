#include "tests/support/disk/sim_file_system.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"

namespace trimaran::disk {
namespace {

absl::Status NotAFile(std::string_view path) {
  return absl::FailedPreconditionError(
      absl::StrCat(ToAbsl(path), ": is not a file"));
}

class SimFile final : public engine::File {
 public:
  SimFile(SimDisk& disk, NodeId node, engine::OpenMode mode)
      : disk_(disk), node_(node), mode_(mode) {}

  absl::Status Write(uint64_t offset, std::string_view data) override {
    if (mode_ == engine::OpenMode::kRead) {
      return absl::PermissionDeniedError("the file is open for reading only");
    }
    return disk_.Write(node_, offset, data);
  }
  absl::StatusOr<size_t> Read(uint64_t offset,
                              absl::Span<char> buffer) const override {
    return disk_.Read(node_, offset, buffer);
  }
  absl::Status Sync() override { return disk_.Sync(node_); }
  absl::StatusOr<uint64_t> Size() const override {
    TRIMARAN_ASSIGN_OR_RETURN(const NodeInfo info, disk_.Inspect(node_));
    return info.size_bytes;
  }

 private:
  SimDisk& disk_;
  const NodeId node_;
  const engine::OpenMode mode_;
};

class SimFileLock final : public engine::FileLock {
 public:
  SimFileLock(SimDisk& disk, NodeId node) : disk_(disk), node_(node) {}
  ~SimFileLock() override { disk_.Unlock(node_); }

 private:
  SimDisk& disk_;
  const NodeId node_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<engine::File>> SimFileSystem::Open(
    std::string_view path, engine::OpenMode mode) {
  TRIMARAN_ASSIGN_OR_RETURN(const NodeId node, mode == engine::OpenMode::kCreate
                                                   ? disk_.Create(path)
                                                   : disk_.Open(path));
  TRIMARAN_ASSIGN_OR_RETURN(const NodeInfo info, disk_.Inspect(node));
  if (info.kind != NodeKind::kFile) return NotAFile(path);
  return std::make_unique<SimFile>(disk_, node, mode);
}

absl::Status SimFileSystem::CreateDirectory(std::string_view path) {
  return disk_.MakeDirectory(path);
}

absl::Status SimFileSystem::SyncDirectory(std::string_view path) {
  TRIMARAN_ASSIGN_OR_RETURN(const NodeId node, disk_.Open(path));
  TRIMARAN_ASSIGN_OR_RETURN(const NodeInfo info, disk_.Inspect(node));
  if (info.kind != NodeKind::kDirectory) {
    return absl::FailedPreconditionError(
        absl::StrCat(ToAbsl(path), ": is not a directory"));
  }
  const absl::Status synced = disk_.Sync(node);
  return absl::IsResourceExhausted(synced)
             ? absl::InternalError(synced.message())
             : synced;
}

absl::StatusOr<std::vector<std::string>> SimFileSystem::List(
    std::string_view path) {
  return disk_.List(path);
}

absl::Status SimFileSystem::Remove(std::string_view path) {
  return disk_.Remove(path);
}

absl::Status SimFileSystem::Rename(std::string_view from, std::string_view to) {
  return disk_.Rename(from, to);
}

absl::StatusOr<engine::PathInfo> SimFileSystem::Inspect(std::string_view path) {
  TRIMARAN_ASSIGN_OR_RETURN(const NodeInfo found, disk_.Inspect(path));
  engine::PathInfo info;
  if (found.kind == NodeKind::kAbsent) return info;
  const bool is_file = found.kind == NodeKind::kFile;
  info.kind = is_file ? engine::FileKind::kFile : engine::FileKind::kDirectory;
  info.size_bytes = found.size_bytes;
  info.owned = true;
  info.mode = is_file ? 0600 : 0700;
  return info;
}

absl::StatusOr<uint64_t> SimFileSystem::FreeBytes(std::string_view path) {
  TRIMARAN_RETURN_IF_ERROR(disk_.Open(path).status());
  return disk_.FreeBytes();
}

absl::StatusOr<std::unique_ptr<engine::FileLock>> SimFileSystem::Lock(
    std::string_view path) {
  TRIMARAN_ASSIGN_OR_RETURN(const NodeId node, disk_.Open(path));
  TRIMARAN_ASSIGN_OR_RETURN(const NodeInfo info, disk_.Inspect(node));
  if (info.kind != NodeKind::kFile) return NotAFile(path);
  TRIMARAN_RETURN_IF_ERROR(disk_.Lock(node));
  return std::make_unique<SimFileLock>(disk_, node);
}

}  // namespace trimaran::disk
