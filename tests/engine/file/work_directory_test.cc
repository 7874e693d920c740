// Goal: what is being made has a place that nobody else uses, that is gone
// afterwards, and whose remains no crash makes look like anything else.

#include "engine/file/work_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/file/posix_file_system.h"
#include "engine/file/put_in_place.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/file/temporary_directory.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"
#include "tests/support/disk/timeline.h"

namespace trimaran::engine {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kPlace = "/user/new.partial";

class WorkDirectoryTest : public ::testing::Test {
 protected:
  void MakeFile(const std::string& path) {
    ASSERT_TRUE(files_.Open(path, OpenMode::kCreate).ok());
  }
  std::vector<std::string> Names() { return *files_.List("/user"); }

  disk::SimDisk disk_{"/user"};
  disk::SimFileSystem files_{disk_};
};

TEST_F(WorkDirectoryTest, IsGoneAfterwardsWithAllThatIsInIt) {
  auto work = WorkDirectory::Make(files_, kPlace);
  ASSERT_TRUE(work.ok()) << work.status();
  ASSERT_TRUE(files_.CreateDirectory((*work)->Inside("deep")).ok());
  MakeFile((*work)->Inside("deep/file"));
  work->reset();
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(WorkDirectoryTest, IsOneMakersAtATime) {
  auto first = WorkDirectory::Make(files_, kPlace);
  ASSERT_TRUE(first.ok());
  MakeFile((*first)->Inside("half"));
  const auto second = WorkDirectory::Make(files_, kPlace);
  EXPECT_TRUE(absl::IsUnavailable(second.status())) << second.status();
  EXPECT_THAT(second.status().message(), HasSubstr(kPlace));
  EXPECT_THAT(*files_.List(kPlace), Contains("half"));
  first->reset();
  EXPECT_TRUE(WorkDirectory::Make(files_, kPlace).ok());
}

TEST_F(WorkDirectoryTest, WhatHasNoMarkIsLeftAlone) {
  ASSERT_TRUE(files_.CreateDirectory(kPlace).ok());
  MakeFile("/user/new.partial/notes.txt");
  EXPECT_TRUE(
      absl::IsAlreadyExists(WorkDirectory::Make(files_, kPlace).status()));
  EXPECT_THAT(*files_.List(kPlace), ElementsAre("notes.txt"));
}

TEST_F(WorkDirectoryTest, AFileIsLeftAlone) {
  MakeFile(std::string(kPlace));
  EXPECT_TRUE(
      absl::IsAlreadyExists(WorkDirectory::Make(files_, kPlace).status()));
  EXPECT_THAT(Names(), ElementsAre("new.partial"));
}

TEST_F(WorkDirectoryTest, SlashesAtTheEndChangeNothing) {
  auto work = WorkDirectory::Make(files_, std::string(kPlace) + "//");
  ASSERT_TRUE(work.ok()) << work.status();
  EXPECT_EQ((*work)->Inside("half"), JoinPath(kPlace, "half"));
}

TEST_F(WorkDirectoryTest, NameThatIsTooLongIsSaidToBe) {
  const std::string parent = "/user/";
  const std::string longest = parent + std::string(255, 'n');
  EXPECT_TRUE(WorkDirectory::Make(files_, longest).ok());
  const absl::Status status =
      WorkDirectory::Make(files_, longest + "n").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr(longest));
  EXPECT_THAT(status.message(), HasSubstr("256 bytes"));
  EXPECT_THAT(status.message(), HasSubstr("255 is the limit"));
}

// It could be exchanged for something else while it is removed.
TEST(WorkDirectoryOwnerTest, WhatOthersCanWriteToIsLeftAlone) {
  const TemporaryDirectory directory;
  PosixFileSystem files;
  const std::string place = directory.Path("new.partial");
  ASSERT_TRUE(files.CreateDirectory(place).ok());
  ASSERT_TRUE(
      files.Open(JoinPath(place, "TRIMARAN-SCRAP"), OpenMode::kCreate).ok());
  ASSERT_TRUE(files.Open(JoinPath(place, "half"), OpenMode::kCreate).ok());
  for (const mode_t mode : {0720u, 0702u}) {
    ASSERT_EQ(::chmod(place.c_str(), mode), 0);
    const absl::Status status = WorkDirectory::Make(files, place).status();
    EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
    EXPECT_THAT(status.message(), HasSubstr(place));
    EXPECT_THAT(*files.List(place), Contains("half"));
  }
  ASSERT_EQ(::chmod(place.c_str(), 0700), 0);
  EXPECT_TRUE(WorkDirectory::Make(files, place).ok());
}

TEST(WorkDirectoryLinkTest, LinkIsLeftAloneAndNotFollowed) {
  const TemporaryDirectory directory;
  PosixFileSystem files;
  const std::string place = directory.Path("new.partial");
  const std::string other = directory.Path("other");
  ASSERT_TRUE(files.CreateDirectory(other).ok());
  ASSERT_TRUE(
      files.Open(JoinPath(other, "TRIMARAN-SCRAP"), OpenMode::kCreate).ok());
  ASSERT_EQ(::symlink(other.c_str(), place.c_str()), 0);
  for (const std::string& path : {place, place + "/"}) {
    const absl::Status status = WorkDirectory::Make(files, path).status();
    EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
  }
  EXPECT_THAT(*files.List(other), ElementsAre("TRIMARAN-SCRAP"));
}

// As NFS does it: a file that is removed while somebody has it open, as who has
// locked it does, stays in its directory under another name.
class KeepsWhatIsOpen final : public FileSystem {
 public:
  explicit KeepsWhatIsOpen(FileSystem& files) : files_(files) {}

