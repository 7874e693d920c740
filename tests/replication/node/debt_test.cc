// Goal: a replica that has lost what it had acknowledged promises nothing on
// the strength of it, and still says what its leader must hear.

#include "replication/node/debt.h"

#include "gtest/gtest.h"
#include "tests/replication/node/manual_lane.h"
#include "tests/support/engine_model/model_log_disk.h"
#include "tests/support/engine_model/model_log_store.h"

namespace trimaran {
namespace {

raft::Message Answer(Term term, LogIndex index) {
  raft::MsgAppResp body;
  body.index = index;
  return {.group = GroupId(1),
          .from = ReplicaId(2),
          .to = ReplicaId(1),
          .term = term,
          .body = body};
}

// It had campaigned in term 8, after the one in which it follows a leader. That
// leader hears of term 8 from nobody else, and would never give way to one of a
// term in which the debt can be paid.
TEST(DebtTest, LeaderOfAnOlderTermIsToldOfTheOwnOne) {
  engine::ModelLogDisk disk;
  {
    engine::ModelLogStore log(disk);
    LogEntry entry;
    entry.index = LogIndex(1);
    entry.term = Term(7);
    ASSERT_TRUE(log.Append({.entries = {&entry, 1},
                            .hard_state = HardState{Term(8), {}, {}},
                            .must_sync = true})
                    .ok());
  }
  disk.Lose(LogIndex(1));
  engine::ModelLogStore log(disk);
  ManualLane lane;
  int reports = 0;
  Errands errands(lane, [&reports] { ++reports; });
  const Debt debt(log, lane, errands, Logger(),
                  [&reports](const absl::Status&) { ++reports; });
  ASSERT_EQ(debt.owed(), (EntryId{LogIndex(1), Term(9)}));

  EXPECT_TRUE(debt.MayLeave(Answer(Term(8), LogIndex())));
  EXPECT_FALSE(debt.MayLeave(Answer(Term(8), LogIndex(1))));
  EXPECT_TRUE(debt.MayLeave(Answer(Term(9), LogIndex(1))));
  EXPECT_EQ(reports, 0);
}

}  // namespace
}  // namespace trimaran
