#ifndef TRIMARAN_REPLICATION_NODE_PEER_WATCH_H_
#define TRIMARAN_REPLICATION_NODE_PEER_WATCH_H_

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/ids.h"
#include "replication/raft/status.h"

namespace trimaran {

// What a leader's host asks of its peers, and the core does not: for whom the
// log is kept, and who could lead instead.
//
// Thread: owner.
class PeerWatch {
 public:
  // A peer counts as alive for so many ticks behind its last sign of life; at
  // least 1. The core forgets who was active whenever it checks its quorum, so
  // that one look does not tell.
  explicit PeerWatch(int patience_ticks) : patience_ticks_(patience_ticks) {}

  // Once per tick, with what the core knows of all members; of none where it
  // does not lead.
  void Observe(const std::vector<raft::PeerStatus>& peers);

  // The least that a living peer is known to have; empty if there is none. Who
  // lacks more than `lag_max` entries of those up to `applied` will get a
  // snapshot, and nothing is kept for it.
  std::optional<LogIndex> SlowestMatch(ReplicaId self, LogIndex applied,
                                       uint64_t lag_max) const;

  // The living voter that has most of the log; kNoReplica if there is none.
  ReplicaId Successor(ReplicaId self) const;

  // Not if it is unknown.
  bool IsAlive(ReplicaId peer) const;
  // Nothing if it is unknown.
  std::optional<LogIndex> MatchOf(ReplicaId peer) const;

 private:
  struct Peer {
    LogIndex match;
    bool learner = false;
    int silent_ticks = 0;
  };
  bool IsHeard(const Peer& peer) const {
    return peer.silent_ticks < patience_ticks_;
  }

  const int patience_ticks_;
  std::map<ReplicaId, Peer> peers_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_PEER_WATCH_H_