  absl::StatusOr<std::unique_ptr<File>> Open(std::string_view path,
                                             OpenMode mode) override {
    return files_.Open(path, mode);
  }
  absl::Status CreateDirectory(std::string_view path) override {
    return files_.CreateDirectory(path);
  }
  absl::Status SyncDirectory(std::string_view path) override {
    return files_.SyncDirectory(path);
  }
  absl::StatusOr<std::vector<std::string>> List(
      std::string_view path) override {
    return files_.List(path);
  }
  absl::Status Remove(std::string_view path) override {
    if (locks_ > 0 && path == kPlace) {
      return absl::FailedPreconditionError("not empty");
    }
    return files_.Remove(path);
  }
  absl::Status Rename(std::string_view from, std::string_view to) override {
    return files_.Rename(from, to);
  }
  absl::StatusOr<PathInfo> Inspect(std::string_view path) override {
    return files_.Inspect(path);
  }
  absl::StatusOr<uint64_t> FreeBytes(std::string_view path) override {
    return files_.FreeBytes(path);
  }
  absl::StatusOr<std::unique_ptr<FileLock>> Lock(
      std::string_view path) override {
    auto lock = files_.Lock(path);
    if (!lock.ok()) return lock;
    return std::make_unique<CountedLock>(*std::move(lock), locks_);
  }

 private:
  class CountedLock final : public FileLock {
   public:
    CountedLock(std::unique_ptr<FileLock> lock, int& count)
        : lock_(std::move(lock)), count_(count) {
      ++count_;
    }
    ~CountedLock() override { --count_; }

   private:
    const std::unique_ptr<FileLock> lock_;
    int& count_;
  };

