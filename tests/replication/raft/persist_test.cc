#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "replication/raft/persist_tracker.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// Writes that are still under way while the log changes under them.

namespace trimaran::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

MsgApp Append(EntryId prev, const std::vector<uint64_t>& terms) {
  return {prev, EntriesOfTerms(prev.index.value() + 1, terms), LogIndex(0)};
}

// A follower of three at term 1 with the durable log [1/1].
TestReplica FollowerWithOneEntry() {
  TestReplica follower(3);
  EXPECT_TRUE(follower.Receive(2, 1, Append(At(0, 0), {1})).ok());
  follower.ProcessAndTakeMessages();
  return follower;
}

// Covers: C13
TEST(PersistTest, ReplacedEntriesAreNotMarkedDurable) {
  TestReplica follower = FollowerWithOneEntry();
  ASSERT_TRUE(follower.Receive(2, 1, Append(At(1, 1), {1, 1, 1})).ok());
  ASSERT_TRUE(follower.Take());
  // Before that write is done, the leader of the next term replaces the tail.
  ASSERT_TRUE(follower.Receive(3, 2, Append(At(1, 1), {2, 2})).ok());

  ASSERT_TRUE(follower.PersistOne());

  EXPECT_EQ(follower.status().durable, LogIndex(1));
  const Ready ready = follower.raft().TakeReady();
  ASSERT_TRUE(ready.persist.has_value());
  EXPECT_THAT(IdsOf(ready.persist->entries), ElementsAre(At(2, 2), At(3, 2)))
      << "the replacements are handed out";
  follower.raft().Persisted(ready.persist->seq);
  EXPECT_EQ(follower.status().durable, LogIndex(3));
}

// The tail is written, replaced, and written again as it was: index and term
// look the same, and yet the first write says nothing about the third, since
// the second one is still to come in between.
//
// Covers: C13
TEST(PersistTest, WriteOfTheSameEntriesBeforeAReplacementDoesNotCount) {
  TestReplica follower = FollowerWithOneEntry();
  ASSERT_TRUE(follower.Receive(2, 1, Append(At(1, 1), {1, 1})).ok());
  ASSERT_TRUE(follower.Take());
  ASSERT_TRUE(follower.Receive(3, 2, Append(At(1, 1), {2})).ok());
  ASSERT_TRUE(follower.Take());
  ASSERT_TRUE(follower.Receive(2, 3, Append(At(1, 1), {1, 1})).ok());
  ASSERT_TRUE(follower.Take());
  ASSERT_EQ(follower.held_batches(), 3U);
  ASSERT_EQ(follower.status().last, At(3, 1));
  EXPECT_THAT(follower.TakeMessages(), IsEmpty());

  ASSERT_TRUE(follower.PersistOne());
  EXPECT_EQ(follower.status().durable, LogIndex(1));
  ASSERT_TRUE(follower.PersistOne());
  EXPECT_EQ(follower.status().durable, LogIndex(1));
  for (const Message& ack : follower.TakeMessages()) {
    EXPECT_LT(ack.term, Term(3)) << "nothing of term 3 is durable yet";
  }

  ASSERT_TRUE(follower.PersistOne());
  EXPECT_EQ(follower.status().durable, LogIndex(3));
  const auto acks = follower.TakeMessages();
  ASSERT_THAT(acks, SizeIs(1));
  EXPECT_EQ(acks[0].term, Term(3));
  EXPECT_EQ(acks[0].As<MsgAppResp>()->index, LogIndex(3));
  EXPECT_THAT(follower.log_ids(), ElementsAre(At(1, 1), At(2, 1), At(3, 1)));
}

// An append that holds nothing new is acknowledged no earlier than the write
// that is still under way.
//
// Covers: C13
TEST(PersistTest, RepeatedAppendWaitsForTheFirstOnesWrite) {
  TestReplica follower = FollowerWithOneEntry();
  ASSERT_TRUE(follower.Receive(2, 1, Append(At(1, 1), {1})).ok());
  ASSERT_TRUE(follower.Take());
  ASSERT_TRUE(follower.Receive(2, 1, Append(At(1, 1), {1})).ok());
  ASSERT_TRUE(follower.Take());
  EXPECT_THAT(follower.TakeMessages(), IsEmpty());
  while (follower.PersistOne()) {
  }
  EXPECT_THAT(OfKind<MsgAppResp>(follower.TakeMessages()), SizeIs(2));
}

