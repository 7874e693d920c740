// Goal: a log whose disk is full refuses what needs room, and nothing has
// happened; it never takes the last of it, gives space back, and can be opened.
// Method: a simulated disk of a certain size, and crashes on it.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/log/segment_log.h"
#include "gtest/gtest.h"
#include "tests/engine/log/log_fixture.h"

namespace trimaran::engine {
namespace {

uint64_t UsedBytes(LogHome& home) {
  constexpr uint64_t kPlenty = uint64_t{1} << 40;
  home.disk().SetCapacity(kPlenty);
  return kPlenty - home.disk().FreeBytes().value();
}

TEST(FullLogDiskTest, FullDiskRefusesWhatNeedsASegmentAndNothingHappens) {
  auto home = NewLogHome();
  const uint64_t last = FillSegment(*home);
  const disk::DiskImage before = home->disk().Visible();
  const LogState state = home->log().state();
  home->disk().SetCapacity(0);

  for (int attempt = 0; attempt < 3; ++attempt) {
    const absl::Status refused =
        home->Append(MakeEntries(last + 1, 1, 1, 2000));
    EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted) << refused;
    // Also one that would first have to lower the floor.
    EXPECT_EQ(home->Append(MakeEntries(2, 1, 1, 14000)).code(),
              absl::StatusCode::kResourceExhausted);
    // One that would get a segment of its own.
    EXPECT_EQ(home->Append(MakeEntries(last + 1, 1, 1, 40000)).code(),
              absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(home->log().RecycleStep(LogIndex(0)).status().code(),
              absl::StatusCode::kResourceExhausted);
  }
  EXPECT_EQ(home->log().failure(), absl::OkStatus());
  EXPECT_EQ(home->log().state().last, state.last);
  EXPECT_TRUE(home->disk().Visible() == before);

  home->disk().SetCapacity(uint64_t{1} << 30);
  EXPECT_TRUE(home->Append(MakeEntries(last + 1, 1, 1, 2000)).ok());
  LogHome after(home->disk().AfterCrash(disk::kNothingSurvives, 0));
  EXPECT_EQ(after.Reopen().state().last.id.index, LogIndex(last + 1));
  EXPECT_EQ(AllEntries(after.log()).size(), last + 1);
}

// Or each attempt would fill the disk to its last byte, on which others write.
TEST(FullLogDiskTest, SegmentThatHasNoRoomIsNotBegunHoweverOftenItIsTried) {
  LogHome home;
  home.base_options().segment_bytes = uint64_t{4} << 20;
  ASSERT_TRUE(home.Create().ok());
  home.Reopen();
  uint64_t last = 0;
  while (last < 3) {
    ASSERT_TRUE(home.Append(MakeEntries(++last, 1, 1, 1 << 20)).ok());
  }
  const uint64_t used = UsedBytes(home);
  // The last lacks one byte of what a segment leaves to others.
  const uint64_t segment = home.base_options().segment_bytes;
  for (const uint64_t free : {uint64_t{1}, segment / 2, segment * 5 / 4 - 1}) {
    home.disk().SetCapacity(used + free);
    const uint64_t operations = home.disk().operation_count();
    for (int attempt = 0; attempt < 5; ++attempt) {
      EXPECT_TRUE(absl::IsResourceExhausted(
          home.Append(MakeEntries(last + 1, 1, 1, 1 << 20))));
      const absl::Status spare = home.Recycle(0);
      EXPECT_TRUE(absl::IsResourceExhausted(spare)) << spare;
      EXPECT_TRUE(absl::StrContains(
          spare.message(), absl::StrCat("no room for a segment in /log/log: "
                                        "the file system has ",
                                        free, " bytes")))
          << spare;
    }
    EXPECT_EQ(home.disk().operation_count(), operations);
    EXPECT_TRUE(home.log().failure().ok()) << home.log().failure();
  }

  home.disk().SetCapacity(used + segment * 5 / 4);
  EXPECT_TRUE(home.Append(MakeEntries(last + 1, 1, 1, 1 << 20)).ok());
  ExpectCrashKeeps(home, last + 1, 0);
}

// A log that is full to the last byte that entries may use, and the room that
// its disk has left: enough for the smallest of segments.
class WaitingLog {
 public:
  static constexpr uint64_t kSegmentBytes = uint64_t{64} << 10;

