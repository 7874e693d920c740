#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "replication/raft/log_window.h"
#include "replication/raft/raft_log.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/memory_log.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// The core's view of its log: the boundary, what is on the disk, and what is
// in memory, as one.

namespace trimaran::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Boundary 100/1; entries 101/1 .. 150/1 stored, 151/2 .. 199/2 in memory.
RaftLog HalfStored() {
  MemoryLog stored;
  EXPECT_TRUE(stored.Restore({{At(100, 1), Voters(3)}, ""}).ok());
  EXPECT_TRUE(
      stored.Append(EntriesOfTerms(101, std::vector<uint64_t>(50, 1))).ok());
  stored.set_hard_state({Term(2), kNoReplica, LogIndex(150)});
  RaftLog log(PlainConfig(), stored.Load());
  for (uint64_t index = 151; index < 200; ++index) {
    log.Append(EntryAt(At(index, 2), "0123456789"));
  }
  return log;
}

// Covers: C16
TEST(LogViewTest, TermsAreKnownFromTheBoundaryToTheEnd) {
  const RaftLog log = HalfStored();
  EXPECT_EQ(log.boundary(), At(100, 1));
  EXPECT_EQ(log.first(), LogIndex(101));
  EXPECT_EQ(log.last(), At(199, 2));
  EXPECT_EQ(log.TermAt(LogIndex(99)), std::nullopt) << "compacted";
  EXPECT_EQ(log.TermAt(LogIndex(100)), Term(1));
  EXPECT_EQ(log.TermAt(LogIndex(101)), Term(1));
  EXPECT_EQ(log.TermAt(LogIndex(150)), Term(1));
  EXPECT_EQ(log.TermAt(LogIndex(151)), Term(2));
  EXPECT_EQ(log.TermAt(LogIndex(199)), Term(2));
  EXPECT_EQ(log.TermAt(LogIndex(200)), std::nullopt) << "not there yet";
}

// Covers: C16
TEST(LogViewTest, LastEntryNotAfterATermIsFound) {
  MemoryLog stored;
  ASSERT_TRUE(stored.Restore({{At(2, 1), Voters(3)}, ""}).ok());
  ASSERT_TRUE(stored.Append(EntriesOfTerms(3, {1, 3, 3, 5})).ok());
  stored.set_hard_state({Term(5), kNoReplica, LogIndex(2)});
  const RaftLog log(PlainConfig(), stored.Load());
  struct Row {
    uint64_t index;
    uint64_t term;
    EntryId expected;
  };
  const Row rows[] = {
      {6, 5, At(6, 5)}, {6, 4, At(5, 3)}, {6, 2, At(3, 1)}, {5, 9, At(5, 3)},
      {4, 3, At(4, 3)}, {4, 2, At(3, 1)}, {3, 1, At(3, 1)}, {2, 1, At(2, 1)},
      {9, 9, At(6, 5)}, {6, 0, At(1, 0)}, {1, 1, At(1, 0)},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(log.LastNotAfterTerm(LogIndex(row.index), Term(row.term)),
              row.expected)
        << row.index << '/' << row.term;
  }
}

// Covers: C16
TEST(LogViewTest, SlicesEndByBytesButHoldOneEntry) {
  LogWindow window(LogIndex(1));
  for (uint64_t index = 1; index <= 4; ++index) {
    window.Append(EntryAt(At(index, 1), std::string(100, 'x')));
  }
  struct Row {
    uint64_t first;
    uint64_t end;
    uint64_t bytes_max;
    uint64_t expected;
  };
  const Row rows[] = {{1, 5, 1000, 4}, {1, 5, 400, 4},  {1, 5, 399, 3},
                      {1, 5, 200, 2},  {1, 5, 199, 1},  {1, 5, 0, 1},
                      {2, 4, 1000, 2}, {3, 3, 1000, 0}, {4, 9, 1000, 1}};
  for (const Row& row : rows) {
    const auto slice = window.Slice(LogIndex(row.first), LogIndex(row.end),
                                    {row.bytes_max, 100});
    ASSERT_THAT(slice, SizeIs(row.expected)) << row.bytes_max << " bytes";
    if (!slice.empty()) {
      EXPECT_EQ(slice.front().index, LogIndex(row.first));
    }
  }
  EXPECT_THAT(window.Slice(LogIndex(1), LogIndex(5), {1000, 3}), SizeIs(3));
}

