#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "replication/raft/debug_string.h"
#include "replication/raft/raft.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// What random operations have found, each cut down to a story.

namespace trimaran::raft {
namespace {

MsgAppResp Has(uint64_t index) {
  MsgAppResp response;
  response.index = LogIndex(index);
  return response;
}

TEST(FuzzFindingsTest, RefusalByAReplicaThatHasSeenNoTermIsUnderstood) {
  // A fresh voter of higher priority refuses the pre-vote, in its own term.
  Config important = PlainConfig(2);
  important.priority = 1;
  TestReplica voter(important, MemoryLog(Voters(3)));
  ASSERT_TRUE(voter.Receive(1, 1, MsgPreVote{}).ok());
  const std::vector<Message> answers = voter.ProcessAndTakeMessages();
  ASSERT_EQ(answers.size(), 1u);
  ASSERT_EQ(answers[0].term, Term(0));

  Config asking = PlainConfig(1);
  asking.pre_vote = true;
  TestReplica candidate(asking, MemoryLog(Voters(2)));
  candidate.raft().Campaign();
  ASSERT_EQ(candidate.status().role, Role::kPreCandidate);

  EXPECT_EQ(candidate.raft().Step(answers[0]), absl::OkStatus());
  EXPECT_EQ(candidate.status().role, Role::kFollower);
}

TEST(FuzzFindingsTest, StorageThatReturnsTooMuchDoesNotMakeItApplied) {
  // Four entries are stored, two of them committed; none is in memory.
  MemoryLog log(Voters(3));
  ASSERT_TRUE(log.Append(EntriesOfTerms(1, {1, 1, 1, 1})).ok());
  log.set_hard_state({Term(1), kNoReplica, LogIndex(2)});
  TestReplica replica(PlainConfig(1), std::move(log));
  const Ready ready = replica.raft().TakeReady();
  ASSERT_EQ(ready.fetches.size(), 1u);

  const absl::Status taken = replica.raft().EntriesFetched(
      ready.fetches[0].id, EntriesOfTerms(1, {1, 1, 1, 1}));

  EXPECT_TRUE(taken.ok());
  EXPECT_EQ(IdsOf(replica.raft().TakeReady().apply),
            (std::vector<EntryId>{At(1, 1), At(2, 1)}));
}

TEST(FuzzFindingsTest, SnapshotThatLeavesNoRoomForALogIsRefused) {
  TestReplica replica(3);
  const MsgSnap absurd{{{kMaxLogIndex - 1, Term(1)}, Voters(3)}};

  EXPECT_TRUE(absl::IsInvalidArgument(replica.Receive(2, 1, absurd)));
  EXPECT_EQ(replica.status().term, Term(0));
}

TEST(FuzzFindingsTest, SnapshotBehindWhatAFollowerHasIsNotSentToIt) {
  // The leader holds one entry in memory; the follower has the first.
  Config config = PlainConfig(1);
  config.window_entries_max = 1;
  TestReplica leader(config, MemoryLog(Voters(3)));
  leader.Lead();
  ASSERT_TRUE(leader.Receive(3, 1, Has(1)).ok());
  for (const char* text : {"b", "c", "d", "e", "f"}) {
    ASSERT_TRUE(leader.Propose(text).ok());
  }
  leader.Process();
  ASSERT_EQ(leader.status().applied, LogIndex(1));
  ASSERT_TRUE(leader.Receive(2, 1, Has(1)).ok());
  leader.Take();
  ASSERT_EQ(leader.held_fetches().size(), 1u);
  const FetchId fetch = leader.held_fetches()[0].id;

  // The storage has lost what is not even applied.
  ASSERT_TRUE(
      leader.raft().EntriesFetched(fetch, absl::OutOfRangeError("")).ok());
  ASSERT_TRUE(leader.Receive(2, 1, MsgHeartbeatResp{}).ok());
  leader.Take();
  ASSERT_EQ(leader.held_snapshot_requests().size(), 1u);
  leader.raft().SnapshotAvailable(ReplicaId(2), {At(1, 1), Voters(3)});

  EXPECT_NE(leader.peer(2).state, ProgressState::kSnapshot);
}

}  // namespace
}  // namespace trimaran::raft
