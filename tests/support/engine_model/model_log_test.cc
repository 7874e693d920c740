// Goal: the model of a log keeps what it has promised across crashes, gives up
// the rest from the end only, and refuses what the contract refuses. What it
// answers in detail is compared with the real log elsewhere
// (tests/engine/conformance).

#include <string_view>
#include <vector>

#include "engine/base/errors.h"
#include "engine/base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/engine_model/model_log_disk.h"
#include "tests/support/engine_model/model_log_store.h"

namespace trimaran::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;

LogEntry Entry(uint64_t index, uint64_t term, std::string_view payload = "x") {
  return {LogIndex(index), Term(term), EntryType::kNormal, Payload(payload)};
}

enum class Sync : uint8_t { kNo, kYes };

absl::Status Append(LogStore& log, const std::vector<LogEntry>& entries,
                    Sync sync) {
  return log.Append({.entries = entries,
                     .hard_state = std::nullopt,
                     .must_sync = sync == Sync::kYes});
}

ModelLogImage EmptyBehindThree() {
  ModelLogImage image;
  image.boundary.id = {LogIndex(3), Term(3)};
  return image;
}

TEST(ModelLogTest, CrashKeepsWhatWasSyncedAndTheFirstOfTheRest) {
  for (size_t kept = 0; kept <= 2; ++kept) {
    ModelLogDisk disk;
    ModelLogStore log(disk);
    ASSERT_TRUE(Append(log, {Entry(1, 1)}, Sync::kYes).ok());
    ASSERT_TRUE(Append(log, {Entry(2, 1)}, Sync::kNo).ok());
    ASSERT_TRUE(Append(log, {Entry(3, 1)}, Sync::kNo).ok());

    disk.CrashKeeping(kept);

    EXPECT_EQ(ModelLogStore(disk).state().last.id,
              (EntryId{LogIndex(1 + kept), Term(1)}));
  }
}

TEST(ModelLogTest, FlushCoversAllBatchesBeforeIt) {
  ModelLogDisk disk;
  ModelLogStore log(disk);
  ASSERT_TRUE(Append(log, {Entry(1, 1), Entry(2, 1)}, Sync::kNo).ok());
  ASSERT_TRUE(log.Flush().ok());

  SeededRandom random(1);
  disk.Crash(random);

  EXPECT_EQ(ModelLogStore(disk).state().last.id.index, LogIndex(2));
}

TEST(ModelLogTest, HardStateSurvivesWithItsBatch) {
  ModelLogDisk disk;
  ModelLogStore log(disk);
  const HardState hard{Term(2), ReplicaId(1), LogIndex(1)};
  const std::vector<LogEntry> entries = {Entry(1, 2)};
  ASSERT_TRUE(
      log.Append({.entries = entries, .hard_state = hard, .must_sync = false})
          .ok());
  EXPECT_EQ(log.state().hard_state, hard);

  disk.CrashKeeping(0);

  EXPECT_TRUE(ModelLogStore(disk).state().hard_state.empty());
}

TEST(ModelLogTest, AppendReplacesTheEndOfTheLog) {
  ModelLogDisk disk(EmptyBehindThree());
  ModelLogStore log(disk);
  ASSERT_TRUE(Append(log, {Entry(4, 4), Entry(5, 4)}, Sync::kYes).ok());

  ASSERT_TRUE(Append(log, {Entry(4, 5, "y")}, Sync::kYes).ok());

  EXPECT_EQ(log.state().last.id, (EntryId{LogIndex(4), Term(5)}));
  EXPECT_EQ(log.ChainAt(LogIndex(4))->value,
            ExtendChain(ChainValue{}, Entry(4, 5, "y")).value);
  EXPECT_TRUE(IsNotInLog(log.TermAt(LogIndex(5)).status()));
}

