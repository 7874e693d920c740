#include "tests/support/raft/memory_log.h"

#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/printers.h"

// The rules of a stored log, shown on the one that the tests use. Boundary
// 3/3; entries 4/4 and 5/5.

namespace trimaran::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint64_t kNoLimit = UINT64_MAX;

MemoryLog SmallLog() {
  MemoryLog log;
  EXPECT_TRUE(log.Restore({{At(3, 3), Voters(3)}, "state"}).ok());
  EXPECT_TRUE(log.Append(EntriesOfTerms(4, {4, 5})).ok());
  log.set_hard_state({Term(5), kNoReplica, LogIndex(3)});
  return log;
}

// Covers: C17
TEST(MemoryLogTest, TermsAreKnownFromTheBoundaryOn) {
  const MemoryLog log = SmallLog();
  EXPECT_EQ(log.TermAt(LogIndex(2)).status().code(),
            absl::StatusCode::kOutOfRange);
  EXPECT_EQ(*log.TermAt(LogIndex(3)), Term(3));
  EXPECT_EQ(*log.TermAt(LogIndex(4)), Term(4));
  EXPECT_EQ(*log.TermAt(LogIndex(5)), Term(5));
  EXPECT_EQ(log.TermAt(LogIndex(6)).status().code(),
            absl::StatusCode::kNotFound);
}

