#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "replication/raft/mutant.h"
#include "replication/raft/raft.h"

// What a leader sends, decided when the output is taken: whatever has come in
// since then travels together.

namespace trimaran::raft {
namespace {

// The least index of a snapshot behind which `peer` can be sent entries.
LogIndex LeastSnapshotFor(const Progress& peer, LogIndex boundary) {
  return peer.log_missing ? std::max(boundary, peer.next()) : boundary;
}

}  // namespace

bool Raft::NeedsSnapshot(const Progress& peer) const {
  return peer.log_missing || !log_.TermAt(peer.next() - 1).has_value();
}

bool Raft::WantsAppend(const Progress& peer) const {
  if (peer.id() == config_.id || peer.paused()) return false;
  if (NeedsSnapshot(peer)) {
    // Nobody gets a snapshot who may be gone.
    return peer.recently_active && !peer.snapshot_requested;
  }
  if (peer.append_wanted) return true;
  if (peer.next() <= log_.last().index &&
      (peer.state() == ProgressState::kProbe || !peer.inflights().full()) &&
      (peer.next() >= log_.window().first() || peer.fetch == FetchId() ||
       peer.state() == ProgressState::kProbe)) {
    return true;
  }
  return peer.CanLearnCommit(log_.commit()) &&
         (config_.eager_commit_broadcast ||
          peer.sent_commit() < lead_->awaited_commit);
}

bool Raft::HasLeaderOutput() const {
  if (role_ != Role::kLeader) return false;
  return lead_->reads.wants_round() ||
         std::any_of(
             lead_->peers.begin(), lead_->peers.end(),
             [this](const Progress& peer) { return WantsAppend(peer); });
}

void Raft::FlushLeaderOutput() {
  if (role_ != Role::kLeader) return;
  if (lead_->reads.wants_round()) BroadcastHeartbeat();
  for (Progress& peer : lead_->peers) {
    while (WantsAppend(peer)) SendAppend(peer);
  }
}

LogIndex Raft::untold_commit() const {
  if (role_ != Role::kLeader) return LogIndex();
  const bool untold = std::any_of(
      lead_->peers.begin(), lead_->peers.end(), [this](const Progress& peer) {
        return peer.id() != config_.id && !peer.paused() &&
               !NeedsSnapshot(peer) && peer.CanLearnCommit(log_.commit());
      });
  return untold ? log_.commit() : LogIndex();
}

void Raft::AwaitCommit(LogIndex index) {
  if (role_ != Role::kLeader) return;
  lead_->awaited_commit = std::max(lead_->awaited_commit, index);
}

void Raft::SendAppend(Progress& peer) {
  if (NeedsSnapshot(peer)) {
    peer.append_wanted = false;
    RequestSnapshot(peer);
    return;
  }
  const LogIndex prev = peer.next() - 1;
  std::vector<LogEntry> entries;
  const bool takes_entries = peer.state() == ProgressState::kProbe
                                 ? !peer.probes_bare
                                 : !peer.inflights().full();
  if (peer.next() <= log_.last().index && takes_entries) {
    if (peer.next() >= log_.window().first()) {
      entries = log_.window().Slice(
          peer.next(), log_.window().end(),
          {config_.append_bytes_max, config_.append_entries_max});
    } else if (peer.state() == ProgressState::kReplicate &&
               peer.fetch == FetchId()) {
      RequestEntries(peer);
    }
    // A probe needs no entries: where the logs meet is told by `prev`.
  }
  if (entries.empty() && peer.state() == ProgressState::kReplicate &&
      !peer.append_wanted && !peer.CanLearnCommit(log_.commit())) {
    return;
  }
  SendEntries(peer, {prev, *log_.TermAt(prev)}, std::move(entries));
}

void Raft::SendEntries(Progress& peer, EntryId prev,
                       std::vector<LogEntry> entries) {
  const uint64_t count = entries.size();
  const uint64_t bytes = SizeBytes(entries);
  Send(peer.id(), term_, MsgApp{prev, std::move(entries), log_.commit()});
  peer.append_wanted = false;
  peer.AppendSent(count, bytes);
  peer.CommitSent(log_.commit());
}

void Raft::BroadcastHeartbeat() {
  const ReadRound round = lead_->reads.BeginRound(ticks_);
  for (Progress& peer : lead_->peers) {
    if (peer.id() == config_.id) continue;
    // A follower may hold entries that are not ours behind what is known to
    // match.
    const LogIndex commit = MutantActive(Mutant::kHeartbeatCommitNotCapped)
                                ? log_.commit()
                                : std::min(peer.match(), log_.commit());
    // Of an entry that has been compacted the term is not known any more.
    const auto term = log_.TermAt(peer.match());
    const EntryId matched =
        term.has_value() ? EntryId{peer.match(), *term} : EntryId();
    peer.CommitSent(commit);
    Send(peer.id(), term_, MsgHeartbeat{commit, round, matched});
  }
  // A sole voter needs nobody's answer.
  ConfirmReads();
}

void Raft::RequestSnapshot(Progress& peer) {
  peer.snapshot_requested = true;
  outbox_.snapshot_requests.push_back(
      {peer.id(), LeastSnapshotFor(peer, log_.boundary().index)});
}

void Raft::SnapshotAvailable(ReplicaId replica, const SnapshotMeta& meta) {
  Progress* peer = role_ == Role::kLeader ? lead_->Find(replica) : nullptr;
  if (peer != nullptr && peer->snapshot_requested) {
    if (meta.id.index < LeastSnapshotFor(*peer, log_.boundary().index) ||
        meta.id.index <= peer->match() || meta.id.index > log_.commit() ||
        !meta.conf.Contains(replica)) {
      // Made before the log was compacted, before the peer was added, or of
      // nothing that it does not have.
      peer->snapshot_requested = false;
      peer->Pause();
    } else if (NeedsSnapshot(*peer)) {
      peer->BecomeSnapshot(meta.id.index);
      Send(replica, term_, MsgSnap{meta});
    } else {
      peer->snapshot_requested = false;
    }
  }
  CheckInvariants();
}

void Raft::SnapshotUnavailable(ReplicaId replica) {
  Progress* peer = role_ == Role::kLeader ? lead_->Find(replica) : nullptr;
  if (peer != nullptr && peer->snapshot_requested) {
    peer->snapshot_requested = false;
    // The next heartbeat answer asks again.
    peer->Pause();
  }
  CheckInvariants();
}

void Raft::ReportSnapshot(ReplicaId replica, SnapshotResult result) {
  Progress* peer = role_ == Role::kLeader ? lead_->Find(replica) : nullptr;
  if (peer != nullptr && peer->state() == ProgressState::kSnapshot) {
    if (result == SnapshotResult::kFailed) {
      peer->SnapshotFailed();
    } else {
      peer->BecomeProbe();
    }
    // Wait for a sign of life: an ack if the snapshot was installed, or the
    // next heartbeat answer.
    peer->Pause();
  }
  CheckInvariants();
}

void Raft::ReportUnreachable(ReplicaId replica) {
  Progress* peer = role_ == Role::kLeader ? lead_->Find(replica) : nullptr;
  // Appends in flight are probably lost: find out before sending more.
  if (peer != nullptr && replica != config_.id &&
      peer->state() == ProgressState::kReplicate) {
    peer->BecomeProbe();
  }
  CheckInvariants();
}

void Raft::ReportAlive(ReplicaId replica, bool sends) {
  Progress* peer = role_ == Role::kLeader ? lead_->Find(replica) : nullptr;
  // No lease grows by it: nobody has promised anything.
  if (peer != nullptr) peer->recently_active = true;
  // Its heartbeats stand behind what it sends only. That bytes are taken there
  // says nothing of the one who should lead.
  if (role_ == Role::kFollower && replica == leader_ && sends) {
    HeardLeader(leader_);
  }
  CheckInvariants();
}

void Raft::RequestEntries(Progress& peer) {
  last_fetch_ = FetchId(last_fetch_.value() + 1);
  peer.fetch = last_fetch_;
  outbox_.fetches.push_back({last_fetch_, peer.next(), log_.window().first(),
                             config_.append_bytes_max});
}

absl::Status Raft::EntriesFetched(
    FetchId id, absl::StatusOr<std::vector<LogEntry>> entries) {
  absl::Status result;
  if (id == apply_fetch_.id) {
    if (entries.ok()) result = log_.CheckStored(*entries);
    if (entries.ok() && result.ok() && !entries->empty()) {
      apply_fetch_ = {FetchId(), *std::move(entries)};
    } else {
      // The next tick asks again.
      apply_fetch_.id = ApplyFetch::kFailed;
    }
  } else if (role_ == Role::kLeader) {
    const auto peer =
        std::find_if(lead_->peers.begin(), lead_->peers.end(),
                     [id](const Progress& p) { return p.fetch == id; });
    if (peer != lead_->peers.end()) {
      result = HandleFetchedFor(*peer, std::move(entries));
    }
  }
  CheckInvariants();
  return result;
}

absl::Status Raft::HandleFetchedFor(
    Progress& peer, absl::StatusOr<std::vector<LogEntry>> entries) {
  peer.fetch = FetchId();
  if (!entries.ok() || entries->empty()) {
    if (absl::IsOutOfRange(entries.status())) {
      peer.log_missing = true;
    } else {
      // The next heartbeat answer asks again.
      peer.Pause();
    }
    return absl::OkStatus();
  }
  const LogIndex prev = entries->front().index - 1;
  // What has become superfluous meanwhile is dropped.
  if (peer.paused() || peer.next() != prev + 1 || peer.inflights().full() ||
      !log_.TermAt(prev).has_value()) {
    return absl::OkStatus();
  }
  const absl::Status valid = log_.CheckStored(*entries);
  if (!valid.ok()) {
    peer.Pause();
    return valid;
  }
  if (entries->size() > config_.append_entries_max) {
    entries->resize(config_.append_entries_max);
  }
  SendEntries(peer, {prev, *log_.TermAt(prev)}, *std::move(entries));
  return absl::OkStatus();
}

}  // namespace trimaran::raft
