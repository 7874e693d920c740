// Goal: the log answers as the port says: what is appended is read, what is
// replaced is gone, what is missing is told apart; and the same after opening
// it again.

#include "engine/log/segment_log.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/log/log_fixture.h"

namespace trimaran::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The log of the course's tests: 3 is compacted away, 4 and 5 are there.
std::unique_ptr<LogHome> CourseLog() {
  auto home = NewLogHome();
  for (uint64_t i = 3; i <= 5; ++i) {
    if (i == 3) {
      LogReset start;
      start.position = {{LogIndex(3), Term(3)}, ChainValue{33}};
      start.hard_state = {Term(3), ReplicaId(), LogIndex(3)};
      start.generation = 2;
      EXPECT_TRUE(home->log().Reset(start).ok());
    } else {
      EXPECT_TRUE(home->Append(MakeEntries(i, 1, i)).ok());
    }
  }
  return home;
}

absl::StatusOr<std::vector<LogEntry>> Read(const SegmentLog& log,
                                           uint64_t first, uint64_t end,
                                           const ReadLimits& limits = {}) {
  return log.Entries(LogIndex(first), LogIndex(end), limits);
}

TEST(SegmentLogTest, NewLogIsEmptyBehindItsPosition) {
  LogHome home;
  LogReset start;
  start.position = {{LogIndex(5), Term(5)}, ChainValue{55}};
  start.hard_state = {Term(5), ReplicaId(), LogIndex(5)};
  start.generation = 7;
  ASSERT_TRUE(home.Create(start).ok());

  const LogState state = home.Reopen().state();

  EXPECT_EQ(state.boundary, start.position);
  EXPECT_EQ(state.last, start.position);
  EXPECT_EQ(state.hard_state, start.hard_state);
  EXPECT_EQ(state.generation, 7u);
  EXPECT_FALSE(state.owed.has_value());
  EXPECT_EQ(home.log().truncated(), LogIndex(5));
}

TEST(SegmentLogTest, EntriesAreReadAsTheyWereAppendedAlsoAfterOpening) {
  auto home = NewLogHome();
  std::vector<LogEntry> entries = MakeEntries(1, 10, 1);
  entries[3].type = EntryType::kConfChange;
  entries[5].payload = Payload();
  const auto more = MakeEntries(11, 300, 2, 200);
  ASSERT_TRUE(home->Append(entries).ok());
  for (const LogEntry& entry : more) ASSERT_TRUE(home->Append({entry}).ok());
  entries.insert(entries.end(), more.begin(), more.end());
  EXPECT_EQ(AllEntries(home->log()), entries);
  const LogState before = home->log().state();

  home->Reopen();

  EXPECT_EQ(AllEntries(home->log()), entries);
  EXPECT_EQ(home->log().state().last, before.last);
  EXPECT_EQ(home->log().state().boundary, before.boundary);
  EXPECT_THAT(home->log().ConfChangesAfter(LogIndex(0)),
              ElementsAre(LogIndex(4)));
  EXPECT_THAT(home->log().TermsAfter(LogIndex(0)),
              ElementsAre(TermRun{LogIndex(1), Term(1)},
                          TermRun{LogIndex(11), Term(2)}));
  EXPECT_EQ(home->report().entry_count, 310u);
  EXPECT_EQ(home->report().regression, "");
}

// Covers: D7
TEST(SegmentLogTest, TermIsKnownFromTheTruncatedIndexToTheLastOne) {
  auto home = CourseLog();
  SegmentLog& log = home->log();

  EXPECT_TRUE(IsCompacted(log.TermAt(LogIndex(2)).status()));
  EXPECT_EQ(log.TermAt(LogIndex(3)).value(), Term(3));
  EXPECT_EQ(log.TermAt(LogIndex(4)).value(), Term(4));
  EXPECT_EQ(log.TermAt(LogIndex(5)).value(), Term(5));
  EXPECT_TRUE(IsNotInLog(log.TermAt(LogIndex(6)).status()));
  EXPECT_FALSE(IsCompacted(log.TermAt(LogIndex(6)).status()));
}

