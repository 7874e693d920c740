#include "tests/support/sim/sim_cluster.h"

#include <algorithm>

#include "engine/base/check.h"

namespace trimaran::sim {
namespace {

// Reads without an answer are given up, and asked again, after so long.
constexpr SimTime kReadPatience = kSecond;
// No client of one replica keeps more reads open.
constexpr size_t kOpenReadsMax = 256;

}  // namespace

SimCluster::SimCluster(const SimOptions& options, std::FILE* trace_out)
    : world_(options, trace_out) {
  for (size_t i = 0; i < options.voters + options.learners; ++i) {
    replicas_.push_back(std::make_unique<SimReplica>(
        world_, i, world_.start, [this](ReplicaId id) -> const ModelDisk* {
          const SimReplica* replica = Find(id);
          return replica != nullptr ? &replica->disk() : nullptr;
        }));
    replicas_.back()->Start();
  }
}

SimReplica* SimCluster::Find(ReplicaId id) {
  const uint64_t position = id.value() - 1;
  return position < replicas_.size() ? replicas_[position].get() : nullptr;
}

SimReplica* SimCluster::Leader() {
  SimReplica* leader = nullptr;
  Term term;
  for (const auto& replica : replicas_) {
    if (!replica->running()) continue;
    const raft::RaftStatus status = replica->core().status();
    if (status.role == raft::Role::kLeader && status.term > term) {
      leader = replica.get();
      term = status.term;
    }
  }
  return leader;
}

SimReplica* SimCluster::Add() {
  if (replicas_.size() == kReplicasEver) return nullptr;
  replicas_.push_back(std::make_unique<SimReplica>(
      world_, replicas_.size(), MachineState(),
      [this](ReplicaId id) -> const ModelDisk* {
        const SimReplica* replica = Find(id);
        return replica != nullptr ? &replica->disk() : nullptr;
      }));
  return replicas_.back().get();
}

bool SimCluster::Step() {
  TRIMARAN_CHECK(!world_.events.empty());
  const Event event = world_.events.Pop();
  TRIMARAN_CHECK_GE(event.at, world_.now);
  world_.now = event.at;
  ++world_.stats.events;
  world_.trace.Fold(
      Mix(event.at, static_cast<uint64_t>(event.kind) << 32 | event.replica));
  switch (event.kind) {
    case EventKind::kClient:
      Client();
      break;
    case EventKind::kNemesis:
      Nemesis();
      break;
    case EventKind::kRestart: {
      SimReplica& replica = *replicas_[event.replica];
      if (faults_ && !replica.running()) replica.Start();
      break;
    }
    default: {
      // A message may be for a replica that has never existed.
      if (event.replica < replicas_.size()) {
        replicas_[event.replica]->Handle(event);
      }
    }
  }
  return !violations().any();
}

bool SimCluster::RunFor(SimTime duration) {
  const SimTime end = world_.now + duration;
  while (!world_.events.empty() && world_.events.next().at <= end) {
    if (!Step()) return false;
  }
  world_.now = end;
  return !violations().any();
}

bool SimCluster::RunUntil(SimTime limit, const std::function<bool()>& done) {
  const SimTime end = world_.now + limit;
  while (!done()) {
    if (world_.now >= end || !RunFor(kTickPeriod)) return false;
  }
  return true;
}

void SimCluster::BeginFaults() {
  faults_ = true;
  world_.Schedule(kTickPeriod, {.kind = EventKind::kNemesis});
  world_.Schedule(kTickPeriod, {.kind = EventKind::kClient});
}

void SimCluster::EndFaults() {
  faults_ = false;
  world_.trace.Line(world_.now, kNoReplica, "no more faults");
  world_.network.Calm();
  world_.options.network = NetworkOptions();
  world_.options.disk = DiskOptions();
  world_.options.disk.sync = {100, 400};
  world_.options.disk.apply = {20, 50};
  world_.options.disk.fetch = {20, 50};
  world_.options.snapshot.transfer_failure_ppm = 0;
  world_.options.snapshot.unavailable_ppm = 0;
  for (const auto& replica : replicas_) replica->ResumeNow();
}

bool SimCluster::IsNeeded(ReplicaId id) const {
  if (world_.conf.Contains(id)) return true;
  for (const auto& replica : replicas_) {
    if (replica->running() && world_.conf.Contains(replica->id()) &&
        replica->core().membership().Contains(id)) {
      return true;
    }
  }
  return false;
}

bool SimCluster::RunNeededOnly() {
  bool changed = false;
  for (const auto& replica : replicas_) {
    if (IsNeeded(replica->id()) == replica->running()) continue;
    changed = true;
    if (replica->running()) {
      replica->Crash();
    } else {
      replica->Start();
    }
  }
  return changed;
}

SimReplica* SimCluster::ChooseReplica() {
  if (!world_.random.Chance(world_.options.workload.blind_ppm)) {
    if (SimReplica* leader = Leader()) return leader;
  }
  return RandomRunning();
}

SimReplica* SimCluster::ChooseReader() {
  if (world_.random.OneIn(2)) return RandomRunning();
  // Whoever has been deposed without having heard of it must not answer.
  const SimReplica* newest = Leader();
  for (const auto& replica : replicas_) {
    if (replica.get() != newest && replica->running() &&
        replica->core().status().role == raft::Role::kLeader) {
      return replica.get();
    }
  }
  return RandomRunning();
}

void SimCluster::Client() {
  if (!faults_) return;
  const WorkloadOptions& load = world_.options.workload;
  world_.Schedule(load.interval.Draw(world_.random),
                  {.kind = EventKind::kClient});
  SimReplica* replica = ChooseReplica();
  if (replica == nullptr || replica->paused()) return;
  if (!world_.random.Chance(load.read_ppm)) return ClientWrites(*replica);
  SimReplica* reader = ChooseReader();
  if (!reader->paused()) replica = reader;
  if (world_.now > kReadPatience) {
    replica->GiveUpReadsBefore(world_.now - kReadPatience);
  }
  if (replica->open_reads() < kOpenReadsMax) replica->AskRead();
}

void SimCluster::ClientWrites(SimReplica& replica) {
  const WorkloadOptions& load = world_.options.workload;
  const raft::RaftLog& log = replica.core().log();
  if (log.last().index > log.applied() + load.unapplied_max) return;
  const bool big = world_.random.Chance(load.big_ppm);
  const size_t count = 1 + world_.random.Uniform(load.batch_max);
  replica.Propose(count, big ? 1 + world_.random.Uniform(load.big_bytes) : 0);
}

}  // namespace trimaran::sim
