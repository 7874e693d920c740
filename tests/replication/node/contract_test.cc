// Goal: what a node owes to whoever calls it: at a replica that does not lead,
// without a client, and when it stops.

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/errors.h"
#include "gtest/gtest.h"
#include "replication/node/change_cursor.h"
#include "replication/raft/conf_change.h"
#include "tests/support/node/blocking.h"
#include "tests/support/node/threaded_cluster.h"

namespace trimaran {
namespace {

const ReadDemand kFarAway{.kind = ReadDemand::Kind::kAtLeast,
                          .index = LogIndex(1'000'000),
                          .staleness_max = {}};

std::string EncodedPut(std::string_view key) {
  engine::WriteCommand write;
  write.operations = {engine::PutOp{engine::kDefaultFamily, key, "v"}};
  auto encoded = engine::EncodeCommand({.stamp = {}, .body = write});
  EXPECT_TRUE(encoded.ok());
  return *std::move(encoded);
}

raft::ConfChange AddLearner(uint64_t id) {
  return {.transition = raft::ConfChangeTransition::kAuto,
          .steps = {{.type = raft::ConfChangeType::kAddLearner,
                     .replica = ReplicaId(id)}},
          .context = ""};
}

LogIndex LastAt(ThreadedCluster& cluster, uint64_t id) {
  return cluster.at(id).node().status()->raft.last.index;
}

// ---- Who does not lead ----

class WithoutForwardingTest : public testing::Test {
 protected:
  static ThreadedCluster::Options Options() {
    ThreadedCluster::Options options;
    options.node.forward_writes = false;
    return options;
  }
  // Who leads, and everybody knows.
  uint64_t AwaitLeader() {
    uint64_t leader = 0;
    EXPECT_TRUE(Eventually([&] {
      leader = cluster_.at(1).node().status()->raft.leader.value();
      for (const uint64_t id : {1u, 2u, 3u}) {
        if (cluster_.at(id).node().status()->raft.leader != ReplicaId(leader)) {
          return false;
        }
      }
      return leader != 0 && cluster_.at(leader).Put("first", "v").ok();
    }));
    return leader;
  }

