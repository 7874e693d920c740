// Goal: a read is served from a state that is as fresh as it asked for, from a
// round that began after it was asked for, and is always answered.

#include "replication/node/reads.h"

#include <memory>
#include <optional>
#include <utility>

#include "engine/base/random.h"
#include "gtest/gtest.h"

namespace trimaran {
namespace {

constexpr absl::Duration kRetry = absl::Milliseconds(500);

MonotonicTime At(int64_t milliseconds) {
  return MonotonicTime(milliseconds * 1'000'000);
}

// One of three voters; leads, where told to, by votes that were made up.
class ReadsTest : public testing::Test {
 protected:
  ReadsTest() {
    raft::Config config;
    config.id = ReplicaId(1);
    config.pre_vote = false;
    raft::InitialState state;
    for (uint64_t id = 1; id <= 3; ++id) {
      state.conf.voters.push_back(ReplicaId(id));
    }
    core_ = *raft::Raft::Create(config, state, random_);
  }

  void Lead() {
    core_->Campaign();
    Persist();
    raft::Message vote{GroupId(1), ReplicaId(2), ReplicaId(1), Term(1),
                       raft::MsgVoteResp{}};
    ASSERT_TRUE(core_->Step(vote).ok());
    Persist();
  }
  void Persist() {
    while (core_->HasReady()) {
      const raft::Ready ready = core_->TakeReady();
      if (ready.persist) core_->Persisted(ready.persist->seq);
    }
  }

  struct Asked {
    std::optional<absl::StatusOr<LogIndex>> answer;
  };
  std::shared_ptr<Asked> Ask(const ReadDemand& demand, int64_t asked_at,
                             int64_t deadline, LogIndex applied) {
    auto asked = std::make_shared<Asked>();
    reads_.Add(
        std::make_shared<PendingRead>(demand, At(asked_at), At(deadline),
                                      [asked](absl::StatusOr<LogIndex> answer) {
                                        asked->answer = std::move(answer);
                                      }),
        applied);
    return asked;
  }

