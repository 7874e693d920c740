#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// Several writes and several pages under way at a time (thesis §10.2.1): what
// may be said, counted and applied before which of them is done.

namespace trimaran::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

MsgApp Append(EntryId prev, const std::vector<uint64_t>& terms,
              uint64_t commit = 0) {
  return {prev, EntriesOfTerms(prev.index.value() + 1, terms),
          LogIndex(commit)};
}

// The indexes that a follower acknowledges to `leader`.
std::vector<uint64_t> Acks(TestReplica& follower, uint64_t leader) {
  std::vector<uint64_t> acked;
  for (const MsgAppResp& ack :
       BodiesTo<MsgAppResp>(leader, follower.TakeMessages())) {
    EXPECT_FALSE(ack.rejected);
    acked.push_back(ack.index.value());
  }
  return acked;
}

// Covers: H23
TEST(AsyncTest, EachAckLeavesWithItsOwnWrite) {
  TestReplica follower(3);
  for (uint64_t index = 0; index < 3; ++index) {
    const EntryId prev = index == 0 ? EntryId() : At(index, 1);
    ASSERT_TRUE(follower.Receive(2, 1, Append(prev, {1})).ok());
    ASSERT_TRUE(follower.Take());
  }
  EXPECT_EQ(follower.held_batches(), 3u);
  EXPECT_THAT(Acks(follower, 2), IsEmpty());
  for (uint64_t index = 1; index <= 3; ++index) {
    ASSERT_TRUE(follower.PersistOne());
    EXPECT_THAT(Acks(follower, 2), ElementsAre(index));
    EXPECT_EQ(follower.status().durable, LogIndex(index));
  }
}

// Covers: H23
TEST(AsyncTest, VoteLeavesWithItsOwnWrite) {
  TestReplica voter(3);
  ASSERT_TRUE(voter.Receive(2, 1, MsgVote{}).ok());
  ASSERT_TRUE(voter.Take());
  EXPECT_THAT(voter.TakeMessages(), IsEmpty());
  ASSERT_TRUE(voter.PersistOne());
  EXPECT_EQ(voter.log().hard_state().vote, ReplicaId(2));
  EXPECT_THAT(OfKind<MsgVoteResp>(voter.TakeMessages()), SizeIs(1));
  // What is durable already can be said again at once.
  ASSERT_TRUE(voter.Receive(2, 1, MsgVote{}).ok());
  ASSERT_TRUE(voter.Take());
  EXPECT_EQ(voter.held_batches(), 0u);
  EXPECT_THAT(OfKind<MsgVoteResp>(voter.TakeMessages()), SizeIs(1));
}

// A repeated append needs no write of its own, but speaks of entries whose
// write is still under way.
// Covers: H23
TEST(AsyncTest, RepeatedAppendIsNotAckedBeforeTheFirstWrite) {
  TestReplica follower(3);
  ASSERT_TRUE(follower.Receive(2, 1, Append(EntryId(), {1, 1})).ok());
  ASSERT_TRUE(follower.Take());
  ASSERT_TRUE(follower.Receive(2, 1, Append(EntryId(), {1, 1})).ok());
  Ready ready = follower.raft().TakeReady();
  ASSERT_TRUE(ready.persist.has_value());
  EXPECT_THAT(ready.messages, IsEmpty());
  EXPECT_THAT(ready.persist->entries, IsEmpty());
  EXPECT_FALSE(ready.persist->must_sync);
  EXPECT_THAT(ready.persist->messages_after, SizeIs(1));
}

// Covers: H23
TEST(AsyncTest, LeaderSendsBeforeItsOwnWriteAndCountsItselfAfterIt) {
  TestReplica leader(3);
  leader.Lead();
  ASSERT_TRUE(leader.Propose("a").ok());
  ASSERT_TRUE(leader.Take());
  ASSERT_TRUE(leader.Receive(2, 1, Ack(1)).ok());
  ASSERT_TRUE(leader.Take());
  EXPECT_THAT(BodiesTo<MsgApp>(2, leader.TakeMessages()),
              testing::Not(IsEmpty()));
  EXPECT_EQ(leader.status().commit, LogIndex(1));

  ASSERT_TRUE(leader.Receive(2, 1, Ack(2)).ok());
  EXPECT_EQ(leader.status().commit, LogIndex(1)) << "one copy is durable";
  while (leader.PersistOne()) {
  }
  EXPECT_EQ(leader.status().commit, LogIndex(2));
}

