// Goal: whenever the power fails, a snapshot is there as a whole or not at all,
// a transfer goes on, and an installation is done or not begun. Method: each
// run is repeated with the power cut after 1, 2, 3, ... operations of the disk;
// what a crash leaves of the unsynced part is chosen in many ways.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/errors.h"
#include "engine/snapshot/backup.h"
#include "engine/snapshot/installer.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_reader.h"
#include "engine/snapshot/snapshot_receiver.h"
#include "engine/snapshot/snapshot_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/snapshot/install_home.h"
#include "tests/engine/snapshot/test_state.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"
#include "tests/support/disk/timeline.h"

namespace trimaran::engine {
namespace {

constexpr uint64_t kSeeds = 4;

struct Crash {
  disk::Survival survival;
  uint64_t seed = 0;
};

std::vector<Crash> AllCrashes() {
  std::vector<Crash> crashes;
  for (const disk::Survival& survival : disk::kFixedSurvivals) {
    crashes.push_back({survival, 0});
  }
  for (const disk::Survival& survival : disk::kSeededSurvivals) {
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      crashes.push_back({survival, seed});
    }
  }
  return crashes;
}

std::string Describe(size_t operation, const Crash& crash) {
  return "after operation " + std::to_string(operation) + ", " +
         disk::SurvivalName(crash.survival) + ", seed " +
         std::to_string(crash.seed);
}

// Calls `check` with every disk that a crash could leave of what `run` does
// to a disk of this root. It learns whether all of the run had been done.
void ForEveryCrash(
    const std::string& root, const std::function<void(FileSystem&)>& run,
    const std::function<void(FileSystem&, bool complete)>& check) {
  disk::SimDisk disk(root);
  disk::SimFileSystem files(disk);
  run(files);
  const disk::Recording recording = disk.TakeRecording();
  const size_t total = disk.operation_count();
  disk::Timeline timeline(recording);
  for (size_t count = 0; count <= total; ++count) {
    timeline.MoveTo(count);
    for (const Crash& crash : AllCrashes()) {
      SCOPED_TRACE(Describe(count, crash));
      disk::SimDisk left(root, timeline.AfterCrash(crash.survival, crash.seed));
      disk::SimFileSystem left_files(left);
      check(left_files, count == total);
      if (::testing::Test::HasFailure()) return;
      if (!timeline.HasUnsynced()) break;
    }
  }
}

SnapshotWriterOptions SmallChunks() {
  SnapshotWriterOptions options;
  options.chunk_bytes_target = 1000;
  return options;
}

TestState SomeState() {
  SeededRandom random(23);
  return MakeTestState(40, 50, random);
}

// The records of a snapshot that has a manifest; nothing else is allowed to be
// wrong with it.
RecordMap MustRead(FileSystem& files, const std::string& directory) {
  const auto reader = SnapshotReader::Open(files, directory);
  EXPECT_TRUE(reader.ok()) << reader.status();
  if (!reader.ok()) return {};
  EXPECT_TRUE((*reader)->VerifyAll().ok()) << (*reader)->VerifyAll();
  SnapshotExport records(**reader);
  return ReadAll(records).value_or(RecordMap());
}

// Covers: G12, G15
TEST(SnapshotCrashTest, WritingLeavesAWholeSnapshotOrNone) {
  const TestState state = SomeState();
  int whole = 0;
  int none = 0;
  ForEveryCrash(
      "/snap",
      [&state](FileSystem& files) {
        ASSERT_TRUE(
            WriteSnapshot(files, "/snap/out-20-3", state, SmallChunks()).ok());
      },
      [&](FileSystem& files, bool complete) {
        const auto store =
            SnapshotStore::Open(files, "/snap", MonotonicTime(), Logger());
        ASSERT_TRUE(store.ok()) << store.status();
        const auto listed = *(*store)->List(MonotonicTime());
        if (listed.empty()) {
          EXPECT_FALSE(complete);
          EXPECT_TRUE(files.List("/snap")->empty());
          ++none;
        } else {
          EXPECT_EQ(MustRead(files, "/snap/out-20-3"), state.records);
          ++whole;
        }
      });
  EXPECT_GT(whole, 0);
  EXPECT_GT(none, 0);
}

TEST(SnapshotCrashTest, ABackupIsThereAsAWholeOrNotAtAll) {
  const TestState state = SomeState();
  const auto run = [&state](FileSystem& files) {
    auto backup = BackupWriter::Start(files, "/user/backup", kTestIdentity,
                                      std::make_unique<TestExport>(state),
                                      {.writer = SmallChunks()});
    ASSERT_TRUE(backup.ok()) << backup.status();
    for (auto progress = (*backup)->Step(); !progress->done;) {
      progress = (*backup)->Step();
      ASSERT_TRUE(progress.ok()) << progress.status();
    }
  };
  ForEveryCrash("/user", run, [&](FileSystem& files, bool complete) {
    if (files.Inspect("/user/backup")->kind == FileKind::kAbsent) {
      EXPECT_FALSE(complete);
      // The next attempt does not stumble over what is left.
      run(files);
    }
    EXPECT_EQ(MustRead(files, "/user/backup"), state.records);
  });
}

// Covers: G11
TEST(SnapshotCrashTest, ATransferGoesOnAfterEveryCrash) {
  const TestState state = SomeState();
  disk::SimDisk sender_disk("/sender");
  disk::SimFileSystem sender_files(sender_disk);
  ASSERT_TRUE(
      WriteSnapshot(sender_files, "/sender/out-20-3", state, SmallChunks())
          .ok());
  const auto sent = *SnapshotReader::Open(sender_files, "/sender/out-20-3");
  SnapshotReceiverOptions options;
  options.cluster = kTestCluster;
  options.group = kTestGroup;
  const auto run = [&](FileSystem& files) {
    auto receiver =
        SnapshotReceiver::Begin(files, "/store", sent->manifest(), options);
    ASSERT_TRUE(receiver.ok()) << receiver.status();
    while ((*receiver)->VerifyNext().value()) continue;
    while (const auto number = (*receiver)->first_missing()) {
      ASSERT_TRUE(
          (*receiver)->AddChunk(*number, *sent->ReadChunk(*number)).ok());
    }
    ASSERT_TRUE((*receiver)->Finish().ok());
  };
  const std::string directory =
      "/store/" + IncomingName(state.position.id, kTestIdentity.id);
  ForEveryCrash("/store", run, [&](FileSystem& files, bool complete) {
    const auto finished = SnapshotReader::Open(files, directory);
    if (finished.ok()) {
      EXPECT_EQ(MustRead(files, directory), state.records);
    } else {
      EXPECT_FALSE(complete);
      EXPECT_TRUE(absl::IsNotFound(finished.status())) << finished.status();
    }
    const auto store =
        SnapshotStore::Open(files, "/store", MonotonicTime(), Logger());
    ASSERT_TRUE(store.ok()) << store.status();
    run(files);
    EXPECT_EQ(MustRead(files, directory), state.records);
  });
}

// ---- Installation ----

enum class Outcome { kOld, kNew };

// Opens what a crash has left, looks whether it is one of the two states and
// nothing between them, and installs again if it is the old one.
Outcome CheckAfterCrash(InstallHome& home, InstallStage stage) {
  const absl::Status opened = home.Open();
  EXPECT_TRUE(opened.ok()) << opened;
  if (!opened.ok()) return Outcome::kOld;
  const LogState log = home.log().state();
  EXPECT_FALSE(log.owed.has_value());
  Outcome outcome = Outcome::kNew;
  if (log.generation == 1) {
    outcome = Outcome::kOld;
    EXPECT_LE(stage, InstallStage::kImported);
    EXPECT_EQ(home.records(), RecordsOf(OldState()));
    EXPECT_EQ(log.last.id, (EntryId{kTailEnd, Term(1)}));
    EXPECT_EQ(log.hard_state, (HardState{Term(1), ReplicaId(1), kCommon}));
    const auto again = home.StartInstall();
    EXPECT_TRUE(again.ok()) << again.status();
    if (!again.ok()) return outcome;
    EXPECT_TRUE(InstallHome::StepTo(**again, InstallStage::kCleaned).ok());
  }
  EXPECT_EQ(home.records(), RecordsOf(NewState()));
  EXPECT_EQ(home.log().state().last, NewState().progress.applied);
  EXPECT_EQ(home.log().state().boundary, NewState().progress.applied);
  EXPECT_GE(home.log().state().hard_state.commit, kSnapshotAt.index);
  EXPECT_TRUE(IsNotInLog(home.log().TermAt(kSnapshotAt.index + 1).status()));
  // The received snapshot is of no more use, and goes.
  const auto store = SnapshotStore::Open(home.files(), "/store/snap",
                                         MonotonicTime(), Logger());
  EXPECT_TRUE(store.ok()) << store.status();
  if (!store.ok()) return outcome;
  GarbageFacts facts;
  facts.applied = home.machine().applied().applied.id.index;
  EXPECT_TRUE((*store)->CollectGarbage(facts, {}).ok());
  EXPECT_TRUE(home.files().List("/store/snap")->empty());
  return outcome;
}

// Covers: G16, G16a
TEST(SnapshotCrashTest, InstallingEndsInTheOldStateOrTheNewOne) {
  int old_states = 0;
  int new_states = 0;
  for (uint64_t count = 0;; ++count) {
    bool complete = false;
    for (const Crash& crash : AllCrashes()) {
      SCOPED_TRACE(Describe(count, crash));
      InstallHome home;
      const auto installer = home.StartInstall();
      ASSERT_TRUE(installer.ok());
      home.disk().CutPowerAfter(home.disk().operation_count() + count);
      complete = InstallHome::StepTo(**installer, InstallStage::kCleaned).ok();
      const InstallStage stage = (*installer)->stage();
      disk::DiskImage left = home.disk().AfterCrash(crash.survival, crash.seed);
      InstallHome after(std::move(left), home.TakeStates());
      if (CheckAfterCrash(after, stage) == Outcome::kOld) {
        ++old_states;
      } else {
        ++new_states;
      }
      if (HasFailure()) return;
    }
    if (complete) break;
  }
  EXPECT_GT(old_states, 0);
  EXPECT_GT(new_states, 0);
}

// The stages in which no operation of this disk happens.
//
// Covers: G16
TEST(SnapshotCrashTest, AStopBetweenStagesEndsInTheOldStateOrTheNewOne) {
  for (const InstallStage stage :
       {InstallStage::kVerified, InstallStage::kImporting,
        InstallStage::kImported, InstallStage::kSwitched,
        InstallStage::kActive}) {
    SCOPED_TRACE(std::string(InstallStageName(stage)));
    InstallHome home;
    auto installer = *home.StartInstall();
    ASSERT_TRUE(InstallHome::StepTo(*installer, stage).ok());
    installer.reset();
    disk::DiskImage left = home.disk().AfterCrash(disk::kNothingSurvives, 1);
    InstallHome after(std::move(left), home.TakeStates());
    EXPECT_EQ(CheckAfterCrash(after, stage),
              stage < InstallStage::kSwitched ? Outcome::kOld : Outcome::kNew);
  }
}

}  // namespace
}  // namespace trimaran::engine
