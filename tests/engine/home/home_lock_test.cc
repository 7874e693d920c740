// Goal: one at a time gets into a data directory, and nobody into a directory
// that is none; a home comes into being as a whole, wherever a crash strikes.

#include "engine/home/home_lock.h"

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/errors.h"
#include "engine/file/posix_file_system.h"
#include "engine/home/home_paths.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/file/temporary_directory.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"
#include "tests/support/disk/timeline.h"

namespace trimaran::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr StoreIdentity kIdentity = {ClusterId{1, 2}, StoreId(3), GroupId(4),
                                     ReplicaId(5)};
constexpr std::string_view kHome = "/sim/home";

std::string TextOf(const absl::Status& status) {
  return std::string(status.message());
}

// Makes a home, with a bit of what is in one. May be repeated after a crash.
absl::Status Found(FileSystem& files, std::string_view home) {
  absl::Status status = BeginFounding(files, home);
  for (const std::string_view name : {kLogDirectory, kStateDirectory}) {
    const std::string path = JoinPath(home, name);
    if (status.ok()) status = files.CreateDirectory(path);
    if (status.ok()) {
      status = WriteFileAtomically(files, JoinPath(path, "data"), "data");
    }
  }
  if (status.ok()) status = files.SyncDirectory(home);
  if (status.ok()) status = FinishFounding(files, home, kIdentity);
  return status;
}

class HomeLockTest : public testing::Test {
 protected:
  void MakeDirectory(std::string_view path) {
    ASSERT_TRUE(files_.CreateDirectory(path).ok()) << path;
  }
  void MakeFile(std::string_view name) {
    ASSERT_TRUE(files_.Open(JoinPath(kHome, name), OpenMode::kCreate).ok());
  }
  std::vector<std::string> Names() { return *files_.List(kHome); }

  disk::SimDisk disk_{"/sim"};
  disk::SimFileSystem files_{disk_};
};

// ---- Going in ----

TEST_F(HomeLockTest, MakesADirectoryToFoundAHomeIn) {
  const auto locked = LockHome(files_, kHome, HomeUse::kOpenOrFound);
  ASSERT_TRUE(locked.ok()) << locked.status();
  EXPECT_EQ(locked->kind, HomeKind::kEmpty);
  EXPECT_THAT(Names(), ElementsAre("LOCK"));
}

TEST_F(HomeLockTest, FoundedHomeOpens) {
  {
    const auto locked = LockHome(files_, kHome, HomeUse::kOpenOrFound);
    ASSERT_TRUE(locked.ok()) << locked.status();
    ASSERT_TRUE(Found(files_, kHome).ok());
  }
  const auto locked = LockHome(files_, kHome, HomeUse::kOpen);
  ASSERT_TRUE(locked.ok()) << locked.status();
  EXPECT_EQ(locked->kind, HomeKind::kHome);
  EXPECT_EQ(*ReadIdentity(files_, kHome), kIdentity);
  EXPECT_THAT(Names(), ElementsAre("LOCK", "STORE", "kv", "log"));
}

TEST_F(HomeLockTest, SecondOpenIsRefusedWhileTheFirstLasts) {
  auto first = LockHome(files_, kHome, HomeUse::kOpenOrFound);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(Found(files_, kHome).ok());
  for (const HomeUse use :
       {HomeUse::kOpen, HomeUse::kOpenOrFound, HomeUse::kInspect}) {
    const absl::Status second = LockHome(files_, kHome, use).status();
    EXPECT_TRUE(absl::IsUnavailable(second)) << second;
    EXPECT_THAT(TextOf(second), HasSubstr("/sim/home is open already"));
  }
  first->lock.reset();
  EXPECT_TRUE(LockHome(files_, kHome, HomeUse::kOpen).ok());
}

TEST_F(HomeLockTest, SlashAtTheEndMakesNoDifference) {
  ASSERT_TRUE(LockHome(files_, "/sim/home//", HomeUse::kOpenOrFound).ok());
  EXPECT_THAT(Names(), ElementsAre("LOCK"));
}

// ---- What is refused, and leaves nothing behind ----

TEST_F(HomeLockTest, OpeningNothingIsRefusedAndMakesNothing) {
  for (const HomeUse use : {HomeUse::kOpen, HomeUse::kInspect}) {
    EXPECT_TRUE(absl::IsNotFound(LockHome(files_, kHome, use).status()));
  }
  EXPECT_EQ(disk_.operation_count(), 0u);
  MakeDirectory(kHome);
  for (const HomeUse use : {HomeUse::kOpen, HomeUse::kInspect}) {
    EXPECT_TRUE(absl::IsNotFound(LockHome(files_, kHome, use).status()));
  }
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(HomeLockTest, EmptyPathIsRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(
      LockHome(files_, "", HomeUse::kOpenOrFound).status()));
}

TEST_F(HomeLockTest, MissingParentIsNotMade) {
  const absl::Status status =
      LockHome(files_, "/sim/a/b", HomeUse::kOpenOrFound).status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_EQ(disk_.operation_count(), 0u);
}