// Covers: H23
TEST(AsyncTest, CommitByOthersIsAppliedAfterTheOwnWrite) {
  TestReplica leader(3);
  leader.Lead();
  ASSERT_TRUE(leader.Propose("a").ok());
  while (leader.Take()) {
  }
  const size_t writes = leader.held_batches();
  ASSERT_EQ(writes, 1u);
  for (const uint64_t peer : {2U, 3U}) {
    ASSERT_TRUE(leader.Receive(peer, 1, Ack(2)).ok());
  }
  EXPECT_EQ(leader.status().commit, LogIndex(2));
  while (leader.Take()) {
  }
  EXPECT_EQ(leader.status().applying, LogIndex(1)) << "entry 1 is durable";
  ASSERT_TRUE(leader.PersistOne());
  while (leader.Take()) {
  }
  EXPECT_EQ(leader.status().applying, LogIndex(2));
}

// Covers: H23
TEST(AsyncTest, SoleVoterCommitsWithItsDisk) {
  TestReplica leader(1);
  leader.raft().Campaign();
  EXPECT_EQ(leader.status().role, Role::kCandidate);
  ASSERT_TRUE(leader.Take());
  ASSERT_TRUE(leader.PersistOne());
  EXPECT_EQ(leader.status().role, Role::kLeader);
  for (const std::string_view text : {"a", "b"}) {
    ASSERT_TRUE(leader.Propose(text).ok());
    ASSERT_TRUE(leader.Take());
    EXPECT_EQ(leader.status().commit, LogIndex(0)) << text;
  }
  EXPECT_EQ(leader.held_batches(), 2u);
  ASSERT_TRUE(leader.PersistOne());
  EXPECT_EQ(leader.status().commit, LogIndex(2)) << "the empty entry and a";
  ASSERT_TRUE(leader.PersistOne());
  EXPECT_EQ(leader.status().commit, LogIndex(3));
}

// Three leaders write index 12, and the third writes the first one's entry
// again. The old completions must not speak for it.
// Covers: H23, C13
TEST(AsyncTest, LateCompletionsDoNotVouchForALaterWriteOfTheSameEntry) {
  MemoryLog log(Voters(5));
  ASSERT_TRUE(log.Append(EntriesOfTerms(1, std::vector<uint64_t>(11, 1))).ok());
  log.set_hard_state({Term(1), {}, LogIndex(11)});
  TestReplica follower(PlainConfig(), std::move(log));
  follower.Process();
  follower.TakeMessages();

  const std::vector<uint64_t> leaders = {2, 3, 4};
  const std::vector<uint64_t> entry_terms = {2, 3, 2};
  for (size_t i = 0; i < leaders.size(); ++i) {
    // The third leader's log has the second's term below, not at 12.
    ASSERT_TRUE(
        follower.Receive(leaders[i], 2 + i, Append(At(11, 1), {entry_terms[i]}))
            .ok());
    ASSERT_TRUE(follower.Take());
  }
  EXPECT_EQ(follower.held_batches(), 3u);
  EXPECT_EQ(follower.status().last, At(12, 2));
  for (int late = 0; late < 2; ++late) {
    ASSERT_TRUE(follower.PersistOne());
    EXPECT_EQ(follower.status().durable, LogIndex(11)) << "write " << late;
  }
  ASSERT_TRUE(follower.PersistOne());
  EXPECT_EQ(follower.status().durable, LogIndex(12));
}

// Covers: H23
TEST(AsyncTest, OwnWriteOfAnEarlierTermIsStillDurableWhenLeadingAgain) {
  TestReplica leader(3);
  leader.Lead();
  ASSERT_TRUE(leader.Propose("a").ok());
  ASSERT_TRUE(leader.Take());
  // Deposed and elected again while the write is under way.
  ASSERT_TRUE(leader.Receive(2, 2, MsgAppResp{}).ok());
  leader.raft().Campaign();
  while (leader.Take()) {
  }
  ASSERT_TRUE(leader.Receive(3, 3, MsgVoteResp{}).ok());
  EXPECT_EQ(leader.status().role, Role::kCandidate);
  ASSERT_TRUE(leader.PersistOne());
  EXPECT_EQ(leader.status().durable, LogIndex(2));
  EXPECT_EQ(leader.status().commit, LogIndex(0));
  leader.Process();
  ASSERT_EQ(leader.status().role, Role::kLeader);
  EXPECT_EQ(leader.peer(1).match, LogIndex(3));
}

// Covers: H23
TEST(AsyncTest, DeposedLeadersWriteDoesNotCommit) {
  TestReplica leader(3);
  leader.Lead();
  ASSERT_TRUE(leader.Propose("a").ok());
  ASSERT_TRUE(leader.Take());
  ASSERT_TRUE(leader.Receive(2, 2, Append(At(1, 1), {2})).ok());
  ASSERT_TRUE(leader.PersistOne());
  EXPECT_EQ(leader.status().durable, LogIndex(1)) << "a was replaced";
  EXPECT_EQ(leader.status().commit, LogIndex(0));
  leader.Process();
  EXPECT_EQ(leader.log().last(), At(2, 2));
}

