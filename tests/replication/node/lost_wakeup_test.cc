// Goal: a read for which nobody could be woken, for want of memory, is answered
// all the same, also where no tick comes any more.

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "replication/node/pending_read.h"
#include "tests/replication/node/laned_replica.h"

namespace trimaran {
namespace {

class LostWakeupTest : public testing::Test {
 protected:
  LostWakeupTest() { replica_.RunAll(); }

  void Read(std::optional<absl::Status>& answer) {
    replica_.node->Submit(std::make_shared<PendingRead>(
        ReadDemand{}, replica_.clock.Now(), MonotonicTime::Infinite(),
        [&answer](const absl::StatusOr<LogIndex>& index) {
          answer = index.status();
        }));
  }
  void ReadThatWakesNobody() {
    replica_.raft.FailNext();
    Read(lost_);
    ASSERT_TRUE(replica_.raft.idle());
    ASSERT_FALSE(lost_.has_value());
  }
  void ExpectAnswered(absl::StatusCode code) {
    ASSERT_TRUE(lost_.has_value());
    EXPECT_EQ(lost_->code(), code) << *lost_;
    // Nor is one of later forgotten, whoever could be woken.
    replica_.raft.FailNext();
    std::optional<absl::Status> later;
    Read(later);
    ASSERT_TRUE(later.has_value());
    EXPECT_EQ(later->code(), code) << *later;
  }

  LanedReplica replica_{1};
  std::optional<absl::Status> lost_;
};

TEST_F(LostWakeupTest, ReadIsAnsweredWithWhateverComesNext) {
  ReadThatWakesNobody();
  replica_.Submit();
  replica_.RunAll();
  ASSERT_TRUE(lost_.has_value());
  EXPECT_TRUE(lost_->ok()) << *lost_;
}

TEST_F(LostWakeupTest, ReadIsAnsweredWhenTheNodeStops) {
  ReadThatWakesNobody();
  bool stopped = false;
  replica_.node->Stop([&stopped] { stopped = true; });
  replica_.RunAll();
  EXPECT_TRUE(stopped);
  ExpectAnswered(absl::StatusCode::kUnavailable);
}

TEST_F(LostWakeupTest, ReadIsAnsweredWhenTheNodeFails) {
  // Its write is about to fail when the read comes.
  replica_.Submit();
  while (replica_.log.idle()) ASSERT_TRUE(replica_.raft.RunOne());
  replica_.raft.RunAll();
  replica_.disk.CutPowerAfter(0);
  ReadThatWakesNobody();
  replica_.RunAll();
  const absl::Status failure = replica_.node->status()->failure;
  ASSERT_FALSE(failure.ok());
  ExpectAnswered(failure.code());
}

}  // namespace
}  // namespace trimaran
