// Goal: a backup that does not fit its disk is refused and leaves nothing
// behind. That disk is a small tmpfs, which needs root.

#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tests/api/group.h"
#include "tests/api/test_directory.h"
#include "trimaran/admin.h"
#include "trimaran/db.h"

namespace trimaran {
namespace {

TEST(BackupRoomTest, DiskThatIsTooSmallIsNamedAndGivenBack) {
  TestDirectory directory;
  Options options = SmallOptions();
  options.free_bytes_min = uint64_t{1} << 20;
  const auto opened = DB::Open(options, directory.path());
  ASSERT_TRUE(opened.ok()) << opened.status();
  DB& db = **opened;
  ASSERT_TRUE(db.Put("key", std::string(2 << 20, 'v')).ok());
  const std::string disk = directory.path("disk");
  ASSERT_EQ(mkdir(disk.c_str(), 0700), 0);
  const auto mount_with = [&disk](const char* size, unsigned long flags) {
    return mount("tmpfs", disk.c_str(), "tmpfs", flags, size) == 0;
  };
  if (!mount_with("size=2m,mode=0700", 0)) {
    GTEST_SKIP() << "cannot mount a file system here: " << std::strerror(errno);
  }
  const auto unmount =
      absl::MakeCleanup([&] { umount2(disk.c_str(), MNT_DETACH); });
  const std::string backup = disk + "/backup";

  const absl::Status status = db.admin().CreateBackup(backup).status();

  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "backup")) << status;
  EXPECT_TRUE(std::filesystem::is_empty(disk));
  ASSERT_TRUE(db.Put("more", "v").ok());
  ASSERT_TRUE(mount_with("size=8m,mode=0700", MS_REMOUNT));
  const auto info = db.admin().CreateBackup(backup);
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_GE(info->rows, 2u);
}

}  // namespace
}  // namespace trimaran
