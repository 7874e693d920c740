#include "replication/node/snapshot_coordinator.h"

#include <algorithm>
#include <utility>

#include "engine/base/absl_compat.h"
#include "engine/home/store_identity.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_store.h"

namespace trimaran {

SnapshotCoordinator::SnapshotCoordinator(const NodeOptions& options,
                                         const NodeEnvironment& environment,
                                         Errands& errands, raft::Raft& core,
                                         Applier& applier, Host host)
    : options_(options),
      env_(environment),
      errands_(errands),
      core_(core),
      host_(std::move(host)),
      producer_(options, environment, errands, ProducerHost()),
      sender_(options, environment, errands, SenderHost()),
      fetcher_(options, environment, errands, FetcherHost()),
      install_(options, environment, errands, applier,
               {.done = [this](LogIndex index, const absl::Status& result) {
                 received_name_.clear();
                 host_.installed(index, result);
               }}) {}

SnapshotProducer::Host SnapshotCoordinator::ProducerHost() {
  return {
      .available =
          [this](ReplicaId peer, const SharedSnapshot& snapshot) {
            const engine::SnapshotManifest& manifest = snapshot->manifest();
            sender_.Prepare(peer, snapshot);
            core_.SnapshotAvailable(
                peer, {.id = manifest.position.id, .conf = manifest.conf});
          },
      .unavailable =
          [this](ReplicaId peer) { core_.SnapshotUnavailable(peer); },
  };
}

SnapshotSender::Host SnapshotCoordinator::SenderHost() {
  return {
      .send = [this](ReplicaId to,
                     PeerBody body) { host_.send(to, std::move(body)); },
      .report =
          [this](ReplicaId peer, raft::SnapshotResult result) {
            core_.ReportSnapshot(peer, result);
          },
      .damaged =
          [this](const SharedSnapshot& snapshot) { DropDamaged(snapshot); },
  };
}

SnapshotFetcher::Host SnapshotCoordinator::FetcherHost() {
  return {
      .send = [this](ReplicaId to,
                     PeerBody body) { host_.send(to, std::move(body)); },
      .received =
          [this](const std::string& name, raft::Message announcement) {
            OnReceived(name, std::move(announcement));
          },
  };
}

// ---- From the core ----

void SnapshotCoordinator::Provide(const raft::SnapshotRequest& request) {
  if (sender_.IsBusyWith(request.peer)) {
    core_.SnapshotUnavailable(request.peer);
    return;
  }
  producer_.Request(request);
}

void SnapshotCoordinator::Announce(raft::Message message) {
  sender_.Announce(std::move(message));
}

void SnapshotCoordinator::OnRole(const raft::SoftState& role) {
  const bool leads = role.role == raft::Role::kLeader;
  if (leads && !leads_) producer_.KeepNewest();
  leads_ = leads;
  if (!leads) {
    producer_.ForgetRequests();
    sender_.EndAll();
  }
  fetcher_.OnLeader(role.leader);
}

void SnapshotCoordinator::Install(const SnapshotMeta& snapshot,
                                  std::optional<HardState> hard_state) {
  install_.Begin(snapshot, received_name_, hard_state);
}

// ---- From peers ----

void SnapshotCoordinator::OnOffer(ReplicaId from, MsgSnapshotOffer offer) {
  const raft::RaftStatus status = core_.status();
  if (from != status.leader || offer.announcement.term != status.term ||
      from == status.id) {
    return;
  }
  absl::StatusOr<engine::SnapshotManifest> manifest =
      CheckOffer(offer, from, status.id);
  if (!manifest.ok()) {
    ++refused_;
    env_.logger.Warning("an offer is refused: ",
                        ToStd(manifest.status().message()));
    return;
  }
  const uint64_t id = manifest->id.value();
  if (manifest->position.id.index <= status.commit) {
    // All of it is here: the core's answer tells the leader how much.
    host_.step(std::move(offer.announcement));
    host_.send(from,
               MsgSnapshotDone{.snapshot = id,
                               .result = MsgSnapshotDone::Result::kReceived});
    return;
  }
  if (installing()) {
    // It is needed behind that. A refusal would let the leader's log go on
    // meanwhile, and yet another one would be needed.
    host_.send(from, MsgSnapshotFetch{.snapshot = id});
    return;
  }
  fetcher_.OnOffer(from, *std::move(manifest), std::move(offer.announcement));
}

void SnapshotCoordinator::OnFetch(ReplicaId from,
                                  const MsgSnapshotFetch& fetch) {
  sender_.OnFetch(from, fetch);
}

void SnapshotCoordinator::OnChunk(ReplicaId from, MsgSnapshotChunk chunk) {
  fetcher_.OnChunk(from, std::move(chunk));
}

void SnapshotCoordinator::OnDone(ReplicaId from, const MsgSnapshotDone& done) {
  if (done.result == MsgSnapshotDone::Result::kGone) {
    fetcher_.OnDone(from, done);
  } else {
    sender_.OnDone(from, done);
  }
}

void SnapshotCoordinator::OnReceived(const std::string& name,
                                     raft::Message announcement) {
  host_.step(std::move(announcement));
  // What the core has no use for becomes garbage in its time.
  if (installing()) received_name_ = name;
}

// ---- Time ----

void SnapshotCoordinator::Tick(const PeerWatch& peers, MonotonicTime now) {
  if (stopped_) return;
  producer_.Tick(now);
  sender_.Tick(core_.status(), peers, now);
  fetcher_.Tick(now);
  install_.Tick();
  CollectGarbage(now);
}

void SnapshotCoordinator::Stop() {
  stopped_ = true;
  producer_.Stop();
  sender_.Stop();
  fetcher_.Stop();
  install_.Stop();
}

std::optional<LogIndex> SnapshotCoordinator::pinned() const {
  const std::optional<LogIndex> written = producer_.pinned();
  const std::optional<LogIndex> sent = sender_.pinned();
  if (written && sent) return std::min(*written, *sent);
  return written ? written : sent;
}

void SnapshotCoordinator::Count(NodeCounters& counters) {
  counters.messages_refused += std::exchange(refused_, 0);
  counters.snapshots_produced = producer_.produced();
  counters.snapshot_chunks_sent = sender_.chunks_sent();
  counters.snapshot_chunks_stored = fetcher_.chunks_stored();
  counters.snapshot_bytes_sent = sender_.bytes_sent();
  counters.snapshot_bytes_stored = fetcher_.bytes_stored();
  counters.snapshots_installed = install_.installed();
}

// ---- What is of no use ----

void SnapshotCoordinator::CollectGarbage(MonotonicTime now) {
  // What is being looked for or written has no name here yet.
  if (collecting_ || producer_.busy() || now < next_garbage_) return;
  next_garbage_ = now + options_.snapshots.garbage_interval;
  engine::GarbageFacts facts;
  facts.applied = env_.store->machine().applied().applied.id.index;
  facts.truncated = env_.store->log().truncated();
  facts.now = now;
  sender_.AddNamesInUse(facts.in_use);
  facts.in_use.insert(fetcher_.name());
  facts.in_use.insert(received_name_);
  collecting_ = true;
  errands_.Run(
      *env_.lanes.maintenance,
      [store = env_.store, facts = std::move(facts),
       policy = options_.snapshots.garbage] {
        return store->snapshots().CollectGarbage(facts, policy).status();
      },
      [this](const absl::Status& status) {
        collecting_ = false;
        if (status.ok()) return;
        env_.logger.Warning("snapshots of no use cannot be removed: ",
                            ToStd(status.message()));
      });
}

void SnapshotCoordinator::DropDamaged(const SharedSnapshot& snapshot) {
  errands_.Run(
      *env_.lanes.maintenance,
      [store = env_.store, snapshot] {
        return engine::RemoveSnapshot(store->files(), snapshot->directory());
      },
      [this](const absl::Status& status) {
        if (status.ok()) return;
        env_.logger.Warning("a damaged snapshot cannot be removed: ",
                            ToStd(status.message()));
      });
}

}  // namespace trimaran
