#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// How committed entries reach the state machine: in order, once each, in pages
// of bounded size.

namespace trimaran::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A sole voter whose pages hold at most 2048 bytes, leading, with nothing to
// do.
TestReplica LeaderWithSmallPages() {
  Config config = PlainConfig();
  config.apply_bytes_max = 2048;
  TestReplica replica(config, MemoryLog(Voters(1)));
  replica.Lead();
  return replica;
}

std::string Blob() { return std::string(1000, 'x'); }

// The indexes of the next page.
std::vector<uint64_t> TakePage(TestReplica& replica) {
  std::vector<uint64_t> indexes;
  for (const LogEntry& entry : replica.raft().TakeReady().apply) {
    indexes.push_back(entry.index.value());
  }
  return indexes;
}

// Makes everything durable, and thus committed, without applying anything.
void PersistAll(TestReplica& replica) {
  const Ready ready = replica.raft().TakeReady();
  ASSERT_TRUE(ready.persist.has_value());
  ASSERT_TRUE(replica.log().Apply(*ready.persist).ok());
  ASSERT_THAT(ready.apply, IsEmpty());
  replica.raft().Persisted(ready.persist->seq);
}

// Covers: C11, C11a
TEST(ApplyPageTest, PagesAreCutBySize) {
  TestReplica replica = LeaderWithSmallPages();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(replica.Propose(Blob()).ok());
  PersistAll(replica);
  ASSERT_EQ(replica.status().commit, LogIndex(4));

  EXPECT_THAT(TakePage(replica), ElementsAre(2, 3));
  EXPECT_FALSE(replica.raft().HasReady()) << "the limit covers open pages too";
  replica.raft().Applied(LogIndex(3));
  EXPECT_THAT(TakePage(replica), ElementsAre(4));
}

// Covers: C11a
TEST(ApplyPageTest, LimitCountsAllPagesThatAreNotApplied) {
  TestReplica replica = LeaderWithSmallPages();
  for (uint64_t index = 2; index <= 3; ++index) {
    ASSERT_TRUE(replica.Propose(Blob()).ok());
    PersistAll(replica);
    EXPECT_THAT(TakePage(replica), ElementsAre(index));
  }
  // A third one would make 3000 bytes.
  ASSERT_TRUE(replica.Propose(Blob()).ok());
  PersistAll(replica);
  ASSERT_EQ(replica.status().commit, LogIndex(4));
  EXPECT_THAT(TakePage(replica), IsEmpty());

  replica.raft().Applied(LogIndex(2));
  EXPECT_THAT(TakePage(replica), ElementsAre(4));
}

// Covers: C11
TEST(ApplyPageTest, PageHoldsAtLeastOneEntry) {
  Config config = PlainConfig();
  config.apply_bytes_max = 1;
  TestReplica replica(config, MemoryLog(Voters(1)));
  replica.Lead();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(replica.Propose(Blob()).ok());
  PersistAll(replica);
  for (uint64_t index = 2; index <= 4; ++index) {
    EXPECT_THAT(TakePage(replica), ElementsAre(index));
    EXPECT_FALSE(replica.raft().HasReady());
    replica.raft().Applied(LogIndex(index));
  }
  EXPECT_FALSE(replica.raft().HasReady());
}

// Covers: C11
TEST(ApplyPageTest, PagesAreCutByCount) {
  Config config = PlainConfig();
  config.apply_entries_max = 2;
  TestReplica replica(config, MemoryLog(Voters(1)));
  replica.Lead();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(replica.Propose("x").ok());
  PersistAll(replica);
  EXPECT_THAT(TakePage(replica), ElementsAre(2, 3));
  EXPECT_FALSE(replica.raft().HasReady());
  replica.raft().Applied(LogIndex(2));
  EXPECT_FALSE(replica.raft().HasReady()) << "the page is still open";
  replica.raft().Applied(LogIndex(3));
  EXPECT_THAT(TakePage(replica), ElementsAre(4));
}

// Ten committed entries on the disk, none applied, and one that is not
// committed.
MemoryLog ElevenStored() {
  MemoryLog log(Voters(1));
  for (uint64_t index = 1; index <= 11; ++index) {
    EXPECT_TRUE(
        log.Append({EntryAt(At(index, 1), std::string(100, 'y'))}).ok());
  }
  log.set_hard_state({Term(1), ReplicaId(1), LogIndex(10)});
  return log;
}

