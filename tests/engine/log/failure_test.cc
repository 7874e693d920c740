// Goal: after the first failure of the disk that leaves something unknown
// nothing is promised any more, the first error is the answer for ever, and
// opening again gives what was promised; any other failure has done nothing and
// can be repeated. Method: each operation of a script fails once.

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/status_macros.h"
#include "engine/log/segment_log.h"
#include "gtest/gtest.h"
#include "tests/engine/log/log_fixture.h"

namespace trimaran::engine {
namespace {

// Appends, replaces, votes, recycles. Returns how many entries were promised.
// What has done nothing is repeated once.
uint64_t RunScript(LogHome& home) {
  const auto worked = [&home](auto call) {
    return call().ok() || (home.log().failure().ok() && call().ok());
  };
  uint64_t promised = 0;
  for (uint64_t i = 1; i <= 40; ++i) {
    if (!worked([&] { return home.Append(MakeEntries(i, 1, 1, 900)); })) {
      return promised;
    }
    promised = i;
    if (i % 10 != 0) continue;
    home.clock().Advance(absl::Seconds(1));
    const HardState state{Term(i), ReplicaId(1), LogIndex(i)};
    if (!worked([&] { return home.AppendState(state, true); })) return promised;
    home.log().Compact(LogIndex(i - 5));
    if (!worked([&] { return home.Recycle(i - 5); })) return promised;
  }
  return promised;
}

void ExpectFailedForGood(LogHome& home, uint64_t promised) {
  const absl::Status first = home.log().failure();
  ASSERT_FALSE(first.ok());
  const uint64_t written = home.disk().operation_count();
  EXPECT_EQ(home.Append(MakeEntries(promised + 1, 1, 1)), first);
  EXPECT_EQ(home.AppendState({}, false), first);
  EXPECT_EQ(home.log().Reset({}), first);
  EXPECT_EQ(home.log().Flush(), first);
  EXPECT_EQ(home.log().WriteFloor(), first);
  EXPECT_EQ(home.log().RecycleStep(LogIndex(1)).status(), first);
  EXPECT_EQ(home.disk().operation_count(), written);
  // Reads go on.
  // What failed may have been the floor, behind a batch that is there.
  const uint64_t read =
      home.log().truncated().value() + AllEntries(home.log()).size();
  EXPECT_GE(read, promised);
  EXPECT_LE(read, promised + 1);
}

// Whether an operation of the script fails for good. Only what makes or removes
// a file beside the log does not.
bool IsForGood(const disk::Operation& operation) {
  switch (operation.kind) {
    case disk::OperationKind::kCreate:
    case disk::OperationKind::kRemove:
      return false;
    case disk::OperationKind::kWrite:
      return operation.path.find("seg-") == std::string::npos ||
             operation.data->find_first_not_of('\0') != std::string::npos;
    default:
      return true;
  }
}

TEST(FailureTest, FirstErrorIsStickyAndWhatWasPromisedIsThere) {
  disk::Recording healthy;
  uint64_t begin = 0;
  {
    auto home = NewLogHome();
    begin = home->disk().operation_count();
    EXPECT_EQ(RunScript(*home), 40u);
    healthy = home->disk().TakeRecording();
  }
  const uint64_t operations = healthy.operations.size() - begin;
  for (const disk::FaultError error :
       {disk::FaultError::kDevice, disk::FaultError::kNoSpace}) {
    for (uint64_t nth = 1; nth <= operations; ++nth) {
      const auto& operations_done = healthy.operations;
      const size_t at = static_cast<size_t>(begin + nth) - 1;
      SCOPED_TRACE("operation " + std::to_string(nth) + ", " +
                   Describe(operations_done[at]));
      auto home = NewLogHome();
      disk::Fault fault;
      fault.nth = nth;
      fault.error = error;
      fault.written_sectors = nth % 3;
      home->disk().Inject(fault);

      const uint64_t promised = RunScript(*home);

      ASSERT_EQ(home->disk().faults_struck(), 1u);
      const bool is_zeros =
          operations_done[at].kind == disk::OperationKind::kSync &&
          !IsForGood(operations_done[at - 1]);
      if (IsForGood(operations_done[at]) && !is_zeros) {
        ExpectFailedForGood(*home, promised);
      } else {
        EXPECT_TRUE(home->log().failure().ok()) << home->log().failure();
        EXPECT_EQ(promised, 40u);
      }
      ExpectCrashKeeps(*home, promised, nth);
    }
  }
}

TEST(FailureTest, ShortReadsAndWritesAreGoneOnWith) {
  for (const disk::FaultTarget target :
       {disk::FaultTarget::kWrite, disk::FaultTarget::kRead}) {
    uint64_t struck = 1;
    for (uint64_t nth = 1; struck > 0; ++nth) {
      LogHome home;
      disk::Fault fault;
      fault.target = target;
      fault.nth = nth;
      fault.error = disk::FaultError::kShort;
      fault.short_bytes = nth * 131 % 3000;
      home.disk().Inject(fault);
      ASSERT_TRUE(home.Create().ok());
      ASSERT_TRUE(home.Open().ok());

      EXPECT_EQ(RunScript(home), 40u);
      EXPECT_EQ(AllEntries(home.log()), MakeEntries(36, 5, 1, 900));
      struck = home.disk().faults_struck();
      ExpectCrashKeeps(home, 40, nth);
    }
  }
}

// How often a spare is prepared, until one is there.
int PrepareSpare(LogHome& home) {
  for (int failed = 0;; ++failed) {
    if (home.Recycle(0).ok()) return failed;
    EXPECT_EQ(home.log().failure(), absl::OkStatus());
    if (failed > 9) return failed;
  }
}

TEST(FailureTest, SpareThatCouldNotBePreparedIsNeverUsed) {
  for (const disk::FaultError error :
       {disk::FaultError::kDevice, disk::FaultError::kNoSpace}) {
    for (const disk::FaultTarget target :
         {disk::FaultTarget::kCreate, disk::FaultTarget::kWrite,
          disk::FaultTarget::kSync}) {
      auto home = NewLogHome();
      const uint64_t last = FillSegment(*home);
      home->disk().Inject({.target = target, .error = error});
      // What is left of it cannot be removed at once either.
      home->disk().Inject(
          {.target = disk::FaultTarget::kRemove, .error = error});

      EXPECT_EQ(PrepareSpare(*home), 1);

      EXPECT_EQ(SegmentsOf(home->disk().Visible()).size(), 2u);
      ASSERT_TRUE(home->Append(MakeEntries(last + 1, 9, 1, 900)).ok());
      LogHome after(home->disk().AfterCrash(disk::kNothingSurvives, 0));
      EXPECT_EQ(after.Reopen().state().last.id.index, LogIndex(last + 9));
    }
  }
}

TEST(FailureTest, FailedSyncOfTheDirectoryIsForGood) {
  auto home = NewLogHome();
  const uint64_t last = FillSegment(*home);
  home->disk().Inject({.target = disk::FaultTarget::kSyncDirectory});

  const absl::Status failed = home->Recycle(0);

  EXPECT_FALSE(failed.ok());
  ExpectFailedForGood(*home, last);
  EXPECT_EQ(home->log().failure(), failed);
  ExpectCrashKeeps(*home, last, 0);
}

// A process that has no file descriptors left, for so many calls.
class FewDescriptors final : public disk::SimFileSystem {
 public:
  using disk::SimFileSystem::SimFileSystem;