// Covers: D8
TEST(SegmentLogTest, RangesAreReadAndWhatIsMissingIsToldApart) {
  auto home = CourseLog();
  SegmentLog& log = home->log();

  EXPECT_TRUE(IsCompacted(Read(log, 2, 6).status()));
  EXPECT_TRUE(IsCompacted(Read(log, 3, 4).status()));
  EXPECT_THAT(Indexes(Read(log, 4, 5).value()), ElementsAre(4));
  EXPECT_THAT(Indexes(Read(log, 4, 6).value()), ElementsAre(4, 5));
  EXPECT_TRUE(IsNotInLog(Read(log, 4, 7).status()));
  EXPECT_TRUE(IsNotInLog(Read(log, 6, 7).status()));
  EXPECT_THAT(Read(log, 6, 6).value(), IsEmpty());
}

TEST(SegmentLogTest, ReadsStopAtTheLimitsAndGiveOneEntryAtLeast) {
  auto home = NewLogHome();
  for (uint64_t i = 1; i <= 9; i += 3) {
    ASSERT_TRUE(home->Append(MakeEntries(i, 3, 1, 100)).ok());
  }
  const auto indexes = [&](uint64_t bytes_max, size_t count_max) {
    return Indexes(Read(home->log(), 2, 10, {bytes_max, count_max}).value());
  };

  EXPECT_THAT(indexes(0, 100), ElementsAre(2));
  EXPECT_THAT(indexes(99, 100), ElementsAre(2));
  EXPECT_THAT(indexes(299, 100), ElementsAre(2, 3));
  EXPECT_THAT(indexes(300, 100), ElementsAre(2, 3, 4));
  EXPECT_THAT(indexes(100000, 0), ElementsAre(2));
  EXPECT_THAT(indexes(100000, 4), ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(indexes(100000, 100), ElementsAre(2, 3, 4, 5, 6, 7, 8, 9));
}

// Covers: D9
TEST(SegmentLogTest, BatchReplacesTheEndFromItsFirstEntryOn) {
  struct Case {
    uint64_t first;
    uint64_t count;
    std::vector<uint64_t> after;
  };
  for (const Case& c : std::vector<Case>{{4, 1, {4}},
                                         {4, 2, {4, 5}},
                                         {4, 3, {4, 5, 6}},
                                         {5, 1, {4, 5}},
                                         {6, 1, {4, 5, 6}}}) {
    auto home = CourseLog();
    ASSERT_TRUE(home->Append(MakeEntries(c.first, c.count, 6)).ok());
    for (int opened = 0; opened < 2; ++opened) {
      EXPECT_EQ(Indexes(AllEntries(home->log())), c.after);
      EXPECT_EQ(home->log().TermAt(LogIndex(c.first)).value(), Term(6));
      EXPECT_EQ(home->log().state().last.id.index.value(), c.after.back());
      home->Reopen();
    }
  }
}

// Covers: D9
TEST(SegmentLogTest, BatchThatDoesNotFitTheLogIsRefusedAndChangesNothing) {
  auto home = CourseLog();
  const LogState before = home->log().state();
  std::vector<LogEntry> hole = MakeEntries(6, 2, 6);
  hole[1].index = LogIndex(8);
  std::vector<LogEntry> falling = MakeEntries(6, 2, 6);
  falling[1].term = Term(5);

  for (const auto& entries :
       {MakeEntries(3, 2, 6), MakeEntries(2, 1, 6), MakeEntries(7, 1, 6), hole,
        falling, MakeEntries(6, 1, 4), MakeEntries(6, 1, 0)}) {
    const absl::Status status = home->Append(entries);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  }

  EXPECT_EQ(home->log().state().last, before.last);
  EXPECT_TRUE(home->log().failure().ok());
  EXPECT_TRUE(home->Append(MakeEntries(6, 1, 6)).ok());
}

TEST(SegmentLogTest, TermThatFallsOrVoteThatChangesIsRefusedAndNothingHappens) {
  auto home = NewLogHome();
  const HardState voted{Term(3), ReplicaId(2), LogIndex(1)};
  ASSERT_TRUE(home->Append(MakeEntries(1, 2, 1)).ok());
  // Also where it was not written yet.
  for (const bool synced : {false, true}) {
    ASSERT_TRUE(home->AppendState(voted, synced).ok());
    const uint64_t operations = home->disk().operation_count();
    const LogState before = home->log().state();

    for (const HardState& refused :
         {HardState{Term(2), ReplicaId(2), LogIndex(1)},
          HardState{Term(2), kNoReplica, LogIndex(2)},
          HardState{Term(3), ReplicaId(1), LogIndex(2)},
          HardState{Term(3), kNoReplica, LogIndex(2)}}) {
      for (const bool must_sync : {false, true}) {
        EXPECT_EQ(home->AppendState(refused, must_sync).code(),
                  absl::StatusCode::kInvalidArgument);
      }
      const std::vector<LogEntry> entries = MakeEntries(3, 1, 3);
      EXPECT_EQ(home->log().Append({entries, refused, true}).code(),
                absl::StatusCode::kInvalidArgument);
      LogReset reset{{{LogIndex(9), Term(2)}, ChainValue{1}}, refused, 2};
      reset.hard_state.commit = LogIndex(9);
      EXPECT_EQ(home->log().Reset(reset).code(),
                absl::StatusCode::kInvalidArgument);
    }

    EXPECT_EQ(home->log().failure(), absl::OkStatus());
    EXPECT_EQ(home->disk().operation_count(), operations);
    EXPECT_EQ(home->log().state().last, before.last);
    EXPECT_EQ(home->log().state().hard_state, voted);
  }
  EXPECT_EQ(home->Reopen().state().hard_state, voted);
  // A later term is free to vote, and a vote can be cast late in its term.
  EXPECT_TRUE(home->AppendState({Term(4), kNoReplica, LogIndex(1)}, true).ok());
  EXPECT_TRUE(
      home->AppendState({Term(4), ReplicaId(1), LogIndex(1)}, true).ok());
}

TEST(SegmentLogTest, ConflictIsReplacedAcrossSegments) {
  auto home = NewLogHome();
  for (uint64_t i = 1; i <= 200; ++i) {
    ASSERT_TRUE(home->Append(MakeEntries(i, 1, 1, 500)).ok());
  }
  std::vector<LogEntry> expected = MakeEntries(1, 29, 1, 500);
  const auto replacing = MakeEntries(30, 5, 2, 500);
  expected.insert(expected.end(), replacing.begin(), replacing.end());

  ASSERT_TRUE(home->Append(replacing).ok());

  EXPECT_EQ(AllEntries(home->log()), expected);
  home->Reopen();
  EXPECT_EQ(AllEntries(home->log()), expected);
  EXPECT_THAT(home->log().TermsAfter(LogIndex(10)),
              ElementsAre(TermRun{LogIndex(11), Term(1)},
                          TermRun{LogIndex(30), Term(2)}));
}

TEST(SegmentLogTest, ConflictInTheMiddleOfARecordKeepsItsBeginning) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 10, 1)).ok());
  const ChainValue chain = home->log().ChainAt(LogIndex(4)).value();

  ASSERT_TRUE(home->Append(MakeEntries(5, 2, 2)).ok());

  for (int opened = 0; opened < 2; ++opened) {
    EXPECT_THAT(Indexes(AllEntries(home->log())),
                ElementsAre(1, 2, 3, 4, 5, 6));
    EXPECT_EQ(home->log().ChainAt(LogIndex(4)).value(), chain);
    ChainValue expected = chain;
    for (const LogEntry& entry : MakeEntries(5, 2, 2)) {
      expected = ExtendChain(expected, entry);
    }
    EXPECT_EQ(home->log().state().last.chain, expected);
    home->Reopen();
  }
}

