#include "replication/raft/leader_state.h"

#include <utility>

namespace trimaran::raft {

// A group has a handful of members: looking at each beats any index.
const Progress* LeaderState::Find(ReplicaId id) const {
  for (const Progress& peer : peers) {
    if (peer.id() == id) return &peer;
  }
  return nullptr;
}

Progress* LeaderState::Find(ReplicaId id) {
  return const_cast<Progress*>(std::as_const(*this).Find(id));
}

}  // namespace trimaran::raft