// Covers: C17
TEST(MemoryLogTest, EntriesComeFromAfterTheBoundary) {
  const MemoryLog log = SmallLog();
  const auto code = [&](uint64_t first, uint64_t end) {
    return log.Entries(LogIndex(first), LogIndex(end), kNoLimit)
        .status()
        .code();
  };
  EXPECT_EQ(code(2, 6), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(code(3, 4), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(code(4, 7), absl::StatusCode::kNotFound);
  EXPECT_THAT(IdsOf(*log.Entries(LogIndex(4), LogIndex(5), kNoLimit)),
              ElementsAre(At(4, 4)));
  EXPECT_THAT(IdsOf(*log.Entries(LogIndex(4), LogIndex(6), kNoLimit)),
              ElementsAre(At(4, 4), At(5, 5)));
}

// Covers: C17
TEST(MemoryLogTest, EntriesAreLimitedByBytesButNeverNone) {
  MemoryLog log(Voters(1));
  for (uint64_t index = 1; index <= 3; ++index) {
    ASSERT_TRUE(log.Append({EntryAt(At(index, 1), "0123456789")}).ok());
  }
  const auto count = [&](uint64_t bytes_max) {
    return log.Entries(LogIndex(1), LogIndex(4), bytes_max)->size();
  };
  EXPECT_EQ(count(0), 1U);
  EXPECT_EQ(count(19), 1U);
  EXPECT_EQ(count(20), 2U);
  EXPECT_EQ(count(30), 3U);
}

// Covers: C17
TEST(MemoryLogTest, FirstAndLastFollowTheContent) {
  MemoryLog log = SmallLog();
  EXPECT_EQ(log.first(), LogIndex(4));
  EXPECT_EQ(log.last(), At(5, 5));
  ASSERT_TRUE(log.Append(EntriesOfTerms(6, {5})).ok());
  EXPECT_EQ(log.last(), At(6, 5));
  log.SetApplied(LogIndex(4), Voters(3), "");
  ASSERT_TRUE(log.CompactTo(LogIndex(4)).ok());
  EXPECT_EQ(log.first(), LogIndex(5));
  EXPECT_EQ(MemoryLog().first(), LogIndex(1));
  EXPECT_EQ(MemoryLog().last(), At(0, 0));
}

// Covers: C17
TEST(MemoryLogTest, AppendCutsWhatIsCompactedAndReplacesTheRest) {
  struct Row {
    uint64_t first;
    std::vector<uint64_t> terms;
    std::vector<EntryId> expected;
  };
  const Row rows[] = {
      {1, {1, 2}, {At(4, 4), At(5, 5)}},
      {3, {3, 4, 5}, {At(4, 4), At(5, 5)}},
      {3, {3, 6, 6}, {At(4, 6), At(5, 6)}},
      {3, {3, 4, 5, 5}, {At(4, 4), At(5, 5), At(6, 5)}},
      {2, {3, 3, 5}, {At(4, 5)}},
      {4, {5}, {At(4, 5)}},
      {6, {5}, {At(4, 4), At(5, 5), At(6, 5)}},
  };
  for (const Row& row : rows) {
    MemoryLog log = SmallLog();
    ASSERT_TRUE(log.Append(EntriesOfTerms(row.first, row.terms)).ok());
    EXPECT_EQ(IdsOf(log.entries()), row.expected) << "from " << row.first;
  }
}

// Covers: C17
TEST(MemoryLogTest, GapIsRefused) {
  MemoryLog log = SmallLog();
  EXPECT_EQ(log.Append(EntriesOfTerms(7, {5})).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(log.last(), At(5, 5));
}

// Covers: C17
TEST(MemoryLogTest, CompactionMovesForwardOnlyAndNotPastTheState) {
  MemoryLog log = SmallLog();
  log.SetApplied(LogIndex(4), Voters(3), "");
  EXPECT_EQ(log.CompactTo(LogIndex(2)).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(log.CompactTo(LogIndex(3)).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(log.CompactTo(LogIndex(5)).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(log.CompactTo(LogIndex(6)).code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(log.CompactTo(LogIndex(4)).ok());
  EXPECT_EQ(log.boundary(), At(4, 4));
  EXPECT_THAT(log.entries(), SizeIs(1));
}

// Covers: C17
TEST(MemoryLogTest, SnapshotIsOfTheAppliedState) {
  MemoryLog log = SmallLog();
  log.SetApplied(LogIndex(5), Voters(2), "newer");
  const auto snapshot = log.CreateSnapshot();
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ(snapshot->meta, (SnapshotMeta{At(5, 5), Voters(2)}));
  EXPECT_EQ(snapshot->state, "newer");
  EXPECT_FALSE(MemoryLog().CreateSnapshot().ok());
}

// Covers: C17
TEST(MemoryLogTest, OlderSnapshotIsOutOfDate) {
  MemoryLog log = SmallLog();
  ASSERT_TRUE(log.Restore({{At(9, 6), Voters(3)}, "nine"}).ok());
  EXPECT_EQ(log.boundary(), At(9, 6));
  EXPECT_THAT(log.entries(), IsEmpty());
  EXPECT_EQ(log.applied(), LogIndex(9));
  EXPECT_EQ(log.hard_state().commit, LogIndex(9));
  EXPECT_EQ(log.Restore({{At(8, 6), Voters(3)}, "eight"}).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(log.Restore({{At(9, 6), Voters(3)}, "again"}).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(log.state(), "nine");
}

// Covers: C17
TEST(MemoryLogTest, LoadTellsTermsAndOpenChangesOfMembership) {
  MemoryLog log = SmallLog();
  std::vector<LogEntry> more = EntriesOfTerms(6, {5, 7});
  more[1].type = EntryType::kConfChange;
  ASSERT_TRUE(log.Append(more).ok());
  log.set_hard_state({Term(7), ReplicaId(2), LogIndex(6)});
  const InitialState state = log.Load();
  EXPECT_TRUE(state.Validate().ok()) << state.Validate();
  EXPECT_EQ(state.boundary, At(3, 3));
  EXPECT_EQ(state.last, LogIndex(7));
  EXPECT_EQ(state.applied, LogIndex(3));
  EXPECT_THAT(state.terms, ElementsAre(TermRun{LogIndex(4), Term(4)},
                                       TermRun{LogIndex(5), Term(5)},
                                       TermRun{LogIndex(7), Term(7)}));
  EXPECT_THAT(state.conf_changes, ElementsAre(LogIndex(7)));
}

}  // namespace
}  // namespace trimaran::raft