TEST(SegmentLogTest, ChainIsThatOfTheEntriesAtEachIndex) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 3, 1)).ok());
  ASSERT_TRUE(home->Append(MakeEntries(4, 3, 1)).ok());

  ChainValue chain;
  EXPECT_EQ(home->log().ChainAt(LogIndex(0)).value(), chain);
  for (const LogEntry& entry : MakeEntries(1, 6, 1)) {
    chain = ExtendChain(chain, entry);
    EXPECT_EQ(home->log().ChainAt(entry.index).value(), chain) << entry.index;
  }
  EXPECT_TRUE(IsNotInLog(home->log().ChainAt(LogIndex(7)).status()));
}

// Covers: F3
TEST(SegmentLogTest, WhatIsCompactedIsNotAdmittedToAnyMore) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 10, 1)).ok());

  home->log().Compact(LogIndex(4));

  EXPECT_EQ(home->log().truncated(), LogIndex(4));
  EXPECT_TRUE(IsCompacted(Read(home->log(), 4, 6).status()));
  EXPECT_THAT(Indexes(Read(home->log(), 5, 7).value()), ElementsAre(5, 6));
  EXPECT_TRUE(IsCompacted(home->log().TermAt(LogIndex(3)).status()));
  EXPECT_EQ(home->log().TermAt(LogIndex(4)).value(), Term(1));
  EXPECT_TRUE(home->log().ChainAt(LogIndex(4)).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(home->Append(MakeEntries(4, 1, 2))));
}

