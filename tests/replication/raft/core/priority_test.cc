#include <cstdint>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// Between equals the more important replica should lead; a longer log counts
// more than any importance.

namespace trimaran::raft {
namespace {

using ::testing::SizeIs;

constexpr int64_t kOwn = 5;

TestReplica Voter(bool pre_vote) {
  MemoryLog log(Voters(3));
  EXPECT_TRUE(log.Append(EntriesOfTerms(1, {1, 1})).ok());
  log.set_hard_state({Term(1), {}, LogIndex(0)});
  Config config = PlainConfig();
  config.priority = kOwn;
  config.pre_vote = pre_vote;
  return TestReplica(config, std::move(log));
}

// Covers: H24
TEST(PriorityTest, LessImportantCandidateNeedsALongerLog) {
  struct Row {
    EntryId last;
    int64_t priority;
    bool granted;
  };
  const Row rows[] = {
      {At(2, 1), kOwn + 1, true},  {At(2, 1), kOwn, true},
      {At(2, 1), kOwn - 1, false}, {At(3, 1), kOwn - 1, true},
      {At(1, 2), kOwn - 1, true},  {At(1, 1), kOwn + 1, false},
  };
  for (const Row& row : rows) {
    TestReplica voter = Voter(false);
    ASSERT_TRUE(
        voter.Receive(2, 2, MsgVote{row.last, {}, false, row.priority}).ok());
    const auto votes = BodiesTo<MsgVoteResp>(2, voter.ProcessAndTakeMessages());
    ASSERT_THAT(votes, SizeIs(1));
    EXPECT_EQ(!votes[0].rejected, row.granted)
        << row.last << " priority " << row.priority;

    TestReplica asked = Voter(true);
    ASSERT_TRUE(
        asked.Receive(2, 2, MsgPreVote{row.last, {}, row.priority}).ok());
    const auto answers =
        BodiesTo<MsgPreVoteResp>(2, asked.ProcessAndTakeMessages());
    ASSERT_THAT(answers, SizeIs(1));
    EXPECT_EQ(!answers[0].rejected, row.granted)
        << row.last << " priority " << row.priority;
  }
}

// Covers: H24
TEST(PriorityTest, CandidateNamesItsPriority) {
  TestReplica candidate = Voter(false);
  candidate.raft().Campaign();
  const auto votes = BodiesTo<MsgVote>(2, candidate.ProcessAndTakeMessages());
  ASSERT_THAT(votes, SizeIs(1));
  EXPECT_EQ(votes[0].priority, kOwn);
}

// Covers: H24
TEST(PriorityTest, MoreImportantReplicaWinsAmongEquals) {
  for (const bool pre_vote : {false, true}) {
    Network network(3, [&](Config& config) {
      config.pre_vote = pre_vote;
      config.priority = config.id == ReplicaId(3) ? 1 : 2;
    });
    network.Campaign(3);
    EXPECT_NE(network.status(3).role, Role::kLeader);
    EXPECT_TRUE(network.errors().empty()) << network.errors().front().second;
    network.Campaign(1);
    EXPECT_EQ(network.status(1).role, Role::kLeader);
  }
}

}  // namespace
}  // namespace trimaran::raft
