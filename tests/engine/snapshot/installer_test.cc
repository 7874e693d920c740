// Goal: an installation replaces everything at one moment, and nothing before
// it. Method: a real log on a simulated disk, a model of the state machine.

#include "engine/snapshot/installer.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/errors.h"
#include "engine/snapshot/snapshot_paths.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/snapshot/install_home.h"
#include "tests/engine/snapshot/test_state.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;

class InstallerTest : public ::testing::Test {
 protected:
  std::unique_ptr<Installer> MustStart() {
    auto installer = home_.StartInstall();
    EXPECT_TRUE(installer.ok()) << installer.status();
    return *std::move(installer);
  }

  void ExpectOldState() {
    EXPECT_EQ(home_.records(), RecordsOf(OldState()));
    EXPECT_EQ(home_.machine().generation(), 1u);
    EXPECT_EQ(home_.log().state().generation, 1u);
    EXPECT_EQ(home_.log().state().last.id.index, kTailEnd);
    EXPECT_EQ(home_.log().state().hard_state,
              (HardState{Term(1), ReplicaId(1), kCommon}));
  }

  void ExpectNewState() {
    EXPECT_EQ(home_.records(), RecordsOf(NewState()));
    const LogState log = home_.log().state();
    EXPECT_EQ(log.boundary, NewState().progress.applied);
    EXPECT_EQ(log.last, NewState().progress.applied);
    EXPECT_EQ(log.generation, home_.machine().generation());
    EXPECT_EQ(log.generation, 2u);
  }

  InstallHome home_;
};

// Covers: G10
TEST_F(InstallerTest, ReplacesRowsMembersPositionsAndLog) {
  const auto installer = MustStart();
  ASSERT_TRUE(InstallHome::StepTo(*installer, InstallStage::kCleaned).ok());

  ExpectNewState();
  const AppliedState applied = home_.machine().applied();
  EXPECT_EQ(applied.applied.id, kSnapshotAt);
  EXPECT_EQ(applied.truncated, kSnapshotAt);
  EXPECT_EQ(home_.log().truncated(), kSnapshotAt.index);
  EXPECT_EQ(home_.log().state().hard_state,
            (HardState{kSnapshotAt.term, kNoReplica, kSnapshotAt.index}));
  EXPECT_TRUE(home_.files().List("/store/snap")->empty());
}

// Covers: G16a
TEST_F(InstallerTest, NothingOfALongerLogIsLeft) {
  ASSERT_GT(home_.log().state().last.id.index, kSnapshotAt.index);
  const auto installer = MustStart();
  ASSERT_TRUE(InstallHome::StepTo(*installer, InstallStage::kActive).ok());

  for (LogIndex index = kSnapshotAt.index + 1; index <= kTailEnd; ++index) {
    EXPECT_TRUE(IsNotInLog(home_.log().TermAt(index).status())) << index;
  }
  EXPECT_TRUE(IsCompacted(home_.log().TermAt(kCommon).status()));
  EXPECT_EQ(*home_.log().TermAt(kSnapshotAt.index), kSnapshotAt.term);
}

TEST_F(InstallerTest, TheLogAndTheStateGoOnBehindTheSnapshot) {
  const auto installer = MustStart();
  ASSERT_TRUE(InstallHome::StepTo(*installer, InstallStage::kCleaned).ok());
  const std::vector<LogEntry> next = {
      PutEntry(kSnapshotAt.index + 1, kSnapshotAt.term)};
  LogBatch batch;
  batch.entries = next;
  batch.must_sync = true;
  ASSERT_TRUE(home_.log().Append(batch).ok());
  ASSERT_TRUE(ApplyAll(home_.machine(), next).ok());
  EXPECT_EQ(home_.machine().applied().applied, home_.log().state().last);
}

TEST_F(InstallerTest, EveryStageHasItsLane) {
  const auto installer = MustStart();
  struct Row {
    InstallStage stage;
    const char* name;
    InstallLane lane;
  };
  for (const Row& row : std::vector<Row>{
           {InstallStage::kVerified, "verified", InstallLane::kMaintenance},
           {InstallStage::kImporting, "importing", InstallLane::kMaintenance},
           {InstallStage::kImported, "imported", InstallLane::kLog},
           {InstallStage::kSwitched, "switched", InstallLane::kApply},
           {InstallStage::kActive, "active", InstallLane::kMaintenance},
           {InstallStage::kCleaned, "cleaned", InstallLane::kMaintenance}}) {
    ASSERT_TRUE(InstallHome::StepTo(*installer, row.stage).ok());
    EXPECT_EQ(InstallStageName(installer->stage()), row.name);
    EXPECT_EQ(installer->lane(), row.lane) << row.name;
  }
  EXPECT_EQ(*installer->Step(), InstallStage::kCleaned);
}

