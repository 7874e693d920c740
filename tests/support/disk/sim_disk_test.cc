// Goal: the simulated disk behaves as a file system as long as it has power,
// and afterwards holds what was synced, names included.
// Method: through the storage engine's own port, then by images of crashes.

#include "tests/support/disk/sim_disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/disk/sim_file_system.h"

namespace trimaran::disk {
namespace {

using engine::FileKind;
using engine::OpenMode;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class SimDiskTest : public testing::Test {
 protected:
  std::unique_ptr<engine::File> Create(std::string_view path) {
    auto file = files_.Open(path, OpenMode::kCreate);
    EXPECT_TRUE(file.ok()) << file.status();
    return *std::move(file);
  }

  // A file whose name and content are durable.
  std::unique_ptr<engine::File> CreateDurable(std::string_view path,
                                              std::string_view content) {
    auto file = Create(path);
    EXPECT_TRUE(file->Write(0, content).ok());
    EXPECT_TRUE(file->Sync().ok());
    EXPECT_TRUE(files_.SyncDirectory(engine::ParentPath(path)).ok());
    return file;
  }

  std::map<std::string, std::string> FilesAfter(Survival survival,
                                                uint64_t seed = 0) const {
    std::map<std::string, std::string> files;
    for (const auto& [path, bytes] : disk_.AfterCrash(survival, seed).files) {
      files[path] = bytes.ToString();
    }
    return files;
  }
  std::map<std::string, std::string> Durable() const {
    return FilesAfter(kNothingSurvives);
  }

  SimDisk disk_{"/sim"};
  SimFileSystem files_{disk_};
};

using Files = std::map<std::string, std::string>;

TEST_F(SimDiskTest, DecayIsSeenAndSurvivesAndSparesWhatWaitsForASync) {
  auto file = CreateDurable("/sim/a", "before");
  ASSERT_TRUE(file->Write(0, "after.").ok());
  const auto rot = [](FileBytes& bytes) { bytes.Write(0, "x"); };
  EXPECT_FALSE(disk_.Decay("/sim/a", rot));
  EXPECT_EQ(FilesAfter(kEverythingSurvives), (Files{{"a", "after."}}));

  ASSERT_TRUE(file->Sync().ok());
  EXPECT_TRUE(disk_.Decay("/sim/a", rot));
  EXPECT_EQ(FilesAfter(kEverythingSurvives), (Files{{"a", "xfter."}}));
  EXPECT_EQ(Durable(), (Files{{"a", "xfter."}}));
}

TEST_F(SimDiskTest, UnsyncedContentIsLostAndSyncedContentIsNot) {
  auto file = CreateDurable("/sim/a", "synced");
  ASSERT_TRUE(file->Write(6, " and not").ok());
  EXPECT_EQ(Durable(), (Files{{"a", "synced"}}));
  EXPECT_EQ(FilesAfter(kEverythingSurvives), (Files{{"a", "synced and not"}}));
}

TEST_F(SimDiskTest, NameIsLostUnlessItsDirectoryIsSynced) {
  auto file = Create("/sim/a");
  ASSERT_TRUE(file->Write(0, "x").ok());
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_THAT(Durable(), IsEmpty());
  ASSERT_TRUE(files_.SyncDirectory("/sim").ok());
  EXPECT_EQ(Durable(), (Files{{"a", "x"}}));
}

TEST_F(SimDiskTest, FileInALostDirectoryIsLost) {
  ASSERT_TRUE(files_.CreateDirectory("/sim/d").ok());
  CreateDurable("/sim/d/a", "x");
  EXPECT_THAT(Durable(), IsEmpty());
  ASSERT_TRUE(files_.SyncDirectory("/sim").ok());
  EXPECT_EQ(Durable(), (Files{{"d/a", "x"}}));
}

TEST_F(SimDiskTest, RenameWithoutSyncLeavesTheOldNames) {
  CreateDurable("/sim/a", "old");
  CreateDurable("/sim/b", "new");
  ASSERT_TRUE(files_.Rename("/sim/b", "/sim/a").ok());
  EXPECT_EQ(Durable(), (Files{{"a", "old"}, {"b", "new"}}));
  ASSERT_TRUE(files_.SyncDirectory("/sim").ok());
  EXPECT_EQ(Durable(), (Files{{"a", "new"}}));
}

TEST_F(SimDiskTest, RenameDoesNotMakeTheContentDurable) {
  CreateDurable("/sim/a", "old");
  auto file = Create("/sim/b");
  ASSERT_TRUE(file->Write(0, "new").ok());
  ASSERT_TRUE(files_.Rename("/sim/b", "/sim/a").ok());
  ASSERT_TRUE(files_.SyncDirectory("/sim").ok());
  EXPECT_EQ(Durable(), (Files{{"a", ""}}));
}

TEST_F(SimDiskTest, RemovedFileComesBackUnlessTheDirectoryIsSynced) {
  CreateDurable("/sim/a", "x");
  ASSERT_TRUE(files_.Remove("/sim/a").ok());
  EXPECT_EQ(Durable(), (Files{{"a", "x"}}));
  ASSERT_TRUE(files_.SyncDirectory("/sim").ok());
  EXPECT_THAT(Durable(), IsEmpty());
}

TEST_F(SimDiskTest, DirectoryMovesWithWhatIsInIt) {
  ASSERT_TRUE(files_.CreateDirectory("/sim/d").ok());
  auto file = CreateDurable("/sim/d/a", "x");
  ASSERT_TRUE(files_.Rename("/sim/d", "/sim/e").ok());
  ASSERT_TRUE(files_.SyncDirectory("/sim").ok());
  EXPECT_EQ(Durable(), (Files{{"e/a", "x"}}));
  ASSERT_TRUE(file->Write(0, "y").ok());
  EXPECT_EQ(FilesAfter(kEverythingSurvives), (Files{{"e/a", "y"}}));
}

TEST_F(SimDiskTest, MoveBetweenDirectoriesIsNeverHalfDone) {
  for (const char* name : {"/sim/d", "/sim/e"}) {
    ASSERT_TRUE(files_.CreateDirectory(name).ok());
  }
  ASSERT_TRUE(files_.SyncDirectory("/sim").ok());
  auto file = Create("/sim/d/a");
  ASSERT_TRUE(files_.Rename("/sim/d/a", "/sim/e/a").ok());
  ASSERT_TRUE(files_.SyncDirectory("/sim/e").ok());
  EXPECT_EQ(Durable(), (Files{{"e/a", ""}}));
  EXPECT_EQ(FilesAfter(kEverythingSurvives), (Files{{"e/a", ""}}));
}

TEST_F(SimDiskTest, JournalKeepsChangesOfNamesInTheirOrder) {
  for (const char* name : {"/sim/a", "/sim/b", "/sim/c"}) Create(name);
  std::set<size_t> counts;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const Files files =
        FilesAfter({DataSurvival::kNone, NameSurvival::kPrefix}, seed);
    counts.insert(files.size());
    EXPECT_TRUE(files.contains("a") || files.empty());
    EXPECT_TRUE(files.contains("b") || !files.contains("c"));
  }
  EXPECT_THAT(counts, ElementsAre(0, 1, 2, 3));
}

TEST_F(SimDiskTest, WithoutAJournalAnyChangeOfNamesMaySurvive) {
  Create("/sim/a");
  Create("/sim/b");
  std::set<std::string> outcomes;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    std::string names;
    for (const auto& [path, content] :
         FilesAfter({DataSurvival::kNone, NameSurvival::kRandom}, seed)) {
      names += path;
    }
    outcomes.insert(names);
  }
  EXPECT_THAT(outcomes, UnorderedElementsAre("", "a", "b", "ab"));
}

