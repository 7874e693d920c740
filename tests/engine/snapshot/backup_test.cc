// Goal: a backup is there as a whole or not at all, touches nothing that is not
// its own, and gives the same state back.

#include "engine/snapshot/backup.h"

#include <functional>
#include <memory>
#include <string>

#include "engine/base/errors.h"
#include "engine/snapshot/snapshot_loader.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_reader.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/snapshot/test_state.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"

namespace trimaran::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class BackupTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<BackupWriter>> Start() {
    BackupOptions options;
    options.writer.chunk_bytes_target = 1000;
    options.check = check_;
    return BackupWriter::Start(files_, target_, kTestIdentity,
                               std::make_unique<TestExport>(state_), options);
  }
  absl::Status Run() {
    auto backup = Start();
    if (!backup.ok()) return backup.status();
    for (;;) {
      const auto progress = (*backup)->Step();
      if (!progress.ok()) return progress.status();
      if (progress->done) return absl::OkStatus();
    }
  }
  void MakeFile(const std::string& path) {
    ASSERT_TRUE(files_.Open(path, OpenMode::kCreate).ok());
  }
  std::vector<std::string> Names() { return *files_.List("/user"); }

  // Of every backup that is started.
  std::string target_ = "/user/backup";
  std::function<absl::Status(const std::string&)> check_;
  SeededRandom random_{5};
  const TestState state_ = MakeTestState(50, 60, random_);
  disk::SimDisk disk_{"/user"};
  disk::SimFileSystem files_{disk_};
};

TEST_F(BackupTest, GivesTheStateBackStepByStep) {
  ASSERT_TRUE(Run().ok());
  const auto reader = SnapshotReader::Open(files_, "/user/backup");
  ASSERT_TRUE(reader.ok());
  TestImport import;
  SnapshotLoader loader(**reader, import);
  uint32_t steps = 0;
  for (auto more = loader.Step(); *more; more = loader.Step()) {
    ASSERT_TRUE(more.ok());
    EXPECT_EQ(loader.chunks_loaded(), ++steps);
    EXPECT_EQ(import.finished_at(), std::nullopt);
  }
  EXPECT_EQ(steps, (*reader)->chunk_count());
  EXPECT_EQ(import.records(), state_.records);
  EXPECT_EQ(import.finished_at(), state_.position);
  EXPECT_FALSE(*loader.Step()) << "a step more changes nothing";
}

TEST_F(BackupTest, ADamagedBackupIsNotRestored) {
  ASSERT_TRUE(Run().ok());
  {
    const auto file =
        files_.Open("/user/backup/chunk-000002", OpenMode::kReadWrite);
    ASSERT_TRUE((*file)->Write(100, "rot").ok());
  }
  const auto reader = SnapshotReader::Open(files_, "/user/backup");
  TestImport import;
  SnapshotLoader loader(**reader, import);
  EXPECT_TRUE(loader.Step().ok());
  const absl::Status status = loader.Step().status();
  EXPECT_TRUE(IsCorruption(status)) << status;
  EXPECT_EQ(loader.Step().status(), status);
  EXPECT_EQ(import.finished_at(), std::nullopt);
}

TEST_F(BackupTest, IsNotThereBeforeItIsWhole) {
  auto backup = Start();
  ASSERT_TRUE(backup.ok());
  while (!(*backup)->Step()->done) {
    EXPECT_THAT(Names(), ElementsAre("backup.partial"));
  }
  EXPECT_THAT(Names(), ElementsAre("backup"));
  backup->reset();
  EXPECT_THAT(Names(), ElementsAre("backup"));
}

TEST_F(BackupTest, MayBeNamedWithASlashBehind) {
  target_ += "/";
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(Names(), ElementsAre("backup"));
  ASSERT_TRUE(files_.CreateDirectory("/user/empty").ok());
  target_ = "/user/empty//";
  const absl::Status status = Run();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(SnapshotReader::Open(files_, "/user/empty").ok());
  EXPECT_THAT(Names(), ElementsAre("backup", "empty"));
}

