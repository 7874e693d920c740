#include <algorithm>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "replication/raft/conf_change.h"
#include "tests/support/node_sim/sim_group.h"

// What operators do to the data of a group, whether they know it or not. A
// replica that has forgotten something is as bad as one that lies; so it is
// done only where the group can bear it: one at a time, and where nobody else
// changes members.
//
// - Disks are emptied. The replica never comes back; another one, under a
//   number of its own, takes its place.
// - The end of a log is lost, and the floor tells of it. The replica promises
//   nothing until it is made good, and so the others can do without it.
// - An older copy of everything is restored. What tells of it is the floor, if
//   it is newer, or the leader, or nobody: so only where what it has forgotten
//   is a quorum's without it, and no vote among it.

namespace trimaran::node_sim {

void SimGroup::HarmByOperators() {
  ReplaceWiped();
  if (world_.options.nemesis.operator_ppm == 0) return;
  if (!operator_random_.Chance(world_.options.nemesis.operator_ppm)) return;
  SimHost& host = *hosts_[operator_random_.Uniform(hosts_.size())];
  if (!host.serving() || host.failed() || IsInTrouble()) return;
  Crash(host);
  Operate(host);
  if (!host.wiped()) StartLater(host);
}

bool SimGroup::IsInTrouble() {
  const ConfState& conf = world_.oracle.conf();
  if (conf.joint() || conf.voters.size() < 3) return true;
  const auto knows = [this](ReplicaId voter) {
    return hosts_[voter.value() - 1]->KnowsForGood(world_.oracle.conf_index());
  };
  // Who does not know who the members are, also after a crash, might wait for
  // one that is gone; and who has no data yet is no copy.
  if (!std::all_of(conf.voters.begin(), conf.voters.end(), knows)) return true;
  return std::any_of(hosts_.begin(), hosts_.end(), [this](const auto& host) {
    return host->disks().owes() ||
           ((host->wiped() || host->suspect()) && IsNeeded(host->id()));
  });
}

void SimGroup::Operate(SimHost& host) {
  switch (operator_random_.Uniform(6)) {
    case 0:
      if (IsMember(host.id())) host.Wipe();
      break;
    case 1:
    case 2:
      (void)host.LoseTail();
      break;
    default:
      if (!CanForget(host)) break;
      host.RestoreImage();
  }
}

void SimGroup::TakeImage(SimHost& host) {
  const engine::ModelLogImage* image = host.disks().image();
  const bool useless =
      image == nullptr ||
      image->hard_state.term != host.durable_log().hard_state.term;
  if (useless || operator_random_.OneIn(8)) host.TakeImage();
}

bool SimGroup::CanForget(const SimHost& host) const {
  const engine::ModelLogImage* image = host.disks().image();
  if (image == nullptr) return false;
  const engine::ModelLogImage& log = host.durable_log();
  if (image->last() == log.last()) return false;
  if (image->hard_state.term != log.hard_state.term ||
      image->hard_state.vote != log.hard_state.vote) {
    return false;
  }
  return CanLose(host);
}

bool SimGroup::CanLose(const SimHost& host) const {
  // Who the members are must not be forgotten either.
  if (world_.oracle.conf() != world_.founders) return false;
  const engine::ModelLogImage& log = host.durable_log();
  const std::vector<ReplicaId>& voters = world_.founders.voters;
  const auto others =
      std::count_if(voters.begin(), voters.end(), [&](ReplicaId voter) {
        return voter != host.id() &&
               IsInLog(hosts_[voter.value() - 1]->durable_log(), log.last().id);
      });
  return static_cast<size_t>(others) > voters.size() / 2;
}

void SimGroup::ReplaceWiped() {
  SimHost* leader = Leader();
  if (leader == nullptr || world_.scheduler.now() < replace_at_) return;
  const ConfState& conf = world_.oracle.conf();
  for (const auto& host : hosts_) {
    if (!host->wiped() || conf.joint() || !conf.Contains(host->id())) continue;
    // An answer comes within a second, or nobody knows.
    replace_at_ = world_.scheduler.now() + sim::kSecond;
    raft::ConfChange change;
    change.steps = {{raft::ConfChangeType::kRemove, host->id()}};
    const ReplicaId successor = Newcomer();
    if (successor != kNoReplica) {
      change.steps.push_back({raft::ConfChangeType::kAddVoter, successor});
    }
    world_.Tell(leader->id(),
                "is to replace a replica: ", raft::DebugString(change));
    leader->node().ChangeMembers(change,
                                 leader->clock().Now() + absl::Seconds(1),
                                 [](const absl::StatusOr<ConfState>&) {});
    return;
  }
}

}  // namespace trimaran::node_sim
