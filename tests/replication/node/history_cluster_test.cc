// Goal: what clients of real nodes are told, while messages are lost, doubled,
// delayed and reordered, the group is divided, and machines lose their power,
// is what one store would have told them that does one thing after another.

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/errors.h"
#include "engine/base/mutex.h"
#include "engine/base/random.h"
#include "gtest/gtest.h"
#include "tests/replication/node/cluster_faults.h"
#include "tests/support/node/blocking.h"
#include "tests/support/node/threaded_cluster.h"
#include "tests/support/node_sim/history.h"
#include "tests/support/node_sim/linearizability.h"

namespace trimaran {
namespace {

using node_sim::Op;
using node_sim::OpKind;
using node_sim::OpOutcome;

constexpr uint64_t kReplicas = 3;
constexpr uint64_t kClients = 8;
constexpr uint64_t kKeys = 5;
constexpr absl::Duration kPatience = absl::Seconds(1);
// Some thousand times what a history of this kind takes.
constexpr uint64_t kStepsMax = 50'000'000;

OpKind DrawKind(Random& random) {
  constexpr OpKind kKinds[] = {OpKind::kPut,
                               OpKind::kPut,
                               OpKind::kDelete,
                               OpKind::kCompareAndPut,
                               OpKind::kSwap,
                               OpKind::kPutSeveral,
                               OpKind::kReadByCommand,
                               OpKind::kReadLinearizable,
                               OpKind::kReadLinearizable};
  return kKinds[random.Uniform(std::size(kKinds))];
}

std::string KeyOf(uint64_t number) { return absl::StrCat("k", number); }

// Clients, each of which makes one call at a time at any replica, and all that
// they were told.
//
// Thread: any.
class Witnesses {
 public:
  explicit Witnesses(ThreadedCluster& cluster) : cluster_(cluster) {}

  void Work(uint64_t client, const std::atomic<bool>& enough) {
    SeededRandom random(client);
    // What this client has seen of each row.
    std::vector<node_sim::RowValue> seen(kKeys);
    while (!enough) {
      Op op;
      op.client = client;
      op.replica = ReplicaId(1 + random.Uniform(kReplicas));
      op.kind = DrawKind(random);
      const uint64_t key = random.Uniform(kKeys);
      op.keys = {KeyOf(key)};
      if (op.kind == OpKind::kPutSeveral) {
        op.keys.push_back(KeyOf((key + 1) % kKeys));
      }
      if (op.kind == OpKind::kCompareAndPut) op.expected = seen[key];
      const Op done = Call(std::move(op));
      if (done.outcome != OpOutcome::kOk) continue;
      seen[key] = done.reads() && done.kind != OpKind::kSwap
                      ? done.observed
                      : node_sim::RowValue(done.value);
    }
  }

  // Every row, everywhere.
  void ReadAll() {
    for (uint64_t id = 1; id <= kReplicas; ++id) {
      for (uint64_t key = 0; key < kKeys; ++key) {
        Op op;
        op.replica = ReplicaId(id);
        op.kind = OpKind::kReadLinearizable;
        op.keys = {KeyOf(key)};
        EXPECT_EQ(Call(std::move(op), absl::Seconds(30)).outcome,
                  OpOutcome::kOk);
      }
    }
  }

  std::vector<Op> ops() {
    const MutexLock lock(mutex_);
    return history_.ops();
  }

 private:
  Op Call(Op op, absl::Duration patience = kPatience) {
    Op called = Begin(std::move(op));
    const auto replica = cluster_.Find(called.replica.value());
    if (replica == nullptr) {
      called.outcome = OpOutcome::kNotApplied;
    } else if (node_sim::IsCommand(called.kind)) {
      Write(*replica, called, patience);
    } else {
      Read(*replica, called, patience);
    }
    return End(called);
  }

  Op Begin(Op op) {
    const MutexLock lock(mutex_);
    Op& called = history_.Call(std::move(op));
    if (node_sim::IsCommand(called.kind))
      called.value = absl::StrCat(called.id);
    return called;
  }
  Op End(Op op) {
    const MutexLock lock(mutex_);
    Op& entry = history_.at(op.id);
    entry = std::move(op);
    history_.Return(entry);
    return entry;
  }

  void Write(ThreadedReplica& replica, Op& op, absl::Duration patience) {
    const node_sim::OpCommand command(op);
    const auto answer =
        replica.Write({.stamp = {}, .body = command.write}, patience);
    if (!answer.ok()) {
      op.outcome = OutcomeOf(answer.status()) == WriteOutcome::kNotApplied
                       ? OpOutcome::kNotApplied
                       : OpOutcome::kUnknown;
      return;
    }
    op.outcome = OpOutcome::kOk;
    op.index = answer->result.index;
    op.succeeded = answer->result.succeeded;
    if (op.reads()) op.observed = answer->result.reads.front();
  }

  void Read(ThreadedReplica& replica, Op& op, absl::Duration patience) {
    auto row = replica.Get(op.keys.front(), {}, patience);
    op.outcome = row.ok() ? OpOutcome::kOk : OpOutcome::kNotApplied;
    if (row.ok()) op.observed = *std::move(row);
  }

  ThreadedCluster& cluster_;
  Mutex mutex_;
  node_sim::History history_ ABSL_GUARDED_BY(mutex_);
};

ThreadedCluster::Options SmallLogs() {
  ThreadedCluster::Options options;
  options.disks = ThreadedCluster::Disks::kSimulated;
  options.log_segment_bytes = uint64_t{64} << 10;
  options.node.maintenance.log_entries_limit = 50;
  options.node.maintenance.checkpoint_entries_limit = 100;
  options.node.snapshots.free_bytes_min = uint64_t{1} << 20;
  return options;
}

// Covers: E19c
TEST(HistoryClusterTest, HistoryUnderFaultsIsLinearizable) {
  ThreadedCluster cluster(kReplicas, SmallLogs());
  ClusterFaults faults(cluster, kReplicas, /*seed=*/1);
  Witnesses witnesses(cluster);
  std::atomic<bool> enough = false;
  std::vector<std::thread> clients;
  faults.network().SetUnreliable(true);
  for (uint64_t client = 1; client <= kClients; ++client) {
    clients.emplace_back(
        [&witnesses, &enough, client] { witnesses.Work(client, enough); });
  }
  for (int i = 0; i < 4; ++i) {
    faults.DivideForAWhile();
    faults.KillOneForAWhile();
  }
  faults.KillAll();
  Rest(absl::Seconds(1));
  enough = true;
  for (std::thread& client : clients) client.join();
  faults.network().SetUnreliable(false);
  witnesses.ReadAll();

  const std::vector<Op> ops = witnesses.ops();
  uint64_t answered = 0;
  for (const Op& op : ops) answered += op.outcome == OpOutcome::kOk ? 1 : 0;
  EXPECT_GT(answered, 200u) << "of " << ops.size();
  const auto result = node_sim::CheckLinearizable(ops, kStepsMax);
  EXPECT_EQ(result.verdict,
            node_sim::LinearizabilityResult::Verdict::kLinearizable)
      << "no order of the calls of " << result.key << " after " << result.steps
      << " steps";
}

}  // namespace
}  // namespace trimaran
