#include "tests/support/disk/sim_wiredtiger.h"

#include <wiredtiger.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/types/span.h"
#include "engine/base/check.h"
#include "engine/base/mutex.h"

// WiredTiger's interface is a struct of function pointers, allocated by us and
// handed back as a pointer to its first member.

namespace trimaran::disk {
namespace {

// WiredTiger finds the entry by name and hands it nothing but the connection,
// so that the disks have to be found from there: hence a global list.
struct Mounts {
  Mutex mutex;
  std::vector<WiredTigerMount*> mounts ABSL_GUARDED_BY(mutex);
};
Mounts& AllMounts() {
  static Mounts* const mounts = new Mounts();
  return *mounts;
}

WiredTigerMount* MountOf(std::string_view path) {
  Mounts& all = AllMounts();
  MutexLock lock(all.mutex);
  for (WiredTigerMount* mount : all.mounts) {
    if (mount->disk().Holds(path)) return mount;
  }
  return nullptr;
}

struct SimWtFileSystem {
  WT_FILE_SYSTEM base;
  SimDisk* disk;
  // Of its mount, which may be gone by the end.
  std::shared_ptr<std::atomic<int>> homes;
};
static_assert(offsetof(SimWtFileSystem, base) == 0);

struct SimWtHandle {
  WT_FILE_HANDLE base;
  SimDisk* disk;
  NodeId node;
  bool locked;
};
static_assert(offsetof(SimWtHandle, base) == 0);

SimDisk& DiskOf(WT_FILE_SYSTEM* file_system) {
  return *reinterpret_cast<SimWtFileSystem*>(file_system)->disk;
}
SimWtHandle& HandleOf(WT_FILE_HANDLE* handle) {
  return *reinterpret_cast<SimWtHandle*>(handle);
}

int ErrnoOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return 0;
    case absl::StatusCode::kNotFound:
      return ENOENT;
    case absl::StatusCode::kAlreadyExists:
      return EEXIST;
    case absl::StatusCode::kResourceExhausted:
      return ENOSPC;
    case absl::StatusCode::kFailedPrecondition:
      return EINVAL;
    case absl::StatusCode::kUnavailable:
      return EBUSY;
    default:
      return EIO;
  }
}

// What the directory holds becomes durable, by way of the path of one name.
absl::Status SyncParent(SimDisk& disk, std::string_view path) {
  const auto parent = disk.Open(path.substr(0, path.rfind('/')));
  return parent.ok() ? disk.Sync(*parent) : parent.status();
}

// ---- Handles ----

int Close(WT_FILE_HANDLE* handle, WT_SESSION*) {
  SimWtHandle& file = HandleOf(handle);
  if (file.locked) file.disk->Unlock(file.node);
  std::free(file.base.name);
  delete &file;
  return 0;
}

int Lock(WT_FILE_HANDLE* handle, WT_SESSION*, bool lock) {
  SimWtHandle& file = HandleOf(handle);
  if (lock == file.locked) return 0;
  if (lock) {
    const absl::Status status = file.disk->Lock(file.node);
    if (!status.ok()) return ErrnoOf(status);
  } else {
    file.disk->Unlock(file.node);
  }
  file.locked = lock;
  return 0;
}

int Read(WT_FILE_HANDLE* handle, WT_SESSION*, wt_off_t offset, size_t length,
         void* buffer) {
  SimWtHandle& file = HandleOf(handle);
  const auto count =
      file.disk->Read(file.node, static_cast<uint64_t>(offset),
                      absl::MakeSpan(static_cast<char*>(buffer), length));
  if (!count.ok()) return ErrnoOf(count.status());
  return *count == length ? 0 : WT_ERROR;
}

int Write(WT_FILE_HANDLE* handle, WT_SESSION*, wt_off_t offset, size_t length,
          const void* data) {
  SimWtHandle& file = HandleOf(handle);
  return ErrnoOf(file.disk->Write(
      file.node, static_cast<uint64_t>(offset),
      std::string_view(static_cast<const char*>(data), length)));
}