  WaitingLog() {
    home_.base_options().segment_bytes = kSegmentBytes;
    EXPECT_TRUE(home_.Create().ok());
    home_.Reopen();
    home_.disk().SetCapacity(0);
    for (const size_t payload_bytes : {700u, 1u}) {
      while (home_.Append(MakeEntries(last_ + 1, 1, 1, payload_bytes)).ok()) {
        ++last_;
      }
    }
    EXPECT_TRUE(home_.log().failure().ok()) << home_.log().failure();
    capacity_ = UsedBytes(home_) + 5 * kTestSegmentBytes / 4;
    home_.disk().SetCapacity(capacity_);
  }

  LogHome& home() { return home_; }
  uint64_t last() const { return last_; }

  // The same disk after a crash of `home`, or without one.
  std::unique_ptr<LogHome> Copy(const disk::DiskImage& image) const {
    auto copy = std::make_unique<LogHome>(image);
    copy->base_options().segment_bytes = kSegmentBytes;
    copy->disk().SetCapacity(capacity_);
    return copy;
  }

 private:
  LogHome home_;
  uint64_t last_ = 0;
  uint64_t capacity_ = 0;
};

TEST(FullLogDiskTest, LogThatWaitsForASegmentIsOpenedOnAFullDisk) {
  WaitingLog waiting;
  LogHome& home = waiting.home();
  for (int opens = 0; opens < 5; ++opens) {
    const absl::Status opened = home.Open();
    ASSERT_TRUE(opened.ok()) << opened;
    EXPECT_EQ(AllEntries(home.log()).size(), waiting.last());
    ExpectCrashKeeps(home, waiting.last(), 0);
  }
  EXPECT_EQ(SegmentsOf(home.disk().Visible()).size(), 2u);

  // Only an open takes one.
  const auto next = MakeEntries(waiting.last() + 1, 1, 1, kTestSegmentBytes);
  EXPECT_TRUE(absl::IsResourceExhausted(home.Append(next)));
  EXPECT_EQ(SegmentsOf(home.disk().Visible()).size(), 2u);

  home.disk().SetCapacity(uint64_t{1} << 30);
  ASSERT_TRUE(home.Append(next).ok());
  EXPECT_EQ(SegmentsOf(home.disk().Visible()).size(), 3u);
  home.log().Compact(LogIndex(waiting.last() + 1));
  ASSERT_TRUE(home.Recycle(waiting.last() + 1).ok());
  home.Reopen();
  const disk::DiskImage image = home.disk().Visible();
  for (const std::string& path : SegmentsOf(image)) {
    EXPECT_EQ(image.files.at(path).size(), WaitingLog::kSegmentBytes) << path;
  }
  EXPECT_EQ(AllEntries(home.log()), next);
}

TEST(FullLogDiskTest, CrashWhileAFullLogIsOpenedKeepsNobodyOut) {
  WaitingLog waiting;
  waiting.home().Close();
  const disk::DiskImage before = waiting.home().disk().Visible();
  std::vector<disk::Survival> survivals(disk::kFixedSurvivals.begin(),
                                        disk::kFixedSurvivals.end());
  survivals.insert(survivals.end(), disk::kSeededSurvivals.begin(),
                   disk::kSeededSurvivals.end());
  bool opened = false;
  for (uint64_t done = 0; !opened; ++done) {
    const auto home = waiting.Copy(before);
    home->disk().CutPowerAfter(done);
    opened = home->Open().ok();
    if (opened) {
      EXPECT_EQ(SegmentsOf(home->disk().Visible()).size(), 2u);
    }
    for (const disk::Survival survival : survivals) {
      SCOPED_TRACE(absl::StrCat("power goes after ", done, " operations, ",
                                disk::SurvivalName(survival)));
      const auto after = waiting.Copy(home->disk().AfterCrash(survival, done));
      const absl::Status again = after->Open();
      ASSERT_TRUE(again.ok()) << again;
      EXPECT_EQ(AllEntries(after->log()).size(), waiting.last());
      EXPECT_EQ(SegmentsOf(after->disk().Visible()).size(), 2u);
    }
  }
}

TEST(FullLogDiskTest, FullDiskDoesNotKeepALogFromGivingBackSpace) {
  auto home = NewLogHome();
  uint64_t last = 0;
  while (home->log().state().last.id.index < LogIndex(60)) {
    ++last;
    ASSERT_TRUE(home->Append(MakeEntries(last, 1, 1, 900)).ok());
  }
  home->disk().SetCapacity(0);
  // The smallest records that there are, to the last byte that they may use.
  while (home->Append(MakeEntries(last + 1, 1, 1, 1)).ok()) ++last;
  ASSERT_EQ(home->log().failure(), absl::OkStatus());
  home->log().Compact(LogIndex(50));

  ASSERT_TRUE(home->log().RecycleStep(LogIndex(50)).ok());

  EXPECT_GT(home->log().state().boundary.id.index, LogIndex(30));
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(home->Append(MakeEntries(++last, 1, 1, 900)).ok());
  }
  EXPECT_EQ(home->Reopen().state().last.id.index, LogIndex(last));
}

TEST(FullLogDiskTest, FullDiskWhileOpeningIsAnErrorAndLosesNothing) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 30, 1, 500)).ok());
  home->Close();
  uint64_t struck = 1;
  for (uint64_t nth = 1; struck > 0; ++nth) {
    LogHome again(home->disk().Visible());
    disk::Fault fault;
    fault.nth = nth;
    fault.error = disk::FaultError::kNoSpace;
    again.disk().Inject(fault);
    const absl::Status status = again.Open();
    struck = again.disk().faults_struck();
    EXPECT_EQ(status.ok(), struck == 0) << nth;
    LogHome after(again.disk().AfterCrash(disk::kNothingSurvives, 0));
    EXPECT_EQ(after.Reopen().state().last.id.index, LogIndex(30));
  }
}

