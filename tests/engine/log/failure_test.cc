// Goal: after the first failure of the disk nothing is promised any more, the
// first error is the answer for ever, and opening again gives what was
// promised. Method: each operation of a script fails once.

#include <string>
#include <vector>

#include "engine/log/segment_log.h"
#include "gtest/gtest.h"
#include "tests/engine/log/log_fixture.h"

namespace trimaran::engine {
namespace {

// Appends, replaces, votes, recycles. Returns how many entries were promised.
uint64_t RunScript(LogHome& home) {
  uint64_t promised = 0;
  for (uint64_t i = 1; i <= 40; ++i) {
    if (!home.Append(MakeEntries(i, 1, 1, 900)).ok()) return promised;
    promised = i;
    if (i % 10 != 0) continue;
    home.clock().Advance(absl::Seconds(1));
    if (!home.AppendState({Term(i), ReplicaId(1), LogIndex(i)}, true).ok()) {
      return promised;
    }
    home.log().Compact(LogIndex(i - 5));
    if (!home.Recycle(i - 5).ok()) return promised;
  }
  return promised;
}

TEST(FailureTest, FirstErrorIsStickyAndWhatWasPromisedIsThere) {
  uint64_t operations = 0;
  {
    auto home = NewLogHome();
    const uint64_t begin = home->disk().operation_count();
    EXPECT_EQ(RunScript(*home), 40u);
    operations = home->disk().operation_count() - begin;
  }
  for (const disk::FaultError error :
       {disk::FaultError::kDevice, disk::FaultError::kNoSpace}) {
    for (uint64_t nth = 1; nth <= operations; ++nth) {
      SCOPED_TRACE("operation " + std::to_string(nth));
      auto home = NewLogHome();
      disk::Fault fault;
      fault.nth = nth;
      fault.error = error;
      fault.written_sectors = nth % 3;
      home->disk().Inject(fault);

      const uint64_t promised = RunScript(*home);

      ASSERT_EQ(home->disk().faults_struck(), 1u);
      const absl::Status first = home->log().failure();
      ASSERT_FALSE(first.ok());
      const uint64_t written = home->disk().operation_count();
      EXPECT_EQ(home->Append(MakeEntries(promised + 1, 1, 1)), first);
      EXPECT_EQ(home->AppendState({}, false), first);
      EXPECT_EQ(home->log().Reset({}), first);
      EXPECT_EQ(home->log().Flush(), first);
      EXPECT_EQ(home->log().WriteFloor(), first);
      EXPECT_EQ(home->log().RecycleStep(LogIndex(1)).status(), first);
      EXPECT_EQ(home->disk().operation_count(), written);
      // Reads go on.
      // What failed may have been the floor, behind a batch that is there.
      const uint64_t read =
          home->log().truncated().value() + AllEntries(home->log()).size();
      EXPECT_GE(read, promised);
      EXPECT_LE(read, promised + 1);

      for (const disk::Survival survival :
           {disk::kNothingSurvives, disk::kEverythingSurvives}) {
        LogHome after(home->disk().AfterCrash(survival, nth));
        const absl::Status opened = after.Open();
        ASSERT_TRUE(opened.ok()) << opened;
        EXPECT_GE(after.log().state().last.id.index, LogIndex(promised));
        EXPECT_LE(after.log().state().last.id.index, LogIndex(promised + 1));
        EXPECT_FALSE(after.log().state().owed.has_value());
      }
    }
  }
}

TEST(FailureTest, FailedReadIsAnErrorOfThatReadOnly) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 3, 1)).ok());
  home->disk().Inject({.target = disk::FaultTarget::kRead});

  EXPECT_FALSE(home->log().Entries(LogIndex(1), LogIndex(4), {}).ok());

  EXPECT_TRUE(home->log().failure().ok());
  EXPECT_TRUE(home->log().Entries(LogIndex(1), LogIndex(4), {}).ok());
  EXPECT_TRUE(home->Append(MakeEntries(4, 1, 1)).ok());
}

TEST(FailureTest, FullDiskWhileOpeningIsAnErrorAndLosesNothing) {
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

}  // namespace
}  // namespace trimaran::engine