TEST_F(HomeLockTest, FileInsteadOfADirectoryIsRefused) {
  ASSERT_TRUE(files_.Open(kHome, OpenMode::kCreate).ok());
  const absl::Status status =
      LockHome(files_, kHome, HomeUse::kOpenOrFound).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
}

TEST_F(HomeLockTest, FilesOfSomethingElseAreLeftAlone) {
  MakeDirectory(kHome);
  MakeFile("notes.txt");
  for (const HomeUse use :
       {HomeUse::kOpen, HomeUse::kOpenOrFound, HomeUse::kInspect}) {
    const absl::Status status = LockHome(files_, kHome, use).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  }
  EXPECT_FALSE(BeginFounding(files_, kHome).ok());
  EXPECT_THAT(Names(), ElementsAre("notes.txt"));
}

TEST_F(HomeLockTest, HomeThatLostItsIdentityIsNotFoundedAgain) {
  ASSERT_TRUE(LockHome(files_, kHome, HomeUse::kOpenOrFound).ok());
  ASSERT_TRUE(Found(files_, kHome).ok());
  ASSERT_TRUE(files_.Remove("/sim/home/STORE").ok());
  for (const HomeUse use :
       {HomeUse::kOpen, HomeUse::kOpenOrFound, HomeUse::kInspect}) {
    const absl::Status status = LockHome(files_, kHome, use).status();
    EXPECT_TRUE(IsCorruption(status)) << status;
    EXPECT_THAT(TextOf(status), HasSubstr("STORE"));
  }
  EXPECT_TRUE(IsCorruption(BeginFounding(files_, kHome)));
  EXPECT_THAT(Names(), ElementsAre("LOCK", "kv", "log"));
}

// Covers: D6
TEST_F(HomeLockTest, HomeIsNotFoundedAgain) {
  ASSERT_TRUE(LockHome(files_, kHome, HomeUse::kOpenOrFound).ok());
  ASSERT_TRUE(Found(files_, kHome).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(BeginFounding(files_, kHome)));
  EXPECT_TRUE(files_.Open("/sim/home/kv/data", OpenMode::kRead).ok());
}

TEST_F(HomeLockTest, InspectingWritesNothing) {
  ASSERT_TRUE(LockHome(files_, kHome, HomeUse::kOpenOrFound).ok());
  ASSERT_TRUE(Found(files_, kHome).ok());
  MakeFile("FOUNDING");
  ASSERT_TRUE(files_.Remove("/sim/home/LOCK").ok());
  const uint64_t operations = disk_.operation_count();

  const auto locked = LockHome(files_, kHome, HomeUse::kInspect);
  ASSERT_TRUE(locked.ok()) << locked.status();
  EXPECT_EQ(locked->kind, HomeKind::kHome);
  EXPECT_EQ(locked->lock, nullptr);
  EXPECT_EQ(disk_.operation_count(), operations);
}

// ---- Founding ----

// Covers: D6
TEST_F(HomeLockTest, WhatABrokenOffFoundingLeftIsRemoved) {
  ASSERT_TRUE(LockHome(files_, kHome, HomeUse::kOpenOrFound).ok());
  ASSERT_TRUE(BeginFounding(files_, kHome).ok());
  MakeDirectory("/sim/home/snap");
  MakeDirectory("/sim/home/snap/7");
  MakeFile("snap/7/chunk");
  MakeFile("STORE.tmp");
  ASSERT_TRUE(
      absl::IsNotFound(LockHome(files_, kHome, HomeUse::kOpen).status()));

  const auto locked = LockHome(files_, kHome, HomeUse::kOpenOrFound);
  ASSERT_TRUE(locked.ok()) << locked.status();
  EXPECT_EQ(locked->kind, HomeKind::kUnfinished);
  ASSERT_TRUE(BeginFounding(files_, kHome).ok());
  EXPECT_THAT(Names(), ElementsAre("FOUNDING", "LOCK"));
  EXPECT_TRUE(Found(files_, kHome).ok());
}

struct Crash {
  size_t position = 0;
  disk::Survival survival;
  uint64_t seed = 0;
};

// What a crash left opens as a home, if it was promised, or becomes one.
void ExpectHomeComesAbout(const disk::DiskImage& image, bool promised) {
  const std::string_view home = "/after/home";
  disk::SimDisk disk("/after", image);
  disk::SimFileSystem files(disk);
  const auto locked = LockHome(files, home, HomeUse::kOpenOrFound);
  ASSERT_TRUE(locked.ok()) << locked.status();
  if (promised) {
    ASSERT_EQ(locked->kind, HomeKind::kHome);
  }
  if (locked->kind != HomeKind::kHome) {
    const absl::Status founded = Found(files, home);
    ASSERT_TRUE(founded.ok()) << founded;
  }
  const auto identity = ReadIdentity(files, home);
  ASSERT_TRUE(identity.ok()) << identity.status();
  EXPECT_EQ(*identity, kIdentity);
  EXPECT_EQ(*ReadFile(files, "/after/home/kv/data", 100), "data");
  EXPECT_FALSE(files.Open("/after/home/FOUNDING", OpenMode::kRead).ok());
}

