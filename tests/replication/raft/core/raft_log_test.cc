#include "replication/raft/raft_log.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/printers.h"

// The log as the core sees it: content, durability and applying together.

namespace trimaran::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Everything durable, boundary/applied/commit as given.
RaftLog LogOf(EntryId boundary, const std::vector<uint64_t>& terms,
              uint64_t commit = 0, Config config = PlainConfig()) {
  InitialState state;
  state.conf = Voters(3);
  state.boundary = boundary;
  state.applied = boundary.index;
  state.last = boundary.index + terms.size();
  for (size_t i = 0; i < terms.size(); ++i) {
    if (i == 0 || terms[i] != terms[i - 1]) {
      state.terms.push_back({boundary.index + i + 1, Term(terms[i])});
    }
  }
  state.hard_state = {Term(100), {}, LogIndex(commit)};
  return RaftLog(config, state);
}

// An empty log to which entries of these terms were appended in memory.
RaftLog Appended(const std::vector<uint64_t>& terms,
                 const Config& config = PlainConfig()) {
  RaftLog log = LogOf(EntryId(), {}, 0, config);
  for (const LogEntry& entry : EntriesOfTerms(1, terms)) log.Append(entry);
  return log;
}

PersistBatch TakeBatch(RaftLog& log) {
  PersistBatch batch;
  log.TakeUnpersisted(batch, Term());
  return batch;
}

LogSlice Slice(EntryId prev, const std::vector<uint64_t>& terms) {
  return {Term(100), prev, EntriesOfTerms(prev.index.value() + 1, terms)};
}

// Covers: C16
TEST(RaftLogTest, TermsAreKnownFromTheBoundaryToTheLastEntry) {
  const RaftLog log = LogOf(At(3, 2), {2, 5});
  EXPECT_EQ(log.first(), LogIndex(4));
  EXPECT_EQ(log.last(), At(5, 5));
  EXPECT_EQ(log.TermAt(LogIndex(2)), std::nullopt);
  EXPECT_EQ(log.TermAt(LogIndex(3)), Term(2));
  EXPECT_EQ(log.TermAt(LogIndex(4)), Term(2));
  EXPECT_EQ(log.TermAt(LogIndex(5)), Term(5));
  EXPECT_EQ(log.TermAt(LogIndex(6)), std::nullopt);
  EXPECT_TRUE(log.Matches(At(5, 5)));
  EXPECT_FALSE(log.Matches(At(5, 4)));
  EXPECT_FALSE(log.Matches(At(6, 5)));
}

// Covers: B11
TEST(RaftLogTest, MergeKeepsWhatAgreesAndReplacesFromTheFirstConflict) {
  struct Row {
    std::string_view what;
    EntryId prev;
    std::vector<uint64_t> terms;
    std::vector<uint64_t> after;
    size_t new_entries;
  };
  // From [1/1, 2/2, 3/3], all durable.
  const Row rows[] = {
      {"nothing", At(2, 2), {}, {1, 2, 3}, 0},
      {"known", At(0, 0), {1, 2}, {1, 2, 3}, 0},
      {"next", At(3, 3), {4}, {1, 2, 3, 4}, 1},
      {"overlap", At(1, 1), {2, 3, 4}, {1, 2, 3, 4}, 1},
      {"conflict at the end", At(2, 2), {4, 4}, {1, 2, 4, 4}, 2},
      {"conflict within", At(1, 1), {4}, {1, 4}, 1},
      {"conflict at the start", At(0, 0), {4, 4, 4}, {4, 4, 4}, 3},
  };
  for (const Row& row : rows) {
    RaftLog log = LogOf(EntryId(), {1, 2, 3});
    EXPECT_TRUE(log.Merge(Slice(row.prev, row.terms))) << row.what;
    EXPECT_EQ(log.last(), At(row.after.size(), row.after.back())) << row.what;
    for (size_t i = 0; i < row.after.size(); ++i) {
      EXPECT_EQ(log.TermAt(LogIndex(i + 1)), Term(row.after[i])) << row.what;
    }
    const PersistBatch batch = TakeBatch(log);
    EXPECT_EQ(batch.entries.size(), row.new_entries) << row.what;
  }
}

// Covers: B13
TEST(RaftLogTest, MergeNeverReplacesACommittedEntry) {
  RaftLog log = LogOf(EntryId(), {1, 2, 3}, 2);
  EXPECT_FALSE(log.Merge(Slice(At(1, 1), {3})));
  EXPECT_EQ(log.last(), At(3, 3));
  EXPECT_TRUE(log.Merge(Slice(At(2, 2), {4})));
  EXPECT_EQ(log.last(), At(3, 4));
}

// Covers: B13
TEST(RaftLogDeathTest, CommitStaysWithinTheLogAndNeverFalls) {
  RaftLog log = LogOf(EntryId(), {1, 2, 3}, 2);
  log.CommitTo(LogIndex(1));
  EXPECT_EQ(log.commit(), LogIndex(2));
  log.CommitTo(LogIndex(3));
  EXPECT_EQ(log.commit(), LogIndex(3));
  EXPECT_DEATH(log.CommitTo(LogIndex(4)), "committing what is not there");
}