// Covers: C13
TEST(PersistTest, WriteThatASnapshotHasOvertakenDoesNotCount) {
  TestReplica follower = FollowerWithOneEntry();
  ASSERT_TRUE(follower.Receive(2, 1, Append(At(1, 1), {1, 1})).ok());
  ASSERT_TRUE(follower.Take());
  ASSERT_TRUE(follower.Receive(2, 2, MsgSnap{{At(2, 2), Voters(3)}}).ok());
  ASSERT_TRUE(follower.Take());
  ASSERT_TRUE(follower.Receive(2, 2, Append(At(2, 2), {2})).ok());
  ASSERT_TRUE(follower.Take());

  ASSERT_TRUE(follower.PersistOne());
  EXPECT_LT(follower.status().durable, LogIndex(2));
  EXPECT_EQ(follower.status().pending_snapshot, LogIndex(2));
  ASSERT_TRUE(follower.PersistOne());
  EXPECT_EQ(follower.status().durable, LogIndex(2));
  EXPECT_EQ(follower.status().pending_snapshot, LogIndex(0));
  ASSERT_TRUE(follower.PersistOne());
  EXPECT_EQ(follower.status().durable, LogIndex(3));
}

// Covers: C13
TEST(PersistTest, SeveralBatchesMayBeReportedAtOnce) {
  TestReplica leader(1);
  leader.Lead();
  PersistSeq last;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(leader.Propose("x").ok());
    const Ready ready = leader.raft().TakeReady();
    ASSERT_TRUE(ready.persist.has_value());
    EXPECT_THAT(ready.persist->entries, SizeIs(1)) << "each goes out once";
    last = ready.persist->seq;
  }
  EXPECT_EQ(leader.status().commit, LogIndex(1));
  leader.raft().Persisted(last);
  EXPECT_EQ(leader.status().commit, LogIndex(4));
}

// Covers: C11b
TEST(PersistTrackerTest, FinishedPrefixIsDurable) {
  PersistTracker tracker(LogIndex(4));
  const auto first = tracker.HandOut(LogIndex(5), Term());
  EXPECT_EQ(first.first, LogIndex(5));
  const auto second = tracker.HandOut(LogIndex(7), Term());
  EXPECT_EQ(second.first, LogIndex(6));
  EXPECT_FALSE(tracker.HasNew(LogIndex(7)));
  EXPECT_TRUE(tracker.HasNew(LogIndex(8)));

  tracker.Persisted(first.seq);
  EXPECT_EQ(tracker.durable(), LogIndex(5));
  EXPECT_TRUE(tracker.in_flight());
  tracker.Persisted(second.seq);
  EXPECT_EQ(tracker.durable(), LogIndex(7));
  EXPECT_FALSE(tracker.in_flight());
  // Old news.
  tracker.Persisted(first.seq);
  EXPECT_EQ(tracker.durable(), LogIndex(7));
}

// Covers: C11b
TEST(PersistTrackerTest, OverwritingLowersWhatIsUnderWay) {
  struct Row {
    uint64_t overwritten_from;
    uint64_t handed_out;
    uint64_t durable_after;
  };
  // Durable up to 4, under way up to 6.
  const Row rows[] = {{7, 6, 6}, {6, 5, 5}, {5, 4, 4}, {4, 3, 3}, {2, 1, 1}};
  for (const Row& row : rows) {
    PersistTracker tracker(LogIndex(4));
    const auto batch = tracker.HandOut(LogIndex(6), Term());
    tracker.Truncated(LogIndex(row.overwritten_from));
    EXPECT_EQ(tracker.handed_out(), LogIndex(row.handed_out));
    tracker.Persisted(batch.seq);
    EXPECT_EQ(tracker.durable(), LogIndex(row.durable_after))
        << "overwritten from " << row.overwritten_from;
    EXPECT_EQ(tracker.HandOut(LogIndex(8), Term()).first,
              LogIndex(row.handed_out + 1));
  }
}

// Covers: C11b
TEST(PersistTrackerDeathTest, BatchThatWasNeverHandedOutIsAnError) {
  PersistTracker tracker(LogIndex(4));
  EXPECT_DEATH(tracker.Persisted(PersistSeq(1)), "check failed");
}

}  // namespace
}  // namespace trimaran::raft