// Covers: F8a
TEST(SegmentLogTest, CompactingAgainOrFurtherBackChangesNothing) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 10, 1)).ok());
  home->log().Compact(LogIndex(6));

  home->log().Compact(LogIndex(6));
  home->log().Compact(LogIndex(2));
  ASSERT_TRUE(home->Recycle(6).ok());
  ASSERT_TRUE(home->Recycle(2).ok());

  EXPECT_EQ(home->log().truncated(), LogIndex(6));
  EXPECT_THAT(Indexes(AllEntries(home->log())), ElementsAre(7, 8, 9, 10));
}

TEST(SegmentLogTest, ResetBeginsTheLogAnew) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 50, 1, 500)).ok());
  LogReset reset;
  reset.position = {{LogIndex(20), Term(3)}, ChainValue{77}};
  reset.hard_state = {Term(4), ReplicaId(2), LogIndex(20)};
  reset.generation = 2;

  ASSERT_TRUE(home->log().Reset(reset).ok());
  ASSERT_TRUE(home->Append(MakeEntries(21, 2, 4)).ok());

  for (int opened = 0; opened < 2; ++opened) {
    const LogState state = home->log().state();
    EXPECT_EQ(state.boundary, reset.position);
    EXPECT_EQ(state.hard_state, reset.hard_state);
    EXPECT_EQ(state.generation, 2u);
    EXPECT_THAT(Indexes(AllEntries(home->log())), ElementsAre(21, 22));
    EXPECT_TRUE(IsCompacted(home->log().TermAt(LogIndex(19)).status()));
    home->Reopen();
  }
}

TEST(SegmentLogTest, ResetIsRefusedForAnOldGenerationOrWithoutItsCommit) {
  auto home = NewLogHome();
  LogReset reset;
  reset.position = {{LogIndex(20), Term(3)}, ChainValue{77}};
  reset.hard_state = {Term(4), ReplicaId(2), LogIndex(20)};
  reset.generation = 1;
  EXPECT_TRUE(absl::IsInvalidArgument(home->log().Reset(reset)));
  reset.generation = 2;
  reset.hard_state.commit = LogIndex(19);
  EXPECT_TRUE(absl::IsInvalidArgument(home->log().Reset(reset)));
  reset.hard_state.commit = LogIndex(20);
  EXPECT_TRUE(home->log().Reset(reset).ok());
}