// Covers: C11b, C13
TEST(RaftLogTest, ReplacedEntriesAreHandedOutAgain) {
  RaftLog log = Appended({1, 1, 1});
  EXPECT_EQ(TakeBatch(log).entries.size(), 3u);
  EXPECT_FALSE(log.HasUnpersisted());
  ASSERT_TRUE(log.Merge(Slice(At(1, 1), {2})));
  EXPECT_TRUE(log.HasUnpersisted());
  EXPECT_THAT(IdsOf(TakeBatch(log).entries), ElementsAre(At(2, 2)));
  log.Persisted(PersistSeq(1));
  EXPECT_EQ(log.durable(), LogIndex(1));
  log.Persisted(PersistSeq(2));
  EXPECT_EQ(log.durable(), LogIndex(2));
}

// Covers: H23
TEST(RaftLogTest, AppliesOnlyWhatIsCommittedAndDurable) {
  RaftLog log = Appended({1, 1, 1});
  log.CommitTo(LogIndex(2));
  EXPECT_FALSE(log.HasApplicable());
  TakeBatch(log);
  log.Append(EntryAt(At(4, 1)));
  log.Persisted(PersistSeq(1));
  EXPECT_THAT(IdsOf(log.TakeApplicable()), ElementsAre(At(1, 1), At(2, 1)));
  log.CommitTo(LogIndex(4));
  EXPECT_THAT(IdsOf(log.TakeApplicable()), ElementsAre(At(3, 1)));
  TakeBatch(log);
  EXPECT_THAT(log.TakeApplicable(), IsEmpty());
  log.Persisted(PersistSeq(2));
  EXPECT_THAT(IdsOf(log.TakeApplicable()), ElementsAre(At(4, 1)));
}

// Covers: C11, C11a
TEST(RaftLogTest, PagesKeepToTheLimitUntilTheyAreAcknowledged) {
  Config config = PlainConfig();
  config.apply_bytes_max = 2048;
  RaftLog log = Appended({}, config);
  for (uint64_t index = 1; index <= 3; ++index) {
    log.Append(EntryAt(At(index, 1), std::string(1000, 'x')));
  }
  TakeBatch(log);
  log.Persisted(PersistSeq(1));
  log.CommitTo(LogIndex(1));
  EXPECT_THAT(IdsOf(log.TakeApplicable()), ElementsAre(At(1, 1)));
  log.CommitTo(LogIndex(3));
  EXPECT_THAT(IdsOf(log.TakeApplicable()), ElementsAre(At(2, 1)));
  // 48 bytes are left.
  EXPECT_FALSE(log.HasApplicable());
  EXPECT_THAT(log.TakeApplicable(), IsEmpty());
  log.Applied(LogIndex(1));
  EXPECT_THAT(IdsOf(log.TakeApplicable()), ElementsAre(At(3, 1)));
}

// Covers: F8
TEST(RaftLogTest, CompactionKeepsTheBoundarysTermAndTheUnstableTail) {
  RaftLog log = LogOf(EntryId(), {1, 2, 2, 3}, 4);
  for (const LogEntry& entry : EntriesOfTerms(5, {3, 3})) log.Append(entry);
  // Nothing of the stored log is in memory after a start.
  const auto wanted = log.ApplicableNotInMemory();
  ASSERT_TRUE(wanted.has_value());
  EXPECT_EQ(wanted->first, LogIndex(1));
  EXPECT_EQ(wanted->end, LogIndex(5));
  EXPECT_EQ(log.TakeFetched(EntriesOfTerms(1, {1, 2, 2, 3})).size(), 4u);
  log.Applied(LogIndex(3));

  log.CompactTo(LogIndex(3));
  EXPECT_EQ(log.boundary(), At(3, 2));
  EXPECT_EQ(log.TermAt(LogIndex(2)), std::nullopt);
  EXPECT_EQ(log.TermAt(LogIndex(3)), Term(2));
  EXPECT_EQ(log.last(), At(6, 3));
  EXPECT_THAT(IdsOf(TakeBatch(log).entries), ElementsAre(At(5, 3), At(6, 3)));
}

// Covers: F8a
TEST(RaftLogTest, CompactionToTheBoundaryOrBelowIsNothing) {
  RaftLog log = LogOf(At(5, 2), {2, 3}, 6);
  for (const uint64_t index : {0U, 3U, 5U}) {
    log.CompactTo(LogIndex(index));
    EXPECT_EQ(log.boundary(), At(5, 2)) << index;
    EXPECT_EQ(log.TermAt(LogIndex(6)), Term(2)) << index;
    EXPECT_EQ(log.applied(), LogIndex(5)) << index;
  }
}