  ThreadedCluster cluster_{3, Options()};
};

// Covers: E2
TEST_F(WithoutForwardingTest, FollowerNamesTheLeaderAndDoesNothing) {
  const uint64_t leader = AwaitLeader();
  const uint64_t follower = leader % 3 + 1;
  ASSERT_TRUE(cluster_.CatchesUp(follower, leader));
  const LogIndex last = LastAt(cluster_, leader);

  const auto put = cluster_.at(follower).Put("key", "v");
  EXPECT_TRUE(IsNotLeader(put.status())) << put.status();
  EXPECT_EQ(LeaderHint(put.status()), ReplicaId(leader));
  EXPECT_EQ(OutcomeOf(put.status()), WriteOutcome::kNotApplied);

  Later<absl::Status> changed;
  cluster_.at(follower).node().ChangeMembers(
      AddLearner(4), MonotonicTime::Infinite(),
      [&changed](const absl::StatusOr<ConfState>& answer) {
        changed.Set(answer.status());
      });
  const absl::Status refused = changed.Wait();
  EXPECT_EQ(LeaderHint(refused), ReplicaId(leader)) << refused;
  EXPECT_EQ(OutcomeOf(refused), WriteOutcome::kNotApplied);

  // Nothing has come of either, and whoever follows the hint is served.
  EXPECT_EQ(cluster_.at(leader).Get("key").value(), std::nullopt);
  EXPECT_EQ(LastAt(cluster_, leader), last);
  EXPECT_TRUE(cluster_.at(leader).Put("key", "v").ok());
  EXPECT_EQ(cluster_.at(follower).Get("key").value(), "v");
}

// Covers: E2
TEST_F(WithoutForwardingTest, WhoKnowsNoLeaderNamesNone) {
  const uint64_t leader = AwaitLeader();
  cluster_.Stop(leader % 3 + 1);
  cluster_.Stop((leader + 1) % 3 + 1);
  // It gives its office up when it hears from nobody.
  Node& node = cluster_.at(leader).node();
  ASSERT_TRUE(
      Eventually([&] { return node.status()->raft.leader == kNoReplica; }));
  const auto put = cluster_.at(leader).Put("key", "v");
  EXPECT_TRUE(IsNotLeader(put.status())) << put.status();
  EXPECT_EQ(LeaderHint(put.status()), std::nullopt);
  EXPECT_EQ(OutcomeOf(put.status()), WriteOutcome::kNotApplied);
}

// ---- Who follows ----

// Heartbeats, which would tell them as well, come every second.
TEST(NodeContractTest, FollowersHearOfAWriteBeforeTheNextHeartbeat) {
  ThreadedCluster::Options options;
  options.node.tick = absl::Seconds(1);
  options.node.core.election_timeout_ticks = 2;
  ThreadedCluster cluster(3, options);
  uint64_t leader = 0;
  ASSERT_TRUE(Eventually([&] {
    leader = cluster.at(1).node().status()->raft.leader.value();
    return leader != 0 && cluster.at(leader).Put("first", "v").ok();
  }));
  const MonotonicClock clock;
  // Where the writes come from, and who has to apply them.
  for (const uint64_t from : {leader, leader % 3 + 1, leader}) {
    const MonotonicTime begun = clock.Now();
    const auto put = cluster.at(from).Put("key", "v");
    ASSERT_TRUE(put.ok()) << put.status();
    for (const uint64_t id : {1u, 2u, 3u}) {
      ASSERT_TRUE(Eventually([&] {
        return cluster.at(id).engine().machine().applied().applied.id.index >=
               put->entry.index;
      })) << id;
    }
    EXPECT_LT(clock.Now() - begun, absl::Milliseconds(500)) << from;
  }
}

// ---- Nobody's commands ----

// Covers: E4
TEST(NodeContractTest, CommandsWithoutAClientAreProposedAndApplied) {
  ThreadedCluster::Options options;
  options.node.maintenance.log_entries_limit = 10;
  ThreadedCluster cluster(3, options);
  const LogIndex founded_at = cluster.at(1).engine().log().truncated();
  constexpr uint64_t kPuts = 30;
  for (uint64_t i = 0; i < kPuts; ++i) {
    ASSERT_TRUE(cluster.at(1).Put(absl::StrCat(i), "v").ok());
  }
  // Nobody has asked for a compaction, nor for a session.
  for (const uint64_t id : {1u, 2u, 3u}) {
    Node& node = cluster.at(id).node();
    EXPECT_TRUE(Eventually([&] {
      const auto status = node.status();
      return status->truncated > founded_at &&
             status->counters.commands_applied > kPuts + 1;
    })) << id;
  }
  EXPECT_TRUE(cluster.at(1).Put("after", "v").ok());
}

TEST(NodeContractTest, ChangeOfMembersThatDoesNotFitIsNotBegun) {
  ThreadedCluster cluster(1, {});
  ASSERT_TRUE(cluster.at(1).Put("key", "v").ok());
  const LogIndex last = LastAt(cluster, 1);
  Later<absl::Status> changed;
  ConfState seen;
  cluster.at(1).node().ChangeMembers(
      AddLearner(4), MonotonicTime::Infinite(),
      [&changed](const absl::StatusOr<ConfState>& answer) {
        changed.Set(answer.status());
      },
      [&seen](const ConfState& members) {
        seen = members;
        return absl::AbortedError("no");
      });
  const absl::Status refused = changed.Wait();
  EXPECT_EQ(refused.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(OutcomeOf(refused), WriteOutcome::kNotApplied);
  EXPECT_TRUE(seen.IsOnlyMember(ReplicaId(1)));
  EXPECT_EQ(LastAt(cluster, 1), last);
}

// Covers: E20
TEST(NodeContractTest, SoleReplicaLeadsWithoutWaitingForATimeout) {
  ThreadedCluster::Options options;
  // No timeout passes in this test.
  options.node.tick = absl::Seconds(10);
  ThreadedCluster cluster(1, options);
  EXPECT_TRUE(cluster.at(1).Put("key", "v").ok());
}

// ---- The end ----

// Everything that can wait at a node, and how often each was answered.
class Waiters {
 public:
  // At a leader without a majority.
  explicit Waiters(Node& node) : node_(node) {
    for (int i = 0; i < 3; ++i) {
      writes_.push_back(std::make_shared<PendingWrite>(
          EncodedPut(absl::StrCat("waits", i)), MonotonicTime::Infinite(),
          [this](const absl::StatusOr<AppliedWrite>& answer) {
            EXPECT_NE(OutcomeOf(answer.status()), WriteOutcome::kApplied);
            ++answers_;
          }));
      EXPECT_TRUE(node.Submit(writes_.back()));
    }
    for (const ReadDemand& demand : {ReadDemand(), kFarAway}) {
      node.Submit(std::make_shared<PendingRead>(
          demand, clock_.Now(), MonotonicTime::Infinite(),
          [this](const absl::StatusOr<LogIndex>& answer) {
            EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnavailable);
            ++answers_;
          }));
    }
    node.ChangeMembers(AddLearner(4), MonotonicTime::Infinite(),
                       [this](const absl::StatusOr<ConfState>& answer) {
                         EXPECT_NE(OutcomeOf(answer.status()),
                                   WriteOutcome::kApplied);
                         ++answers_;
                       });
    node.CompactLog(node.status()->raft.applied, MonotonicTime::Infinite(),
                    [this](const absl::StatusOr<AppliedWrite>& answer) {
                      EXPECT_FALSE(answer.ok());
                      ++answers_;
                    });
    follower_ = std::thread([this] {
      const std::atomic<bool> cancelled = false;
      const auto changes = ChangeCursor({}, kFarAway.index)
                               .Next(node_.changes(), clock_,
                                     MonotonicTime::Infinite(), cancelled);
      EXPECT_EQ(changes.status().code(), absl::StatusCode::kUnavailable);
      ++answers_;
    });
  }
  ~Waiters() { follower_.join(); }

  static constexpr int kAll = 3 + 2 + 1 + 1 + 1;
  int answers() const { return answers_; }

 private:
  Node& node_;
  MonotonicClock clock_;
  std::vector<PendingWritePtr> writes_;
  std::atomic<int> answers_ = 0;
  std::thread follower_;
};

// Covers: E21
TEST(NodeContractTest, StopAnswersEverybodyOnce) {
  ThreadedCluster cluster(3);
  const uint64_t leader = cluster.Leader(1);
  ASSERT_NE(leader, 0u);
  for (const uint64_t id : {1u, 2u, 3u}) {
    if (id != leader) cluster.transport().Cut(ReplicaId(id));
  }
  Node& node = cluster.at(leader).node();
  {
    Waiters waiters(node);
    // They wait indeed.
    ASSERT_TRUE(Eventually([&] { return node.status()->reads_waiting == 2; }));
    EXPECT_EQ(waiters.answers(), 0);
    cluster.at(leader).StopNode();
    EXPECT_TRUE(Eventually([&] { return waiters.answers() == Waiters::kAll; }))
        << waiters.answers();
  }
  // Nobody waits any more, and who comes later is told at once.
  EXPECT_EQ(node.status()->reads_waiting, 0u);
  EXPECT_EQ(node.status()->writes_waiting, 0u);
  const auto put = cluster.at(leader).Put("late", "v");
  EXPECT_EQ(DropReasonOf(put.status()), DropReason::kShuttingDown);
  EXPECT_EQ(OutcomeOf(put.status()), WriteOutcome::kNotApplied);
  EXPECT_EQ(cluster.at(leader).Get("late").status().code(),
            absl::StatusCode::kUnavailable);
  Later<absl::Status> checkpoint;
  node.Checkpoint(
      [&checkpoint](const absl::StatusOr<engine::AppliedState>& at) {
        checkpoint.Set(at.status());
      });
  EXPECT_EQ(checkpoint.Wait().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace trimaran
