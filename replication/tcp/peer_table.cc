#include "replication/tcp/peer_table.h"

#include <utility>

#include "replication/tcp/mutant.h"

namespace trimaran {

void PeerTable::SetDirectory(PeerDirectory directory) {
  directory_ = std::move(directory);
}

void PeerTable::Learn(ReplicaId peer, std::string address) {
  if (peer == self_ || peer == kNoReplica) return;
  if (address.empty()) {
    learned_.erase(peer);
    return;
  }
  if (learned_.size() >= directory_.size() + kUnknownPeersMax &&
      !IsKnown(peer) && !learned_.contains(peer)) {
    return;
  }
  learned_[peer] = std::move(address);
}

void PeerTable::ForgetUnknown(ReplicaId peer) {
  if (!IsKnown(peer)) learned_.erase(peer);
}

std::map<ReplicaId, std::string> PeerTable::Targets() const {
  std::map<ReplicaId, std::string> targets = learned_;
  for (const auto& [peer, record] : directory_) {
    if (!record.member || peer == self_) {
      targets.erase(peer);
    } else if (!record.address.empty() &&
               !(MutantActive(TcpMutant::kPeerBelievedBeforeGroup) &&
                 learned_.contains(peer))) {
      targets[peer] = record.address;
    }
  }
  return targets;
}

StoreId PeerTable::StoreOf(ReplicaId peer) const {
  const auto found = directory_.find(peer);
  return found == directory_.end() ? StoreId() : found->second.store;
}

}  // namespace trimaran
