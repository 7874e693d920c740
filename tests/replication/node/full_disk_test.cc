// Goal: a replica whose disk is full, down to the last byte, waits for room: it
// neither fails nor loses anything, and goes on when there is some.

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "engine/log/floor.h"
#include "gtest/gtest.h"
#include "tests/replication/node/stepped_group.h"

namespace trimaran {
namespace {

constexpr uint64_t kPlenty = uint64_t{1} << 30;

// What became of writes that were handed over together.
struct Answers {
  uint64_t done = 0;
  uint64_t refused = 0;
};

class FullDiskTest : public testing::Test {
 protected:
  void Start(uint64_t size) {
    for (uint64_t id = 1; id <= size; ++id) {
      disks_[id] = std::make_unique<disk::SimDisk>(absl::StrCat("/sim", id));
    }
    group_ = std::make_unique<SteppedGroup>(size);
    for (uint64_t id = 1; id <= size; ++id) {
      ASSERT_TRUE(group_->Found(id, disk(id)).ok());
      const absl::Status started = group_->Start(id, disk(id));
      ASSERT_TRUE(started.ok()) << started;
    }
  }
  disk::SimDisk& disk(uint64_t id) { return *disks_.at(id); }
  Node& node(uint64_t id) { return *group_->at(id).node; }

  std::shared_ptr<Answers> Submit(uint64_t id, int count) {
    auto answers = std::make_shared<Answers>();
    for (int i = 0; i < count; ++i) {
      const std::string key = absl::StrCat("submitted", i);
      const std::string value(1000, 'v');
      engine::WriteCommand write;
      write.operations = {engine::PutOp{engine::kDefaultFamily, key, value}};
      auto encoded = engine::EncodeCommand({.stamp = {}, .body = write});
      EXPECT_TRUE(encoded.ok());
      EXPECT_TRUE(node(id).Submit(std::make_shared<PendingWrite>(
          *std::move(encoded), MonotonicTime::Infinite(),
          [answers](const absl::StatusOr<AppliedWrite>& answer) {
            ++(answer.ok() ? answers->done : answers->refused);
          })));
    }
    return answers;
  }

  // From now on its log gets no other file, whatever the disk has left.
  void LackFilesForTheLog(uint64_t id) {
    disk(id).Inject({.target = disk::FaultTarget::kCreate,
                     .path_part = "/log/",
                     .error = disk::FaultError::kNoSpace,
                     .for_ever = true});
  }
  void ExpectCatchesUp(uint64_t id, uint64_t with) {
    const absl::Status caught_up = group_->RunUntil("catching up", [&] {
      return group_->AppliedAt(id) == group_->AppliedAt(with);
    });
    ASSERT_TRUE(caught_up.ok()) << caught_up;
    EXPECT_EQ(*group_->Digest(id), *group_->Digest(with));
  }