TEST(RaftLogDeathTest, WhatIsNotAppliedIsNotCompacted) {
  RaftLog log = LogOf(At(5, 2), {2, 3}, 7);
  EXPECT_DEATH(log.CompactTo(LogIndex(6)), "not applied");
}

// Covers: C12, C16
TEST(RaftLogTest, SnapshotReplacesEverythingAndHoldsUpApplying) {
  RaftLog log = Appended({1, 1});
  log.Restore({At(10, 4), Voters(2)});
  EXPECT_EQ(log.boundary(), At(10, 4));
  EXPECT_EQ(log.last(), At(10, 4));
  EXPECT_EQ(log.commit(), LogIndex(10));
  EXPECT_TRUE(log.installing_snapshot());
  log.Append(EntryAt(At(11, 4)));
  log.CommitTo(LogIndex(11));
  EXPECT_FALSE(log.HasApplicable());
  const PersistBatch batch = TakeBatch(log);
  ASSERT_TRUE(batch.snapshot.has_value());
  EXPECT_EQ(batch.snapshot->id, At(10, 4));
  EXPECT_THAT(IdsOf(batch.entries), ElementsAre(At(11, 4)));
  log.Persisted(batch.seq);
  EXPECT_FALSE(log.installing_snapshot());
  EXPECT_EQ(log.applied(), LogIndex(10));
  EXPECT_THAT(IdsOf(log.TakeApplicable()), ElementsAre(At(11, 4)));
}

// Covers: C16
TEST(RaftLogTest, WindowKeepsToItsLimitButNeverDropsWhatIsNotDurable) {
  Config config = PlainConfig();
  config.window_entries_max = 2;
  RaftLog log = Appended({1, 1, 1, 1, 1}, config);
  EXPECT_EQ(log.window().size(), 5u);
  TakeBatch(log);
  log.Append(EntryAt(At(6, 1)));
  log.Append(EntryAt(At(7, 1)));
  log.Append(EntryAt(At(8, 1)));
  log.Persisted(PersistSeq(1));
  EXPECT_EQ(log.window().first(), LogIndex(6));
  EXPECT_EQ(log.window().end(), LogIndex(9));
  EXPECT_EQ(log.TermAt(LogIndex(2)), Term(1)) << "terms stay known";
}

// Covers: C11
TEST(RaftLogTest, FetchedEntriesThatCameTooLateAreDropped) {
  RaftLog log = LogOf(EntryId(), {1, 1, 1}, 2);
  EXPECT_THAT(log.TakeFetched(EntriesOfTerms(2, {1})), IsEmpty());
  EXPECT_THAT(log.TakeFetched({}), IsEmpty());
  EXPECT_THAT(IdsOf(log.TakeFetched(EntriesOfTerms(1, {1}))),
              ElementsAre(At(1, 1)));
  EXPECT_THAT(log.TakeFetched(EntriesOfTerms(1, {1})), IsEmpty());
  EXPECT_THAT(IdsOf(log.TakeFetched(EntriesOfTerms(2, {1}))),
              ElementsAre(At(2, 1)));
}

// A storage may return more than was asked for: only what may be applied is.
// Covers: C11
TEST(RaftLogTest, FetchedEntriesBeyondCommitAreNotApplied) {
  RaftLog log = LogOf(EntryId(), {1, 1, 1}, 2);
  EXPECT_THAT(IdsOf(log.TakeFetched(EntriesOfTerms(1, {1, 1, 1}))),
              ElementsAre(At(1, 1), At(2, 1)));
  EXPECT_EQ(log.applying(), LogIndex(2));
}

// Covers: H12
TEST(RaftLogTest, UnappliedMembershipChangesAreKnownThroughEverything) {
  RaftLog log = Appended({1});
  LogEntry change = EntryAt(At(2, 1));
  change.type = EntryType::kConfChange;
  log.Append(change);
  EXPECT_FALSE(log.HasUnappliedCommittedConfChange());
  TakeBatch(log);
  log.Persisted(PersistSeq(1));
  log.CommitTo(LogIndex(1));
  EXPECT_FALSE(log.HasUnappliedCommittedConfChange());
  log.CommitTo(LogIndex(2));
  EXPECT_TRUE(log.HasUnappliedCommittedConfChange());
  log.TakeApplicable();
  log.Applied(LogIndex(1));
  EXPECT_TRUE(log.HasUnappliedCommittedConfChange());
  log.Applied(LogIndex(2));
  EXPECT_FALSE(log.HasUnappliedCommittedConfChange());
}

// Covers: H12
TEST(RaftLogTest, ReplacedMembershipChangeIsForgotten) {
  RaftLog log = Appended({1});
  LogEntry change = EntryAt(At(2, 1));
  change.type = EntryType::kConfChange;
  log.Append(change);
  ASSERT_TRUE(log.Merge(Slice(At(1, 1), {2})));
  log.CommitTo(LogIndex(2));
  EXPECT_FALSE(log.HasUnappliedCommittedConfChange());
}

}  // namespace
}  // namespace trimaran::raft
