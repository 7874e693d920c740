// Goal: the harness is content with a store that keeps its promises, and finds
// each way in which one may not.
// Method: a toy that appends numbers to a file, right and with single mistakes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/bytes.h"
#include "engine/base/crc32c.h"
#include "engine/base/status_macros.h"
#include "tests/crash/crash_points.h"
#include "tests/crash/scenario.h"
#include "tests/support/disk/sim_file_system.h"

namespace trimaran::crash {
namespace {

using engine::OpenMode;
using testing::HasSubstr;
using testing::IsEmpty;

enum class Mistake : uint8_t {
  kNone,
  kNoSync,
  kNoDirectorySync,
  kNoChecksum,
  // Recovery shows a record that it has not made durable.
  kNoSyncInRecovery,
  // Recovery trusts a sync to write what an earlier one failed to.
  kNoRewriteInRecovery,
  kGoesOnAfterAFailedSync,
};

constexpr char kPath[] = "/sim/numbers";
// Larger than a sector, so that it can be torn.
constexpr size_t kRecordBytes = 700;

std::string RecordOf(uint64_t number) {
  std::string record;
  ByteWriter writer(record);
  writer.WriteU64(number);
  record.resize(kRecordBytes - 4, static_cast<char>('a' + number % 26));
  writer.WriteU32(Crc32c(record));
  return record;
}

// Numbers 1, 2, 3, ..., each a record of its own.
class ToyStore {
 public:
  static absl::StatusOr<std::unique_ptr<ToyStore>> Open(disk::SimDisk& disk,
                                                        Mistake mistake) {
    disk::SimFileSystem files(disk);
    auto file = files.Open(kPath, OpenMode::kReadWrite);
    if (absl::IsNotFound(file.status())) {
      file = files.Open(kPath, OpenMode::kCreate);
      if (file.ok() && mistake != Mistake::kNoDirectorySync) {
        TRIMARAN_RETURN_IF_ERROR(files.SyncDirectory("/sim"));
      }
    }
    if (!file.ok()) return file.status();
    auto store =
        std::unique_ptr<ToyStore>(new ToyStore(*std::move(file), mistake));
    TRIMARAN_RETURN_IF_ERROR(store->Recover());
    return store;
  }

  absl::Status Append() {
    if (!failure_.ok()) return failure_;
    failure_ = file_->Write(count_ * kRecordBytes, RecordOf(count_ + 1));
    if (failure_.ok() && mistake_ != Mistake::kNoSync) {
      failure_ = file_->Sync();
      if (mistake_ == Mistake::kGoesOnAfterAFailedSync) {
        failure_ = absl::OkStatus();
      }
    }
    if (failure_.ok()) ++count_;
    return failure_;
  }

  uint64_t count() const { return count_; }
  // A record was taken for whole and is not.
  bool broken() const { return broken_; }

 private:
  ToyStore(std::unique_ptr<engine::File> file, Mistake mistake)
      : file_(std::move(file)), mistake_(mistake) {}

  absl::Status Recover() {
    for (;;) {
      std::string record(kRecordBytes, '\0');
      TRIMARAN_ASSIGN_OR_RETURN(
          const size_t bytes,
          file_->Read(count_ * kRecordBytes, absl::MakeSpan(record)));
      const std::string expected = RecordOf(count_ + 1);
      const size_t compared =
          mistake_ == Mistake::kNoChecksum ? 8 : kRecordBytes;
      if (bytes < compared ||
          record.substr(0, compared) != expected.substr(0, compared)) {
        break;
      }
      ++count_;
      broken_ = broken_ || record != expected;
    }
    if (mistake_ == Mistake::kNoSyncInRecovery) return absl::OkStatus();
    if (count_ > 0 && mistake_ != Mistake::kNoRewriteInRecovery) {
      TRIMARAN_RETURN_IF_ERROR(
          file_->Write((count_ - 1) * kRecordBytes, RecordOf(count_)));
    }
    return file_->Sync();
  }

  std::unique_ptr<engine::File> file_;
  const Mistake mistake_;
  uint64_t count_ = 0;
  bool broken_ = false;
  absl::Status failure_;
};

class ToyScenario final : public Scenario {
 public:
  explicit ToyScenario(Mistake mistake) : mistake_(mistake) {}

  std::string_view name() const override { return "toy"; }