// Covers: H23
TEST(AsyncTest, SnapshotsAndEntriesUnderWayAreInstalledInOrder) {
  TestReplica follower(3);
  const auto snap = [](uint64_t index) {
    return MsgSnap{{At(index, 1), Voters(3)}};
  };
  ASSERT_TRUE(follower.Receive(2, 1, snap(10)).ok());
  ASSERT_TRUE(follower.Take());
  ASSERT_TRUE(follower.Receive(2, 1, Append(At(10, 1), {1}, 11)).ok());
  ASSERT_TRUE(follower.Take());
  ASSERT_TRUE(follower.Receive(2, 1, snap(20)).ok());
  ASSERT_TRUE(follower.Take());
  ASSERT_TRUE(follower.Receive(2, 1, Append(At(20, 1), {1}, 21)).ok());
  ASSERT_TRUE(follower.Take());
  ASSERT_EQ(follower.held_batches(), 4u);
  EXPECT_THAT(Acks(follower, 2), IsEmpty());

  ASSERT_TRUE(follower.PersistOne());
  EXPECT_THAT(Acks(follower, 2), ElementsAre(10u));
  EXPECT_EQ(follower.status().pending_snapshot, LogIndex(20));
  ASSERT_TRUE(follower.PersistOne());
  EXPECT_FALSE(follower.Take()) << "nothing is applied while one is pending";
  ASSERT_TRUE(follower.PersistOne());
  EXPECT_EQ(follower.status().pending_snapshot, LogIndex(0));
  EXPECT_EQ(follower.status().applied, LogIndex(20));
  follower.Process();
  EXPECT_EQ(follower.status().applied, LogIndex(21));
  EXPECT_EQ(follower.log().boundary(), At(20, 1));
}

// Covers: H23, C11a
TEST(AsyncTest, PagesUnderWayShareOneLimit) {
  Config config = PlainConfig();
  config.apply_bytes_max = 2048;
  TestReplica leader(config, MemoryLog(Voters(1)));
  leader.Lead();
  const std::string kilo(1000, 'x');
  ASSERT_TRUE(leader.Propose(kilo).ok());
  ASSERT_TRUE(leader.Propose(kilo).ok());
  ASSERT_TRUE(leader.Propose(kilo).ok());
  ASSERT_TRUE(leader.Take());
  ASSERT_TRUE(leader.PersistOne());
  ASSERT_TRUE(leader.Take());
  const LogIndex first_page = leader.status().applying;
  EXPECT_LT(first_page, LogIndex(4));
  while (leader.Take() || leader.PersistOne()) {
  }
  EXPECT_LE(leader.held_pages(), 2u);
  while (leader.ApplyOne()) {
    leader.Take();
  }
  EXPECT_EQ(leader.status().applied, LogIndex(4));
  EXPECT_THAT(TextsOf(leader.applied()), ElementsAre(kilo, kilo, kilo));
}

// However long the disk takes, everything in memory is let go in the end.
// Covers: H23
TEST(AsyncTest, MemoryIsFreedOnceLateWritesFinish) {
  Config config = PlainConfig();
  config.window_entries_max = 1;
  TestReplica leader(config, MemoryLog(Voters(1)));
  leader.Lead();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(leader.Propose("x").ok());
    ASSERT_TRUE(leader.Take());
  }
  EXPECT_GE(leader.status().window_entries, 20u);
  EXPECT_EQ(leader.held_batches(), 20u);
  while (leader.PersistOne()) {
  }
  EXPECT_EQ(leader.status().window_entries, 1u);
  leader.Process();
  EXPECT_EQ(leader.status().applied, LogIndex(21));
}

// Covers: H23
TEST(AsyncTest, WriteOfOnlyTheCommitIndexNeedsNoSync) {
  TestReplica follower(3);
  ASSERT_TRUE(follower.Receive(2, 1, Append(EntryId(), {1})).ok());
  follower.Process();
  ASSERT_TRUE(follower.Receive(2, 1, MsgHeartbeat{LogIndex(1), {}}).ok());
  const Ready ready = follower.raft().TakeReady();
  ASSERT_TRUE(ready.persist.has_value());
  EXPECT_FALSE(ready.persist->must_sync);
  ASSERT_TRUE(ready.persist->hard_state.has_value());
  EXPECT_EQ(ready.persist->hard_state->commit, LogIndex(1));
  EXPECT_THAT(OfKind<MsgHeartbeatResp>(ready.messages), SizeIs(1));
  EXPECT_THAT(IdsOf(ready.apply), ElementsAre(At(1, 1)));
}

}  // namespace
}  // namespace trimaran::raft
