// Goal: a recording alone tells what a crash at any point of it leaves.
// Method: random operations on a disk; at each point the images that the disk
// itself gives are compared with those that the recording gives later.

#include "tests/support/disk/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"

namespace trimaran::disk {
namespace {

using engine::OpenMode;

std::string PathOf(uint64_t number) {
  return "/sim/d" + std::to_string(number % 2) + "/f" +
         std::to_string(number / 2);
}

// One random call, which may also be refused.
void DoSomething(SimFileSystem& files, Random& random) {
  const std::string path = PathOf(random.Uniform(6));
  switch (random.Uniform(8)) {
    case 0:
      files.Open(path, OpenMode::kCreate).IgnoreError();
      return;
    case 1:
      files.Remove(path).IgnoreError();
      return;
    case 2:
      files.Rename(path, PathOf(random.Uniform(6))).IgnoreError();
      return;
    case 3:
      files.SyncDirectory(engine::ParentPath(path)).IgnoreError();
      return;
    default:
      break;
  }
  auto file = files.Open(path, OpenMode::kReadWrite);
  if (!file.ok()) return;
  const std::string data(static_cast<size_t>(1 + random.Uniform(3000)),
                         static_cast<char>('a' + random.Uniform(26)));
  if (random.OneIn(3)) {
    (*file)->Sync().IgnoreError();
  } else {
    (*file)->Write(random.Uniform(6000), data).IgnoreError();
  }
}

// What the disk itself said after each number of operations.
using Images = std::map<uint64_t, std::pair<DiskImage, DiskImage>>;

Images RunAndWatch(SimDisk& disk, uint64_t seed) {
  SeededRandom random(seed);
  SimFileSystem files(disk);
  files.CreateDirectory("/sim/d0").IgnoreError();
  files.CreateDirectory("/sim/d1").IgnoreError();
  files.SyncDirectory("/sim").IgnoreError();
  disk.Inject({.target = FaultTarget::kSync, .nth = 40});
  disk.Inject({.target = FaultTarget::kWrite, .nth = 60, .written_sectors = 2});
  Images images;
  for (int i = 0; i < 500; ++i) {
    DoSomething(files, random);
    images[disk.operation_count()] = {disk.AfterCrash(kNothingSurvives, 0),
                                      disk.Visible()};
  }
  return images;
}

TEST(TimelineTest, ReplayGivesTheImagesOfTheRun) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    SimDisk disk("/sim");
    const Images images = RunAndWatch(disk, seed);
    const Recording recording = disk.TakeRecording();
    Timeline timeline(recording);
    for (const auto& [count, seen] : images) {
      EXPECT_EQ(timeline.ImageAfter(count, kNothingSurvives, 0), seen.first);
      EXPECT_EQ(timeline.AfterCrash(kEverythingSurvives, 0), seen.second);
    }
  }
}

TEST(TimelineTest, OrderOfQuestionsDoesNotMatter) {
  SimDisk disk("/sim");
  RunAndWatch(disk, 6);
  const Recording recording = disk.TakeRecording();
  constexpr Survival kSectors{DataSurvival::kSectors, NameSurvival::kPrefix};
  Timeline forward(recording);
  Timeline back(recording);
  std::vector<DiskImage> images;
  for (size_t count = 0; count < recording.operations.size(); count += 50) {
    images.push_back(forward.ImageAfter(count, kSectors, 3));
  }
  for (size_t i = images.size(); i-- > 0;) {
    EXPECT_EQ(back.ImageAfter(i * 50, kSectors, 3), images[i]) << i;
  }
}

TEST(TimelineTest, DeadProcessLeavesWhatIsNotSyncedUnsynced) {
  SimDisk disk("/sim");
  RunAndWatch(disk, 7);
  const Recording recording = disk.TakeRecording();
  Timeline timeline(recording);
  timeline.MoveTo(recording.operations.size() / 2);
  SimDisk next("/sim", timeline.state());
  EXPECT_EQ(next.Visible(), timeline.AfterCrash(kEverythingSurvives, 0));
  EXPECT_EQ(next.AfterCrash(kNothingSurvives, 0),
            timeline.AfterCrash(kNothingSurvives, 0));
  SimFileSystem files(next);
  ASSERT_TRUE(files.CreateDirectory("/sim/new").ok());
  const Recording second = next.TakeRecording();
  EXPECT_EQ(Timeline(second).ImageAfter(1, kEverythingSurvives, 0),
            next.Visible());
}

TEST(TimelineTest, MarkersStandWhereTheyWereMade) {
  SimDisk disk("/sim");
  SimFileSystem files(disk);
  disk.Mark("begun", 1);
  ASSERT_TRUE(files.CreateDirectory("/sim/d").ok());
  disk.Mark("done", 1);
  EXPECT_THAT(
      disk.TakeRecording().markers,
      testing::ElementsAre(Marker{0, "begun", 1}, Marker{1, "done", 1}));
}

TEST(TimelineTest, NothingIsUnsyncedBehindTheLastSync) {
  SimDisk disk("/sim");
  SimFileSystem files(disk);
  ASSERT_TRUE(files.CreateDirectory("/sim/d").ok());
  ASSERT_TRUE(files.SyncDirectory("/sim").ok());
  const Recording recording = disk.TakeRecording();
  Timeline timeline(recording);
  EXPECT_FALSE(timeline.HasUnsynced());
  timeline.MoveTo(1);
  EXPECT_TRUE(timeline.HasUnsynced());
  timeline.MoveTo(2);
  EXPECT_FALSE(timeline.HasUnsynced());
  EXPECT_EQ(Describe(recording.operations[0]), "make directory d");
}

}  // namespace
}  // namespace trimaran::disk