// Covers: C16
TEST(LogViewTest, WindowSurvivesManyTurnsOfItsRing) {
  LogWindow window(LogIndex(1));
  uint64_t next = 1;
  uint64_t first = 1;
  for (int turn = 0; turn < 200; ++turn) {
    for (int i = 0; i < 7; ++i) window.Append(EntryAt(At(next++, 1), "abc"));
    if (turn % 3 == 0) window.TruncateFrom(LogIndex(next -= 2));
    if (turn % 2 == 0) window.DropBefore(LogIndex(first = next - 5));
    ASSERT_EQ(window.first(), LogIndex(first));
    ASSERT_EQ(window.end(), LogIndex(next));
    ASSERT_EQ(window.bytes(), 3 * (next - first));
    for (uint64_t index = first; index < next; ++index) {
      ASSERT_EQ(window.At(LogIndex(index)).index, LogIndex(index));
    }
  }
}

// Covers: C16
TEST(LogViewTest, CompactionLeavesTheUnwrittenTailAlone) {
  MemoryLog stored(Voters(3));
  ASSERT_TRUE(
      stored.Append(EntriesOfTerms(1, std::vector<uint64_t>(50, 1))).ok());
  stored.set_hard_state({Term(2), kNoReplica, LogIndex(50)});
  stored.SetApplied(LogIndex(50), Voters(3), "");
  RaftLog log(PlainConfig(), stored.Load());
  for (uint64_t index = 51; index <= 100; ++index) {
    log.Append(EntryAt(At(index, 2)));
  }

  log.CompactTo(LogIndex(40));

  EXPECT_EQ(log.boundary(), At(40, 1));
  EXPECT_EQ(log.last(), At(100, 2));
  EXPECT_EQ(log.TermAt(LogIndex(39)), std::nullopt);
  EXPECT_EQ(log.TermAt(LogIndex(40)), Term(1));
  PersistBatch batch;
  log.TakeUnpersisted(batch, Term());
  ASSERT_THAT(batch.entries, SizeIs(50));
  EXPECT_EQ(batch.entries.front().id(), At(51, 2));
  EXPECT_EQ(batch.entries.back().id(), At(100, 2));

  log.CompactTo(LogIndex(50));
  EXPECT_EQ(log.boundary(), At(50, 1));
  EXPECT_EQ(log.TermAt(LogIndex(51)), Term(2));
  log.CompactTo(LogIndex(30));
  EXPECT_EQ(log.boundary(), At(50, 1)) << "old news";
}

// Covers: C16
TEST(LogViewDeathTest, OnlyWhatIsAppliedMayBeCompacted) {
  RaftLog log = HalfStored();
  EXPECT_DEATH(log.CompactTo(LogIndex(150)), "check failed");
}

// Covers: C16
TEST(LogViewTest, SnapshotReplacesEverything) {
  RaftLog log = HalfStored();
  log.Restore({At(300, 3), Voters(3)});
  EXPECT_EQ(log.boundary(), At(300, 3));
  EXPECT_EQ(log.last(), At(300, 3));
  EXPECT_EQ(log.commit(), LogIndex(300));
  EXPECT_EQ(log.TermAt(LogIndex(199)), std::nullopt);
  EXPECT_EQ(log.TermAt(LogIndex(300)), Term(3));
  EXPECT_TRUE(log.installing_snapshot());
  EXPECT_EQ(log.pending_snapshot(), LogIndex(300));
  PersistBatch batch;
  log.TakeUnpersisted(batch, Term());
  EXPECT_EQ(batch.snapshot, (SnapshotMeta{At(300, 3), Voters(3)}));
  EXPECT_THAT(batch.entries, IsEmpty());
  log.Persisted(batch.seq);
  EXPECT_FALSE(log.installing_snapshot());
  EXPECT_EQ(log.applied(), LogIndex(300));
  EXPECT_EQ(log.durable(), LogIndex(300));
}