  FileSystem& files_;
  int locks_ = 0;
};

TEST_F(WorkDirectoryTest, IsGoneAfterwardsWhereWhatIsOpenStays) {
  KeepsWhatIsOpen files(files_);
  { EXPECT_TRUE(WorkDirectory::Make(files, kPlace).ok()); }
  EXPECT_THAT(Names(), IsEmpty());
  ASSERT_TRUE(files_.CreateDirectory(kPlace).ok());
  MakeFile(JoinPath(kPlace, "TRIMARAN-SCRAP"));
  EXPECT_TRUE(WorkDirectory::Make(files, kPlace).ok());
}

// On a real disk, where a maker may go and another one come between any two
// calls: also between opening a mark and locking it.
TEST(WorkDirectoryRaceTest, NobodyRemovesWhatAnotherOneIsMaking) {
  const TemporaryDirectory directory;
  const std::string place = directory.Path("new.partial");
  std::atomic<int> made = 0;
  std::atomic<int> spoilt = 0;
  const auto make = [&] {
    PosixFileSystem files;
    for (int i = 0; i < 1000; ++i) {
      auto work = WorkDirectory::Make(files, place);
      if (!work.ok()) {
        // Whoever is told anything else would not know to come again.
        EXPECT_TRUE(absl::IsUnavailable(work.status())) << work.status();
        continue;
      }
      ++made;
      const std::string half = (*work)->Inside("half");
      for (int look = 0; look < 5; ++look) {
        const auto found = look == 0
                               ? files.Open(half, OpenMode::kCreate).status()
                               : files.Open(half, OpenMode::kRead).status();
        if (!found.ok()) ++spoilt;
      }
    }
  };
  std::vector<std::thread> makers;
  for (int i = 0; i < 4; ++i) makers.emplace_back(make);
  for (std::thread& maker : makers) maker.join();
  EXPECT_GT(made, 0);
  EXPECT_EQ(spoilt, 0);
}

// Makes /user/new, by way of kPlace.
void MakeNew(FileSystem& files) {
  auto work = WorkDirectory::Make(files, kPlace);
  ASSERT_TRUE(work.ok()) << work.status();
  const std::string made = (*work)->Inside("made");
  ASSERT_TRUE(files.CreateDirectory(made).ok());
  {
    auto file = files.Open(JoinPath(made, "content"), OpenMode::kCreate);
    ASSERT_TRUE(file.ok() && (*file)->Write(0, "whole").ok() &&
                (*file)->Sync().ok());
  }
  auto scrap = files.Open((*work)->Inside("scrap"), OpenMode::kCreate);
  ASSERT_TRUE(scrap.ok() && (*scrap)->Write(0, "more").ok());
  ASSERT_TRUE(files.SyncDirectory(made).ok());
  ASSERT_TRUE(PutInPlace(files, made, "/user/new").ok());
}

// Whatever the crash has left, the new thing is there as a whole or can be
// made.
void CheckRemains(disk::DiskImage image) {
  disk::SimDisk disk("/user", std::move(image));
  disk::SimFileSystem files(disk);
  if (files.Inspect("/user/new")->kind == FileKind::kAbsent) {
    MakeNew(files);
  } else {
    EXPECT_TRUE(WorkDirectory::Make(files, kPlace).ok());
  }
  EXPECT_EQ(ReadFile(files, "/user/new/content", 10).value_or("none"), "whole");
  EXPECT_THAT(*files.List("/user"), ElementsAre("new"));
}

TEST_F(WorkDirectoryTest, AfterEveryCrashTheNextAttemptSucceeds) {
  MakeNew(files_);
  EXPECT_THAT(Names(), ElementsAre("new"));
  const disk::Recording recording = disk_.TakeRecording();
  disk::Timeline timeline(recording);
  for (size_t count = 0; count <= disk_.operation_count(); ++count) {
    timeline.MoveTo(count);
    SCOPED_TRACE(count);
    for (const disk::Survival survival : disk::kFixedSurvivals) {
      SCOPED_TRACE(disk::SurvivalName(survival));
      CheckRemains(timeline.AfterCrash(survival, 0));
    }
    for (const disk::Survival survival : disk::kSeededSurvivals) {
      for (uint64_t seed = 1; seed <= 8; ++seed) {
        SCOPED_TRACE(disk::SurvivalName(survival) + std::to_string(seed));
        CheckRemains(timeline.AfterCrash(survival, seed));
      }
    }
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace trimaran::engine
