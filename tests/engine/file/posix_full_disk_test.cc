// Goal: a write that does not fit is an error with a name, never a short file
// that looks whole. Method: a limit on the size of files, which every machine
// has; and a tiny file system, where the test may mount one.

#include <errno.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <cstring>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "engine/file/posix_file_system.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/file/temporary_directory.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;

TEST(PosixFullDiskTest, ShortWriteIsContinuedUntilItFails) {
  TemporaryDirectory directory;
  PosixFileSystem files;
  auto file = files.Open(directory.Path("f"), OpenMode::kCreate);
  ASSERT_TRUE(file.ok());
  struct rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = ::signal(SIGXFSZ, SIG_IGN);
  const auto restore = absl::MakeCleanup([&] {
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, old_handler);
  });
  struct rlimit limit = before;
  limit.rlim_cur = 10000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);

  // The system takes the first 10,000 bytes of it.
  const absl::Status status = (*file)->Write(0, std::string(20000, 'x'));

  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(directory.Path("f")));
  EXPECT_EQ((*file)->Size().value(), 10000u);
}

// What says that a sync of a directory was not even begun.
TEST(PosixFullDiskTest, DirectoryThatCannotBeOpenedIsNotSynced) {
  const TemporaryDirectory directory;
  PosixFileSystem files;
  struct rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  struct rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);

  const absl::Status status = files.SyncDirectory(directory.path());

  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_TRUE(files.SyncDirectory(directory.path()).ok());
}

TEST(PosixFullDiskTest, FullFileSystemIsResourceExhausted) {
  TemporaryDirectory directory;
  const std::string disk = directory.path();
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=64k,mode=0700") != 0) {
    GTEST_SKIP() << "cannot mount a file system here: " << std::strerror(errno);
  }
  const auto unmount =
      absl::MakeCleanup([&] { ::umount2(disk.c_str(), MNT_DETACH); });
  PosixFileSystem files;
  auto file = files.Open(directory.Path("f"), OpenMode::kCreate);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(files.FreeBytes(disk).value(), 65536u);

  const absl::Status status = (*file)->Write(0, std::string(100000, 'x'));

  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_EQ(files.FreeBytes(disk).value(), 0u);
  // Nothing is held against the file once there is space again.
  EXPECT_TRUE((*file)->Write(0, "fits").ok());
}

}  // namespace
}  // namespace trimaran::engine
