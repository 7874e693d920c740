// Goal: the number of an import that a crash has ended may come again, and
// nothing of the first one is ever seen in the second.
// Method: crashes during an import; after each the import of another snapshot,
// and crashes during that one.
//
// TRIMARAN_ERRORS=all crashes everywhere, not at every so-many-th operation.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "engine/snapshot/installer.h"
#include "tests/crash/child_process.h"
#include "tests/crash/store_under_test.h"
#include "tests/support/disk/timeline.h"

namespace trimaran::crash {
namespace {

using disk::DiskImage;
using disk::SimDisk;
using disk::Survival;

constexpr uint64_t kSeed = 29;
constexpr int kSecondsMax = 240;

LogIndex At(uint64_t entries) {
  return engine::kBootstrapPosition.index + entries;
}
constexpr uint64_t kApplied = 30;
constexpr uint64_t kFirst = 50;
constexpr uint64_t kSecond = 70;

size_t StrideOf(size_t usual) {
  return std::getenv("TRIMARAN_ERRORS") == nullptr ? usual : 1;
}

const EngineHistory& History() {
  static const EngineHistory* const kHistory = new EngineHistory(kSeed, 100);
  return *kHistory;
}

// A store that has imported a snapshot, and never switched to it. `begin` is
// where the import begins.
absl::StatusOr<disk::Recording> FirstImport(size_t& begin) {
  SimDisk disk("/sim");
  StoreUnderTest store(disk, History());
  const SentSnapshot first(History().SnapshotAt(At(kFirst)));
  TRIMARAN_RETURN_IF_ERROR(store.Found());
  TRIMARAN_RETURN_IF_ERROR(store.Open());
  TRIMARAN_RETURN_IF_ERROR(store.AppendTo(At(kApplied)));
  TRIMARAN_RETURN_IF_ERROR(store.ApplyTo(At(kApplied)));
  TRIMARAN_RETURN_IF_ERROR(store.Receive(first));
  begin = disk.operation_count();
  TRIMARAN_ASSIGN_OR_RETURN(const auto installer, store.StartInstall(first));
  while (installer->stage() != engine::InstallStage::kImported) {
    TRIMARAN_RETURN_IF_ERROR(installer->Step().status());
  }
  return disk.TakeRecording();
}

absl::Status CheckStore(const DiskImage& image) {
  SimDisk disk("/sim", image);
  StoreUnderTest store(disk, History());
  TRIMARAN_RETURN_IF_ERROR(store.Open());
  TRIMARAN_RETURN_IF_ERROR(store.CheckAgainstHistory());
  return store.Close();
}

// What a crash leaves behind an open, which has dropped the first import.
absl::StatusOr<DiskImage> OpenAndCrash(const DiskImage& image,
                                       Survival survival) {
  SimDisk disk("/sim", image);
  StoreUnderTest store(disk, History());
  TRIMARAN_RETURN_IF_ERROR(store.Open());
  DiskImage left = disk.AfterCrash(survival, kSeed);
  TRIMARAN_RETURN_IF_ERROR(store.Close());
  return left;
}

// What is done to what a crash has left of the first import. `begin` is where
// the second one begins, `generation` what it was called.
absl::StatusOr<disk::Recording> SecondImport(const DiskImage& image,
                                             const SentSnapshot& second,
                                             size_t& begin,
                                             uint64_t& generation) {
  SimDisk disk("/sim", image);
  StoreUnderTest store(disk, History());
  TRIMARAN_RETURN_IF_ERROR(store.Open());
  TRIMARAN_RETURN_IF_ERROR(store.Receive(second));
  begin = disk.operation_count();
  TRIMARAN_RETURN_IF_ERROR(store.Install(second));
  generation = store.engine().machine().generation();
  TRIMARAN_RETURN_IF_ERROR(store.CheckAgainstHistory());
  TRIMARAN_RETURN_IF_ERROR(store.Close());
  return disk.TakeRecording();
}

absl::Status CrashSecondImport(const DiskImage& dropped,
                               const SentSnapshot& second, size_t offset,
                               int& used_again) {
  size_t begin = 0;
  uint64_t generation = 0;
  TRIMARAN_ASSIGN_OR_RETURN(const disk::Recording recording,
                            SecondImport(dropped, second, begin, generation));
  if (generation == 2) ++used_again;
  disk::Timeline timeline(recording);
  for (size_t point = begin + offset; point <= recording.operations.size();
       point += StrideOf(31)) {
    const absl::Status status = CheckStore(
        timeline.ImageAfter(point, disk::kSeededSurvivals[5], kSeed + point));
    if (!status.ok()) {
      return absl::InternalError(absl::StrCat("then crashed at ", point - begin,
                                              ": ", status.ToString()));
    }
  }
  return absl::OkStatus();
}

std::string ImportTwice() {
  size_t begin = 0;
  const auto recording = FirstImport(begin);
  if (!recording.ok()) return recording.status().ToString();
  const SentSnapshot second(History().SnapshotAt(At(kSecond)));
  disk::Timeline timeline(*recording);
  std::vector<DiskImage> tried;
  int used_again = 0;
  for (size_t point = begin; point <= recording->operations.size();
       point += StrideOf(3)) {
    for (const Survival survival :
         {disk::kNothingSurvives, disk::kEverythingSurvives,
          disk::kSeededSurvivals[5]}) {
      const DiskImage image =
          timeline.ImageAfter(point, survival, kSeed + point);
      if (!tried.empty() && image == tried.back()) continue;
      tried.push_back(image);
      const auto dropped = OpenAndCrash(image, survival);
      absl::Status status = dropped.status();
      if (status.ok()) {
        status = CrashSecondImport(*dropped, second,
                                   tried.size() % StrideOf(31), used_again);
      }
      if (!status.ok()) {
        return absl::StrCat("crashed at ", point - begin, ", ",
                            disk::SurvivalName(survival), ": ",
                            status.ToString());
      }
    }
  }
  return used_again > 0 ? "" : "no number came again";
}

TEST(GenerationTest, NothingOfAnImportThatACrashEndedIsSeenInTheNext) {
  const auto result = RunInChild(kSecondsMax, ImportTwice);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(*result, "");
}

}  // namespace
}  // namespace trimaran::crash
