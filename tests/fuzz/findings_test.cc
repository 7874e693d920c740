#include <gtest/gtest.h>

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

}  // namespace
}  // namespace trimaran::raft
