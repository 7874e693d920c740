#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/printers.h"
#include "tests/support/raft/test_replica.h"

// Several writes and applies under way at every replica, finished in random
// order between replicas, and crashes that lose what was not finished.

namespace trimaran::raft {
namespace {

// Three replicas whose every step is taken by chance.
class RandomGroup {
 public:
  explicit RandomGroup(uint64_t seed) : random_(seed) {
    for (uint64_t id = 1; id <= 3; ++id) {
      Config config = PlainConfig(id);
      config.pre_vote = random_.OneIn(2);
      config.check_quorum = random_.OneIn(2);
      config.window_entries_max = 4;
      config.apply_bytes_max = 40;
      config.append_entries_max = 3;
      replicas_.push_back(std::make_unique<TestReplica>(
          config, MemoryLog(Voters(3)), random_.Next()));
    }
  }

  void Run(int steps, bool crashes) {
    for (int i = 0; i < steps; ++i) {
      TestReplica& replica = *replicas_[random_.Uniform(3)];
      const uint64_t choice = random_.Uniform(100);
      if (choice < 4) {
        replica.Tick();
      } else if (choice < 10) {
        // Refused where nobody leads.
        (void)replica.Propose(std::to_string(++proposals_));
      } else if (choice < 30) {
        replica.Take();
      } else if (choice < 45) {
        replica.PersistOne();
      } else if (choice < 55) {
        replica.ApplyOne();
      } else if (choice < 60) {
        replica.AnswerRequests();
      } else if (choice < 62 && replica.log().applied() > LogIndex(0)) {
        // An index that is compacted already is refused.
        (void)replica.CompactTo(
            LogIndex(1 + random_.Uniform(replica.log().applied().value())));
      } else if (choice < 63 && crashes && random_.OneIn(3)) {
        replica.Restart();
      } else {
        Deliver();
      }
      Collect(replica);
      Check();
    }
  }

  // Lets everything finish.
  void Calm() {
    for (int round = 0; round < 400; ++round) {
      for (auto& replica : replicas_) {
        replica->Tick();
        replica->Process();
        Collect(*replica);
      }
      while (!queue_.empty()) {
        Deliver();
        for (auto& replica : replicas_) {
          replica->Process();
          Collect(*replica);
        }
      }
    }
    Check();
  }

  const TestReplica& at(uint64_t id) const { return *replicas_[id - 1]; }
  uint64_t committed() const { return agreed_.size(); }

 private:
  void Collect(TestReplica& replica) {
    for (Message& message : replica.TakeMessages()) {
      queue_.push_back(std::move(message));
    }
  }

  void Deliver() {
    if (queue_.empty()) return;
    const size_t place = random_.OneIn(4) ? random_.Uniform(queue_.size()) : 0;
    const Message message = queue_[place];
    // Some are lost, and some stay to come again.
    if (!random_.OneIn(20)) {
      queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(place));
    }
    TestReplica& to = *replicas_[message.to.value() - 1];
    TestReplica& from = *replicas_[message.from.value() - 1];
    const bool lost = random_.OneIn(30);
    if (const auto* snap = message.As<MsgSnap>()) {
      // Whoever moves a snapshot knows what became of it.
      from.raft().ReportSnapshot(message.to, lost ? SnapshotResult::kFailed
                                                  : SnapshotResult::kDelivered);
      to.StageSnapshot(
          {snap->snapshot, from.SnapshotState(snap->snapshot.id.index)});
    }
    if (lost) return;
    const absl::Status status = to.raft().Step(message);
    EXPECT_NE(status.code(), absl::StatusCode::kDataLoss) << status;
    EXPECT_NE(status.code(), absl::StatusCode::kInvalidArgument) << status;
  }

  // What anybody has applied at an index, everybody applies there.
  void Check() {
    for (const auto& replica : replicas_) {
      for (const LogEntry& entry : replica->applied()) {
        const auto [known, fresh] = agreed_.emplace(entry.index, entry);
        ASSERT_EQ(known->second, entry) << "at replica " << replica->id();
      }
    }
  }

  SeededRandom random_;
  std::vector<std::unique_ptr<TestReplica>> replicas_;
  std::vector<Message> queue_;
  std::map<LogIndex, LogEntry> agreed_;
  uint64_t proposals_ = 0;
};

void RunSeeds(uint64_t seeds, bool crashes) {
  uint64_t committed = 0;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomGroup group(seed);
    group.Run(3000, crashes);
    group.Calm();
    committed += group.committed();
    for (uint64_t id = 2; id <= 3; ++id) {
      EXPECT_EQ(group.at(id).log().state(), group.at(1).log().state());
      EXPECT_EQ(group.at(id).status().last, group.at(1).status().last);
      EXPECT_EQ(group.at(id).status().commit, group.at(1).status().commit);
    }
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(committed, 10 * seeds) << "the runs get somewhere";
}

// Covers: C1, C11a, C13
TEST(PipelineTest, RandomInterleavingsAgree) { RunSeeds(40, false); }

// Covers: C1, C10, C13
TEST(PipelineTest, RandomCrashesAgree) { RunSeeds(40, true); }

}  // namespace
}  // namespace trimaran::raft
