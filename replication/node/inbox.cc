#include "replication/node/inbox.h"

#include <algorithm>
#include <utility>

namespace trimaran {

bool Inbox::Put(PeerMessage message) {
  const size_t bytes = PayloadBytes(message);
  const MutexLock lock(mutex_);
  if (mail_.messages.size() >= messages_max_ ||
      (bytes_ > 0 && bytes_ + bytes > bytes_max_)) {
    ++mail_.dropped;
    return false;
  }
  bytes_ += bytes;
  mail_.messages.push_back(std::move(message));
  return mail_.messages.size() == 1 && mail_.unreachable.empty();
}

bool Inbox::PutUnreachable(ReplicaId peer) {
  const MutexLock lock(mutex_);
  std::vector<ReplicaId>& peers = mail_.unreachable;
  if (std::find(peers.begin(), peers.end(), peer) != peers.end()) return false;
  peers.push_back(peer);
  return peers.size() == 1 && mail_.messages.empty();
}

void Inbox::PutAlive(ReplicaId peer, Passage passage) {
  const MutexLock lock(mutex_);
  mail_.alive.emplace(peer, passage);
}

Inbox::Mail Inbox::TakeAll() {
  const MutexLock lock(mutex_);
  bytes_ = 0;
  return std::exchange(mail_, Mail());
}

}  // namespace trimaran