std::vector<Crash> CrashesAt(size_t position) {
  std::vector<Crash> crashes;
  for (const disk::Survival survival : disk::kFixedSurvivals) {
    crashes.push_back({position, survival, 1});
  }
  for (const disk::Survival survival : disk::kSeededSurvivals) {
    for (const uint64_t seed : {1u, 2u, 3u, 4u}) {
      crashes.push_back({position, survival, seed});
    }
  }
  return crashes;
}

// Covers: D6
TEST_F(HomeLockTest, CrashAnywhereWhileFoundingLeavesAHomeOrTheWayToOne) {
  ASSERT_TRUE(LockHome(files_, kHome, HomeUse::kOpenOrFound).ok());
  ASSERT_TRUE(Found(files_, kHome).ok());

  const disk::Recording recording = disk_.TakeRecording();
  disk::Timeline timeline(recording);
  const size_t end = disk_.operation_count();
  for (size_t position = 0; position <= end; ++position) {
    for (const Crash& crash : CrashesAt(position)) {
      SCOPED_TRACE(testing::Message()
                   << "crash after operation " << position << ", "
                   << disk::SurvivalName(crash.survival) << ", seed "
                   << crash.seed);
      ExpectHomeComesAbout(
          timeline.ImageAfter(position, crash.survival, crash.seed),
          position == end);
      if (HasFatalFailure()) return;
    }
  }
}

// Founds the home unless that has been done.
absl::Status OpenOrFound(FileSystem& files, std::string_view home) {
  const auto locked = LockHome(files, home, HomeUse::kOpenOrFound);
  if (!locked.ok()) return locked.status();
  if (locked->kind == HomeKind::kHome) return absl::OkStatus();
  return Found(files, home);
}

// What a killed program has left can be seen and is not durable. The next one
// must not build upon it, for the machine may crash then.
// Covers: D6
TEST_F(HomeLockTest, CrashAfterAKillLeavesAHomeOrTheWayToOne) {
  ASSERT_TRUE(OpenOrFound(files_, kHome).ok());
  const disk::Recording killed = disk_.TakeRecording();
  disk::Timeline kill(killed);
  for (size_t kill_at = 0; kill_at <= disk_.operation_count(); ++kill_at) {
    kill.MoveTo(kill_at);
    disk::SimDisk second_disk("/second", kill.state());
    disk::SimFileSystem second(second_disk);
    ASSERT_TRUE(OpenOrFound(second, "/second/home").ok());

    const disk::Recording recording = second_disk.TakeRecording();
    disk::Timeline timeline(recording);
    const size_t end = second_disk.operation_count();
    for (size_t position = 0; position <= end; ++position) {
      for (const Crash& crash : CrashesAt(position)) {
        if (crash.seed > 2) continue;
        SCOPED_TRACE(testing::Message()
                     << "killed after operation " << kill_at
                     << ", crash after operation " << position << ", "
                     << disk::SurvivalName(crash.survival) << ", seed "
                     << crash.seed);
        ExpectHomeComesAbout(
            timeline.ImageAfter(position, crash.survival, crash.seed),
            position == end);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(HomeFoundingTest, FailedFoundingCanBeTriedAgain) {
  bool failed = true;
  for (uint64_t nth = 1; failed; ++nth) {
    SCOPED_TRACE(testing::Message() << "operation " << nth << " fails");
    disk::SimDisk disk("/sim");
    disk::SimFileSystem files(disk);
    disk.Inject({.nth = nth, .error = disk::FaultError::kNoSpace});
    failed = !LockHome(files, kHome, HomeUse::kOpenOrFound).ok() ||
             !Found(files, kHome).ok();
    EXPECT_EQ(failed, disk.faults_struck() > 0);
    ExpectHomeComesAbout(disk.Visible(), !failed);
  }
}

// ---- On the real disk ----

TEST(HomeLockOnDiskTest, FoundsAndOpensAHome) {
  TemporaryDirectory directory;
  PosixFileSystem files;
  const std::string home = directory.Path("home");
  {
    const auto locked = LockHome(files, home, HomeUse::kOpenOrFound);
    ASSERT_TRUE(locked.ok()) << locked.status();
    ASSERT_TRUE(Found(files, home).ok());
    EXPECT_TRUE(
        absl::IsUnavailable(LockHome(files, home, HomeUse::kOpen).status()));
  }
  const auto locked = LockHome(files, home, HomeUse::kOpen);
  ASSERT_TRUE(locked.ok()) << locked.status();
  EXPECT_EQ(locked->kind, HomeKind::kHome);
}

}  // namespace
}  // namespace trimaran::engine