  // Before the group, which closes what is on them.
  std::map<uint64_t, std::unique_ptr<disk::SimDisk>> disks_;
  std::unique_ptr<SteppedGroup> group_;
};

TEST_F(FullDiskTest, WriteThatNeedsAnotherSegmentWaitsForRoom) {
  Start(1);
  ASSERT_TRUE(group_->Put(1, "row", 1, 5).ok());
  disk(1).SetCapacity(0);
  // More than a segment together.
  const auto answers = Submit(1, 40);
  const absl::Status waited = group_->Pass(200);
  ASSERT_TRUE(waited.ok()) << waited;
  EXPECT_EQ(answers->done, 0u);
  EXPECT_TRUE(node(1).status()->refuses_writes);
  disk(1).SetCapacity(kPlenty);
  const absl::Status done = group_->RunUntil(
      "an answer", [&] { return answers->done + answers->refused == 40; });
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_EQ(answers->refused, 0u);
  EXPECT_TRUE(group_->Put(1, "later", 1, 20).ok());
}

TEST_F(FullDiskTest, StopEndsWhileAWriteWaitsForRoom) {
  Start(1);
  disk(1).SetCapacity(0);
  const auto answers = Submit(1, 40);
  ASSERT_TRUE(group_->Pass(10).ok());
  EXPECT_EQ(answers->done + answers->refused, 0u);
  bool stopped = false;
  node(1).Stop([&stopped] { stopped = true; });
  EXPECT_TRUE(group_->RunUntil("the end", [&] { return stopped; }).ok());
  EXPECT_EQ(answers->refused, 40u);
  group_->Abandon(1);
}

// The first thing that a log does in a life may be to prepare a segment.
TEST_F(FullDiskTest, RestartWithoutRoomForASpareSegmentGoesOn) {
  bool had_no_room = false;
  for (uint64_t rows = 40; rows < 60; ++rows) {
    Start(1);
    ASSERT_TRUE(group_->Put(1, "row", 1, rows).ok());
    ASSERT_TRUE(group_->Stop(1).ok());
    ASSERT_TRUE(group_->Start(1, disk(1)).ok());
    disk(1).SetCapacity(0);
    const absl::Status passed = group_->Pass(20);
    ASSERT_TRUE(passed.ok()) << passed << " with " << rows << " rows";
    const auto recycled = group_->at(1).engine->RecycleLog();
    had_no_room |= absl::IsResourceExhausted(recycled.status());
    EXPECT_TRUE(group_->at(1).engine->failure().ok());
    disk(1).SetCapacity(kPlenty);
    // Until it has looked again.
    ASSERT_TRUE(group_->Pass(60).ok());
    ASSERT_TRUE(group_->Put(1, "later", 1, 20).ok());
    group_.reset();
  }
  EXPECT_TRUE(had_no_room);
}

TEST_F(FullDiskTest, CheckpointThatFindsNoRoomIsRefusedAndHarmless) {
  Start(1);
  ASSERT_TRUE(group_->Put(1, "row", 1, 5).ok());
  disk(1).SetCapacity(0);
  ASSERT_TRUE(group_->Pass(100).ok());
  absl::Status answer;
  node(1).Checkpoint(
      [&answer](const absl::StatusOr<engine::AppliedState>& result) {
        answer = result.status();
      });
  ASSERT_TRUE(group_->Pass(5).ok());
  EXPECT_EQ(answer.code(), absl::StatusCode::kResourceExhausted) << answer;
  disk(1).SetCapacity(kPlenty);
  ASSERT_TRUE(group_->Pass(100).ok());
  node(1).Checkpoint(
      [&answer](const absl::StatusOr<engine::AppliedState>& result) {
        answer = result.status();
      });
  ASSERT_TRUE(group_->Pass(5).ok());
  EXPECT_TRUE(answer.ok()) << answer;
}

// It is a command like any other, and reaches every member.
TEST_F(FullDiskTest, AuditThatFindsNoRoomIsRefusedAndHarmless) {
  Start(3);
  ASSERT_TRUE(group_->Put(2, "row", 1, 5).ok());
  disk(3).SetCapacity(kPlenty);
  const uint64_t used = kPlenty - disk(3).FreeBytes().value();
  // Entries are taken.
  disk(3).SetCapacity(used + 1000);
  ASSERT_TRUE(group_->Pass(100).ok());
  const auto audit = [&]() -> absl::StatusOr<AuditReport> {
    auto answer = std::make_shared<absl::StatusOr<AuditReport>>(
        absl::UnknownError("none yet"));
    node(2).Audit(MonotonicTime::Infinite(),
                  [answer](absl::StatusOr<AuditReport> report) {
                    *answer = std::move(report);
                  });
    const absl::Status told = group_->RunUntil(
        "a report", [&] { return !absl::IsUnknown(answer->status()); });
    EXPECT_TRUE(told.ok()) << told;
    return *answer;
  };

  absl::StatusOr<AuditReport> report = audit();

  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->members.at(ReplicaId(2))->error, "");
  const std::string error = report->members.at(ReplicaId(3))->error;
  EXPECT_TRUE(absl::StartsWith(
      error, "no room for an export in /sim3/store/kv: the file system has "))
      << error;
  EXPECT_TRUE(group_->at(3).engine->failure().ok());
  ASSERT_TRUE(group_->Put(2, "more", 1, 5).ok());

  disk(3).SetCapacity(kPlenty);
  report = audit();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->members.at(ReplicaId(3))->error, "");
  EXPECT_EQ(report->members.at(ReplicaId(3))->hash,
            report->members.at(ReplicaId(2))->hash);
}

// The leader's disk has room: what comes from there must not be the follower's
// end.
TEST_F(FullDiskTest, FollowerWithoutRoomFallsBehindAndCatchesUp) {
  Start(3);
  ASSERT_TRUE(group_->Put(2, "row", 1, 10).ok());
  disk(3).SetCapacity(0);
  ASSERT_TRUE(group_->Pass(100).ok());
  const LogIndex last = node(3).status()->raft.last.index;
  for (uint64_t first = 1; first <= 100; first += 20) {
    ASSERT_TRUE(group_->Put(2, "more", first, 20).ok());
    ASSERT_TRUE(group_->Pass(20).ok());
  }
  EXPECT_EQ(node(3).status()->raft.last.index, last);
  EXPECT_EQ(node(3).status()->raft.leader, ReplicaId(2));
  disk(3).SetCapacity(kPlenty);
  ExpectCatchesUp(3, 2);
}

// It leads, is heard, and has room for all that it does but for a file.
TEST_F(FullDiskTest, LeaderWhoseLogCannotGoOnHandsOver) {
  Start(3);
  ASSERT_TRUE(group_->Put(2, "row", 1, 5).ok());
  LackFilesForTheLog(2);
  const auto answers = Submit(2, 40);
  const auto leader = [&] { return node(1).status()->raft.leader; };
  const absl::Status moved = group_->RunUntil("another leader", [&] {
    return leader() != kNoReplica && leader() != ReplicaId(2);
  });
  ASSERT_TRUE(moved.ok()) << moved;
  EXPECT_FALSE(node(2).status()->refuses_writes);
  const absl::Status put = group_->Put(1, "meanwhile", 1, 20);
  EXPECT_TRUE(put.ok()) << put;
  disk(2).ClearFaults();
  const absl::Status told = group_->RunUntil(
      "answers", [&] { return answers->done + answers->refused == 40; });
  EXPECT_TRUE(told.ok()) << told;
  ExpectCatchesUp(2, 1);
}

