// Goal: nothing is done before that on which it rests: no message before the
// disk has what it promises, nothing applied before it is durable, no read at
// once where others may know more.

#include <optional>
#include <utility>

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

TEST(OrderTest, NothingIsAppliedBeforeTheStateOfAnAuditIsFrozen) {
  LanedReplica replica(1);
  replica.RunAll();
  std::optional<absl::StatusOr<AuditReport>> report;
  replica.node->Audit(MonotonicTime::Infinite(),
                      [&report](absl::StatusOr<AuditReport> answer) {
                        report = std::move(answer);
                      });
  replica.RunButRest();
  replica.Submit();
  replica.RunButRest();
  // It is in the log, and waits.
  EXPECT_EQ(replica.answered, 0);
  EXPECT_FALSE(report.has_value());
  ASSERT_FALSE(replica.rest.idle());
  replica.RunAll();
  EXPECT_TRUE(replica.answer.has_value() && replica.answer->ok());
  ASSERT_TRUE(report.has_value() && report->ok());
  const auto& digest = (*report)->members.at(ReplicaId(1));
  ASSERT_TRUE(digest.has_value());
  EXPECT_EQ(digest->error, "");
  EXPECT_EQ(digest->place, (*report)->place);
  EXPECT_EQ(digest->place.index + 1,
            replica.engine->machine().applied().applied.id.index);
}

TEST(OrderTest, NodeStopsAlsoWhileAnAuditHoldsItUp) {
  LanedReplica replica(1);
  replica.RunAll();
  std::optional<absl::Status> audited;
  replica.node->Audit(MonotonicTime::Infinite(),
                      [&audited](const absl::StatusOr<AuditReport>& answer) {
                        audited = answer.status();
                      });
  replica.RunButRest();
  replica.Submit();
  replica.RunButRest();
  bool stopped = false;
  replica.node->Stop([&stopped] { stopped = true; });
  replica.RunButRest();
  ASSERT_TRUE(audited.has_value());
  EXPECT_EQ(audited->code(), absl::StatusCode::kUnavailable) << *audited;
  EXPECT_EQ(replica.answered, 1);
  EXPECT_FALSE(stopped);
  replica.RunAll();
  EXPECT_TRUE(stopped);
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