int Size(WT_FILE_HANDLE* handle, WT_SESSION*, wt_off_t* size) {
  SimWtHandle& file = HandleOf(handle);
  const auto info = file.disk->Inspect(file.node);
  if (info.ok()) *size = static_cast<wt_off_t>(info->size_bytes);
  return ErrnoOf(info.status());
}

int Sync(WT_FILE_HANDLE* handle, WT_SESSION*) {
  SimWtHandle& file = HandleOf(handle);
  return ErrnoOf(file.disk->Sync(file.node));
}

int Truncate(WT_FILE_HANDLE* handle, WT_SESSION*, wt_off_t size) {
  SimWtHandle& file = HandleOf(handle);
  return ErrnoOf(file.disk->Resize(file.node, static_cast<uint64_t>(size)));
}

int Extend(WT_FILE_HANDLE* handle, WT_SESSION* session, wt_off_t size) {
  wt_off_t present = 0;
  const int error = Size(handle, session, &present);
  if (error != 0 || present >= size) return error;
  return Truncate(handle, session, size);
}

// ---- Names ----

absl::StatusOr<NodeId> OpenNode(SimDisk& disk, const char* path,
                                WT_FS_OPEN_FILE_TYPE type, uint32_t flags) {
  const bool may_create = type != WT_FS_OPEN_FILE_TYPE_DIRECTORY &&
                          (flags & WT_FS_OPEN_CREATE) != 0;
  if (!may_create) return disk.Open(path);
  auto node = disk.Create(path);
  if (absl::IsAlreadyExists(node.status()) &&
      (flags & WT_FS_OPEN_EXCLUSIVE) == 0) {
    return disk.Open(path);
  }
  if (node.ok() && (flags & WT_FS_OPEN_DURABLE) != 0) {
    const absl::Status synced = SyncParent(disk, path);
    if (!synced.ok()) return synced;
  }
  return node;
}

int OpenFile(WT_FILE_SYSTEM* file_system, WT_SESSION*, const char* path,
             WT_FS_OPEN_FILE_TYPE type, uint32_t flags, WT_FILE_HANDLE** out) {
  SimDisk& disk = DiskOf(file_system);
  const auto node = OpenNode(disk, path, type, flags);
  if (!node.ok()) return ErrnoOf(node.status());
  auto* file = new SimWtHandle{};
  file->base.file_system = file_system;
  file->base.name = strdup(path);
  file->base.close = Close;
  file->base.fh_lock = Lock;
  file->base.fh_read = Read;
  file->base.fh_write = Write;
  file->base.fh_size = Size;
  file->base.fh_sync = Sync;
  file->base.fh_truncate = Truncate;
  file->base.fh_extend = Extend;
  file->disk = &disk;
  file->node = *node;
  *out = &file->base;
  return 0;
}

int List(WT_FILE_SYSTEM* file_system, const char* directory, const char* prefix,
         size_t count_max, char*** names_out, uint32_t* count_out) {
  auto names = DiskOf(file_system).List(directory);
  if (!names.ok()) return ErrnoOf(names.status());
  if (prefix != nullptr) {
    std::erase_if(*names, [prefix](const std::string& name) {
      return name.rfind(prefix, 0) != 0;
    });
  }
  const size_t count = std::min(names->size(), count_max);
  auto* list = static_cast<char**>(std::calloc(count + 1, sizeof(char*)));
  for (size_t i = 0; i < count; ++i) list[i] = strdup((*names)[i].c_str());
  *names_out = list;
  *count_out = static_cast<uint32_t>(count);
  return 0;
}

int ListAll(WT_FILE_SYSTEM* file_system, WT_SESSION*, const char* directory,
            const char* prefix, char*** names, uint32_t* count) {
  return List(file_system, directory, prefix, SIZE_MAX, names, count);
}

