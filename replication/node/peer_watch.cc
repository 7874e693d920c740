#include "replication/node/peer_watch.h"

#include <algorithm>
#include <utility>

namespace trimaran {

void PeerWatch::Observe(const std::vector<raft::PeerStatus>& peers) {
  std::map<ReplicaId, Peer> seen;
  for (const raft::PeerStatus& status : peers) {
    const auto known = peers_.find(status.id);
    // Who is new has a patience's time to say something.
    Peer peer = known == peers_.end() ? Peer() : known->second;
    peer.match = status.match;
    peer.learner = status.learner;
    peer.silent_ticks = status.recently_active
                            ? 0
                            : std::min(peer.silent_ticks + 1, patience_ticks_);
    seen.emplace(status.id, peer);
  }
  peers_ = std::move(seen);
}

std::optional<LogIndex> PeerWatch::SlowestMatch(ReplicaId self,
                                                LogIndex applied,
                                                uint64_t lag_max) const {
  std::optional<LogIndex> slowest;
  for (const auto& [id, peer] : peers_) {
    if (id == self || !IsHeard(peer)) continue;
    if (peer.match < applied && applied - peer.match > lag_max) continue;
    if (!slowest || peer.match < *slowest) slowest = peer.match;
  }
  return slowest;
}

ReplicaId PeerWatch::Successor(ReplicaId self) const {
  ReplicaId best = kNoReplica;
  LogIndex best_match;
  for (const auto& [id, peer] : peers_) {
    if (id == self || peer.learner || !IsHeard(peer)) continue;
    if (best == kNoReplica || peer.match > best_match) {
      best = id;
      best_match = peer.match;
    }
  }
  return best;
}

bool PeerWatch::IsAlive(ReplicaId peer) const {
  const auto found = peers_.find(peer);
  return found != peers_.end() && IsHeard(found->second);
}

std::optional<LogIndex> PeerWatch::MatchOf(ReplicaId peer) const {
  const auto found = peers_.find(peer);
  if (found == peers_.end()) return std::nullopt;
  return found->second.match;
}

}  // namespace trimaran