// What has another size than a new segment is removed when it is not needed any
// more, which must not wait for a record that needs a segment.
TEST(FullLogDiskTest, WhatCanBeRemovedIsRemovedBeforeMoreIsTrimmed) {
  LogHome home;
  home.base_options().segment_bytes = kTestSegmentBytes;
  ASSERT_TRUE(home.Create().ok());
  home.Reopen();
  uint64_t last = 0;
  while (SegmentsOf(home.disk().Visible()).size() < 40) {
    ASSERT_TRUE(home.Append(MakeEntries(++last, 1, 1, 7000)).ok());
  }
  home.base_options().segment_bytes = 2 * kTestSegmentBytes;
  home.Reopen();
  home.disk().SetCapacity(0);
  while (home.Append(MakeEntries(last + 1, 1, 1, 1)).ok()) ++last;
  home.disk().SetCapacity(UsedBytes(home));
  home.log().Compact(LogIndex(last - 1));

  const absl::Status recycled = home.Recycle(last - 1);

  EXPECT_TRUE(recycled.ok()) << recycled;
  EXPECT_LE(SegmentsOf(home.disk().Visible()).size(), 3u);
  EXPECT_TRUE(home.log().failure().ok()) << home.log().failure();
}

// Does not know how much it has left.
class SilentFileSystem final : public disk::SimFileSystem {
 public:
  using disk::SimFileSystem::SimFileSystem;
  absl::StatusOr<uint64_t> FreeBytes(std::string_view) override {
    return absl::PermissionDeniedError("statvfs: no");
  }
};

TEST(FullLogDiskTest, WhereRoomCannotBeToldTheAttemptTells) {
  LogHome home;
  SilentFileSystem files(home.disk());
  home.base_options().files = &files;
  ASSERT_TRUE(home.Create().ok());
  ASSERT_TRUE(home.Open().ok());
  const uint64_t last = FillSegment(home);
  EXPECT_TRUE(home.Append(MakeEntries(last + 1, 1, 1, 2000)).ok());
  ASSERT_TRUE(home.Open().ok());
  EXPECT_EQ(AllEntries(home.log()).size(), last + 1);
  home.Close();
}

}  // namespace
}  // namespace trimaran::engine
