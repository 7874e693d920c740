#include <iterator>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/check.h"
#include "engine/base/conf_state.h"
#include "engine/format/command.h"
#include "replication/raft/conf_change.h"
#include "tests/support/node_sim/sim_group.h"

// What is done to a group of nodes.

namespace trimaran::node_sim {

void SimGroup::Nemesis() {
  if (!faults_) return;
  world_.scheduler.After(sim::kTickPeriod, [this] { Nemesis(); });
  HarmNetwork();
  HarmProcesses();
  HarmDisks();
  HarmMedia();
  DisturbGroup();
  HarmByOperators();
  HarmByCopies();
  if (session_random_.Chance(world_.options.nemesis.expire_session_ppm)) {
    ExpireSession();
  }
}

SimHost* SimGroup::RandomServing() {
  SimHost& host = *hosts_[random_.Uniform(hosts_.size())];
  return host.serving() ? &host : nullptr;
}

void SimGroup::HarmNetwork() {
  const sim::NemesisOptions& options = world_.options.group.nemesis;
  if (world_.transport.partitioned()) {
    if (random_.Chance(options.heal_ppm)) {
      world_.Tell(kNoReplica, "the network heals");
      world_.transport.HealAll();
    }
  } else if (random_.Chance(options.partition_ppm)) {
    world_.Tell(kNoReplica, "the network is cut");
    world_.transport.Partition(hosts_.size());
  }
}

void SimGroup::Crash(SimHost& host) {
  EndCopyOf(host);
  host.Crash();
  clients_.OnGone(host);
  if (world_.options.nemesis.operator_ppm > 0 ||
      world_.options.nemesis.damage_ppm > 0) {
    TakeImage(host);
  }
  CopyDirectory(host);
}

void SimGroup::Pause(SimHost& host) {
  EndCopyOf(host);
  host.Pause();
  world_.scheduler.After(world_.options.group.nemesis.pause.Draw(random_),
                         [&host, life = host.lives()] {
                           if (host.up() && host.lives() == life) host.Resume();
                         });
}

void SimGroup::Stop(SimHost& host, absl::AnyInvocable<void()> then) {
  if (!host.is_copy()) EndCopyOf(host);
  host.Stop([this, &host, then = std::move(then)]() mutable {
    if (clients_.unanswered_at(host) > 0) {
      world_.findings.Report(Rule::kAnsweredOnce,
                             "a node has stopped and left calls unanswered");
    }
    clients_.OnGone(host);
    then();
  });
}

void SimGroup::Start(SimHost& host) {
  if (host.up() || host.wiped()) return;
  host.Start();
  if (host.up()) return;
  // Damage that has been found is final; an error may be gone next time.
  host.refuses() ? host.Wipe() : StartLater(host);
}

void SimGroup::OnSnapshotReceived(SimHost& host) {
  if (!faults_ ||
      !operator_random_.Chance(world_.options.nemesis.crash_installer_ppm)) {
    return;
  }
  // Steps of an installation may be quick or slow, and lie far apart.
  constexpr SimTime means[] = {2 * sim::kMillisecond, 20 * sim::kMillisecond,
                               100 * sim::kMillisecond};
  const sim::Latency soon{0, means[operator_random_.Uniform(std::size(means))]};
  world_.scheduler.After(soon.Draw(operator_random_),
                         [this, &host, life = host.lives()] {
                           if (!faults_ || !host.serving()) return;
                           if (host.lives() != life) return;
                           if (operator_random_.OneIn(2)) {
                             return host.LosePowerSoon();
                           }
                           Crash(host);
                           StartLater(host);
                         });
}

void SimGroup::StartLater(SimHost& host) {
  world_.scheduler.After(world_.options.group.nemesis.down.Draw(random_),
                         [this, &host] {
                           // Else it has been started by whoever ended the
                           // faults.
                           if (faults_) Start(host);
                         });
}

void SimGroup::HarmProcesses() {
  const sim::NemesisOptions& options = world_.options.group.nemesis;
  SimHost* victim = RandomServing();
  if (victim != nullptr && random_.Chance(options.crash_ppm)) {
    Crash(*victim);
    StartLater(*victim);
  }
  if (random_.Chance(options.crash_all_ppm)) {
    for (const auto& host : hosts_) {
      if (!host->up()) continue;
      Crash(*host);
      StartLater(*host);
    }
  }
  victim = RandomServing();
  if (victim != nullptr && random_.Chance(options.pause_ppm)) {
    Pause(*victim);
  }
  victim = RandomServing();
  if (victim != nullptr && random_.Chance(world_.options.nemesis.stop_ppm)) {
    Stop(*victim,
         [this, victim] { faults_ ? StartLater(*victim) : Start(*victim); });
  }
}

void SimGroup::HarmDisks() {
  const NodeNemesisOptions& options = world_.options.nemesis;
  for (const auto& host : hosts_) {
    if (!host->up() || !host->powerless()) continue;
    Crash(*host);
    StartLater(*host);
  }
  SimHost* victim = RandomServing();
  if (victim == nullptr || victim->failed()) return;
  if (random_.Chance(options.power_loss_ppm)) victim->LosePowerSoon();
  if (random_.Chance(options.checkpoint_ppm)) victim->Checkpoint();
  if (!random_.Chance(options.write_error_ppm)) return;
  victim->FailSoon();
  // Somebody notices, and replaces the disk by one that holds the same.
  const SimTime later = world_.options.group.nemesis.down.Draw(random_);
  world_.scheduler.After(later, [this, victim, life = victim->lives()] {
    if (!faults_ || !victim->up() || victim->lives() != life) return;
    Crash(*victim);
    StartLater(*victim);
  });
}

void SimGroup::DisturbGroup() {
  const sim::NemesisOptions& options = world_.options.group.nemesis;
  SimHost* leader = Leader();
  if (leader == nullptr) return;
  if (random_.Chance(options.transfer_ppm)) {
    const ReplicaId target(1 + random_.Uniform(hosts_.size()));
    world_.Tell(leader->id(), "is to hand over to ", target.value());
    leader->node().TransferLeadership(target, [](const absl::Status&) {});
  }
  if (random_.Chance(options.change_members_ppm)) ChangeMembers(*leader);
  SimHost* host = RandomServing();
  if (host != nullptr && random_.Chance(world_.options.nemesis.compact_ppm)) {
    host->CompactLog(random_.Uniform(20));
  }
  if (host != nullptr && random_.Chance(world_.options.nemesis.audit_ppm)) {
    Audit(*host);
  }
}

void SimGroup::Audit(SimHost& asker) {
  world_.Tell(asker.id(), "asks for the states of all");
  asker.node().Audit(
      asker.clock().Now() + absl::Seconds(1),
      [&world = world_](const absl::StatusOr<AuditReport>& report) {
        if (!report.ok()) return;
        const MsgStateDigest* first = nullptr;
        for (const auto& [id, digest] : report->members) {
          if (!digest.has_value() || !digest->error.empty()) continue;
          if (first == nullptr) {
            first = &*digest;
          } else if (digest->place != first->place ||
                     digest->chain != first->chain ||
                     digest->hash != first->hash) {
            world.findings.Report(Rule::kEqualStates,
                                  absl::StrCat("replica ", id.value(),
                                               " holds something else at ",
                                               report->place.index.value()));
          }
          ++world.stats.states_compared;
        }
      });
}

void SimGroup::ExpireSession() {
  const uint64_t last = world_.oracle.last_session().value();
  SimHost* leader = Leader();
  if (last == 0 || leader == nullptr) return;
  const engine::SessionId session(1 + session_random_.Uniform(last));
  world_.Tell(leader->id(), "is to close session ", session.value());
  auto encoded = engine::EncodeCommand(
      {.stamp = {}, .body = engine::CloseSessionCommand{session}});
  TRIMARAN_CHECK(encoded.ok()) << encoded.status().ToString();
  (void)leader->node().Submit(std::make_shared<PendingWrite>(
      *std::move(encoded), leader->clock().Now() + absl::Seconds(1),
      [](const absl::StatusOr<AppliedWrite>&) {}));
}

ReplicaId SimGroup::Newcomer() {
  size_t running = 0;
  for (const auto& host : hosts_) {
    if (!host->up()) continue;
    ++running;
    // It has never been in the group, as far as its disks tell.
    if (!IsMember(host->id()) &&
        host->durable_log().last().id.index == LogIndex()) {
      return host->id();
    }
  }
  if (running >= world_.options.group.replicas_max ||
      hosts_.size() >= kReplicasEver) {
    return kNoReplica;
  }
  SimHost& host = AddHost(SimHost::Origin::kJoiner);
  host.Start();
  return host.id();
}

raft::ConfChangeStep SimGroup::DrawStep() {
  raft::ConfChangeStep step;
  // Removals are rarer than the rest, so that groups do not wither away.
  const bool leaves =
      world_.options.nemesis.newcomers && random_.Uniform(4) == 0;
  if (leaves) {
    step.type = raft::ConfChangeType::kRemove;
  } else {
    step.type = random_.OneIn(2) ? raft::ConfChangeType::kAddVoter
                                 : raft::ConfChangeType::kAddLearner;
  }
  if (!leaves && world_.options.nemesis.newcomers && random_.OneIn(2)) {
    step.replica = Newcomer();
  } else {
    // Whoever has left does not come back under the same number.
    const ReplicaId replica(1 + random_.Uniform(hosts_.size()));
    if (IsMember(replica)) step.replica = replica;
  }
  return step;
}

void SimGroup::ChangeMembers(SimHost& leader) {
  raft::ConfChange change;
  if (random_.OneIn(2)) {
    change.transition = raft::ConfChangeTransition::kJointImplicit;
  }
  const ConfState conf = world_.oracle.conf();
  const size_t steps = 1 + random_.Uniform(2);
  for (size_t i = 0; i < steps; ++i) {
    const raft::ConfChangeStep step = DrawStep();
    const bool leaves = step.type == raft::ConfChangeType::kRemove;
    if (step.replica == kNoReplica ||
        (leaves && !conf.Contains(step.replica))) {
      continue;
    }
    if (change.steps.empty() || change.steps.front().replica != step.replica) {
      change.steps.push_back(step);
    }
  }
  if (change.steps.empty()) return;
  ++world_.stats.membership_changes;
  world_.Tell(leader.id(), "is to change members: ", raft::DebugString(change));
  leader.node().ChangeMembers(change, leader.clock().Now() + absl::Seconds(1),
                              [](const absl::StatusOr<ConfState>&) {});
}

}  // namespace trimaran::node_sim
