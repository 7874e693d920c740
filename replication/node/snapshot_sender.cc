#include "replication/node/snapshot_sender.h"

#include <algorithm>
#include <utility>

#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/format/manifest_codec.h"
#include "engine/snapshot/snapshot_paths.h"

namespace trimaran {
namespace {

uint64_t IdOf(const SharedSnapshot& snapshot) {
  return snapshot->manifest().id.value();
}

std::string NameOf(const SharedSnapshot& snapshot) {
  return engine::OutgoingName(snapshot->manifest().position.id);
}

}  // namespace

SnapshotSender::SnapshotSender(const NodeOptions& options,
                               const NodeEnvironment& environment,
                               Errands& errands, Host host)
    : options_(options),
      env_(environment),
      errands_(errands),
      host_(std::move(host)) {}

// ---- Beginning ----

void SnapshotSender::Prepare(ReplicaId peer, const SharedSnapshot& snapshot) {
  prepared_[peer] = snapshot;
}

void SnapshotSender::Announce(raft::Message message) {
  const ReplicaId peer = message.to;
  const auto* announced = message.As<raft::MsgSnap>();
  TRIMARAN_CHECK(announced != nullptr);
  SharedSnapshot snapshot = std::exchange(prepared_[peer], nullptr);
  if (snapshot == nullptr ||
      snapshot->manifest().position.id != announced->snapshot.id) {
    // It was decided before this replica ceased to lead.
    host_.report(peer, raft::SnapshotResult::kFailed);
    return;
  }
  const LogIndex index = snapshot->manifest().position.id.index;
  Transfer transfer{.snapshot = std::move(snapshot),
                    .announcement = std::move(message),
                    .kept_behind = index};
  MarkProgress(transfer);
  transfer.asked_before.resize(transfer.snapshot->chunk_count());
  env_.logger.Info("offering replica ", peer, " the snapshot at ", index);
  Offer(peer,
        transfers_.insert_or_assign(peer, std::move(transfer)).first->second);
}

void SnapshotSender::Offer(ReplicaId peer, Transfer& transfer) {
  transfer.word_at = env_.clock->Now();
  host_.send(peer, MsgSnapshotOffer{.manifest = engine::EncodeManifest(
                                        transfer.snapshot->manifest()),
                                    .announcement = transfer.announcement});
}

SnapshotSender::Transfers::iterator SnapshotSender::Find(ReplicaId peer,
                                                         uint64_t snapshot) {
  const auto found = transfers_.find(peer);
  const bool same =
      found != transfers_.end() && IdOf(found->second.snapshot) == snapshot;
  return same ? found : transfers_.end();
}

// ---- Chunks ----

void SnapshotSender::OnFetch(ReplicaId from, const MsgSnapshotFetch& fetch) {
  const auto found = Find(from, fetch.snapshot);
  if (found == transfers_.end()) {
    // It asks for what nobody here knows, and should not wait for it.
    host_.send(from, MsgSnapshotDone{.snapshot = fetch.snapshot,
                                     .result = MsgSnapshotDone::Result::kGone});
    return;
  }
  Transfer& transfer = found->second;
  // A late one.
  if (transfer.delivered) return;
  transfer.word_at = env_.clock->Now();
  if (fetch.count == 0) transfer.alive_at = transfer.word_at;
  const uint64_t end = std::min<uint64_t>(uint64_t{fetch.chunk} + fetch.count,
                                          transfer.snapshot->chunk_count());
  for (uint64_t number = fetch.chunk; number < end; ++number) {
    if (transfer.wanted.size() >= options_.snapshots.window_chunks) break;
    const auto chunk = static_cast<uint32_t>(number);
    if (!transfer.asked_before[chunk]) MarkProgress(transfer);
    transfer.asked_before[chunk] = true;
    if (std::find(transfer.wanted.begin(), transfer.wanted.end(), chunk) ==
        transfer.wanted.end()) {
      transfer.wanted.push_back(chunk);
    }
  }
  ReadNext(from, transfer);
}

void SnapshotSender::ReadNext(ReplicaId peer, Transfer& transfer) {
  if (transfer.wanted.empty() || !reading_.insert(peer).second) return;
  const uint32_t chunk = transfer.wanted.front();
  transfer.wanted.pop_front();
  errands_.Run(
      *env_.lanes.maintenance,
      [snapshot = transfer.snapshot, chunk]() -> absl::StatusOr<Payload> {
        const absl::StatusOr<std::string> bytes = snapshot->ReadChunk(chunk);
        if (!bytes.ok()) return bytes.status();
        return Payload(*bytes);
      },
      [this, peer, id = IdOf(transfer.snapshot),
       chunk](const absl::StatusOr<Payload>& bytes) {
        if (!stopped_) OnRead(peer, id, chunk, bytes);
      });
}

void SnapshotSender::OnRead(ReplicaId peer, uint64_t snapshot, uint32_t chunk,
                            const absl::StatusOr<Payload>& bytes) {
  reading_.erase(peer);
  const auto found = transfers_.find(peer);
  if (found == transfers_.end()) return;
  Transfer& transfer = found->second;
  // It was read for an earlier one.
  if (IdOf(transfer.snapshot) != snapshot) return ReadNext(peer, transfer);
  if (!bytes.ok()) {
    env_.logger.Error("a snapshot cannot be sent: ",
                      ToStd(bytes.status().message()));
    const SharedSnapshot bad = transfer.snapshot;
    host_.send(peer, MsgSnapshotDone{.snapshot = snapshot,
                                     .result = MsgSnapshotDone::Result::kGone});
    End(found);
    host_.damaged(bad);
    return;
  }
  ++chunks_sent_;
  bytes_sent_ += bytes->size();
  MarkSent(transfer, chunk);
  host_.send(peer, MsgSnapshotChunk{
                       .snapshot = snapshot, .chunk = chunk, .bytes = *bytes});
  ReadNext(peer, transfer);
}

// ---- Ending ----

void SnapshotSender::OnDone(ReplicaId from, const MsgSnapshotDone& done) {
  const auto found = Find(from, done.snapshot);
  if (found == transfers_.end() || found->second.delivered) return;
  if (done.result != MsgSnapshotDone::Result::kReceived) {
    env_.logger.Info("replica ", from, " does not take the snapshot now");
    resting_[from] = env_.clock->Now() + options_.snapshots.retry_after;
    End(found);
    return;
  }
  MarkDelivered(from, found->second);
}

void SnapshotSender::MarkSent(Transfer& transfer, uint32_t chunk) {
  const auto& chunks = transfer.snapshot->manifest().chunks;
  for (; transfer.sent_end <= chunk; ++transfer.sent_end) {
    transfer.bytes_reached += chunks[transfer.sent_end].bytes;
  }
}

void SnapshotSender::MarkProgress(Transfer& transfer) {
  transfer.progress_at = env_.clock->Now();
  transfer.alive_at = transfer.progress_at;
}

void SnapshotSender::MarkDelivered(ReplicaId peer, Transfer& transfer) {
  transfer.delivered = true;
  transfer.wanted.clear();
  MarkProgress(transfer);
  host_.report(peer, raft::SnapshotResult::kDelivered);
}

SnapshotSender::Transfers::iterator SnapshotSender::End(
    Transfers::iterator transfer) {
  const ReplicaId peer = transfer->first;
  const bool delivered = transfer->second.delivered;
  const auto next = transfers_.erase(transfer);
  if (!delivered) host_.report(peer, raft::SnapshotResult::kFailed);
  return next;
}

bool SnapshotSender::IsBusyWith(ReplicaId peer) const {
  const auto found = transfers_.find(peer);
  if (found != transfers_.end() && !found->second.installed) {
    // What has been delivered is being installed, unless the receiver has
    // forgotten it.
    const absl::Duration quiet = env_.clock->Now() - found->second.progress_at;
    if (!found->second.delivered || quiet < options_.snapshots.give_up_after) {
      return true;
    }
  }
  const auto resting = resting_.find(peer);
  return resting != resting_.end() && env_.clock->Now() < resting->second;
}

void SnapshotSender::EndAll() {
  prepared_.clear();
  resting_.clear();
  for (auto at = transfers_.begin(); at != transfers_.end();) at = End(at);
}

bool SnapshotSender::GoesOn(ReplicaId peer, Transfer& transfer,
                            const raft::RaftStatus& status,
                            const PeerWatch& peers, MonotonicTime now) {
  // Led again, but not still: the core has forgotten the announcement.
  if (transfer.announcement.term != status.term) return false;
  const std::optional<LogIndex> match = peers.MatchOf(peer);
  // It has left the group.
  if (!match) return false;
  if (*match >= transfer.kept_behind) {
    // It goes on with the log. Were the log compacted now, as it may be while
    // all others are far ahead, it would need the next snapshot.
    if (!transfer.delivered) MarkDelivered(peer, transfer);
    transfer.installed = true;
    transfer.kept_behind = *match;
    const bool near =
        *match >= status.applied ||
        status.applied - *match <= options_.maintenance.log_entries_limit;
    if (near) return false;
  }
  if (transfer.delivered && peers.IsAlive(peer)) transfer.alive_at = now;
  return now - transfer.alive_at < options_.snapshots.give_up_after &&
         now - transfer.progress_at < options_.snapshots.install_time_max;
}

void SnapshotSender::Tick(const raft::RaftStatus& status,
                          const PeerWatch& peers, MonotonicTime now) {
  prepared_.clear();
  for (auto at = transfers_.begin(); at != transfers_.end();) {
    auto& [peer, transfer] = *at;
    if (!GoesOn(peer, transfer, status, peers, now)) {
      at = End(at);
      continue;
    }
    if (!transfer.delivered &&
        now - transfer.word_at >= options_.snapshots.ask_again_after) {
      // The offer got lost, or the receiver has begun anew.
      Offer(peer, transfer);
    }
    ++at;
  }
}

std::optional<LogIndex> SnapshotSender::pinned() const {
  std::optional<LogIndex> least;
  for (const auto& [peer, transfer] : transfers_) {
    if (!least || transfer.kept_behind < *least) least = transfer.kept_behind;
  }
  return least;
}

std::vector<SnapshotOnItsWay> SnapshotSender::on_their_way() const {
  std::vector<SnapshotOnItsWay> all;
  for (const auto& [peer, transfer] : transfers_) {
    // Then only its log is kept.
    if (transfer.installed) continue;
    const uint64_t bytes = transfer.snapshot->manifest().chunk_bytes();
    all.push_back(
        {.peer = peer,
         .bytes = bytes,
         .bytes_sent = transfer.delivered ? bytes : transfer.bytes_reached});
  }
  return all;
}

void SnapshotSender::AddNamesInUse(std::set<std::string>& names) const {
  for (const auto& [peer, snapshot] : prepared_) {
    if (snapshot != nullptr) names.insert(NameOf(snapshot));
  }
  for (const auto& [peer, transfer] : transfers_) {
    names.insert(NameOf(transfer.snapshot));
  }
}

}  // namespace trimaran