TEST_F(InstallerTest, ImportsInSteps) {
  const auto installer = MustStart();
  ASSERT_TRUE(InstallHome::StepTo(*installer, InstallStage::kImporting).ok());
  size_t steps = 0;
  while (*installer->Step() == InstallStage::kImporting) ++steps;
  EXPECT_EQ(steps, installer->manifest().chunks.size());
}

TEST_F(InstallerTest, GivenUpBeforeTheSwitchNothingHasChanged) {
  for (const InstallStage stage :
       {InstallStage::kVerified, InstallStage::kImporting,
        InstallStage::kImported}) {
    const auto installer = MustStart();
    ASSERT_TRUE(InstallHome::StepTo(*installer, stage).ok());
    EXPECT_TRUE(installer->Cancel().ok());
    EXPECT_TRUE(absl::IsCancelled(installer->Step().status()));
    ExpectOldState();
  }
  const auto again = MustStart();
  EXPECT_TRUE(InstallHome::StepTo(*again, InstallStage::kActive).ok());
  EXPECT_EQ(home_.records(), RecordsOf(NewState()));
}

TEST_F(InstallerTest, WhatIsGivenUpOrForgottenCannotBeSwitchedTo) {
  for (const bool cancels : {true, false}) {
    auto installer = MustStart();
    ASSERT_TRUE(InstallHome::StepTo(*installer, InstallStage::kImported).ok());
    if (cancels) {
      EXPECT_TRUE(installer->Cancel().ok());
    }
    installer.reset();
    for (const uint64_t generation : {2u, 3u}) {
      EXPECT_TRUE(
          absl::IsFailedPrecondition(home_.machine().SwitchTo(generation)));
    }
  }
  ExpectOldState();
}

TEST_F(InstallerTest, AfterTheSwitchItCannotBeGivenUp) {
  for (const InstallStage stage :
       {InstallStage::kSwitched, InstallStage::kActive,
        InstallStage::kCleaned}) {
    InstallHome home;
    const auto installer = *home.StartInstall();
    ASSERT_TRUE(InstallHome::StepTo(*installer, stage).ok());
    EXPECT_TRUE(absl::IsFailedPrecondition(installer->Cancel()));
    EXPECT_TRUE(InstallHome::StepTo(*installer, InstallStage::kCleaned).ok());
    EXPECT_EQ(home.records(), RecordsOf(NewState()));
  }
}

// ---- Refusals ----

// Covers: G11
TEST_F(InstallerTest, SnapshotsOfOthersAreRefused) {
  InstallTarget target = home_.target();
  target.cluster = {9, 9};
  const absl::Status cluster =
      Installer::Start(home_.files(), kReceivedPath, target).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(cluster));
  EXPECT_THAT(std::string(cluster.message()), HasSubstr("of cluster"));
  target = home_.target();
  target.group = GroupId(2);
  const absl::Status group =
      Installer::Start(home_.files(), kReceivedPath, target).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(group));
  EXPECT_THAT(std::string(group.message()), HasSubstr("of group"));
  ExpectOldState();
}

TEST_F(InstallerTest, WhatIsNotFinishedIsNotInstalled) {
  ASSERT_TRUE(home_.files()
                  .Rename(JoinPath(kReceivedPath, kManifestFile),
                          JoinPath(kReceivedPath, kPartialManifestFile))
                  .ok());
  EXPECT_TRUE(absl::IsNotFound(home_.StartInstall().status()));
}

TEST_F(InstallerTest, ASnapshotThatIsNotBeyondTheStateIsRefused) {
  ASSERT_TRUE(
      ApplyAll(home_.machine(),
               PutEntries(kCommon + 1, kSnapshotAt.index + 1, kSnapshotAt.term))
          .ok());
  const absl::Status status = home_.StartInstall().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("applied already"));
}

TEST_F(InstallerTest, CommittedEntriesAreNeverReplaced) {
  LogBatch batch;
  batch.hard_state = HardState{Term(1), ReplicaId(1), kSnapshotAt.index + 1};
  batch.must_sync = true;
  ASSERT_TRUE(home_.log().Append(batch).ok());
  const absl::Status status = home_.StartInstall().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("committed entries"));
}

TEST_F(InstallerTest, WhatHappensMeanwhileIsSeenAtTheSwitch) {
  const auto installer = MustStart();
  ASSERT_TRUE(InstallHome::StepTo(*installer, InstallStage::kImported).ok());
  ASSERT_TRUE(
      ApplyAll(home_.machine(),
               PutEntries(kCommon + 1, kSnapshotAt.index + 1, kSnapshotAt.term))
          .ok());
  const absl::Status status = installer->Step().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_EQ(installer->Step().status(), status);
  EXPECT_EQ(home_.log().state().generation, 1u);
  EXPECT_TRUE(installer->Cancel().ok());
}