TEST_F(BackupTest, NameThatLeavesNoRoomForThatOfTheAttemptIsRefused) {
  target_ = "/user/" + std::string(250, 'b');
  const absl::Status status = Run();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr(target_ + ".partial"));
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(BackupTest, IsCheckedAsAWholeBeforeItGetsItsName) {
  check_ = [this](const std::string& directory) {
    EXPECT_EQ(directory, "/user/backup.partial/backup");
    EXPECT_TRUE(SnapshotReader::Open(files_, directory).ok());
    EXPECT_THAT(Names(), ElementsAre("backup.partial"));
    return absl::OkStatus();
  };
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(Names(), ElementsAre("backup"));
}

TEST_F(BackupTest, WhatTheCheckRefusesGetsNoName) {
  check_ = [](const std::string&) { return absl::CancelledError("enough"); };
  EXPECT_TRUE(absl::IsCancelled(Run()));
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(BackupTest, OfTwoToOnePlaceTheSecondIsRefused) {
  auto first = Start();
  ASSERT_TRUE(first.ok()) << first.status();
  absl::StatusOr<SnapshotProgress> progress;
  do {
    const auto second = Start();
    EXPECT_TRUE(absl::IsUnavailable(second.status())) << second.status();
    EXPECT_THAT(second.status().message(), HasSubstr("/user/backup.partial"));
    progress = (*first)->Step();
    ASSERT_TRUE(progress.ok()) << progress.status();
  } while (!progress->done);
  const auto whole = SnapshotReader::Open(files_, "/user/backup");
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_TRUE((*whole)->VerifyAll().ok());
  EXPECT_THAT(Names(), ElementsAre("backup"));
}

TEST_F(BackupTest, GoesIntoAnEmptyDirectory) {
  ASSERT_TRUE(files_.CreateDirectory("/user/backup").ok());
  EXPECT_TRUE(Run().ok());
  EXPECT_TRUE(SnapshotReader::Open(files_, "/user/backup").ok());
}

TEST_F(BackupTest, WhatIsThereIsNotTouched) {
  MakeFile("/user/backup");
  EXPECT_TRUE(absl::IsAlreadyExists(Start().status()));
  ASSERT_TRUE(files_.Remove("/user/backup").ok());
  ASSERT_TRUE(files_.CreateDirectory("/user/backup").ok());
  MakeFile("/user/backup/notes.txt");
  EXPECT_TRUE(absl::IsAlreadyExists(Start().status()));
  EXPECT_THAT(Names(), ElementsAre("backup"));
  EXPECT_THAT(*files_.List("/user/backup"), ElementsAre("notes.txt"));
}

TEST_F(BackupTest, WhatAppearsMeanwhileIsNotTouchedEither) {
  auto backup = Start();
  ASSERT_TRUE(backup.ok());
  ASSERT_TRUE((*backup)->Step().ok());
  MakeFile("/user/backup");
  absl::Status status;
  while (status.ok()) status = (*backup)->Step().status();
  EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
  EXPECT_THAT(Names(), ElementsAre("backup"));
  EXPECT_EQ((*backup)->Step().status(), status);
}

TEST_F(BackupTest, AStrangersDirectoryIsNotTakenForAnAttempt) {
  ASSERT_TRUE(files_.CreateDirectory("/user/backup.partial").ok());
  MakeFile("/user/backup.partial/notes.txt");
  EXPECT_TRUE(absl::IsAlreadyExists(Run()));
  EXPECT_THAT(*files_.List("/user/backup.partial"), ElementsAre("notes.txt"));
}

// Somebody may have named a backup so.
TEST_F(BackupTest, AWholeBackupIsNotTakenForAnAttempt) {
  ASSERT_TRUE(Run().ok());
  ASSERT_TRUE(files_.Rename("/user/backup", "/user/backup.partial").ok());
  EXPECT_TRUE(absl::IsAlreadyExists(Run()));
  const auto kept = SnapshotReader::Open(files_, "/user/backup.partial");
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_TRUE((*kept)->VerifyAll().ok());
}

TEST_F(BackupTest, GivenUpItLeavesNothing) {
  auto backup = Start();
  ASSERT_TRUE(backup.ok());
  ASSERT_TRUE((*backup)->Step().ok());
  EXPECT_TRUE((*backup)->Cancel().ok());
  EXPECT_THAT(Names(), IsEmpty());
  EXPECT_TRUE(absl::IsCancelled((*backup)->Step().status()));
}

}  // namespace
}  // namespace trimaran::engine
