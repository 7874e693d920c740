// Goal: the model of a disk loses what a real one may lose, and nothing else.
// Method: write batches, stop at chosen points, look at what is left.

#include "tests/support/sim/model_disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "engine/base/random.h"

namespace trimaran::sim {
namespace {

LogEntry Entry(uint64_t index, uint64_t term,
               EntryType type = EntryType::kNormal) {
  return {LogIndex(index), Term(term), type, Payload("x")};
}

raft::PersistBatch Batch(uint64_t seq, std::vector<LogEntry> entries) {
  raft::PersistBatch batch;
  batch.seq = raft::PersistSeq(seq);
  if (!entries.empty()) {
    batch.hard_state = HardState{entries.back().term, kNoReplica, LogIndex()};
  }
  batch.must_sync = !entries.empty();
  batch.entries = std::move(entries);
  return batch;
}

MachineState StateAt(uint64_t index, uint64_t term) {
  MachineState state;
  state.applied = {LogIndex(index), Term(term)};
  state.hash = index;
  state.conf.voters = {ReplicaId(1)};
  return state;
}

void SyncAll(ModelDisk& disk) {
  disk.BeginSync();
  while (disk.syncing()) disk.CompleteNext();
}

TEST(ModelDiskTest, BatchIsDurableOnlyWhenItsSyncIsDone) {
  ModelDisk disk{MachineState()};
  ASSERT_TRUE(disk.Submit(Batch(1, {Entry(1, 1), Entry(2, 1)})).ok());
  EXPECT_EQ(disk.last(), LogIndex(0));
  disk.BeginSync();
  EXPECT_EQ(disk.last(), LogIndex(0));
  disk.CompleteNext();
  EXPECT_EQ(disk.last(), LogIndex(2));
  EXPECT_EQ(disk.hard_state().term, Term(1));
  EXPECT_FALSE(disk.syncing());
}

TEST(ModelDiskTest, SyncCoversOnlyWhatWasSubmittedBefore) {
  ModelDisk disk{MachineState()};
  ASSERT_TRUE(disk.Submit(Batch(1, {Entry(1, 1)})).ok());
  disk.BeginSync();
  ASSERT_TRUE(disk.Submit(Batch(2, {Entry(2, 1)})).ok());
  disk.CompleteNext();
  EXPECT_FALSE(disk.syncing());
  EXPECT_EQ(disk.last(), LogIndex(1));
  EXPECT_EQ(disk.pending(), 1u);
}

TEST(ModelDiskTest, LaterEntriesReplaceTheTail) {
  ModelDisk disk{MachineState()};
  ASSERT_TRUE(
      disk.Submit(Batch(1, {Entry(1, 1), Entry(2, 1), Entry(3, 1)})).ok());
  ASSERT_TRUE(disk.Submit(Batch(2, {Entry(2, 2)})).ok());
  SyncAll(disk);
  EXPECT_EQ(disk.last(), LogIndex(2));
  EXPECT_EQ(disk.TermAt(LogIndex(2)), Term(2));
}

TEST(ModelDiskTest, CrashLeavesAPrefixOfTheBatches) {
  std::set<uint64_t> outcomes;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SeededRandom random(seed);
    ModelDisk disk{MachineState()};
    ASSERT_TRUE(disk.Submit(Batch(1, {Entry(1, 1)})).ok());
    SyncAll(disk);
    for (uint64_t i = 2; i <= 4; ++i) {
      ASSERT_TRUE(
          disk.Submit(Batch(i, {Entry(2 * i - 2, 1), Entry(2 * i - 1, 1)}))
              .ok());
    }
    disk.Crash(random, TornBatch::kDropped);
    outcomes.insert(disk.last().value());
  }
  // Never less than what was synced, never half of a batch.
  EXPECT_THAT(outcomes, testing::ElementsAre(1, 3, 5, 7));
}

TEST(ModelDiskTest, TornBatchMayKeepSomeEntries) {
  std::set<uint64_t> outcomes;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SeededRandom random(seed);
    ModelDisk disk{MachineState()};
    ASSERT_TRUE(
        disk.Submit(Batch(1, {Entry(1, 1), Entry(2, 1), Entry(3, 1)})).ok());
    disk.Crash(random, TornBatch::kCutShort);
    outcomes.insert(disk.last().value());
    EXPECT_TRUE(disk.Load().Validate().ok());
  }
  EXPECT_THAT(outcomes, testing::ElementsAre(0, 1, 2, 3));
}

TEST(ModelDiskTest, BatchThatNeedsNoSyncMayVanishAlthoughItIsDone) {
  std::set<uint64_t> commits;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SeededRandom random(seed);
    ModelDisk disk{MachineState()};
    ASSERT_TRUE(disk.Submit(Batch(1, {Entry(1, 1)})).ok());
    SyncAll(disk);
    raft::PersistBatch commit = Batch(2, {});
    commit.hard_state = HardState{Term(1), kNoReplica, LogIndex(1)};
    ASSERT_TRUE(disk.Submit(std::move(commit)).ok());
    SyncAll(disk);
    EXPECT_EQ(disk.pending(), 0u);
    EXPECT_EQ(disk.hard_state().commit, LogIndex(0));
    disk.Crash(random, TornBatch::kDropped);
    commits.insert(disk.hard_state().commit.value());
  }
  EXPECT_THAT(commits, testing::ElementsAre(0, 1));
}

