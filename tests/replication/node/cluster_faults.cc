#include "tests/replication/node/cluster_faults.h"

#include <optional>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/support/disk/survival.h"
#include "tests/support/node/blocking.h"

namespace trimaran {

// ---- The network ----

void NetworkFaults::SetUnreliable(bool unreliable) {
  const MutexLock lock(mutex_);
  unreliable_ = unreliable;
}

void NetworkFaults::Divide(const std::set<ReplicaId>& one_side) {
  const MutexLock lock(mutex_);
  one_side_ = one_side;
}

FaultyTransport::Fate NetworkFaults::Judge(const PeerMessage& message) {
  const MutexLock lock(mutex_);
  using Fate = FaultyTransport::Fate;
  if (one_side_.contains(message.from) != one_side_.contains(message.to)) {
    return Fate::kIsLost;
  }
  if (!unreliable_) return Fate::kArrives;
  if (random_.OneIn(10)) return Fate::kIsLost;
  if (random_.OneIn(20)) return Fate::kArrivesTwice;
  if (random_.OneIn(50)) return Fate::kIsLate;
  return random_.OneIn(5) ? Fate::kIsHeldBack : Fate::kArrives;
}

// ---- Machines ----

namespace {

disk::Survival DrawSurvival(Random& random) {
  if (random.OneIn(2)) return disk::kNothingSurvives;
  return disk::kSeededSurvivals[random.Uniform(disk::kSeededSurvivals.size())];
}

}  // namespace

ClusterFaults::ClusterFaults(ThreadedCluster& cluster, uint64_t replicas,
                             uint64_t seed)
    : cluster_(cluster), random_(seed), network_(seed) {
  for (uint64_t id = 1; id <= replicas; ++id) all_.insert(id);
  cluster_.transport().SetJudge(
      [this](const PeerMessage& message) { return network_.Judge(message); });
}

ClusterFaults::~ClusterFaults() { cluster_.transport().SetJudge(nullptr); }

std::set<ReplicaId> ClusterFaults::DrawSide() {
  std::set<ReplicaId> side;
  for (const uint64_t id : all_) {
    if (random_.OneIn(2)) side.insert(ReplicaId(id));
  }
  return side;
}

void ClusterFaults::DivideForAWhile() {
  network_.Divide(DrawSide());
  RestForAnElection();
  network_.Heal();
  Rest(absl::Milliseconds(150));
}

void ClusterFaults::KillOneForAWhile() {
  const uint64_t victim = DrawOne();
  Kill({victim});
  RestForAnElection();
  Restart({victim});
  Rest(absl::Milliseconds(150));
}

void ClusterFaults::KillOneUntilItsLogIsGone() {
  const uint64_t victim = DrawOne();
  const uint64_t other = victim % all_.size() + 1;
  const LogIndex last = cluster_.at(victim).node().status()->raft.last.index;
  Kill({victim});
  Node& node = cluster_.at(other).node();
  EXPECT_TRUE(Eventually([&] { return node.status()->truncated > last; }))
      << "nobody writes enough";
  Restart({victim});
  Rest(absl::Milliseconds(150));
}

void ClusterFaults::DivideAndKillOneForAWhile() {
  network_.Divide(DrawSide());
  const uint64_t victim = DrawOne();
  Kill({victim});
  RestForAnElection();
  network_.Heal();
  Restart({victim});
  Rest(absl::Milliseconds(150));
}

void ClusterFaults::KillAll() {
  Kill(all_);
  Restart(all_);
}

void ClusterFaults::Kill(const std::set<uint64_t>& ids) {
  for (const uint64_t id : ids) {
    snapshots_installed_ +=
        cluster_.at(id).node().status()->counters.snapshots_installed;
  }
  cluster_.Kill(ids, DrawSurvival(random_), random_.Next());
}

void ClusterFaults::Restart(const std::set<uint64_t>& ids) {
  for (const uint64_t id : ids) {
    cluster_.Start(id);
    // Only what was not synced may be missing, which is nothing that it said.
    EXPECT_EQ(cluster_.at(id).node().status()->owed, std::nullopt) << id;
  }
}

void ClusterFaults::RestForAnElection() {
  Rest(absl::Milliseconds(250 + random_.Uniform(150)));
}

}  // namespace trimaran