TEST(SegmentLogTest, RecordLargerThanASegmentGetsOneOfItsOwn) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 1, 1)).ok());
  const auto large = MakeEntries(2, 3, 1, 100000);

  ASSERT_TRUE(home->Append(large).ok());
  ASSERT_TRUE(home->Append(MakeEntries(5, 1, 1, 5000)).ok());

  for (int opened = 0; opened < 2; ++opened) {
    EXPECT_EQ(Read(home->log(), 2, 5, {1 << 20, 100}).value(), large);
    EXPECT_THAT(Indexes(AllEntries(home->log())), ElementsAre(1, 2, 3, 4, 5));
    home->Reopen();
  }
  // Its file is removed, and not used again.
  home->log().Compact(LogIndex(5));
  ASSERT_TRUE(home->Recycle(5).ok());
  for (const std::string& path : SegmentsOf(home->disk().Visible())) {
    EXPECT_EQ(home->disk().Visible().files.at(path).size(), kTestSegmentBytes);
  }
}

// Covers: D10a
TEST(SegmentLogTest, HardStateThatNeedsNoSyncRidesWithTheNextRecord) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 5, 1)).ok());
  const uint64_t before = home->disk().operation_count();
  const HardState riding{Term(1), ReplicaId(), LogIndex(3)};

  ASSERT_TRUE(home->AppendState(riding, /*must_sync=*/false).ok());

  EXPECT_EQ(home->disk().operation_count(), before);
  EXPECT_EQ(home->log().state().hard_state, riding);
  // Lost by a crash now, there after the next record.
  LogHome lost(home->disk().AfterCrash(disk::kEverythingSurvives, 0));
  EXPECT_EQ(lost.Reopen().state().hard_state, HardState{});
  ASSERT_TRUE(home->Append(MakeEntries(6, 1, 1)).ok());
  LogHome kept(home->disk().AfterCrash(disk::kNothingSurvives, 0));
  EXPECT_EQ(kept.Reopen().state().hard_state, riding);
}

TEST(SegmentLogTest, FlushMakesTheRidingHardStateDurable) {
  auto home = NewLogHome();
  const HardState riding{Term(1), ReplicaId(), LogIndex()};
  ASSERT_TRUE(home->AppendState(riding, /*must_sync=*/false).ok());

  ASSERT_TRUE(home->log().Flush().ok());

  LogHome kept(home->disk().AfterCrash(disk::kNothingSurvives, 0));
  EXPECT_EQ(kept.Reopen().state().hard_state, riding);
}

TEST(SegmentLogTest, BatchIsOneWriteAndOneSync) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 1, 1)).ok());
  const uint64_t before = home->disk().operation_count();

  ASSERT_TRUE(home->Append(MakeEntries(2, 8, 1)).ok());

  EXPECT_EQ(home->disk().operation_count() - before, 2u);
}

TEST(SegmentLogTest, OptionsAreCheckedAndNamed) {
  LogHome home;
  home.base_options().segment_bytes = 5000;
  const absl::Status status = home.Create();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("segment_bytes"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("5000"));
  EXPECT_EQ(home.disk().operation_count(), 0u);
}

TEST(SegmentLogTest, CreateNeverReplacesALogWithRecords) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 1, 1)).ok());
  home->Close();
  const disk::DiskImage before = home->disk().Visible();

  EXPECT_TRUE(absl::IsAlreadyExists(home->Create()));

  EXPECT_EQ(home->disk().Visible(), before);
}

TEST(SegmentLogTest, OtherSegmentSizeIsUsedFromTheNextSegmentOn) {
  auto home = NewLogHome();
  ASSERT_TRUE(home->Append(MakeEntries(1, 20, 1, 500)).ok());
  home->base_options().segment_bytes = 2 * kTestSegmentBytes;
  home->Reopen();

  ASSERT_TRUE(home->Append(MakeEntries(21, 50, 1, 500)).ok());

  EXPECT_EQ(AllEntries(home->Reopen()).size(), 70u);
}

}  // namespace
}  // namespace trimaran::engine
