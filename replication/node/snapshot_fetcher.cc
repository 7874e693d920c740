#include "replication/node/snapshot_fetcher.h"

#include <algorithm>
#include <utility>

#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/manifest_codec.h"
#include "engine/home/store_identity.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_store.h"

namespace trimaran {

absl::StatusOr<engine::SnapshotManifest> CheckOffer(
    const MsgSnapshotOffer& offer, ReplicaId from, ReplicaId self) {
  const raft::Message& announcement = offer.announcement;
  const auto* announced = announcement.As<raft::MsgSnap>();
  if (announced == nullptr || announcement.from != from ||
      announcement.to != self) {
    return absl::InvalidArgumentError(
        "an offer of a snapshot that announces something else");
  }
  TRIMARAN_ASSIGN_OR_RETURN(engine::SnapshotManifest manifest,
                            engine::DecodeManifest(offer.manifest));
  if (manifest.position.id != announced->snapshot.id ||
      !(manifest.conf == announced->snapshot.conf) ||
      manifest.group != announcement.group) {
    return absl::InvalidArgumentError(
        "an offer of a snapshot that is not the announced one");
  }
  return manifest;
}

SnapshotFetcher::SnapshotFetcher(const NodeOptions& options,
                                 const NodeEnvironment& environment,
                                 Errands& errands, Host host)
    : options_(options),
      env_(environment),
      errands_(errands),
      host_(std::move(host)) {}

std::string SnapshotFetcher::name() const {
  return fetch_ ? fetch_->name : std::string();
}

void SnapshotFetcher::Stop() { fetch_.reset(); }

// ---- Beginning ----

void SnapshotFetcher::OnOffer(ReplicaId from, engine::SnapshotManifest manifest,
                              raft::Message announcement) {
  // All of it is compared: the core is told what is announced, and must find
  // that very thing.
  if (fetch_ && *fetch_->manifest == manifest) {
    // Made again, perhaps by a leader of a later term, or by one that has
    // forgotten what it was asked for.
    const bool same_sender =
        fetch_->from == from && fetch_->announcement.term == announcement.term;
    fetch_->from = from;
    fetch_->announcement = std::move(announcement);
    std::vector<ChunkRange> missing;
    if (fetch_->window && !fetch_->finishing) {
      // Whoever was asked already may only be slow.
      const MonotonicTime now = env_.clock->Now();
      missing = same_sender ? fetch_->window->Tick(now)
                            : fetch_->window->AskAgain(now);
    }
    // To say nothing would make the leader give up.
    if (missing.empty()) missing.push_back({});
    Ask(missing);
    return;
  }
  const auto shared =
      std::make_shared<const engine::SnapshotManifest>(std::move(manifest));
  fetch_.emplace(
      Fetch{.number = ++last_number_,
            .from = from,
            .announcement = std::move(announcement),
            .manifest = shared,
            .name = engine::IncomingName(shared->position.id, shared->id)});
  env_.logger.Info("getting the snapshot at ", shared->position.id.index,
                   " from replica ", from);
  errands_.Run(
      *env_.lanes.maintenance,
      [store = env_.store, shared, &options = options_.snapshots] {
        return Begin(*store, *shared, options);
      },
      [this, number = fetch_->number](Begun begun) {
        if (!IsCurrent(number)) return;
        if (!begun.status.ok()) return Refuse(begun.status);
        fetch_->receiver = std::move(begun.receiver);
        VerifyNext();
      });
}

SnapshotFetcher::Begun SnapshotFetcher::Begin(
    engine::Store& store, const engine::SnapshotManifest& manifest,
    const SnapshotOptions& options) {
  auto receiver = engine::SnapshotReceiver::Begin(
      store.files(), store.snapshots().root(), manifest,
      {.cluster = store.identity().cluster,
       .group = store.identity().group,
       .bytes_max = options.bytes_max,
       .free_bytes_min = options.free_bytes_min});
  if (!receiver.ok()) return {.status = receiver.status()};
  return {.status = absl::OkStatus(), .receiver = *std::move(receiver)};
}

SnapshotFetcher::Verified SnapshotFetcher::Verify(
    engine::SnapshotReceiver& receiver) {
  const absl::StatusOr<bool> more = receiver.VerifyNext();
  if (!more.ok()) return {.status = more.status()};
  Verified verified;
  verified.more = *more;
  if (*more) return verified;
  verified.stored.assign(receiver.chunk_count(), true);
  std::optional<uint32_t> missing = receiver.first_missing();
  while (missing) {
    verified.stored[*missing] = false;
    missing = receiver.first_missing(*missing + 1);
  }
  return verified;
}

void SnapshotFetcher::VerifyNext() {
  errands_.Run(
      *env_.lanes.maintenance,
      [receiver = fetch_->receiver] { return Verify(*receiver); },
      [this, number = fetch_->number](Verified verified) {
        if (IsCurrent(number)) OnVerified(std::move(verified));
      });
}

void SnapshotFetcher::OnVerified(Verified verified) {
  if (!verified.status.ok()) return Refuse(verified.status);
  if (verified.more) return VerifyNext();
  fetch_->window.emplace(
      fetch_->manifest->chunks, std::move(verified.stored),
      ChunkWindow::Limits{
          .chunks_max = options_.snapshots.window_chunks,
          .bytes_max = options_.snapshots.window_bytes,
          .patience = options_.snapshots.ask_again_after,
          .patience_max = std::max(options_.snapshots.ask_again_after,
                                   options_.snapshots.give_up_after / 2)});
  fetch_->progress_at = env_.clock->Now();
  Ask(fetch_->window->TakeNext(fetch_->progress_at));
  MaybeFinish();
}

// ---- Chunks ----

void SnapshotFetcher::Ask(const std::vector<ChunkRange>& ranges) {
  for (const ChunkRange& range : ranges) {
    host_.send(fetch_->from, MsgSnapshotFetch{.snapshot = fetch_->id(),
                                              .chunk = range.first,
                                              .count = range.count});
  }
}

void SnapshotFetcher::OnChunk(ReplicaId from, MsgSnapshotChunk chunk) {
  if (!fetch_ || fetch_->from != from || !fetch_->window ||
      fetch_->id() != chunk.snapshot ||
      !fetch_->window->Arrived(chunk.chunk, env_.clock->Now())) {
    return;
  }
  ++fetch_->storing;
  const uint64_t size = chunk.bytes.size();
  errands_.Run(
      *env_.lanes.maintenance,
      [receiver = fetch_->receiver, number = chunk.chunk,
       bytes = std::move(chunk.bytes)] {
        return receiver->AddChunk(number, bytes.bytes());
      },
      [this, number = fetch_->number, chunk = chunk.chunk,
       size](const absl::Status& status) {
        if (IsCurrent(number)) OnStored(chunk, size, status);
      });
}

void SnapshotFetcher::OnStored(uint32_t chunk, uint64_t size,
                               const absl::Status& status) {
  const MonotonicTime now = env_.clock->Now();
  --fetch_->storing;
  if (status.ok()) {
    fetch_->progress_at = now;
    ++chunks_stored_;
    bytes_stored_ += size;
    fetch_->window->Stored(chunk);
    Ask(fetch_->window->TakeNext(now));
    MaybeFinish();
  } else if (IsCorruption(status)) {
    env_.logger.Warning("a chunk is not what was promised: ",
                        ToStd(status.message()));
    fetch_->window->Spoiled(chunk, now);
  } else {
    Refuse(status);
  }
}

void SnapshotFetcher::MaybeFinish() {
  if (fetch_->finishing || !fetch_->window->complete()) return;
  fetch_->finishing = true;
  errands_.Run(
      *env_.lanes.maintenance,
      [receiver = fetch_->receiver] { return receiver->Finish(); },
      [this, number = fetch_->number](const absl::Status& status) {
        if (!IsCurrent(number)) return;
        if (!status.ok()) return Refuse(status);
        Fetch done = *std::move(fetch_);
        fetch_.reset();
        host_.received(done.name, std::move(done.announcement));
        host_.send(
            done.from,
            MsgSnapshotDone{.snapshot = done.id(),
                            .result = MsgSnapshotDone::Result::kReceived});
      });
}

// ---- Ending ----

void SnapshotFetcher::Refuse(const absl::Status& why) {
  env_.logger.Warning("the snapshot cannot be received now: ",
                      ToStd(why.message()));
  host_.send(fetch_->from,
             MsgSnapshotDone{.snapshot = fetch_->id(),
                             .result = MsgSnapshotDone::Result::kRefused});
  fetch_.reset();
}

void SnapshotFetcher::OnDone(ReplicaId from, const MsgSnapshotDone& done) {
  if (!fetch_ || fetch_->from != from || fetch_->id() != done.snapshot ||
      done.result != MsgSnapshotDone::Result::kGone) {
    return;
  }
  // A finished one needs nothing any more from whoever had it.
  if (!fetch_->finishing) fetch_.reset();
}

void SnapshotFetcher::OnLeader(ReplicaId leader) {
  if (fetch_ && fetch_->from != leader) fetch_.reset();
}

void SnapshotFetcher::Tick(MonotonicTime now) {
  if (!fetch_ || !fetch_->window || fetch_->finishing) return;
  if (fetch_->storing == 0 &&
      now - fetch_->progress_at >= options_.snapshots.give_up_after) {
    env_.logger.Warning("the snapshot does not arrive");
    fetch_.reset();
    return;
  }
  Ask(fetch_->window->Tick(now));
}

}  // namespace trimaran
