// Goal: calls fail where a test says so, and what they leave is what a real
// disk may leave.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/base/status_macros.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"

namespace trimaran::disk {
namespace {

using engine::OpenMode;
using testing::ElementsAre;

class FaultTest : public testing::Test {
 protected:
  FaultTest() {
    file_ = *files_.Open("/sim/a", OpenMode::kCreate);
    EXPECT_TRUE(files_.SyncDirectory("/sim").ok());
  }

  std::string DurableContent() const {
    return disk_.AfterCrash(kNothingSurvives, 0).files.at("a").ToString();
  }

  SimDisk disk_{"/sim"};
  SimFileSystem files_{disk_};
  std::unique_ptr<engine::File> file_;
};

TEST_F(FaultTest, NthMatchingCallFailsOnce) {
  disk_.Inject({.target = FaultTarget::kWrite, .nth = 2});
  EXPECT_TRUE(file_->Write(0, "x").ok());
  EXPECT_TRUE(file_->Sync().ok());
  EXPECT_TRUE(absl::IsInternal(file_->Write(1, "y")));
  EXPECT_TRUE(file_->Write(1, "z").ok());
  EXPECT_EQ(disk_.faults_struck(), 1u);
}

TEST_F(FaultTest, FaultForEverGoesOn) {
  disk_.Inject({.error = FaultError::kNoSpace, .for_ever = true});
  EXPECT_TRUE(absl::IsResourceExhausted(file_->Write(0, "x")));
  EXPECT_TRUE(absl::IsResourceExhausted(files_.CreateDirectory("/sim/d")));
  disk_.ClearFaults();
  EXPECT_TRUE(file_->Write(0, "x").ok());
}

TEST_F(FaultTest, FaultIsAboutFilesWhosePathMatches) {
  auto other = files_.Open("/sim/other", OpenMode::kCreate);
  ASSERT_TRUE(other.ok());
  disk_.Inject({.path_part = "other", .for_ever = true});
  EXPECT_TRUE(file_->Write(0, "x").ok());
  EXPECT_FALSE((*other)->Write(0, "x").ok());
}

TEST_F(FaultTest, ReadFailsOnlyWhereReadingWasMeant) {
  disk_.Inject({.target = FaultTarget::kRead});
  EXPECT_TRUE(file_->Write(0, "x").ok());
  char byte = 0;
  EXPECT_FALSE(file_->Read(0, absl::MakeSpan(&byte, 1)).ok());
  EXPECT_TRUE(file_->Read(0, absl::MakeSpan(&byte, 1)).ok());
}

TEST_F(FaultTest, ShortWritesAndReadsDoAPart) {
  const NodeId node = *disk_.Open("/sim/a");
  disk_.Inject({.error = FaultError::kShort, .short_bytes = 3});
  EXPECT_EQ(*disk_.WriteSome(node, 0, "abcdef"), 3u);
  EXPECT_EQ(disk_.Visible().files.at("a").ToString(), "abc");
  EXPECT_EQ(*disk_.WriteSome(node, 3, "def"), 3u);

  std::string buffer(6, '?');
  disk_.Inject({.target = FaultTarget::kRead,
                .error = FaultError::kShort,
                .short_bytes = 100});
  EXPECT_EQ(*disk_.ReadSome(node, 0, absl::MakeSpan(buffer)), 5u);
  EXPECT_EQ(buffer, "abcde?");
  EXPECT_EQ(disk_.faults_struck(), 2u);
}

TEST_F(FaultTest, FilesGoOnAfterShortWritesAndReads) {
  for (const FaultTarget target : {FaultTarget::kWrite, FaultTarget::kRead}) {
    disk_.Inject({.target = target,
                  .error = FaultError::kShort,
                  .for_ever = true,
                  .short_bytes = 2});
  }
  ASSERT_TRUE(file_->Write(0, "abcdefg").ok());
  ASSERT_TRUE(file_->Sync().ok());
  std::string buffer(9, '?');
  EXPECT_EQ(*file_->Read(0, absl::MakeSpan(buffer)), 7u);
  EXPECT_EQ(buffer, "abcdefg??");
  EXPECT_EQ(DurableContent(), "abcdefg");
}

TEST_F(FaultTest, AfterAFailedSyncNothingOfTheFileBecomesDurableAnyMore) {
  ASSERT_TRUE(file_->Write(0, "old").ok());
  ASSERT_TRUE(file_->Sync().ok());
  ASSERT_TRUE(file_->Write(0, "new").ok());
  disk_.Inject({.target = FaultTarget::kSync});
  EXPECT_FALSE(file_->Sync().ok());
  EXPECT_FALSE(file_->Sync().ok());
  EXPECT_EQ(DurableContent(), "old");
  EXPECT_EQ(disk_.Visible().files.at("a").ToString(), "new");
  EXPECT_TRUE(files_.SyncDirectory("/sim").ok()) << "another node";
}

TEST_F(FaultTest, WhatAFailedSyncDroppedIsDurableOnlyWhenWrittenAgain) {
  ASSERT_TRUE(file_->Write(0, std::string(8192, 'a')).ok());
  disk_.Inject({.target = FaultTarget::kSync});
  ASSERT_FALSE(file_->Sync().ok());
  SimDisk next("/sim", disk_.TakeState());
  SimFileSystem files(next);
  auto file = files.Open("/sim/a", OpenMode::kReadWrite);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Write(0, "b").ok());
  ASSERT_TRUE((*file)->Sync().ok());
  EXPECT_EQ(next.Visible().files.at("a").ToString(),
            "b" + std::string(8191, 'a'));
  EXPECT_EQ(next.AfterCrash(kNothingSurvives, 0).files.at("a").ToString(),
            "b" + std::string(4095, 'a') + std::string(4096, '\0'));
  ASSERT_TRUE((*file)->Write(4096, std::string(4096, 'a')).ok());
  ASSERT_TRUE((*file)->Sync().ok());
  EXPECT_EQ(next.AfterCrash(kNothingSurvives, 0), next.Visible());
}

TEST_F(FaultTest, FailingWriteMayBeDoneInPart) {
  ASSERT_TRUE(file_->Write(0, std::string(100, 'o')).ok());
  disk_.Inject({.error = FaultError::kNoSpace, .written_sectors = 1});
  EXPECT_FALSE(file_->Write(100, std::string(1000, 'n')).ok());
  EXPECT_EQ(disk_.Visible().files.at("a").ToString(),
            std::string(100, 'o') + std::string(412, 'n'));
}

TEST_F(FaultTest, FailedCallsAreCountedAndReplayed) {
  const uint64_t before = disk_.operation_count();
  disk_.Inject({.for_ever = true});
  EXPECT_FALSE(file_->Write(0, "x").ok());
  EXPECT_FALSE(file_->Sync().ok());
  EXPECT_FALSE(files_.Remove("/sim/a").ok());
  EXPECT_EQ(disk_.operation_count(), before + 3);
  EXPECT_TRUE(files_.Open("/sim/a", OpenMode::kRead).ok());
}

TEST_F(FaultTest, WithoutPowerNothingWorksAndNothingChanges) {
  ASSERT_TRUE(file_->Write(0, "x").ok());
  const DiskImage image = disk_.Visible();
  disk_.CutPowerAfter(disk_.operation_count());
  char byte = 0;
  EXPECT_FALSE(file_->Write(0, "y").ok());
  EXPECT_FALSE(file_->Sync().ok());
  EXPECT_FALSE(file_->Read(0, absl::MakeSpan(&byte, 1)).ok());
  EXPECT_FALSE(files_.List("/sim").ok());
  EXPECT_FALSE(files_.Rename("/sim/a", "/sim/b").ok());
  EXPECT_EQ(disk_.Visible(), image);
  EXPECT_EQ(DurableContent(), "");
}

TEST_F(FaultTest, FullDiskRefusesToGrowAndStillOverwrites) {
  ASSERT_TRUE(file_->Write(0, "12345").ok());
  disk_.SetCapacity(6);
  EXPECT_EQ(*files_.FreeBytes("/sim"), 1u);
  EXPECT_TRUE(absl::IsResourceExhausted(file_->Write(4, "567")));
  EXPECT_TRUE(file_->Write(4, "56").ok());
  EXPECT_TRUE(file_->Write(0, "654321").ok());
  EXPECT_EQ(*files_.FreeBytes("/sim"), 0u);
}

TEST_F(FaultTest, HookRunsBeforeTheSyncItIsToldOf) {
  std::vector<std::string> synced;
  std::string content_before;
  ASSERT_TRUE(file_->Write(0, "x").ok());
  disk_.SetSyncHook([&](std::string_view path) {
    synced.emplace_back(path);
    content_before = DurableContent();
  });
  ASSERT_TRUE(file_->Sync().ok());
  EXPECT_THAT(synced, ElementsAre("a"));
  EXPECT_EQ(content_before, "");
  EXPECT_EQ(DurableContent(), "x");
}

}  // namespace
}  // namespace trimaran::disk