TEST(ModelLogTest, RefusesHolesAndFallingTermsAndCompactedPlaces) {
  ModelLogDisk disk(EmptyBehindThree());
  ModelLogStore log(disk);
  ASSERT_TRUE(Append(log, {Entry(4, 4), Entry(5, 5)}, Sync::kYes).ok());
  const std::vector<std::vector<LogEntry>> refused = {
      {Entry(7, 5)},               // a hole before it
      {Entry(6, 5), Entry(8, 5)},  // a hole within
      {Entry(6, 4)},               // an older term than the last entry
      {Entry(5, 6), Entry(6, 5)},  // a falling term within
      {Entry(3, 3)},               // at the boundary
  };

  for (const std::vector<LogEntry>& entries : refused) {
    EXPECT_EQ(Append(log, entries, Sync::kYes).code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(log.state().last.id, (EntryId{LogIndex(5), Term(5)}));
  EXPECT_TRUE(log.failure().ok());
}

TEST(ModelLogTest, RefusesATermThatFallsAndAVoteThatChanges) {
  ModelLogDisk disk;
  ModelLogStore log(disk);
  const HardState voted{Term(3), ReplicaId(2), LogIndex(0)};
  ASSERT_TRUE(log.Append({.entries = {}, .hard_state = voted}).ok());

  for (const HardState& refused :
       {HardState{Term(2), ReplicaId(2), LogIndex(0)},
        HardState{Term(3), ReplicaId(1), LogIndex(0)},
        HardState{Term(3), kNoReplica, LogIndex(0)}}) {
    EXPECT_EQ(log.Append({.entries = {}, .hard_state = refused}).code(),
              absl::StatusCode::kInvalidArgument);
    const LogReset reset{{{LogIndex(9), Term(2)}, ChainValue{7}}, refused, 3};
    EXPECT_EQ(log.Reset(reset).code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(log.state().hard_state, voted);
  EXPECT_TRUE(log.failure().ok());
}

TEST(ModelLogTest, CompactedEntriesAreNotAdmittedToBeforeTheyAreRecycled) {
  ModelLogDisk disk;
  ModelLogStore log(disk);
  ASSERT_TRUE(
      Append(log, {Entry(1, 1), Entry(2, 1), Entry(3, 2)}, Sync::kYes).ok());

  log.Compact(LogIndex(2));

  EXPECT_TRUE(IsCompacted(log.TermAt(LogIndex(1)).status()));
  EXPECT_EQ(*log.TermAt(LogIndex(2)), Term(1));
  EXPECT_TRUE(IsCompacted(log.Entries(LogIndex(2), LogIndex(3), {}).status()));
  EXPECT_EQ(log.state().boundary.id.index, LogIndex(0));
  ASSERT_TRUE(log.RecycleStep(LogIndex(9)).ok());
  EXPECT_EQ(log.state().boundary.id, (EntryId{LogIndex(2), Term(1)}));
}

TEST(ModelLogTest, NothingIsRecycledThatAnUnsyncedBatchReplaces) {
  ModelLogDisk disk;
  ModelLogStore log(disk);
  ASSERT_TRUE(Append(log, {Entry(1, 1), Entry(2, 1)}, Sync::kYes).ok());
  ASSERT_TRUE(Append(log, {Entry(2, 2)}, Sync::kNo).ok());
  log.Compact(LogIndex(2));
  ASSERT_TRUE(log.RecycleStep(LogIndex(2)).ok());

  disk.CrashKeeping(0);

  EXPECT_EQ(*ModelLogStore(disk).TermAt(LogIndex(2)), Term(1));
}

TEST(ModelLogTest, ResetIsDurableAndDropsAll) {
  ModelLogDisk disk;
  ModelLogStore log(disk);
  ASSERT_TRUE(Append(log, {Entry(1, 1), Entry(2, 1)}, Sync::kYes).ok());
  const LogReset reset{{{LogIndex(9), Term(4)}, ChainValue{7}},
                       {Term(5), kNoReplica, LogIndex(9)},
                       3};
  ASSERT_TRUE(log.Reset(reset).ok());
  EXPECT_EQ(log.Reset(reset).code(), absl::StatusCode::kInvalidArgument);

  disk.CrashKeeping(0);

  const LogState state = ModelLogStore(disk).state();
  EXPECT_EQ(state.boundary, reset.position);
  EXPECT_EQ(state.last, reset.position);
  EXPECT_EQ(state.hard_state, reset.hard_state);
  EXPECT_EQ(state.generation, 3u);
}

TEST(ModelLogTest, FailedWriteIsForGoodAndMayHaveHappened) {
  for (size_t kept = 0; kept <= 1; ++kept) {
    ModelLogDisk disk;
    ModelLogStore log(disk);
    disk.FailNextWrite(absl::UnknownError("io"));
    EXPECT_EQ(Append(log, {Entry(1, 1)}, Sync::kYes).code(),
              absl::StatusCode::kUnknown);
    EXPECT_EQ(log.Flush().code(), absl::StatusCode::kUnknown);
    EXPECT_EQ(log.failure().code(), absl::StatusCode::kUnknown);
    EXPECT_EQ(log.state().last.id.index, LogIndex(0));

    disk.CrashKeeping(kept);

    EXPECT_EQ(ModelLogStore(disk).state().last.id.index, LogIndex(kept));
  }
}

TEST(ModelLogTest, LostEntriesAreOwedUntilOneOfALaterTermIsThere) {
  ModelLogDisk disk;
  {
    ModelLogStore log(disk);
    ASSERT_TRUE(log.Append({.entries = {},
                            .hard_state = HardState{Term(1), {}, {}},
                            .must_sync = true})
                    .ok());
    ASSERT_TRUE(Append(log, {Entry(1, 1), Entry(2, 1)}, Sync::kYes).ok());
  }

  disk.Lose(LogIndex(2));

  ModelLogStore log(disk);
  EXPECT_EQ(log.state().owed, (EntryId{LogIndex(2), Term(2)}));
  ASSERT_TRUE(Append(log, {Entry(2, 1)}, Sync::kYes).ok());
  EXPECT_TRUE(log.state().owed.has_value());
  ASSERT_TRUE(Append(log, {Entry(3, 2)}, Sync::kYes).ok());
  EXPECT_EQ(log.state().owed, std::nullopt);
}

TEST(ModelLogTest, ReadsAreCutShortByBytesAndCount) {
  ModelLogDisk disk;
  ModelLogStore log(disk);
  ASSERT_TRUE(Append(log,
                     {Entry(1, 1, "12345"), Entry(2, 1, "123"),
                      Entry(3, 2, "12345678")},
                     Sync::kYes)
                  .ok());
  const auto read = [&log](const ReadLimits& limits) {
    return log.Entries(LogIndex(1), LogIndex(4), limits)->size();
  };

  EXPECT_EQ(read({}), 3u);
  EXPECT_EQ(read({.bytes_max = 8, .count_max = 9}), 2u);
  EXPECT_EQ(read({.bytes_max = 0, .count_max = 9}), 1u);
  EXPECT_EQ(read({.bytes_max = 99, .count_max = 2}), 2u);
  EXPECT_TRUE(IsNotInLog(log.Entries(LogIndex(1), LogIndex(5), {}).status()));
}

TEST(ModelLogTest, NamesTermRunsAndChangesOfMembership) {
  ModelLogDisk disk;
  ModelLogStore log(disk);
  LogEntry change = Entry(3, 2);
  change.type = EntryType::kConfChange;
  ASSERT_TRUE(
      Append(log, {Entry(1, 1), Entry(2, 1), change, Entry(4, 2)}, Sync::kYes)
          .ok());

  EXPECT_THAT(log.TermsAfter(LogIndex(1)),
              ElementsAre(TermRun{LogIndex(2), Term(1)},
                          TermRun{LogIndex(3), Term(2)}));
  EXPECT_THAT(log.ConfChangesAfter(LogIndex(0)), ElementsAre(LogIndex(3)));
  EXPECT_TRUE(log.ConfChangesAfter(LogIndex(3)).empty());
}

}  // namespace
}  // namespace trimaran::engine