// Covers: C11
TEST(ApplyPageTest, RestartSkipsAndRepeatsNothing) {
  // Whatever the pages' size, and whatever the storage makes of limits.
  for (const uint64_t bytes_max : {1U, 150U, 450U, 999U, 1000U, 100'000U}) {
    Config config = PlainConfig();
    config.apply_bytes_max = bytes_max;
    TestReplica replica(config, ElevenStored());
    replica.Process();
    ASSERT_THAT(replica.applied(), SizeIs(10)) << bytes_max;
    for (uint64_t index = 1; index <= 10; ++index) {
      EXPECT_EQ(replica.applied()[index - 1].index, LogIndex(index));
    }
    // Entry 11 commits with the next leader's first one.
    replica.Lead();
    ASSERT_THAT(replica.applied(), SizeIs(12)) << bytes_max;
    EXPECT_EQ(replica.applied().back().id(), At(12, 2));
  }
}

// Covers: C11
TEST(ApplyPageTest, StorageMayReturnMoreThanWasAskedFor) {
  TestReplica replica(PlainConfig(), ElevenStored());
  const Ready ready = replica.raft().TakeReady();
  ASSERT_THAT(ready.fetches, SizeIs(1));
  EXPECT_EQ(ready.fetches[0].end, LogIndex(11));
  ASSERT_TRUE(replica.raft()
                  .EntriesFetched(ready.fetches[0].id, replica.log().entries())
                  .ok());
  const std::vector<uint64_t> page = TakePage(replica);
  ASSERT_THAT(page, SizeIs(10)) << "entry 11 is not committed";
  EXPECT_EQ(page.back(), 10U);
}

// Covers: C11
TEST(ApplyPageTest, StorageMayReturnLessThanWasAskedFor) {
  TestReplica replica(PlainConfig(), ElevenStored());
  std::vector<uint64_t> applied;
  while (replica.raft().HasReady()) {
    const Ready ready = replica.raft().TakeReady();
    for (const LogEntry& entry : ready.apply) {
      applied.push_back(entry.index.value());
      replica.raft().Applied(entry.index);
    }
    for (const FetchRequest& fetch : ready.fetches) {
      ASSERT_TRUE(
          replica.raft()
              .EntriesFetched(fetch.id, replica.log().Entries(
                                            fetch.first, fetch.first + 1, 1))
              .ok());
    }
  }
  EXPECT_THAT(applied, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
}

// Covers: C10
TEST(ApplyPageTest, WhatIsAppliedIsNeverHandedOutAgain) {
  for (uint64_t applied = 0; applied <= 10; ++applied) {
    MemoryLog log = ElevenStored();
    log.SetApplied(LogIndex(applied), Voters(1), "");
    TestReplica replica(PlainConfig(), log);
    replica.Process();
    ASSERT_THAT(replica.applied(), SizeIs(10 - applied));
    if (applied < 10) {
      EXPECT_EQ(replica.applied().front().index, LogIndex(applied + 1));
    }
  }
}

// Covers: C12
TEST(ApplyPageTest, NothingIsAppliedWhileASnapshotIsInstalled) {
  MsgApp append;
  append.prev = At(5, 1);
  append.entries = EntriesOfTerms(6, {1, 1});
  append.commit = LogIndex(7);
  // Both are in one batch, or in two that are under way together.
  for (const bool together : {true, false}) {
    TestReplica replica(3);
    ASSERT_TRUE(replica.Receive(2, 1, MsgSnap{{At(5, 1), Voters(3)}}).ok());
    if (!together) {
      ASSERT_TRUE(replica.Take());
    }
    ASSERT_TRUE(replica.Receive(2, 1, append).ok());
    ASSERT_TRUE(replica.Take());
    EXPECT_EQ(replica.status().commit, LogIndex(7));
    EXPECT_EQ(replica.held_pages(), 0U);
    EXPECT_FALSE(replica.raft().HasReady());

    while (replica.PersistOne()) {
    }
    ASSERT_TRUE(replica.Take());
    ASSERT_EQ(replica.held_pages(), 1U);
    ASSERT_TRUE(replica.ApplyOne());
    EXPECT_THAT(IdsOf(replica.applied()), ElementsAre(At(6, 1), At(7, 1)));
    EXPECT_EQ(replica.status().applied, LogIndex(7));
  }
}

// Covers: C12
TEST(ApplyPageTest, SnapshotTakesThePlaceOfOpenPages) {
  TestReplica follower(3);
  MsgApp append;
  append.entries = EntriesOfTerms(1, {1, 1});
  append.commit = LogIndex(2);
  ASSERT_TRUE(follower.Receive(2, 1, append).ok());
  ASSERT_TRUE(follower.Take());
  ASSERT_TRUE(follower.PersistOne());
  ASSERT_TRUE(follower.Take());
  ASSERT_EQ(follower.held_pages(), 1U);

  // The state machine has not applied them when the snapshot comes.
  ASSERT_TRUE(follower.Receive(2, 1, MsgSnap{{At(5, 1), Voters(3)}}).ok());
  follower.Process();
  EXPECT_EQ(follower.status().applied, LogIndex(5));
  EXPECT_EQ(follower.log().applied(), LogIndex(5));
  EXPECT_EQ(follower.log().boundary(), At(5, 1));
  EXPECT_FALSE(follower.raft().HasReady());
}

}  // namespace
}  // namespace trimaran::raft