TEST_F(SimDiskTest, ImageIsWhereTheNextDiskBegins) {
  ASSERT_TRUE(files_.CreateDirectory("/sim/d").ok());
  CreateDurable("/sim/d/a", "x");
  SimDisk next("/sim", disk_.Visible());
  SimFileSystem files(next);
  EXPECT_THAT(*files.List("/sim/d"), ElementsAre("a"));
  EXPECT_EQ(*engine::ReadFile(files, "/sim/d/a", 10), "x");
  EXPECT_EQ(next.AfterCrash(kNothingSurvives, 0), disk_.Visible());
}

TEST_F(SimDiskTest, RemovedFileGoesOnForWhoeverHasItOpen) {
  auto file = CreateDurable("/sim/a", "x");
  ASSERT_TRUE(files_.Remove("/sim/a").ok());
  ASSERT_TRUE(file->Write(0, "y").ok());
  ASSERT_TRUE(file->Sync().ok());
  char byte = 0;
  ASSERT_TRUE(file->Read(0, absl::MakeSpan(&byte, 1)).ok());
  EXPECT_EQ(byte, 'y');
  EXPECT_EQ(files_.Inspect("/sim/a")->kind, FileKind::kAbsent);
}

TEST_F(SimDiskTest, SaysWhatIsWrongWithAPath) {
  ASSERT_TRUE(files_.CreateDirectory("/sim/d").ok());
  CreateDurable("/sim/d/a", "x");
  const auto open = [this](const char* path, OpenMode mode) {
    return files_.Open(path, mode).status().code();
  };
  EXPECT_EQ(open("/sim/b", OpenMode::kRead), absl::StatusCode::kNotFound);
  EXPECT_EQ(open("/sim/d", OpenMode::kRead),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(open("/sim/d/a", OpenMode::kCreate),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(open("/sim/e/a", OpenMode::kCreate), absl::StatusCode::kNotFound);
  EXPECT_TRUE(absl::IsAlreadyExists(files_.CreateDirectory("/sim/d")));
  EXPECT_TRUE(absl::IsFailedPrecondition(files_.Remove("/sim/d")));
  EXPECT_TRUE(absl::IsNotFound(files_.Rename("/sim/b", "/sim/c")));
  EXPECT_TRUE(absl::IsFailedPrecondition(files_.Rename("/sim/d/a", "/sim/d")));
  EXPECT_TRUE(absl::IsFailedPrecondition(files_.List("/sim/d/a").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(files_.SyncDirectory("/sim/d/a")));
}

TEST_F(SimDiskTest, LockIsHeldOnceUntilItIsGone) {
  CreateDurable("/sim/LOCK", "");
  auto lock = files_.Lock("/sim/LOCK");
  ASSERT_TRUE(lock.ok());
  EXPECT_TRUE(absl::IsUnavailable(files_.Lock("/sim/LOCK").status()));
  lock->reset();
  EXPECT_TRUE(files_.Lock("/sim/LOCK").ok());
}

TEST_F(SimDiskTest, FileOpenForReadingIsNotWritten) {
  CreateDurable("/sim/a", "x");
  auto file = files_.Open("/sim/a", OpenMode::kRead);
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE(absl::IsPermissionDenied((*file)->Write(0, "y")));
}

}  // namespace
}  // namespace trimaran::disk