TEST(ModelDiskTest, NextSyncCoversWhatWasWrittenWithoutOne) {
  ModelDisk disk{MachineState()};
  ASSERT_TRUE(disk.Submit(Batch(1, {Entry(1, 1)})).ok());
  SyncAll(disk);
  raft::PersistBatch commit = Batch(2, {});
  commit.hard_state = HardState{Term(1), kNoReplica, LogIndex(1)};
  ASSERT_TRUE(disk.Submit(std::move(commit)).ok());
  SyncAll(disk);
  raft::PersistBatch entry = Batch(3, {Entry(2, 1)});
  entry.hard_state.reset();
  ASSERT_TRUE(disk.Submit(std::move(entry)).ok());
  SyncAll(disk);
  EXPECT_EQ(disk.hard_state().commit, LogIndex(1));
}

TEST(ModelDiskTest, StateMachineFallsBackToItsCheckpoint) {
  SeededRandom random(1);
  ModelDisk disk{StateAt(5, 5)};
  ASSERT_TRUE(disk.Submit(Batch(1, {Entry(6, 6), Entry(7, 6)})).ok());
  SyncAll(disk);
  disk.Checkpoint(StateAt(6, 6));
  disk.Crash(random, TornBatch::kDropped);
  const raft::InitialState state = disk.Load();
  EXPECT_EQ(state.applied, LogIndex(6));
  EXPECT_EQ(state.boundary, (EntryId{LogIndex(5), Term(5)}));
  EXPECT_EQ(state.last, LogIndex(7));
  EXPECT_TRUE(state.Validate().ok());
}

TEST(ModelDiskTest, LoadTellsTermsAndUnappliedChangesOfMembership) {
  ModelDisk disk{StateAt(5, 5)};
  ASSERT_TRUE(
      disk.Submit(Batch(1, {Entry(6, 5, EntryType::kConfChange), Entry(7, 6),
                            Entry(8, 6, EntryType::kConfChange)}))
          .ok());
  SyncAll(disk);
  disk.Checkpoint(StateAt(6, 5));
  const raft::InitialState state = disk.Load();
  EXPECT_THAT(state.conf_changes, testing::ElementsAre(LogIndex(8)));
  EXPECT_THAT(state.terms, testing::ElementsAre(TermRun{LogIndex(6), Term(5)},
                                                TermRun{LogIndex(7), Term(6)}));
}

TEST(ModelDiskTest, CompactionKeepsTheTermOfTheBoundary) {
  ModelDisk disk{StateAt(5, 5)};
  ASSERT_TRUE(
      disk.Submit(Batch(1, {Entry(6, 6), Entry(7, 7), Entry(8, 7)})).ok());
  SyncAll(disk);
  disk.Checkpoint(StateAt(8, 7));
  disk.CompactTo(LogIndex(7));
  EXPECT_EQ(disk.boundary(), (EntryId{LogIndex(7), Term(7)}));
  EXPECT_TRUE(
      absl::IsOutOfRange(disk.Read(LogIndex(7), LogIndex(9), 100).status()));
  const auto entries = disk.Read(LogIndex(8), LogIndex(9), 0);
  ASSERT_TRUE(entries.ok());
  EXPECT_THAT(*entries, testing::ElementsAre(Entry(8, 7)));
}

TEST(ModelDiskTest, SnapshotReplacesEverythingAtOnce) {
  ModelDisk disk{StateAt(5, 5)};
  ASSERT_TRUE(disk.Submit(Batch(1, {Entry(6, 6)})).ok());
  SyncAll(disk);
  disk.StageSnapshot(StateAt(20, 7));
  raft::PersistBatch batch = Batch(2, {Entry(21, 8)});
  batch.snapshot = SnapshotMeta{{LogIndex(20), Term(7)}, StateAt(20, 7).conf};
  ASSERT_TRUE(disk.Submit(std::move(batch)).ok());
  EXPECT_EQ(disk.checkpoint().applied.index, LogIndex(5));
  SyncAll(disk);
  EXPECT_EQ(disk.checkpoint().hash, 20u);
  EXPECT_EQ(disk.boundary().index, LogIndex(20));
  EXPECT_EQ(disk.last(), LogIndex(21));
}

TEST(ModelDiskTest, RefusesWhatDoesNotFit) {
  ModelDisk disk{StateAt(5, 5)};
  EXPECT_FALSE(disk.Submit(Batch(2, {Entry(6, 6)})).ok()) << "out of turn";
  EXPECT_FALSE(disk.Submit(Batch(1, {Entry(8, 6)})).ok()) << "a hole";
  EXPECT_FALSE(disk.Submit(Batch(1, {Entry(5, 6)})).ok()) << "applied";
  raft::PersistBatch promise = Batch(1, {Entry(6, 6)});
  promise.must_sync = false;
  EXPECT_FALSE(disk.Submit(std::move(promise)).ok()) << "without a sync";
  raft::PersistBatch unknown = Batch(1, {});
  unknown.snapshot = SnapshotMeta{{LogIndex(9), Term(6)}, {}};
  unknown.must_sync = true;
  EXPECT_FALSE(disk.Submit(std::move(unknown)).ok()) << "never received";
  EXPECT_TRUE(disk.Submit(Batch(1, {Entry(6, 6)})).ok());
}

}  // namespace
}  // namespace trimaran::sim
