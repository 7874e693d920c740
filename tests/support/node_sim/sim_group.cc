#include "tests/support/node_sim/sim_group.h"

#include <utility>
#include <variant>

#include "replication/raft/messages.h"

namespace trimaran::node_sim {

SimGroup::SimGroup(const NodeSimOptions& options, std::FILE* trace_out)
    : world_(options, trace_out),
      copies_(world_),
      clients_(world_, hosts_, copies_),
      random_(world_.random.Fork()),
      session_random_(options.group.seed),
      operator_random_(options.group.seed ^ 0x6f70),
      media_random_(options.group.seed ^ 0x6d65),
      copy_random_(options.group.seed ^ 0x6370) {
  world_.transport.set_observer([this](const PeerMessage& message) {
    SimHost& sender = *hosts_[message.from.value() - 1];
    world_.transfers.OnSend(message, sender.lives(), world_.scheduler.now());
    const auto* raft = std::get_if<raft::Message>(&message.body);
    const auto* offer = std::get_if<MsgSnapshotOffer>(&message.body);
    if (offer != nullptr) raft = &offer->announcement;
    if (raft != nullptr) world_.promises.OnSend(*raft, sender.durable_log());
    const auto* done = std::get_if<MsgSnapshotDone>(&message.body);
    if (done != nullptr && done->result == MsgSnapshotDone::Result::kReceived) {
      OnSnapshotReceived(sender);
    }
  });
  for (size_t i = 1; i <= options.group.voters + options.group.learners; ++i) {
    AddHost(SimHost::Origin::kFounder);
  }
  for (const auto& host : hosts_) host->Start();
}

SimHost& SimGroup::AddHost(SimHost::Origin origin) {
  hosts_.push_back(
      std::make_unique<SimHost>(world_, ReplicaId(hosts_.size() + 1), origin));
  return *hosts_.back();
}

bool SimGroup::RunFor(SimTime duration) {
  const SimTime end = world_.scheduler.now() + duration;
  while (world_.scheduler.RunNext(end)) {
    if (world_.findings.any()) return false;
  }
  return !world_.findings.any();
}

bool SimGroup::RunUntil(SimTime limit, absl::FunctionRef<bool()> done) {
  const SimTime end = world_.scheduler.now() + limit;
  while (!done()) {
    // What was written badly before the faults ended may be noticed later.
    if (recovering_) {
      ReplaceBroken();
      RunWhoIsNeeded();
      ReplaceWiped();
    }
    if (world_.scheduler.now() >= end || !RunFor(sim::kTickPeriod)) {
      return false;
    }
  }
  return true;
}

SimHost* SimGroup::Leader() {
  SimHost* leader = nullptr;
  Term term;
  for (const auto& host : hosts_) {
    if (!host->serving() || host->failed()) continue;
    const raft::RaftStatus status = host->raft_status();
    if (status.role == raft::Role::kLeader && status.term > term) {
      leader = host.get();
      term = status.term;
    }
  }
  return leader;
}

void SimGroup::BeginFaults() {
  faults_ = true;
  clients_.Begin();
  world_.scheduler.After(sim::kTickPeriod, [this] { Nemesis(); });
}

void SimGroup::EndFaults() {
  faults_ = false;
  recovering_ = true;
  world_.Tell(kNoReplica, "no more faults");
  clients_.End();
  world_.transport.Calm();
  world_.options.lanes = CalmLanes(world_.options.lanes);
  for (const auto& host : hosts_) {
    EndCopyOf(*host);
    host->MakeRoom();
  }
  ReplaceBroken();
  RunWhoIsNeeded();
  for (const auto& host : hosts_) {
    // Whoever is about to stop does so first.
    if (host->stopping()) {
      host->Resume();
      continue;
    }
    if (!host->up()) continue;
    if (!host->Heal()) {
      Crash(*host);
      Start(*host);
      if (!host->up()) continue;
    }
    host->SetLanes(world_.options.lanes);
    host->Resume();
  }
}

void SimGroup::ReplaceBroken() {
  for (const auto& host : hosts_) {
    if (!host->serving() || !host->failed()) continue;
    if (host->suspect()) ++world_.stats.damages_found;
    Crash(*host);
    // It would be the same again.
    host->suspect() ? host->Wipe() : Start(*host);
  }
}

bool SimGroup::IsNeeded(ReplicaId id) {
  if (IsMember(id)) return true;
  for (const auto& host : hosts_) {
    if (host->serving() && IsMember(host->id()) &&
        host->raft_status().conf.Contains(id)) {
      return true;
    }
  }
  return false;
}

void SimGroup::RunWhoIsNeeded() {
  // With these, who has been removed cannot do any harm.
  const raft::Config& core = world_.options.node.core;
  const bool harmless = core.pre_vote && core.check_quorum;
  for (const auto& host : hosts_) {
    const bool needed = IsNeeded(host->id());
    if (needed) Start(*host);
    if (!needed && !harmless && host->serving()) Crash(*host);
  }
}

bool SimGroup::AllUp() {
  for (const auto& host : hosts_) {
    if (IsNeeded(host->id()) && !host->serving()) return false;
  }
  return true;
}

}  // namespace trimaran::node_sim