TEST_F(InstallerTest, DamageFoundWhileImportingChangesNothing) {
  {
    const auto file = home_.files().Open(
        JoinPath(kReceivedPath, ChunkFileName(2)), OpenMode::kReadWrite);
    ASSERT_TRUE((*file)->Write(60, "rot").ok());
  }
  const auto installer = MustStart();
  const absl::Status status =
      InstallHome::StepTo(*installer, InstallStage::kImported);
  EXPECT_TRUE(IsCorruption(status)) << status;
  EXPECT_EQ(installer->Step().status(), status);
  ExpectOldState();
}

TEST_F(InstallerTest, AStoreThatHasFailedIsLeftAlone) {
  home_.disk().Inject({.target = disk::FaultTarget::kSync, .path_part = "log"});
  LogBatch batch;
  batch.hard_state = HardState{Term(5), ReplicaId(1), kCommon};
  batch.must_sync = true;
  const absl::Status failed = home_.log().Append(batch);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(home_.StartInstall().status(), home_.log().failure());
}

TEST_F(InstallerTest, ASwitchThatFailsIsSettledByTheNextOpen) {
  const auto installer = MustStart();
  ASSERT_TRUE(InstallHome::StepTo(*installer, InstallStage::kImported).ok());
  home_.disk().Inject({.target = disk::FaultTarget::kSync, .path_part = "log"});
  const absl::Status status = installer->Step().status();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(installer->Step().status(), status);
  EXPECT_TRUE(absl::IsFailedPrecondition(installer->Cancel()));
  EXPECT_EQ(home_.log().failure(), status);
}

TEST_F(InstallerTest, ASwitchWithoutSpaceCanBeRepeatedOrGivenUp) {
  const auto given_up = MustStart();
  const auto repeated = MustStart();
  for (Installer* const installer : {given_up.get(), repeated.get()}) {
    ASSERT_TRUE(InstallHome::StepTo(*installer, InstallStage::kImported).ok());
  }
  home_.disk().SetCapacity(0);
  absl::Status full;
  for (LogIndex next = kTailEnd + 1; full.ok(); ++next) {
    const std::vector<LogEntry> entries = PutEntries(next, next + 1, Term(1));
    full = home_.log().Append({entries, std::nullopt, true});
  }
  ASSERT_TRUE(absl::IsResourceExhausted(full)) << full;

  for (Installer* const installer : {given_up.get(), repeated.get()}) {
    EXPECT_TRUE(absl::IsResourceExhausted(installer->Step().status()));
    EXPECT_EQ(installer->stage(), InstallStage::kImported);
  }
  EXPECT_TRUE(home_.log().failure().ok());
  EXPECT_TRUE(given_up->Cancel().ok());

  home_.disk().SetCapacity(uint64_t{1} << 30);
  ASSERT_TRUE(InstallHome::StepTo(*repeated, InstallStage::kActive).ok());
  EXPECT_EQ(home_.records(), RecordsOf(NewState()));
  EXPECT_EQ(home_.log().state().last.id, kSnapshotAt);
}

// ---- The hard state ----

TEST(HardStateAfterInstallTest, CaseByCase) {
  struct Case {
    const char* name;
    HardState current;
    HardState expected;
  };
  const LogIndex at = kSnapshotAt.index;
  for (const Case& one :
       std::vector<Case>{{"an older term forgets its vote",
                          {Term(1), ReplicaId(3), LogIndex(3)},
                          {Term(2), kNoReplica, at}},
                         {"the same term keeps it",
                          {Term(2), ReplicaId(3), LogIndex(3)},
                          {Term(2), ReplicaId(3), at}},
                         {"a later term stays",
                          {Term(9), ReplicaId(3), LogIndex(3)},
                          {Term(9), ReplicaId(3), at}},
                         {"nothing known", {}, {Term(2), kNoReplica, at}},
                         {"the commit never goes back",
                          {Term(9), ReplicaId(3), at + 5},
                          {Term(9), ReplicaId(3), at + 5}}}) {
    EXPECT_EQ(HardStateAfterInstall(one.current, kSnapshotAt), one.expected)
        << one.name;
  }
}

TEST_F(InstallerTest, AHardStateOfTheCallersGoesWithTheSwitch) {
  const auto installer = MustStart();
  const HardState newer{Term(7), ReplicaId(2), kSnapshotAt.index};
  installer->UseHardState(newer);
  ASSERT_TRUE(InstallHome::StepTo(*installer, InstallStage::kSwitched).ok());
  EXPECT_EQ(home_.log().state().hard_state, newer);
}

TEST_F(InstallerTest, AHardStateThatWouldForgetSomethingIsRefused) {
  for (const HardState& older :
       {HardState{Term(1), ReplicaId(1), kSnapshotAt.index},
        HardState{kSnapshotAt.term, ReplicaId(1), kSnapshotAt.index - 1}}) {
    const auto installer = MustStart();
    installer->UseHardState(older);
    ASSERT_TRUE(InstallHome::StepTo(*installer, InstallStage::kImported).ok());
    EXPECT_TRUE(absl::IsFailedPrecondition(installer->Step().status()));
    ExpectOldState();
  }
}

}  // namespace
}  // namespace trimaran::engine