int ListOne(WT_FILE_SYSTEM* file_system, WT_SESSION*, const char* directory,
            const char* prefix, char*** names, uint32_t* count) {
  return List(file_system, directory, prefix, 1, names, count);
}

int FreeList(WT_FILE_SYSTEM*, WT_SESSION*, char** names, uint32_t count) {
  if (names == nullptr) return 0;
  for (uint32_t i = 0; i < count; ++i) std::free(names[i]);
  std::free(names);
  return 0;
}

int Exists(WT_FILE_SYSTEM* file_system, WT_SESSION*, const char* path,
           bool* exists) {
  const auto info = DiskOf(file_system).Inspect(path);
  if (info.ok()) *exists = info->kind != NodeKind::kAbsent;
  return ErrnoOf(info.status());
}

int SizeOf(WT_FILE_SYSTEM* file_system, WT_SESSION*, const char* path,
           wt_off_t* size) {
  const auto info = DiskOf(file_system).Inspect(path);
  if (!info.ok()) return ErrnoOf(info.status());
  if (info->kind != NodeKind::kFile) return ENOENT;
  *size = static_cast<wt_off_t>(info->size_bytes);
  return 0;
}

int Remove(WT_FILE_SYSTEM* file_system, WT_SESSION*, const char* path,
           uint32_t flags) {
  SimDisk& disk = DiskOf(file_system);
  absl::Status status = disk.Remove(path);
  if (status.ok() && (flags & WT_FS_DURABLE) != 0) {
    status = SyncParent(disk, path);
  }
  return ErrnoOf(status);
}

int Rename(WT_FILE_SYSTEM* file_system, WT_SESSION*, const char* from,
           const char* to, uint32_t flags) {
  SimDisk& disk = DiskOf(file_system);
  absl::Status status = disk.Rename(from, to);
  if (status.ok() && (flags & WT_FS_DURABLE) != 0) {
    status = SyncParent(disk, to);
  }
  return ErrnoOf(status);
}

int Terminate(WT_FILE_SYSTEM* file_system, WT_SESSION*) {
  auto* sim = reinterpret_cast<SimWtFileSystem*>(file_system);
  --*sim->homes;
  delete sim;
  return 0;
}

int Install(WT_CONNECTION* connection) {
  WiredTigerMount* mount = MountOf(connection->get_home(connection));
  if (mount == nullptr) return ENOENT;
  auto file_system = std::make_unique<SimWtFileSystem>();
  file_system->base.fs_directory_list = ListAll;
  file_system->base.fs_directory_list_single = ListOne;
  file_system->base.fs_directory_list_free = FreeList;
  file_system->base.fs_exist = Exists;
  file_system->base.fs_open_file = OpenFile;
  file_system->base.fs_remove = Remove;
  file_system->base.fs_rename = Rename;
  file_system->base.fs_size = SizeOf;
  file_system->base.terminate = Terminate;
  file_system->disk = &mount->disk();
  file_system->homes = mount->homes();
  const int error =
      connection->set_file_system(connection, &file_system->base, nullptr);
  if (error != 0) return error;
  // WiredTiger frees it by Terminate.
  ++*file_system->homes;
  file_system.release();
  return 0;
}

}  // namespace

std::string_view WiredTigerExtension() {
  return "local={entry=trimaran_sim_disk_init,early_load=true}";
}

WiredTigerMount::WiredTigerMount(SimDisk& disk) : disk_(disk) {
  TRIMARAN_CHECK(MountOf(disk.root()) == nullptr) << disk.root();
  Mounts& all = AllMounts();
  MutexLock lock(all.mutex);
  all.mounts.push_back(this);
}

WiredTigerMount::~WiredTigerMount() {
  Mounts& all = AllMounts();
  MutexLock lock(all.mutex);
  std::erase(all.mounts, this);
}

}  // namespace trimaran::disk

extern "C" __attribute__((visibility("default"))) int trimaran_sim_disk_init(
    WT_CONNECTION* connection, WT_CONFIG_ARG*) {
  return trimaran::disk::Install(connection);
}
