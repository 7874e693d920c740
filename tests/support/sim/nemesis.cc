#include <algorithm>
#include <vector>

#include "replication/raft/conf_change.h"
#include "tests/support/sim/sim_cluster.h"

// Whatever can go wrong with a group, and whatever an operator may do to it.

namespace trimaran::sim {

SimReplica* SimCluster::RandomRunning() {
  const size_t begin = world_.random.Uniform(replicas_.size());
  for (size_t i = 0; i < replicas_.size(); ++i) {
    SimReplica& replica = *replicas_[(begin + i) % replicas_.size()];
    if (replica.running()) return &replica;
  }
  return nullptr;
}

void SimCluster::Nemesis() {
  if (!faults_) return;
  world_.Schedule(kTickPeriod, {.kind = EventKind::kNemesis});
  const NemesisOptions& options = world_.options.nemesis;
  SeededRandom& random = world_.random;
  if (world_.network.partitioned()) {
    if (random.Chance(options.heal_ppm)) {
      world_.trace.Line(world_.now, kNoReplica, "the network heals");
      world_.network.HealAll();
    }
  } else if (random.Chance(options.partition_ppm)) {
    world_.trace.Line(world_.now, kNoReplica, "the network is cut");
    // A leader that does not know that it leads no more is the worst of all.
    SimReplica* leader = random.OneIn(3) ? Leader() : nullptr;
    if (leader != nullptr) {
      world_.network.Isolate(leader->id().value() - 1, replicas_.size());
    } else {
      world_.network.Partition(replicas_.size());
    }
  }
  CrashSome();
  SimReplica* replica = RandomRunning();
  if (replica == nullptr || replica->paused()) return;
  if (random.Chance(options.pause_ppm)) {
    return replica->Pause(options.pause.Draw(random));
  }
  if (random.Chance(options.forget_leader_ppm)) replica->ForgetLeader();
  if (random.Chance(options.campaign_ppm)) replica->Campaign();
  if (random.Chance(options.transfer_ppm)) {
    replica->TransferTo(ReplicaId(1 + random.Uniform(replicas_.size())));
  }
  if (random.Chance(options.change_members_ppm)) ChangeMembers();
}

void SimCluster::CrashOne(SimReplica& victim) {
  const bool member = IsMember(victim.id());
  victim.Crash();
  // Who has been removed is switched off sooner or later.
  if (!member && world_.random.OneIn(2)) return;
  world_.Schedule(world_.options.nemesis.down.Draw(world_.random),
                  {.kind = EventKind::kRestart,
                   .replica = static_cast<uint16_t>(victim.id().value() - 1)});
}

void SimCluster::CrashSome() {
  const NemesisOptions& options = world_.options.nemesis;
  if (world_.random.Chance(options.crash_all_ppm)) {
    world_.trace.Line(world_.now, kNoReplica, "the power fails");
    for (const auto& replica : replicas_) {
      if (replica->running()) CrashOne(*replica);
    }
    return;
  }
  if (!world_.random.Chance(options.crash_ppm)) return;
  SimReplica* victim = world_.random.OneIn(3) ? Leader() : RandomRunning();
  if (victim != nullptr) CrashOne(*victim);
}

// Somebody who could join: a replica that is not needed yet, or a new one.
ReplicaId SimCluster::Newcomer() {
  size_t running = 0;
  for (const auto& replica : replicas_) {
    if (!replica->running()) continue;
    ++running;
    // It has never been in the group, as far as its disk tells.
    if (!IsMember(replica->id()) && replica->disk().last() == LogIndex()) {
      return replica->id();
    }
  }
  if (running >= world_.options.replicas_max) return kNoReplica;
  SimReplica* replica = Add();
  if (replica == nullptr) return kNoReplica;
  replica->Start();
  return replica->id();
}

void SimCluster::ChangeMembers() {
  SeededRandom& random = world_.random;
  SimReplica* replica = ChooseReplica();
  if (replica == nullptr || replica->paused()) return;
  raft::ConfChange change;
  if (world_.conf.joint() && !world_.conf.auto_leave) {
    return replica->ProposeChange(change);
  }
  const size_t steps = 1 + random.Uniform(random.OneIn(3) ? 3 : 1);
  for (size_t i = 0; i < steps; ++i) {
    raft::ConfChangeStep step;
    // Removals are rarer than the rest, so that groups do not wither away.
    const uint64_t choice = random.Uniform(8);
    step.type = choice < 4   ? raft::ConfChangeType::kAddVoter
                : choice < 6 ? raft::ConfChangeType::kAddLearner
                             : raft::ConfChangeType::kRemove;
    const bool newcomer =
        step.type != raft::ConfChangeType::kRemove && random.OneIn(2);
    step.replica = newcomer ? Newcomer() : kNoReplica;
    if (step.replica == kNoReplica) {
      std::vector<ReplicaId> members = world_.conf.voters;
      members.insert(members.end(), world_.conf.learners.begin(),
                     world_.conf.learners.end());
      step.replica = members[random.Uniform(members.size())];
    }
    change.steps.push_back(step);
  }
  change.transition =
      static_cast<raft::ConfChangeTransition>(random.Uniform(3));
  replica->ProposeChange(change);
}

}  // namespace trimaran::sim