// Covers: C16
TEST(LogViewTest, MergeFindsTheFirstConflict) {
  struct Row {
    EntryId prev;
    std::vector<uint64_t> terms;
    std::vector<uint64_t> expected;
  };
  // The log is [1/1, 2/2, 3/3].
  const Row rows[] = {
      {At(0, 0), {}, {1, 2, 3}},
      {At(0, 0), {1, 2, 3}, {1, 2, 3}},
      {At(1, 1), {2, 3}, {1, 2, 3}},
      {At(2, 2), {3}, {1, 2, 3}},
      {At(0, 0), {1, 2, 3, 4, 4}, {1, 2, 3, 4, 4}},
      {At(1, 1), {2, 3, 4, 4}, {1, 2, 3, 4, 4}},
      {At(2, 2), {3, 4, 4}, {1, 2, 3, 4, 4}},
      {At(3, 3), {4, 4}, {1, 2, 3, 4, 4}},
      {At(0, 0), {4, 4}, {4, 4}},
      {At(1, 1), {1, 4, 4}, {1, 1, 4, 4}},
      {At(2, 2), {2, 2, 4, 4}, {1, 2, 2, 2, 4, 4}},
  };
  for (const Row& row : rows) {
    MemoryLog stored(Voters(3));
    ASSERT_TRUE(stored.Append(EntriesOfTerms(1, {1, 2, 3})).ok());
    stored.set_hard_state({Term(4), kNoReplica, LogIndex(0)});
    RaftLog log(PlainConfig(), stored.Load());
    ASSERT_TRUE(
        log.Merge({Term(4), row.prev,
                   EntriesOfTerms(row.prev.index.value() + 1, row.terms)}));
    ASSERT_EQ(log.last().index, LogIndex(row.expected.size()));
    for (uint64_t index = 1; index <= row.expected.size(); ++index) {
      EXPECT_EQ(log.TermAt(LogIndex(index)), Term(row.expected[index - 1]));
    }
  }
}

// What has been compacted can only be replaced by a snapshot.
//
// Covers: C16
TEST(LogViewTest, FetchOfCompactedEntriesLeadsToASnapshot) {
  MemoryLog log(Voters(2));
  ASSERT_TRUE(log.Append(EntriesOfTerms(1, {1, 1, 1})).ok());
  log.set_hard_state({Term(1), kNoReplica, LogIndex(3)});
  TestReplica leader(PlainConfig(), log);
  leader.Lead();
  MsgAppResp rejection;
  rejection.index = LogIndex(3);
  rejection.rejected = true;
  ASSERT_TRUE(leader.Receive(2, 2, rejection).ok());
  leader.Process();
  ASSERT_TRUE(leader.Receive(2, 2, MsgAppResp{}).ok());
  ASSERT_TRUE(leader.Take());
  ASSERT_THAT(leader.held_fetches(), SizeIs(1));
  EXPECT_EQ(leader.held_fetches()[0].first, LogIndex(1));

  ASSERT_TRUE(leader.raft()
                  .EntriesFetched(leader.held_fetches()[0].id,
                                  absl::OutOfRangeError("compacted"))
                  .ok());
  leader.DropRequests();
  ASSERT_TRUE(leader.Take());
  EXPECT_THAT(leader.held_snapshot_requests(), SizeIs(1));
}

}  // namespace
}  // namespace trimaran::raft