  absl::Status Run(disk::SimDisk& disk) override {
    TRIMARAN_ASSIGN_OR_RETURN(const auto store, ToyStore::Open(disk, mistake_));
    for (uint64_t step = 1; step <= 10; ++step) {
      BeginStep(disk, step);
      const absl::Status status = store->Append();
      if (!status.ok()) {
        return store->Append() == status ? status : Violation("went on");
      }
      EndStep(disk, step);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Verify(disk::SimDisk& disk,
                                     const Progress& progress) override {
    TRIMARAN_ASSIGN_OR_RETURN(const auto store, ToyStore::Open(disk, mistake_));
    MarkOpened(disk);
    if (store->broken()) return Violation("half a record");
    if (store->count() < progress.done || store->count() > progress.begun) {
      return Violation(absl::StrCat("has ", store->count()));
    }
    return absl::StrCat(store->count());
  }

  absl::Status Resume(disk::SimDisk& disk, const Progress&) override {
    TRIMARAN_ASSIGN_OR_RETURN(const auto store, ToyStore::Open(disk, mistake_));
    return store->Append();
  }

 private:
  const Mistake mistake_;
};

CrashReport Crashes(Mistake mistake) {
  ToyScenario scenario(mistake);
  CrashPlan plan;
  plan.choices = 3;
  plan.nested_stride = 1;
  return TryCrashes(scenario, plan);
}

CrashReport Errors(Mistake mistake) {
  ToyScenario scenario(mistake);
  CrashPlan plan;
  plan.error_stride = 1;
  return TryErrors(scenario, plan);
}

TEST(CrashHarnessTest, StoreThatKeepsItsPromisesPasses) {
  const CrashReport crashes = Crashes(Mistake::kNone);
  EXPECT_THAT(crashes.failures, IsEmpty()) << crashes.ToString();
  EXPECT_EQ(crashes.points, crashes.operations + 1);
  EXPECT_GT(crashes.images, crashes.points);
  EXPECT_GT(crashes.nested_images, crashes.images);
  const CrashReport errors = Errors(Mistake::kNone);
  EXPECT_THAT(errors.failures, IsEmpty()) << errors.ToString();
  EXPECT_EQ(errors.errors_injected, 4 * errors.operations);
}

TEST(CrashHarnessTest, FindsAPromiseBeforeTheSync) {
  EXPECT_THAT(Crashes(Mistake::kNoSync).ToString(), HasSubstr("has 0"));
}

TEST(CrashHarnessTest, FindsAMissingSyncOfTheDirectory) {
  EXPECT_THAT(Crashes(Mistake::kNoDirectorySync).ToString(),
              HasSubstr("has 0"));
}

TEST(CrashHarnessTest, FindsAMissingChecksum) {
  EXPECT_THAT(Crashes(Mistake::kNoChecksum).ToString(),
              HasSubstr("half a record"));
}

TEST(CrashHarnessTest, FindsWhatARecoveryShowsAndDoesNotKeep) {
  EXPECT_THAT(Crashes(Mistake::kNoSyncInRecovery).ToString(),
              HasSubstr("opened again it is"));
}

TEST(CrashHarnessTest, FindsWhatAFailedSyncLeftInTheCacheOnly) {
  EXPECT_THAT(Errors(Mistake::kNoRewriteInRecovery).ToString(),
              HasSubstr("opened again it is"));
}

TEST(CrashHarnessTest, FindsAFailedSyncThatIsForgotten) {
  EXPECT_THAT(Errors(Mistake::kGoesOnAfterAFailedSync).ToString(),
              HasSubstr("FAILED"));
}

TEST(CrashHarnessTest, ShardsTogetherTryEveryPointOnce) {
  ToyScenario scenario(Mistake::kNone);
  CrashPlan plan;
  uint64_t points = 0;
  uint64_t operations = 0;
  for (plan.shards = 3, plan.shard = 0; plan.shard < 3; ++plan.shard) {
    const CrashReport report = TryCrashes(scenario, plan);
    points += report.points;
    operations = report.operations;
  }
  EXPECT_EQ(points, operations + 1);
}

TEST(CrashHarnessTest, WhoEndsEarlySaysSo) {
  ToyScenario fine(Mistake::kNone);
  CrashPlan plan;
  plan.error_stride = 1;
  for (const CrashReport& report :
       {TryCrashes(fine, plan), TryErrors(fine, plan)}) {
    EXPECT_FALSE(report.ended_early);
    EXPECT_EQ(report.points, report.points_planned);
    EXPECT_THAT(report.ToString(), HasSubstr("all ")) << report.ToString();
  }
  ToyScenario broken(Mistake::kNoSync);
  plan.failures_max = 1;
  const CrashReport report = TryCrashes(broken, plan);
  EXPECT_TRUE(report.ended_early);
  EXPECT_EQ(report.points_planned, report.operations + 1);
  EXPECT_LT(report.points, report.points_planned);
  EXPECT_THAT(report.ToString(),
              HasSubstr(absl::StrCat("ended early after ", report.points,
                                     " of ", report.points_planned)));
}

// In another order, but all of them.
TEST(CrashHarnessTest, WithTimeLeftEveryPointIsTried) {
  ToyScenario scenario(Mistake::kNone);
  CrashPlan plan;
  for (plan.shards = 1; plan.shards <= 5; ++plan.shards) {
    plan.max_seconds = 0;
    const uint64_t points = TryCrashes(scenario, plan).points;
    plan.max_seconds = 3600;
    const CrashReport report = TryCrashes(scenario, plan);
    EXPECT_THAT(report.failures, IsEmpty()) << report.ToString();
    EXPECT_FALSE(report.ended_early);
    EXPECT_EQ(report.points, points);
  }
}

}  // namespace
}  // namespace trimaran::crash