// Its vote for another leader would wait behind the write.
TEST_F(FullDiskTest, LeaderWithoutWhomThereIsNoMajorityLeadsOn) {
  Start(2);
  ASSERT_TRUE(group_->Put(2, "row", 1, 5).ok());
  const Term term = node(2).status()->raft.term;
  LackFilesForTheLog(2);
  const auto answers = Submit(2, 40);
  ASSERT_TRUE(group_->Pass(200).ok());
  EXPECT_EQ(node(1).status()->raft.leader, ReplicaId(2));
  EXPECT_EQ(node(2).status()->raft.term, term);
  EXPECT_EQ(answers->done + answers->refused, 0u);
  disk(2).ClearFaults();
  const absl::Status told =
      group_->RunUntil("answers", [&] { return answers->done == 40; });
  EXPECT_TRUE(told.ok()) << told;
}

// Answers to appends would wait behind the write for as long as it does.
TEST_F(FullDiskTest, NothingGathersBehindAWriteThatWaits) {
  Start(3);
  ASSERT_TRUE(group_->Put(2, "row", 1, 5).ok());
  LackFilesForTheLog(3);
  ASSERT_TRUE(group_->Put(2, "more", 1, 40).ok());
  uint64_t answers = 0;
  group_->transport().SetJudge([&answers](const PeerMessage& message) {
    const auto* raft = std::get_if<raft::Message>(&message.body);
    const bool acks = raft != nullptr && message.from == ReplicaId(3) &&
                      raft->As<raft::MsgAppResp>() != nullptr;
    answers += acks ? 1 : 0;
    return FaultyTransport::Fate::kArrives;
  });
  ASSERT_TRUE(group_->Pass(500).ok());
  EXPECT_EQ(answers, 0u);
  disk(3).ClearFaults();
  ExpectCatchesUp(3, 2);
  EXPECT_LT(answers, 100u);
}

TEST_F(FullDiskTest, NobodySendsToAFullDiskAllTheTime) {
  Start(3);
  ASSERT_TRUE(group_->Put(2, "row", 1, 10).ok());
  disk(3).SetCapacity(0);
  ASSERT_TRUE(group_->Pass(100).ok());
  ASSERT_TRUE(group_->Put(2, "more", 1, 20).ok());
  ASSERT_TRUE(group_->Pass(100).ok());
  uint64_t bytes = 0;
  group_->transport().SetJudge([&bytes](const PeerMessage& message) {
    const auto* raft = std::get_if<raft::Message>(&message.body);
    const auto* append = raft == nullptr ? nullptr : raft->As<raft::MsgApp>();
    if (message.to == ReplicaId(3) && append != nullptr) {
      for (const LogEntry& entry : append->entries) {
        bytes += entry.payload.size();
      }
    }
    return FaultyTransport::Fate::kArrives;
  });
  ASSERT_TRUE(group_->Pass(200).ok());
  EXPECT_EQ(bytes, 0u);
}

TEST_F(FullDiskTest, StopWhileAWriteIsTriedAgainIsNoFailure) {
  Start(1);
  disk(1).SetCapacity(0);
  const auto answers = Submit(1, 40);
  ASSERT_TRUE(group_->Pass(10).ok());
  bool stopped = false;
  // It is due as well, and comes before the answer of the log.
  group_->Stall(30, [&] { node(1).Stop([&stopped] { stopped = true; }); });
  EXPECT_TRUE(group_->RunUntil("the end", [&] { return stopped; }).ok());
  EXPECT_TRUE(node(1).status()->failure.ok());
  EXPECT_EQ(answers->refused, 40u);
  group_->Abandon(1);
}

// ---- What is written down once nothing more comes ----

TEST_F(FullDiskTest, QuietLogIsInTheFloorToItsEnd) {
  Start(1);
  ASSERT_TRUE(group_->Put(1, "row", 1, 10).ok());
  const auto noted = [&]() -> EntryId {
    auto floor = engine::FloorFile::Open(
        group_->at(1).files, "/sim1/store/FLOOR", engine::OpenMode::kRead);
    EXPECT_TRUE(floor.ok()) << floor.status();
    return floor.ok() ? floor->state().last : EntryId();
  };
  ASSERT_LT(noted().index, node(1).status()->raft.last.index);
  ASSERT_TRUE(group_->Pass(150).ok());
  EXPECT_EQ(noted(), node(1).status()->raft.last);
  const uint64_t operations = disk(1).operation_count();
  ASSERT_TRUE(group_->Pass(500).ok());
  EXPECT_EQ(disk(1).operation_count(), operations) << "at rest, it is not";
}

}  // namespace
}  // namespace trimaran
