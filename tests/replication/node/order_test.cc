// Goal: nothing is done before that on which it rests: no message before the
// disk has what it promises, nothing applied before it is durable, no read at
// once where others may know more.

#include "engine/base/errors.h"
#include "gtest/gtest.h"
#include "replication/raft/conf_change.h"
#include "tests/replication/node/laned_replica.h"

namespace trimaran {
namespace {

TEST(OrderTest, VoteLeavesWhenItIsOnTheDisk) {
  LanedReplica replica(3);
  int answers = 0;
  replica.transport.SetJudge([&answers](const PeerMessage& message) {
    const auto* said = std::get_if<raft::Message>(&message.body);
    if (said != nullptr && said->As<raft::MsgVoteResp>() != nullptr) ++answers;
    return FaultyTransport::Fate::kIsLost;
  });
  replica.RunAll();
  const LogIndex last = replica.node->status()->raft.last.index;
  replica.node->Deliver(
      {.from = ReplicaId(2),
       .to = ReplicaId(1),
       .body = raft::Message{
           GroupId(1), ReplicaId(2), ReplicaId(1), Term(9),
           raft::MsgVote{.last = {last, Term(8)}, .commit = {}}}});
  replica.raft.RunAll();
  ASSERT_FALSE(replica.log.idle()) << "there is nothing to write";
  EXPECT_EQ(answers, 0);
  replica.RunAll();
  EXPECT_EQ(answers, 1);
}

TEST(OrderTest, NothingIsAppliedOrAnsweredBeforeItIsOnTheDisk) {
  LanedReplica replica(1);
  replica.RunAll();
  replica.Submit();
  replica.raft.RunAll();
  ASSERT_FALSE(replica.log.idle());
  EXPECT_TRUE(replica.apply.idle());
  EXPECT_EQ(replica.answered, 0);
  replica.RunAll();
  EXPECT_TRUE(replica.answer.has_value() && replica.answer->ok());
}

TEST(OrderTest, WhoeverHasALearnerIsNotAlone) {
  LanedReplica replica(1);
  replica.RunAll();
  EXPECT_TRUE(replica.node->IsAlone());
  absl::Status changed = absl::UnknownError("not yet");
  replica.node->ChangeMembers(
      {.transition = raft::ConfChangeTransition::kAuto,
       .steps = {{.type = raft::ConfChangeType::kAddLearner,
                  .replica = ReplicaId(2)}},
       .context = ""},
      MonotonicTime::Infinite(),
      [&changed](const absl::StatusOr<ConfState>& answer) {
        changed = answer.status();
      });
  replica.RunAll();
  EXPECT_TRUE(changed.ok()) << changed;
  // It may have applied, and told its clients, what is not applied here yet.
  EXPECT_FALSE(replica.node->IsAlone());
}

}  // namespace
}  // namespace trimaran
