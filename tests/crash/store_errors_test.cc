// Goal: after the first error that leaves it unknown what is durable, an engine
// has failed for good: it promises nothing any more, closing it ends, and the
// next open on a healthy disk finds what had been promised. An error that harms
// nothing but a snapshot harms nothing else.
// Method: a story of everything that a store does, in which each operation on
// the disk fails once, with each error, in a process of its own. Then reads;
// then disks and directories on which nothing can be opened.
//
// TRIMARAN_ERRORS=all tries every operation, not every so-many-th.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/engine.h"
#include "engine/founding.h"
#include "tests/crash/child_process.h"
#include "tests/crash/scenario.h"
#include "tests/crash/store_under_test.h"
#include "tests/support/disk/damage.h"
#include "tests/support/disk/fault_plan.h"
#include "tests/support/engine/temp_home.h"

namespace trimaran::crash {
namespace {

using disk::DiskImage;
using disk::Fault;
using disk::FaultError;
using disk::FaultTarget;
using disk::SimDisk;

constexpr uint64_t kSeed = 23;
constexpr uint64_t kEntries = 120;
constexpr int kSecondsMax = 60;

LogIndex At(uint64_t entries) {
  return engine::kBootstrapPosition.index + entries;
}
constexpr uint64_t kLast = 75;
constexpr uint64_t kInstalled = 85;

const EngineHistory& History() {
  static const EngineHistory* const kHistory =
      new EngineHistory(kSeed, kEntries);
  return *kHistory;
}
const SentSnapshot& Sent() {
  static const SentSnapshot* const kSent =
      new SentSnapshot(History().SnapshotAt(At(kInstalled)));
  return *kSent;
}

uint64_t StrideOf(uint64_t usual) {
  return std::getenv("TRIMARAN_ERRORS") == nullptr ? usual : 1;
}

// What a story was promised, and how it went.
struct Told {
  LogIndex promised;
  // Of work that touches nothing but snapshots.
  absl::Status harmless;
};

// Work on snapshots, which may fail; if it took the engine with it, that is the
// error that counts.
absl::Status MayFail(StoreUnderTest& store, const absl::Status& status,
                     Told& told) {
  if (!status.ok()) told.harmless = status;
  return store.engine().failure();
}

absl::Status TellMiddle(StoreUnderTest& store, Told& told) {
  for (uint64_t entries = 3; entries <= kLast; entries += 3) {
    TRIMARAN_RETURN_IF_ERROR(store.AppendTo(At(entries)));
    told.promised = At(entries);
    TRIMARAN_RETURN_IF_ERROR(store.ApplyTo(At(entries)));
    if (entries % 30 != 0) continue;
    TRIMARAN_RETURN_IF_ERROR(store.engine().Checkpoint().status());
    TRIMARAN_RETURN_IF_ERROR(store.Recycle());
    TRIMARAN_RETURN_IF_ERROR(MayFail(store, store.WriteSnapshot(), told));
  }
  return MayFail(store, store.WriteBackup(), told);
}

absl::Status TellInstall(StoreUnderTest& store, Told& told) {
  const absl::Status received = store.Receive(Sent());
  TRIMARAN_RETURN_IF_ERROR(MayFail(store, received, told));
  if (!received.ok()) return absl::OkStatus();
  const absl::Status installed = store.Install(Sent());
  TRIMARAN_RETURN_IF_ERROR(MayFail(store, installed, told));
  if (store.last() == At(kInstalled)) told.promised = At(kInstalled);
  return absl::OkStatus();
}

absl::Status Tell(StoreUnderTest& store, Told& told) {
  TRIMARAN_RETURN_IF_ERROR(store.Found());
  told.promised = At(0);
  TRIMARAN_RETURN_IF_ERROR(store.Open());
  TRIMARAN_RETURN_IF_ERROR(TellMiddle(store, told));
  TRIMARAN_RETURN_IF_ERROR(TellInstall(store, told));
  return store.Close();
}

// An engine that has failed says so to everything, and closing it ends.
std::string JudgeFailed(SimDisk& disk, StoreUnderTest& store) {
  const absl::Status failure = store.engine().failure();
  const uint64_t operations = disk.operation_count();
  for (const absl::Status& answer :
       {store.engine().Apply({}).status(), store.engine().Checkpoint().status(),
        store.engine().RecycleLog().status()}) {
    if (answer != failure) {
      return absl::StrCat("failed with ", failure.ToString(), ", then said ",
                          answer.ToString());
    }
  }
  if (disk.operation_count() != operations) return "wrote after it had failed";
  const absl::Status closed = store.Close();
  return closed == failure
             ? ""
             : absl::StrCat("failed with ", failure.ToString(),
                            ", and closed with ", closed.ToString());
}

// What the next process finds is what was promised, and what was under way.
std::string JudgeNext(disk::DiskState state, const Told& told) {
  SimDisk disk("/sim", std::move(state));
  StoreUnderTest store(disk, History());
  if (told.promised == LogIndex()) {
    const absl::Status founded = store.Found();
    if (!founded.ok() && !absl::IsAlreadyExists(founded)) {
      return absl::StrCat("cannot be made: ", founded.ToString());
    }
  }
  absl::Status status = store.Open();
  if (!status.ok()) return absl::StrCat("open: ", status.ToString());
  if (store.last() < told.promised) {
    return absl::StrCat("promised ", told.promised.value(), ", ends at ",
                        store.last().value());
  }
  if (store.engine().log().state().owed.has_value()) return "owes";
  status = store.CheckAgainstHistory();
  if (!status.ok()) return absl::StrCat("check: ", status.ToString());
  status = store.GoOn();
  if (!status.ok()) return absl::StrCat("go on: ", status.ToString());
  status = store.Close();
  return status.ok() ? "" : absl::StrCat("close: ", status.ToString());
}

// Empty if all is as it should be.
std::string TellWith(const Fault& fault) {
  SimDisk disk("/sim");
  disk.Inject(fault);
  Told told;
  {
    StoreUnderTest store(disk, History());
    const absl::Status status = Tell(store, told);
    if (IsViolation(status)) return status.ToString();
    if (store.is_open()) {
      if (status.ok()) return "is open at the end";
      if (store.engine().failure().ok()) {
        return absl::StrCat("goes on after ", status.ToString());
      }
      std::string failed = JudgeFailed(disk, store);
      if (!failed.empty()) return failed;
    }
  }
  const DiskImage crash = disk.AfterCrash(disk::kNothingSurvives, kSeed);
  const std::string next = JudgeNext(disk.TakeState(), told);
  if (!next.empty()) return absl::StrCat("process gave up: ", next);
  const std::string after_crash = JudgeNext(disk::DiskState(crash), told);
  return after_crash.empty() ? "" : absl::StrCat("crash: ", after_crash);
}

uint64_t OperationsOfStory() {
  SimDisk disk("/sim");
  StoreUnderTest store(disk, History());
  Told told;
  const absl::Status status = Tell(store, told);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(told.harmless.ok()) << told.harmless;
  EXPECT_EQ(told.promised, At(kInstalled));
  return disk.operation_count();
}

void TryEveryOperation(FaultError error) {
  (void)Sent();
  const uint64_t count = OperationsOfStory();
  ASSERT_GT(count, 200u);
  const uint64_t stride = StrideOf(9);
  for (uint64_t nth = 1; nth <= count; nth += stride) {
    Fault fault;
    fault.nth = nth;
    fault.error = error;
    const auto result =
        RunInChild(kSecondsMax, [&fault] { return TellWith(fault); });
    EXPECT_TRUE(result.ok()) << "operation " << nth << ": " << result.status();
    if (!result.ok()) continue;
    EXPECT_EQ(*result, "") << "operation " << nth;
  }
}

TEST(StoreErrorsTest, DeviceErrorInEachOperation) {
  TryEveryOperation(FaultError::kDevice);
}

TEST(StoreErrorsTest, NoSpaceInEachOperation) {
  TryEveryOperation(FaultError::kNoSpace);
}

// ---- Short ----

// Nobody notices that reads and writes are done in parts.
std::string TellShort(const Fault& fault) {
  SimDisk disk("/sim");
  disk.Inject(fault);
  Told told;
  {
    StoreUnderTest store(disk, History());
    const absl::Status status = Tell(store, told);
    if (!status.ok()) return status.ToString();
    if (!told.harmless.ok()) return told.harmless.ToString();
  }
  if (disk.faults_struck() == 0) return "done";
  disk.ClearFaults();
  const DiskImage crash = disk.AfterCrash(disk::kNothingSurvives, kSeed);
  return JudgeNext(disk::DiskState(crash), told);
}

TEST(StoreErrorsTest, EachReadAndWriteMayBeShort) {
  (void)Sent();
  for (const FaultTarget target : {FaultTarget::kRead, FaultTarget::kWrite}) {
    for (uint64_t nth = 1;; nth += StrideOf(29)) {
      const Fault fault{.target = target,
                        .nth = nth,
                        .error = FaultError::kShort,
                        .short_bytes = nth * 97 % 5000};
      const auto result =
          RunInChild(kSecondsMax, [&fault] { return TellShort(fault); });
      ASSERT_TRUE(result.ok()) << nth << ": " << result.status();
      if (*result == "done") break;
      EXPECT_EQ(*result, "") << nth;
    }
  }
}

TEST(StoreErrorsTest, AllReadsAndWritesMayBeShort) {
  for (const FaultTarget target : {FaultTarget::kRead, FaultTarget::kWrite}) {
    const Fault fault{.target = target,
                      .error = FaultError::kShort,
                      .for_ever = true,
                      .short_bytes = 700};
    const auto result =
        RunInChild(kSecondsMax, [&fault] { return TellShort(fault); });
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(*result, "");
  }
}

// ---- Harmless ----

std::string WriteSnapshotWith(const Fault& fault) {
  SimDisk disk("/sim");
  StoreUnderTest store(disk, History());
  Told told;
  absl::Status status = store.Found();
  if (status.ok()) status = store.Open();
  if (status.ok()) status = store.AppendTo(At(30));
  if (status.ok()) status = store.ApplyTo(At(30));
  if (!status.ok()) return status.ToString();
  disk.Inject(fault);
  const absl::Status written =
      fault.path_part == "backup" ? store.WriteBackup() : store.WriteSnapshot();
  if (written.ok()) return "nothing failed";
  if (!store.engine().failure().ok()) {
    return absl::StrCat("poisoned: ", store.engine().failure().ToString());
  }
  disk.ClearFaults();
  status = store.GoOn();
  return status.ok() ? "" : status.ToString();
}

TEST(StoreErrorsTest, SnapshotThatCannotBeWrittenHarmsNothing) {
  for (const std::string part : {"snap/", "backup"}) {
    for (const FaultError error : {FaultError::kDevice, FaultError::kNoSpace}) {
      for (const FaultTarget target :
           {FaultTarget::kCreate, FaultTarget::kWrite, FaultTarget::kSync}) {
        const Fault fault{.target = target, .path_part = part, .error = error};
        const auto result =
            RunInChild(kSecondsMax, [&] { return WriteSnapshotWith(fault); });
        ASSERT_TRUE(result.ok()) << part << ": " << result.status();
        EXPECT_EQ(*result, "") << part;
      }
    }
  }
}

// The log has switched to a state that cannot be read.
std::string SwitchToUnreadable() {
  SimDisk disk("/sim");
  Told told;
  {
    StoreUnderTest store(disk, History());
    absl::Status status = store.Found();
    if (status.ok()) status = store.Open();
    if (status.ok()) status = store.AppendTo(At(30));
    if (status.ok()) status = store.ApplyTo(At(30));
    if (status.ok()) status = store.Receive(Sent());
    if (!status.ok()) return status.ToString();
    {
      const auto installer = store.StartInstall(Sent());
      if (!installer.ok()) return installer.status().ToString();
      while (status.ok() &&
             (*installer)->stage() != engine::InstallStage::kSwitched) {
        status = (*installer)->Step().status();
      }
      if (!status.ok()) return status.ToString();
      disk.Inject({.target = FaultTarget::kRead,
                   .path_part = "kv_g2",
                   .for_ever = true});
      status = (*installer)->Step().status();
    }
    if (status.ok()) return "nothing failed";
    if (disk.faults_struck() == 0) return status.ToString();
    if (store.engine().failure().ok()) {
      return absl::StrCat("goes on after ", status.ToString());
    }
    std::string failed = JudgeFailed(disk, store);
    if (!failed.empty()) return failed;
    told.promised = At(kInstalled);
  }
  return JudgeNext(disk.TakeState(), told);
}

TEST(StoreErrorsTest, StateThatCannotBeSwitchedToIsAFailureForGood) {
  (void)Sent();
  const auto result =
      RunInChild(kSecondsMax, [] { return SwitchToUnreadable(); });
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(*result, "");
}

// ---- Reading ----

// "done" if there was nothing left to fail.
std::string ReadWith(const DiskImage& image, const Fault& fault) {
  SimDisk disk("/sim", image);
  bool struck = false;
  {
    StoreUnderTest store(disk, History());
    disk.Inject(fault);
    absl::Status status = store.Open();
    if (status.ok()) status = store.CheckAgainstHistory();
    struck = disk.faults_struck() > 0;
    if (IsViolation(status)) return status.ToString();
    if (struck && status.ok()) return "nobody was told of the error";
    // WiredTiger calls its metadata damaged where it cannot read it. Its own
    // POSIX layer reports the error before; that of a simulated disk cannot.
    if (IsCorruption(status) &&
        !absl::StrContains(status.message(), "open /sim/home/kv")) {
      return absl::StrCat("taken for damage: ", status.ToString());
    }
    if (store.is_open()) (void)store.Close();
  }
  Told told;
  told.promised = At(kLast);
  const std::string next = JudgeNext(disk.TakeState(), told);
  return next.empty() && !struck ? "done" : next;
}

TEST(StoreErrorsTest, EachReadThatFailsIsToldAndHarmsNothing) {
  DiskImage image;
  {
    SimDisk disk("/sim");
    StoreUnderTest store(disk, History());
    Told told;
    absl::Status status = store.Found();
    if (status.ok()) status = store.Open();
    if (status.ok()) status = TellMiddle(store, told);
    ASSERT_TRUE(status.ok()) << status;
    image = disk.AfterCrash(disk::kNothingSurvives, kSeed);
    ASSERT_TRUE(store.Close().ok());
  }
  for (uint64_t nth = 1;; nth += StrideOf(5)) {
    const Fault fault{.target = FaultTarget::kRead, .nth = nth};
    const auto result =
        RunInChild(kSecondsMax, [&] { return ReadWith(image, fault); });
    ASSERT_TRUE(result.ok()) << "read " << nth << ": " << result.status();
    if (*result == "done") break;
    EXPECT_EQ(*result, "") << "read " << nth;
  }
}

// ---- Where nothing can be opened ----

TEST(StoreErrorsTest, FullDiskAtFoundingIsNamedAndFoundingCanBeRepeated) {
  for (const uint64_t capacity :
       {uint64_t{0}, uint64_t{5000}, uint64_t{40000}}) {
    const auto result = RunInChild(kSecondsMax, [capacity]() -> std::string {
      SimDisk disk("/sim");
      disk.SetCapacity(capacity);
      StoreUnderTest store(disk, History());
      const absl::Status refused = store.Found();
      // After a panic it is the text that tells why.
      if (!absl::IsResourceExhausted(refused) &&
          !absl::StrContains(refused.message(), "No space left on device")) {
        return refused.ToString();
      }
      if (!absl::StrContains(refused.message(), "/sim/")) {
        return absl::StrCat("unnamed: ", refused.ToString());
      }
      if (IsCorruption(store.Open())) return "half a store";
      disk.SetCapacity(uint64_t{1} << 30);
      absl::Status status = store.Found();
      if (status.ok()) status = store.Open();
      if (status.ok()) status = store.GoOn();
      return status.ToString();
    });
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(*result, "OK") << capacity;
  }
}

TEST(StoreErrorsTest, FullDiskAtOpenLosesNothing) {
  const auto result = RunInChild(kSecondsMax, []() -> std::string {
    SimDisk disk("/sim");
    Told told;
    {
      StoreUnderTest store(disk, History());
      absl::Status status = store.Found();
      if (status.ok()) status = store.Open();
      if (status.ok()) status = TellMiddle(store, told);
      if (!status.ok()) return status.ToString();
    }
    SimDisk full("/sim", disk.AfterCrash(disk::kNothingSurvives, kSeed));
    full.SetCapacity(0);
    {
      StoreUnderTest store(full, History());
      const absl::Status opened = store.Open();
      if (!opened.ok() && !absl::IsResourceExhausted(opened)) {
        return opened.ToString();
      }
    }
    return JudgeNext(full.TakeState(), told);
  });
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(*result, "");
}

// Opens as somebody who is not root, whom permissions stop.
std::string OpenReadOnly(const std::string& part) {
  constexpr uid_t kNobody = 65534;
  if (geteuid() == 0 && setresuid(kNobody, kNobody, kNobody) != 0) {
    return "OK";
  }
  engine::TempHome home;
  absl::Status status = engine::FoundGroup(home.options(), HistoryStore());
  if (!status.ok()) return status.ToString();
  const std::string path = absl::StrCat(home.path(), part);
  const bool is_file = part == "/STORE" || part == "/FLOOR";
  if (chmod(path.c_str(), is_file ? 0 : S_IRUSR | S_IXUSR) != 0) return "chmod";
  const absl::Status refused = engine::Engine::Open(home.options()).status();
  if (chmod(path.c_str(), is_file ? 0600 : 0700) != 0) return "chmod back";
  if (!absl::IsPermissionDenied(refused)) {
    return absl::StrCat("refused with ", refused.ToString());
  }
  if (!absl::StrContains(refused.message(), home.path())) {
    return absl::StrCat("unnamed: ", refused.ToString());
  }
  return engine::Engine::Open(home.options()).status().ToString();
}

TEST(StoreErrorsTest, WhatMayNotBeReadOrWrittenIsNamed) {
  for (const std::string part : {"", "/kv", "/STORE", "/FLOOR"}) {
    const auto result =
        RunInChild(kSecondsMax, [&part] { return OpenReadOnly(part); });
    ASSERT_TRUE(result.ok()) << part << ": " << result.status();
    EXPECT_EQ(*result, "OK") << "\"" << part << "\"";
  }
}

}  // namespace
}  // namespace trimaran::crash