  absl::StatusOr<std::unique_ptr<File>> Open(std::string_view path,
                                             OpenMode mode) override {
    TRIMARAN_RETURN_IF_ERROR(TakeDescriptor());
    return disk::SimFileSystem::Open(path, mode);
  }
  absl::Status SyncDirectory(std::string_view path) override {
    TRIMARAN_RETURN_IF_ERROR(TakeDescriptor());
    return disk::SimFileSystem::SyncDirectory(path);
  }

  // From the call on that comes after so many others.
  void LackDescriptors(int calls_until, int calls) {
    until_ = calls_until;
    lacking_ = calls;
  }
  int lacking() const { return lacking_; }

 private:
  absl::Status TakeDescriptor() {
    if (until_ > 0) {
      --until_;
      return absl::OkStatus();
    }
    if (lacking_ == 0) return absl::OkStatus();
    --lacking_;
    return absl::ResourceExhaustedError("too many open files");
  }

  int until_ = 0;
  int lacking_ = 0;
};

// The spare is made, or its name is synced, or what could not be made is
// removed, without a descriptor; and then the segment is needed.
TEST(FailureTest, LackOfDescriptorsIsOverWhenThereAreSomeAgain) {
  for (const int calls_until : {0, 1, 2}) {
    for (const int calls : {1, 2, 3, 5}) {
      LogHome home;
      FewDescriptors files(home.disk());
      home.base_options().files = &files;
      ASSERT_TRUE(home.Create().ok());
      ASSERT_TRUE(home.Open().ok());
      const uint64_t last = FillSegment(home);
      files.LackDescriptors(calls_until, calls);

      int refused = 0;
      while (files.lacking() > 0) {
        const absl::Status status = home.Recycle(0);
        if (status.ok()) break;
        EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
        ++refused;
      }
      EXPECT_TRUE(calls_until == 2 || refused > 0);
      EXPECT_TRUE(home.log().failure().ok()) << home.log().failure();

      files.LackDescriptors(0, 0);
      ASSERT_TRUE(home.Recycle(0).ok());
      ASSERT_TRUE(home.Append(MakeEntries(last + 1, 9, 1, 900)).ok());
      ExpectCrashKeeps(home, last + 9, 0);
      home.Close();
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

}  // namespace
}  // namespace trimaran::engine
