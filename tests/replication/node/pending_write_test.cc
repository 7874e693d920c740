// Goal: a write is answered once, whoever comes first, and what its answer says
// of its fate is certain.

#include "replication/node/pending_write.h"

#include <optional>

#include "engine/base/errors.h"
#include "gtest/gtest.h"

namespace trimaran {
namespace {

class PendingWriteTest : public testing::Test {
 protected:
  std::optional<absl::StatusOr<AppliedWrite>> answer_;
  int answers_ = 0;
  PendingWrite write_{"command", MonotonicTime(5),
                      [this](absl::StatusOr<AppliedWrite> answer) {
                        ++answers_;
                        answer_ = std::move(answer);
                      }};
};

TEST_F(PendingWriteTest, ExpiresAsNotAppliedWhileItWaits) {
  write_.Expire("late");
  EXPECT_EQ(answer_->status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(OutcomeOf(answer_->status()), WriteOutcome::kNotApplied);
  EXPECT_FALSE(write_.Take());
}

TEST_F(PendingWriteTest, ExpiresAsUnknownOnceItIsTaken) {
  EXPECT_TRUE(write_.Take());
  write_.BeginAttempt();
  write_.Expire("late");
  EXPECT_TRUE(IsOutcomeUnknown(answer_->status()));
}

TEST_F(PendingWriteTest, StaysUnknownWhileAnAttemptIsInDoubt) {
  EXPECT_TRUE(write_.Take());
  write_.BeginAttempt();
  write_.PutBack();
  write_.Expire("late");
  EXPECT_EQ(OutcomeOf(answer_->status()), WriteOutcome::kUnknown);
}

TEST_F(PendingWriteTest, IsCertainAgainWhenEveryAttemptHasFailed) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(write_.Take());
    write_.BeginAttempt();
    write_.AttemptFailed();
    write_.PutBack();
  }
  write_.Expire("late");
  EXPECT_EQ(OutcomeOf(answer_->status()), WriteOutcome::kNotApplied);
}

TEST_F(PendingWriteTest, OnlyTheFirstAnswerCounts) {
  EXPECT_TRUE(write_.Take());
  write_.Answer(AppliedWrite{.entry = {LogIndex(9), Term(2)}, .result = {}});
  write_.Expire("late");
  write_.Answer(absl::InternalError("no"));
  EXPECT_EQ(answers_, 1);
  EXPECT_EQ((*answer_)->entry.index, LogIndex(9));
}

}  // namespace
}  // namespace trimaran
