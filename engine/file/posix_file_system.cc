#include "engine/file/posix_file_system.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "engine/file/posix_errors.h"
#include "engine/file/whole_transfer.h"

namespace trimaran::engine {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0700;
constexpr mode_t kPermissionBits = 0777;
// Never block on a pipe that somebody put in our way.
constexpr int kOpenFlags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    // Whatever close() reports, the descriptor is gone; what had to be durable
    // has been synced before.
    if (fd_ >= 0) ::close(fd_);
  }

  int get() const { return fd_; }

 private:
  int fd_;
};

// Calls until the call is not interrupted.
template <typename Call>
auto RetryInterrupted(Call call) {
  decltype(call()) result;
  do {
    result = call();
  } while (result == -1 && errno == EINTR);
  return result;
}

absl::StatusOr<Descriptor> OpenDescriptor(const std::string& path, int flags) {
  Descriptor opened(RetryInterrupted(
      [&] { return ::open(path.c_str(), flags | kOpenFlags, kFileMode); }));
  if (opened.get() < 0) return PosixError(errno, "open", path);
  if (opened.get() > STDERR_FILENO) return opened;
  // The program has closed a standard stream. What any library prints must not
  // end up in this file.
  Descriptor moved(::fcntl(opened.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (moved.get() < 0) return PosixError(errno, "fcntl", path);
  return moved;
}

absl::StatusOr<Descriptor> OpenDirectory(const std::string& path) {
  return OpenDescriptor(path, O_RDONLY | O_DIRECTORY);
}

absl::Status CheckRegular(const Descriptor& descriptor,
                          const std::string& path) {
  struct stat info = {};
  if (::fstat(descriptor.get(), &info) != 0) {
    return PosixError(errno, "fstat", path);
  }
  if (S_ISREG(info.st_mode)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("open ", path, ": not a regular file"));
}

absl::StatusOr<Descriptor> OpenRegular(const std::string& path, int flags) {
  TRIMARAN_ASSIGN_OR_RETURN(Descriptor descriptor,
                            OpenDescriptor(path, flags | O_NOFOLLOW));
  TRIMARAN_RETURN_IF_ERROR(CheckRegular(descriptor, path));
  return descriptor;
}

int FlagsOf(OpenMode mode) {
  switch (mode) {
    case OpenMode::kRead:
      return O_RDONLY;
    case OpenMode::kReadWrite:
      return O_RDWR;
    case OpenMode::kCreate:
      break;
  }
  return O_RDWR | O_CREAT | O_EXCL;
}

class PosixFile final : public File {
 public:
  PosixFile(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  absl::Status Write(uint64_t offset, std::string_view data) override {
    const auto write = [this](uint64_t at, std::string_view rest) {
      return WriteSomeOf(at, rest);
    };
    return WriteWhole(offset, data, write);
  }

  absl::StatusOr<size_t> Read(uint64_t offset,
                              absl::Span<char> buffer) const override {
    const auto read = [this](uint64_t at, absl::Span<char> rest) {
      return ReadSomeInto(at, rest);
    };
    return ReadWhole(offset, buffer, read);
  }

  absl::Status BeginSync() override {
#if defined(__linux__)
    const int result = RetryInterrupted([&] {
      return ::sync_file_range(descriptor_.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
    });
    // Not every file system can; Sync does it all then.
    if (result != 0 && errno != ENOSYS && errno != EINVAL &&
        errno != EOPNOTSUPP) {
      return PosixError(errno, "sync_file_range", path_);
    }
#endif
    return absl::OkStatus();
  }

  absl::Status Sync() override {
    // Times do not matter here, so that overwriting costs no second write.
    const int result =
        RetryInterrupted([&] { return ::fdatasync(descriptor_.get()); });
    return result == 0 ? absl::OkStatus()
                       : PosixError(errno, "fdatasync", path_);
  }

  absl::StatusOr<uint64_t> Size() const override {
    struct stat info = {};
    if (::fstat(descriptor_.get(), &info) != 0) {
      return PosixError(errno, "fstat", path_);
    }
    return static_cast<uint64_t>(info.st_size);
  }

 private:
  absl::StatusOr<size_t> WriteSomeOf(uint64_t offset, std::string_view data) {
    const ssize_t written = RetryInterrupted([&] {
      return ::pwrite(descriptor_.get(), data.data(), data.size(),
                      static_cast<off_t>(offset));
    });
    if (written < 0) return PosixError(errno, "pwrite", path_);
    // Nothing written, and no reason given: trying again might never end.
    if (written == 0) return PosixError(EIO, "pwrite", path_);
    return static_cast<size_t>(written);
  }
  absl::StatusOr<size_t> ReadSomeInto(uint64_t offset,
                                      absl::Span<char> buffer) const {
    const ssize_t count = RetryInterrupted([&] {
      return ::pread(descriptor_.get(), buffer.data(), buffer.size(),
                     static_cast<off_t>(offset));
    });
    if (count < 0) return PosixError(errno, "pread", path_);
    return static_cast<size_t>(count);
  }

  const Descriptor descriptor_;
  const std::string path_;
};

// The lock belongs to the descriptor, so that a second one in the same process
// is kept out too, and the end of the process gives it back.
class PosixFileLock final : public FileLock {
 public:
  explicit PosixFileLock(Descriptor descriptor)
      : descriptor_(std::move(descriptor)) {}

 private:
  const Descriptor descriptor_;
};

absl::Status RemovedMeanwhile(std::string_view call, const std::string& path) {
  return absl::UnavailableError(absl::StrCat(
      ToAbsl(call), " ", path, ": removed by another user meanwhile"));
}

// Who held the lock may have removed the file after it was opened here, and
// made another one: then this lock keeps nobody out.
absl::Status CheckStillThere(const Descriptor& descriptor,
                             const std::string& path) {
  struct stat opened = {};
  if (::fstat(descriptor.get(), &opened) != 0) {
    return PosixError(errno, "fstat", path);
  }
  struct stat named = {};
  const bool there = ::lstat(path.c_str(), &named) == 0;
  if (there && named.st_dev == opened.st_dev && named.st_ino == opened.st_ino) {
    return absl::OkStatus();
  }
  return RemovedMeanwhile("flock", path);
}

FileKind KindOf(mode_t mode) {
  if (S_ISREG(mode)) return FileKind::kFile;
  if (S_ISDIR(mode)) return FileKind::kDirectory;
  return FileKind::kOther;
}

}  // namespace

absl::StatusOr<std::unique_ptr<File>> PosixFileSystem::Open(
    std::string_view path, OpenMode mode) {
  const std::string name(path);
  TRIMARAN_ASSIGN_OR_RETURN(Descriptor descriptor,
                            OpenRegular(name, FlagsOf(mode)));
  // The umask may have taken bits away.
  if (mode == OpenMode::kCreate && ::fchmod(descriptor.get(), kFileMode) != 0) {
    return PosixError(errno, "fchmod", name);
  }
  return std::make_unique<PosixFile>(std::move(descriptor), name);
}

absl::Status PosixFileSystem::CreateDirectory(std::string_view path) {
  const std::string name(path);
  if (::mkdir(name.c_str(), kDirectoryMode) != 0) {
    return PosixError(errno, "mkdir", name);
  }
  if (::chmod(name.c_str(), kDirectoryMode) != 0) {
    return errno == ENOENT ? RemovedMeanwhile("chmod", name)
                           : PosixError(errno, "chmod", name);
  }
  return absl::OkStatus();
}

absl::Status PosixFileSystem::SyncDirectory(std::string_view path) {
  const std::string name(path);
  TRIMARAN_ASSIGN_OR_RETURN(const Descriptor descriptor, OpenDirectory(name));
  const int result =
      RetryInterrupted([&] { return ::fsync(descriptor.get()); });
  if (result == 0) return absl::OkStatus();
  const absl::Status status = PosixError(errno, "fsync", name);
  // Not as if nothing had been begun.
  return absl::IsResourceExhausted(status)
             ? absl::InternalError(status.message())
             : status;
}

absl::StatusOr<std::vector<std::string>> PosixFileSystem::List(
    std::string_view path) {
  const std::string name(path);
  DIR* const directory = ::opendir(name.c_str());
  if (directory == nullptr) return PosixError(errno, "opendir", name);
  const auto close = absl::MakeCleanup([&] { ::closedir(directory); });
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    // Safe: POSIX asks for a stream of one's own only.
    const dirent* const entry =
        ::readdir(directory);  // NOLINT(concurrency-mt-unsafe): own stream
    if (entry == nullptr) break;
    const std::string_view found(entry->d_name);
    if (found != "." && found != "..") names.emplace_back(found);
  }
  if (errno != 0) return PosixError(errno, "readdir", name);
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status PosixFileSystem::Remove(std::string_view path) {
  const std::string name(path);
  if (std::remove(name.c_str()) == 0) return absl::OkStatus();
  return PosixError(errno, "remove", name);
}

absl::Status PosixFileSystem::Rename(std::string_view from,
                                     std::string_view to) {
  const std::string source(from);
  const std::string target(to);
  if (std::rename(source.c_str(), target.c_str()) == 0) {
    return absl::OkStatus();
  }
  return PosixError(errno, "rename", absl::StrCat(source, " to ", target));
}

absl::StatusOr<PathInfo> PosixFileSystem::Inspect(std::string_view path) {
  const std::string name(path);
  struct stat info = {};
  if (::lstat(name.c_str(), &info) != 0) {
    // Below a file there is nothing either.
    if (errno == ENOENT || errno == ENOTDIR) return PathInfo{};
    return PosixError(errno, "lstat", name);
  }
  PathInfo result;
  result.kind = KindOf(info.st_mode);
  result.size_bytes = static_cast<uint64_t>(info.st_size);
  result.owned = info.st_uid == ::geteuid();
  result.mode = info.st_mode & kPermissionBits;
  return result;
}

absl::StatusOr<uint64_t> PosixFileSystem::FreeBytes(std::string_view path) {
  const std::string name(path);
  struct statvfs info = {};
  if (RetryInterrupted([&] { return ::statvfs(name.c_str(), &info); }) != 0) {
    return PosixError(errno, "statvfs", name);
  }
  return uint64_t{info.f_bavail} * uint64_t{info.f_frsize};
}

absl::StatusOr<std::unique_ptr<FileLock>> PosixFileSystem::Lock(
    std::string_view path) {
  const std::string name(path);
  TRIMARAN_ASSIGN_OR_RETURN(Descriptor descriptor, OpenRegular(name, O_RDWR));
  const int result = RetryInterrupted(
      [&] { return ::flock(descriptor.get(), LOCK_EX | LOCK_NB); });
  if (result == 0) {
    TRIMARAN_RETURN_IF_ERROR(CheckStillThere(descriptor, name));
    return std::make_unique<PosixFileLock>(std::move(descriptor));
  }
  if (errno == EWOULDBLOCK) {
    return absl::UnavailableError(
        absl::StrCat("flock ", name, ": locked by another user"));
  }
  return PosixError(errno, "flock", name);
}

}  // namespace trimaran::engine
