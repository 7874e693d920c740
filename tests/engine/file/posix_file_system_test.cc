// Goal: the port keeps its promises on a real disk: whole reads and writes,
// nothing followed that is not a file, owner-only permissions, locks that
// exclude every second user.

#include "engine/file/posix_file_system.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "absl/cleanup/cleanup.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/file/temporary_directory.h"

namespace trimaran::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PosixFileSystemTest : public testing::Test {
 protected:
  std::unique_ptr<File> Create(std::string_view name) {
    auto file = files_.Open(directory_.Path(name), OpenMode::kCreate);
    EXPECT_TRUE(file.ok()) << file.status();
    return *std::move(file);
  }

  TemporaryDirectory directory_;
  PosixFileSystem files_;
};

std::string ReadAt(const File& file, uint64_t offset, size_t size) {
  std::string buffer(size, '?');
  auto count = file.Read(offset, absl::MakeSpan(buffer));
  EXPECT_TRUE(count.ok()) << count.status();
  buffer.resize(count.value_or(0));
  return buffer;
}

TEST_F(PosixFileSystemTest, WritesOverAndBeyondTheEnd) {
  const auto file = Create("f");

  ASSERT_TRUE(file->Write(0, "0123456789").ok());
  ASSERT_TRUE(file->Write(8, "abcd").ok());
  ASSERT_TRUE(file->Write(14, "z").ok());
  ASSERT_TRUE(file->Sync().ok());

  EXPECT_EQ(file->Size().value(), 15u);
  EXPECT_EQ(ReadAt(*file, 0, 15), std::string("01234567abcd\0\0z", 15));
}

TEST_F(PosixFileSystemTest, SyncsThatWereBegunEarlierChangeNothingElse) {
  const auto file = Create("f");
  ASSERT_TRUE(file->BeginSync().ok());
  ASSERT_TRUE(file->Write(0, std::string(100000, 'a')).ok());
  ASSERT_TRUE(file->BeginSync().ok());
  ASSERT_TRUE(file->Write(50000, "b").ok());
  ASSERT_TRUE(file->Sync().ok());

  EXPECT_EQ(file->Size().value(), 100000u);
  EXPECT_EQ(ReadAt(*file, 49999, 3), "aba");
}

TEST_F(PosixFileSystemTest, ReadsLessOnlyAtTheEnd) {
  const auto file = Create("f");
  ASSERT_TRUE(file->Write(0, "0123456789").ok());

  EXPECT_EQ(ReadAt(*file, 6, 100), "6789");
  EXPECT_EQ(ReadAt(*file, 10, 100), "");
  EXPECT_EQ(ReadAt(*file, 1000, 100), "");
}

TEST_F(PosixFileSystemTest, ReopenedFileHoldsWhatWasWritten) {
  ASSERT_TRUE(Create("f")->Write(0, "kept").ok());

  const auto file = files_.Open(directory_.Path("f"), OpenMode::kReadWrite);

  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(ReadAt(**file, 0, 4), "kept");
  EXPECT_TRUE((*file)->Write(0, "K").ok());
}

TEST_F(PosixFileSystemTest, FileOpenedForReadingCannotBeWritten) {
  Create("f");
  const auto file = files_.Open(directory_.Path("f"), OpenMode::kRead);
  ASSERT_TRUE(file.ok());

  const absl::Status status = (*file)->Write(0, "x");

  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr("pwrite"));
}

TEST_F(PosixFileSystemTest, CreateRefusesWhatExists) {
  Create("f");
  const absl::Status status =
      files_.Open(directory_.Path("f"), OpenMode::kCreate).status();
  EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("open " + directory_.Path("f")));
}

TEST_F(PosixFileSystemTest, OpenOfNothingIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(
      files_.Open(directory_.Path("f"), OpenMode::kRead).status()));
  EXPECT_TRUE(absl::IsNotFound(
      files_.Open(directory_.Path("f"), OpenMode::kReadWrite).status()));
}

TEST_F(PosixFileSystemTest, SymbolicLinkIsRefused) {
  Create("target");
  const std::string link = directory_.Path("link");
  ASSERT_EQ(::symlink(directory_.Path("target").c_str(), link.c_str()), 0);

  for (const OpenMode mode : {OpenMode::kRead, OpenMode::kReadWrite}) {
    const absl::Status status = files_.Open(link, mode).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  }
  EXPECT_TRUE(
      absl::IsAlreadyExists(files_.Open(link, OpenMode::kCreate).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(files_.Lock(link).status()));
  EXPECT_EQ(files_.Inspect(link).value().kind, FileKind::kOther);
}

TEST_F(PosixFileSystemTest, OtherKindsOfThingAreRefusedWithoutBlocking) {
  const std::string pipe = directory_.Path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);

  for (const std::string& path :
       {directory_.path(), pipe, std::string("/dev/null")}) {
    const absl::Status status = files_.Open(path, OpenMode::kRead).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(path));
  }
}

TEST_F(PosixFileSystemTest, FileIsNoDirectory) {
  Create("f");
  EXPECT_TRUE(
      absl::IsFailedPrecondition(files_.List(directory_.Path("f")).status()));
  EXPECT_TRUE(
      absl::IsFailedPrecondition(files_.SyncDirectory(directory_.Path("f"))));
}

TEST_F(PosixFileSystemTest, PermissionsAreTheOwnersWhateverTheUmask) {
  for (const mode_t mask : {mode_t{0}, mode_t{0777}}) {
    const mode_t before = ::umask(mask);
    const auto restore = absl::MakeCleanup([&] { ::umask(before); });
    const std::string suffix = std::to_string(mask);
    Create("f" + suffix);
    ASSERT_TRUE(files_.CreateDirectory(directory_.Path("d" + suffix)).ok());

    EXPECT_EQ(files_.Inspect(directory_.Path("f" + suffix)).value().mode,
              0600u);
    EXPECT_EQ(files_.Inspect(directory_.Path("d" + suffix)).value().mode,
              0700u);
  }
}

