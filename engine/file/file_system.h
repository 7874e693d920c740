#ifndef TRIMARAN_ENGINE_FILE_FILE_SYSTEM_H_
#define TRIMARAN_ENGINE_FILE_FILE_SYSTEM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

// The only door through which the raft log, the store's identity, the floor
// and the snapshots reach a disk. Tests put a disk in memory behind it, which
// forgets what was not synced and fails where it is told to.
//
// Errors of all calls: NotFound, AlreadyExists, PermissionDenied,
// FailedPrecondition (not the kind of thing that was asked for: a directory, a
// symbolic link), ResourceExhausted (no space, quota, or too many files),
// Internal (the device failed). The message names the path and the call.

namespace trimaran::engine {

// One open file. A failed Sync leaves it unknown what is on the disk, and a
// second one that succeeds proves nothing: whoever relies on the file must
// give it up for good.
//
// Thread: reads from any thread; everything else from one at a time.
class File {
 public:
  // Closes the file; syncs nothing.
  virtual ~File() = default;
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  // Writes all of `data`, over what is there or beyond the end. After an error
  // any part of it may have been written.
  virtual absl::Status Write(uint64_t offset, std::string_view data) = 0;

  // Fills `buffer` from `offset` on. Returns how much there was, less than
  // asked for only at the end of the file.
  virtual absl::StatusOr<size_t> Read(uint64_t offset,
                                      absl::Span<char> buffer) const = 0;

  // Has the device begin with what was written, for a Sync that comes later and
  // then has less to wait for. Makes nothing durable.
  virtual absl::Status BeginSync() { return absl::OkStatus(); }

  // Returns when all that was written, and the size, is durable. The name is
  // durable only when the directory has been synced as well.
  virtual absl::Status Sync() = 0;

  virtual absl::StatusOr<uint64_t> Size() const = 0;
};

// Keeps other processes, and other users in this one, out of a directory for
// as long as it lives.
class FileLock {
 public:
  virtual ~FileLock() = default;
  FileLock() = default;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
};

enum class OpenMode : uint8_t {
  kRead,
  kReadWrite,
  // Must not exist yet; readable and writable by the owner only.
  kCreate,
};

enum class FileKind : uint8_t { kAbsent, kFile, kDirectory, kOther };

// What is found at a path, of which a symbolic link is kOther.
struct PathInfo {
  FileKind kind = FileKind::kAbsent;
  uint64_t size_bytes = 0;
  // Belongs to the user that this process runs as.
  bool owned = false;
  // Permission bits, as in 0700.
  uint32_t mode = 0;
};

// Names are made, removed and moved by these calls; each is durable only after
// SyncDirectory on the directory that holds the name.
//
// Thread: any.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // Never follows a symbolic link at the end of `path`.
  virtual absl::StatusOr<std::unique_ptr<File>> Open(std::string_view path,
                                                     OpenMode mode) = 0;

  // Accessible to the owner only. AlreadyExists if anything is there;
  // Unavailable if somebody has just removed it.
  virtual absl::Status CreateDirectory(std::string_view path) = 0;
  // ResourceExhausted: it could not even be begun, as where the process has no
  // descriptor left, and can be tried again. What any other error leaves on the
  // disk is unknown, as with File::Sync.
  virtual absl::Status SyncDirectory(std::string_view path) = 0;
  // The names in a directory, sorted.
  virtual absl::StatusOr<std::vector<std::string>> List(
      std::string_view path) = 0;

  // A file, or an empty directory.
  virtual absl::Status Remove(std::string_view path) = 0;
  // Replaces `to` if that is a file.
  virtual absl::Status Rename(std::string_view from, std::string_view to) = 0;

  virtual absl::StatusOr<PathInfo> Inspect(std::string_view path) = 0;
  // What this user could still write to the file system that holds `path`.
  virtual absl::StatusOr<uint64_t> FreeBytes(std::string_view path) = 0;

  // Locks the existing file `path`, which nothing else may read or write for
  // its content. Unavailable if somebody has it locked, or has just removed it.
  virtual absl::StatusOr<std::unique_ptr<FileLock>> Lock(
      std::string_view path) = 0;
};

// "a/b" from "a" and "b".
std::string JoinPath(std::string_view directory, std::string_view name);
// The directory that holds `path`: "a" of "a/b", "." of "a".
std::string ParentPath(std::string_view path);

// The whole of a file that by its format has at most `bytes_max` bytes;
// Corruption if it is larger.
absl::StatusOr<std::string> ReadFile(FileSystem& files, std::string_view path,
                                     uint64_t bytes_max);

// Makes `path` hold `data`, as a whole or not at all, whatever happens: by way
// of "<path>.tmp", which is replaced if it is there.
absl::Status WriteFileAtomically(FileSystem& files, std::string_view path,
                                 std::string_view data);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FILE_FILE_SYSTEM_H_
