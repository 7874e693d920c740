#ifndef TRIMARAN_REPLICATION_RAFT_LEADER_STATE_H_
#define TRIMARAN_REPLICATION_RAFT_LEADER_STATE_H_

#include <cstdint>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "replication/raft/progress.h"
#include "replication/raft/read_index.h"

namespace trimaran::raft {

// A hand-over of leadership under way (thesis §3.10).
struct Transfer {
  ReplicaId target;
  int elapsed_ticks = 0;

  bool active() const { return target != kNoReplica; }
};

// What exists while a replica leads, and is gone when it does not.
struct LeaderState {
  explicit LeaderState(uint64_t reads_max) : reads(reads_max) {}

  Progress* Find(ReplicaId id);
  const Progress* Find(ReplicaId id) const;

  // Every member, this one included, in the order of their ids.
  std::vector<Progress> peers;
  ReadQueue reads;
  Transfer transfer;
  // A TimeoutNow has left in this term: its receiver may campaign at any time
  // and no voter will protect this leader from it, so that there is no lease.
  bool lease_given_up = false;
  int heartbeat_elapsed_ticks = 0;
  int quorum_check_elapsed_ticks = 0;
  // No change of membership may be proposed until this one is applied.
  LogIndex pending_conf_change;
  // Appended in this term and not yet handed out for applying.
  uint64_t uncommitted_bytes = 0;
  // Until they know that this is committed, followers are told of every commit
  // at once.
  LogIndex awaited_commit;
  // Entries up to here were in the log before this term.
  LogIndex inherited_last;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_LEADER_STATE_H_
