// Goal: names say what they name and nothing else is taken for one of them;
// only what is a snapshot is removed.

#include "engine/snapshot/snapshot_paths.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"

namespace trimaran::engine {
namespace {

constexpr EntryId kPosition{LogIndex(20), Term(3)};

TEST(SnapshotPathsTest, NamesAreMadeFromNumbers) {
  EXPECT_EQ(ChunkFileName(0), "chunk-000001");
  EXPECT_EQ(ChunkFileName(999'998), "chunk-999999");
  EXPECT_EQ(ChunkFileName(999'999), "chunk-1000000");
  EXPECT_EQ(OutgoingName(kPosition), "out-20-3");
  EXPECT_EQ(IncomingName(kPosition, SnapshotId(0xab)),
            "in-20-3-00000000000000ab");
}

TEST(SnapshotPathsTest, NamesAreReadBack) {
  EXPECT_EQ(ParseSnapshotName(OutgoingName(kPosition)),
            (SnapshotName{kPosition, std::nullopt}));
  const SnapshotId id(~uint64_t{0});
  EXPECT_EQ(ParseSnapshotName(IncomingName(kPosition, id)),
            (SnapshotName{kPosition, id}));
}

TEST(SnapshotPathsTest, EveryOtherSpellingIsNoName) {
  for (const char* name :
       {"", "out", "out-", "out-20", "out-20-", "out-020-3", "out-20-3-",
        "out-20-3-00000000000000ab", "out-20-3.partial", "Out-20-3", "out--1-3",
        "out-99999999999999999999-3", "in-20-3", "in-20-3-ab",
        "in-20-3-00000000000000AB", "in-20-3-00000000000000ab0", "../out-20-3",
        "out-20-3/..", "MANIFEST"}) {
    EXPECT_EQ(ParseSnapshotName(name), std::nullopt) << name;
  }
}

class RemoveSnapshotTest : public ::testing::Test {
 protected:
  RemoveSnapshotTest() {
    EXPECT_TRUE(files_.CreateDirectory("/snap/one").ok());
  }

  void Put(const std::string& name) {
    auto file = files_.Open("/snap/one/" + name, OpenMode::kCreate);
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_TRUE((*file)->Write(0, "x").ok());
    ASSERT_TRUE((*file)->Sync().ok());
  }

  disk::SimDisk disk_{"/snap"};
  disk::SimFileSystem files_{disk_};
};

TEST_F(RemoveSnapshotTest, RemovesAllThatASnapshotHas) {
  for (const char* name : {"MANIFEST", "MANIFEST.partial", "MANIFEST.tmp",
                           "chunk-000001", "chunk-000017"}) {
    Put(name);
  }
  EXPECT_TRUE(RemoveSnapshot(files_, "/snap/one").ok());
  EXPECT_EQ(files_.Inspect("/snap/one")->kind, FileKind::kAbsent);
}

TEST_F(RemoveSnapshotTest, WhatIsNotThereIsRemovedAlready) {
  EXPECT_TRUE(RemoveSnapshot(files_, "/snap/two").ok());
}

TEST_F(RemoveSnapshotTest, RemovesNothingBesideAStrangersFile) {
  Put("MANIFEST");
  for (const char* name : {"notes.txt", "chunk-1", "chunk-000000"}) {
    Put(name);
    const absl::Status status = RemoveSnapshot(files_, "/snap/one");
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_EQ(files_.List("/snap/one")->size(), 2u);
    ASSERT_TRUE(files_.Remove(std::string("/snap/one/") + name).ok());
  }
}

TEST_F(RemoveSnapshotTest, TheManifestIsGoneForGoodBeforeAnyChunkIs) {
  Put("MANIFEST");
  Put("chunk-000001");
  Put("chunk-000002");
  ASSERT_TRUE(files_.SyncDirectory("/snap/one").ok());
  ASSERT_TRUE(files_.SyncDirectory("/snap").ok());
  const uint64_t before = disk_.operation_count();
  for (uint64_t count = 1; count < 6; ++count) {
    disk::SimDisk disk("/snap", disk_.Visible());
    disk::SimFileSystem files(disk);
    disk.CutPowerAfter(count);
    EXPECT_FALSE(RemoveSnapshot(files, "/snap/one").ok());
    for (const disk::Survival survival : disk::kFixedSurvivals) {
      const disk::DiskImage left = disk.AfterCrash(survival, 1);
      const bool whole = disk::FilesMatching(left, "chunk-").size() == 2;
      EXPECT_TRUE(whole || disk::FilesMatching(left, "MANIFEST").empty())
          << "after " << count << ", " << disk::SurvivalName(survival);
    }
  }
  EXPECT_EQ(disk_.operation_count(), before);
}

}  // namespace
}  // namespace trimaran::engine