TEST_F(PosixFileSystemTest, InspectTellsKindSizeAndOwner) {
  ASSERT_TRUE(Create("f")->Write(0, "12345").ok());

  const PathInfo file = files_.Inspect(directory_.Path("f")).value();

  EXPECT_EQ(file.kind, FileKind::kFile);
  EXPECT_EQ(file.size_bytes, 5u);
  EXPECT_TRUE(file.owned);
  EXPECT_EQ(files_.Inspect(directory_.path()).value().kind,
            FileKind::kDirectory);
  EXPECT_EQ(files_.Inspect(directory_.Path("g")).value().kind,
            FileKind::kAbsent);
  EXPECT_EQ(files_.Inspect(directory_.Path("f/g")).value().kind,
            FileKind::kAbsent);
}

TEST_F(PosixFileSystemTest, ListIsSorted) {
  for (const char* name : {"c", "a", "b"}) Create(name);
  EXPECT_THAT(files_.List(directory_.path()).value(),
              ElementsAre("a", "b", "c"));
  EXPECT_TRUE(absl::IsNotFound(files_.List(directory_.Path("d")).status()));
}

TEST_F(PosixFileSystemTest, RemovesFilesAndEmptyDirectoriesOnly) {
  ASSERT_TRUE(files_.CreateDirectory(directory_.Path("d")).ok());
  Create("d/f");

  EXPECT_TRUE(absl::IsFailedPrecondition(files_.Remove(directory_.Path("d"))));
  EXPECT_TRUE(files_.Remove(directory_.Path("d/f")).ok());
  EXPECT_TRUE(files_.Remove(directory_.Path("d")).ok());
  EXPECT_TRUE(absl::IsNotFound(files_.Remove(directory_.Path("d"))));
}

TEST_F(PosixFileSystemTest, CreateDirectoryRefusesWhatExists) {
  Create("f");
  EXPECT_TRUE(
      absl::IsAlreadyExists(files_.CreateDirectory(directory_.Path("f"))));
  EXPECT_TRUE(
      absl::IsNotFound(files_.CreateDirectory(directory_.Path("absent/d"))));
}

TEST_F(PosixFileSystemTest, RenameReplacesAFile) {
  ASSERT_TRUE(Create("a")->Write(0, "new").ok());
  ASSERT_TRUE(Create("b")->Write(0, "older").ok());

  ASSERT_TRUE(files_.Rename(directory_.Path("a"), directory_.Path("b")).ok());
  ASSERT_TRUE(files_.SyncDirectory(directory_.path()).ok());

  EXPECT_EQ(ReadFile(files_, directory_.Path("b"), 10).value(), "new");
  const absl::Status again =
      files_.Rename(directory_.Path("a"), directory_.Path("c"));
  EXPECT_TRUE(absl::IsNotFound(again)) << again;
  EXPECT_THAT(std::string(again.message()), HasSubstr(directory_.Path("c")));
}

TEST_F(PosixFileSystemTest, FreeBytesOfADisk) {
  EXPECT_GT(files_.FreeBytes(directory_.path()).value(), 0u);
  EXPECT_TRUE(
      absl::IsNotFound(files_.FreeBytes(directory_.Path("absent")).status()));
}

TEST_F(PosixFileSystemTest, SecondLockInThisProcessIsUnavailable) {
  Create("LOCK");
  const std::string path = directory_.Path("LOCK");
  auto first = files_.Lock(path);
  ASSERT_TRUE(first.ok()) << first.status();

  const absl::Status second = files_.Lock(path).status();
  EXPECT_TRUE(absl::IsUnavailable(second)) << second;
  EXPECT_THAT(std::string(second.message()), HasSubstr(path));

  first->reset();
  EXPECT_TRUE(files_.Lock(path).ok());
}

TEST_F(PosixFileSystemTest, LockKeepsAnotherProcessOut) {
  Create("LOCK");
  const std::string path = directory_.Path("LOCK");
  const auto held = files_.Lock(path);
  ASSERT_TRUE(held.ok());

  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    PosixFileSystem files;
    ::_exit(absl::IsUnavailable(files.Lock(path).status()) ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);

  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(PosixFileSystemTest, LockOfNothingIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(files_.Lock(directory_.Path("LOCK")).status()));
}

TEST_F(PosixFileSystemTest, DescriptorsAreNotInherited) {
  const auto file = Create("f");
  int found = 0;
  // Descriptors of a test program are few and small.
  for (int fd = STDERR_FILENO + 1; fd < 64; ++fd) {
    struct stat info = {};
    struct stat wanted = {};
    if (::fstat(fd, &info) != 0) continue;
    ASSERT_EQ(::stat(directory_.Path("f").c_str(), &wanted), 0);
    if (info.st_ino != wanted.st_ino || info.st_dev != wanted.st_dev) continue;
    ++found;
    EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  }
  EXPECT_EQ(found, 1);
}

TEST_F(PosixFileSystemTest, FileNeverTakesThePlaceOfAStandardStream) {
  const int saved = ::dup(STDIN_FILENO);
  ASSERT_GE(saved, 0);
  const auto restore = absl::MakeCleanup([&] {
    ::dup2(saved, STDIN_FILENO);
    ::close(saved);
  });
  ::close(STDIN_FILENO);

  const auto file = Create("f");

  EXPECT_EQ(::fcntl(STDIN_FILENO, F_GETFD), -1);
  EXPECT_TRUE(file->Write(0, "x").ok());
}

}  // namespace
}  // namespace trimaran::engine