  SeededRandom random_{1};
  std::unique_ptr<raft::Raft> core_;
  Reads reads_{100, kRetry};
};

TEST_F(ReadsTest, ReadsThatWaitShareOneRoundAndWaitForItsIndex) {
  Lead();
  const auto first = Ask({}, 0, 1000, LogIndex(4));
  const auto second = Ask({}, 0, 1000, LogIndex(4));
  reads_.BeginRounds(*core_, At(1), /*may_lease=*/true);
  const auto late = Ask({}, 2, 1000, LogIndex(4));
  reads_.Confirmed({raft::ReadId(101), LogIndex(6)}, LogIndex(5));
  EXPECT_FALSE(first->answer.has_value());
  reads_.Applied(LogIndex(6));
  EXPECT_EQ(first->answer->value(), LogIndex(6));
  EXPECT_EQ(second->answer->value(), LogIndex(6));
  EXPECT_FALSE(late->answer.has_value()) << "its round has not begun";
  EXPECT_EQ(reads_.size(), 1U);
}

TEST_F(ReadsTest, WithoutALeaderReadsWaitUntilTheirDeadline) {
  const auto asked = Ask({}, 0, 1000, LogIndex(4));
  reads_.BeginRounds(*core_, At(1), /*may_lease=*/true);
  reads_.Tick(At(999));
  EXPECT_FALSE(asked->answer.has_value());
  reads_.Tick(At(1000));
  EXPECT_EQ(asked->answer->status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(reads_.size(), 0U);
}

TEST_F(ReadsTest, RoundWithoutAnswerIsBegunAgainUnderANewId) {
  Lead();
  const auto asked = Ask({}, 0, 10000, LogIndex(4));
  reads_.BeginRounds(*core_, At(1), /*may_lease=*/true);
  reads_.Tick(At(501));
  reads_.BeginRounds(*core_, At(501), /*may_lease=*/true);
  reads_.Confirmed({raft::ReadId(101), LogIndex(4)}, LogIndex(4));
  EXPECT_FALSE(asked->answer.has_value()) << "an old round was taken for new";
  reads_.Confirmed({raft::ReadId(102), LogIndex(4)}, LogIndex(4));
  EXPECT_TRUE(asked->answer.has_value());
}

TEST_F(ReadsTest, LostRoundIsAskedForAgain) {
  Lead();
  const auto asked = Ask({}, 0, 10000, LogIndex(4));
  reads_.BeginRounds(*core_, At(1), /*may_lease=*/true);
  reads_.Lost(raft::ReadId(101));
  reads_.BeginRounds(*core_, At(2), /*may_lease=*/true);
  reads_.Confirmed({raft::ReadId(102), LogIndex(4)}, LogIndex(4));
  EXPECT_EQ(asked->answer->value(), LogIndex(4));
}

TEST_F(ReadsTest, RoundsUnderWayAreFewAndTheNextOneIsShared) {
  Lead();
  const auto begin = [this](int64_t now) {
    reads_.BeginRounds(*core_, At(now), /*may_lease=*/true);
  };
  (void)Ask({}, 0, 10000, LogIndex(4));
  begin(0);
  (void)Ask({}, 1, 10000, LogIndex(4));
  begin(1);
  const auto third = Ask({}, 2, 10000, LogIndex(4));
  begin(2);
  const auto fourth = Ask({}, 3, 10000, LogIndex(4));
  reads_.Confirmed({raft::ReadId(101), LogIndex(4)}, LogIndex(4));
  EXPECT_FALSE(third->answer.has_value());
  begin(4);
  reads_.Confirmed({raft::ReadId(103), LogIndex(4)}, LogIndex(4));
  EXPECT_TRUE(third->answer.has_value());
  EXPECT_TRUE(fourth->answer.has_value());
}

TEST_F(ReadsTest, WhereTheOthersAreNearOneRoundIsUnderWay) {
  Lead();
  (void)Ask({}, 0, 10000, LogIndex(4));
  reads_.BeginRounds(*core_, At(0), /*may_lease=*/true);
  const auto late = Ask({}, 0, 10000, LogIndex(4));
  reads_.BeginRounds(*core_, At(0), /*may_lease=*/true);
  reads_.Confirmed({raft::ReadId(102), LogIndex(4)}, LogIndex(4));
  EXPECT_FALSE(late->answer.has_value()) << "a second round was begun";
  reads_.Confirmed({raft::ReadId(101), LogIndex(4)}, LogIndex(4));
  reads_.BeginRounds(*core_, At(0), /*may_lease=*/true);
  reads_.Confirmed({raft::ReadId(102), LogIndex(4)}, LogIndex(4));
  EXPECT_TRUE(late->answer.has_value());
}

TEST_F(ReadsTest, RoundThatMayBeLostHoldsNobodyUpForLong) {
  Lead();
  for (int64_t now = 0; now < 2; ++now) {
    (void)Ask({}, now, 10000, LogIndex(4));
    reads_.BeginRounds(*core_, At(now), /*may_lease=*/true);
  }
  const auto late = Ask({}, 2, 10000, LogIndex(4));
  reads_.BeginRounds(*core_, At(49), /*may_lease=*/true);
  reads_.Confirmed({raft::ReadId(103), LogIndex(4)}, LogIndex(4));
  EXPECT_FALSE(late->answer.has_value());
  reads_.BeginRounds(*core_, At(50), /*may_lease=*/true);
  reads_.Confirmed({raft::ReadId(103), LogIndex(4)}, LogIndex(4));
  EXPECT_TRUE(late->answer.has_value());
}

TEST_F(ReadsTest, ReadOfAnOwnWriteWaitsForThatEntryAlone) {
  const ReadDemand demand{.kind = ReadDemand::Kind::kAtLeast,
                          .index = LogIndex(9),
                          .staleness_max = {}};
  const auto there = Ask(demand, 0, 1000, LogIndex(9));
  EXPECT_EQ(there->answer->value(), LogIndex(9));
  const auto asked = Ask(demand, 0, 1000, LogIndex(8));
  reads_.Applied(LogIndex(8));
  EXPECT_FALSE(asked->answer.has_value());
  reads_.Applied(LogIndex(11));
  EXPECT_EQ(asked->answer->value(), LogIndex(11));
}

TEST_F(ReadsTest, BoundedReadIsServedByARecentRound) {
  Lead();
  const ReadDemand demand{.kind = ReadDemand::Kind::kBounded,
                          .index = {},
                          .staleness_max = absl::Milliseconds(100)};
  const auto first = Ask(demand, 0, 1000, LogIndex(4));
  EXPECT_FALSE(first->answer.has_value()) << "nothing is known yet";
  reads_.BeginRounds(*core_, At(10), /*may_lease=*/true);
  reads_.Confirmed({raft::ReadId(101), LogIndex(4)}, LogIndex(4));
  EXPECT_TRUE(first->answer.has_value());
  EXPECT_TRUE(Ask(demand, 110, 1000, LogIndex(4))->answer.has_value());
  EXPECT_FALSE(Ask(demand, 111, 1000, LogIndex(4))->answer.has_value());
}

TEST_F(ReadsTest, EverybodyIsAnsweredAtTheEnd) {
  Lead();
  const auto asked = Ask({}, 0, 10000, LogIndex(4));
  reads_.BeginRounds(*core_, At(1), /*may_lease=*/true);
  const auto unasked = Ask({}, 2, 10000, LogIndex(4));
  const auto known =
      Ask({ReadDemand::Kind::kAtLeast, LogIndex(9), {}}, 2, 10000, LogIndex(4));
  reads_.AnswerAll(absl::UnavailableError("over"));
  for (const auto& one : {asked, unasked, known}) {
    EXPECT_EQ(one->answer->status().code(), absl::StatusCode::kUnavailable);
  }
}

}  // namespace
}  // namespace trimaran
