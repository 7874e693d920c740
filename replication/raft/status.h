#ifndef TRIMARAN_REPLICATION_RAFT_STATUS_H_
#define TRIMARAN_REPLICATION_RAFT_STATUS_H_

#include <cstdint>
#include <vector>

#include "engine/base/conf_state.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "replication/raft/progress.h"
#include "replication/raft/ready.h"

namespace trimaran::raft {

// What a leader knows of one member, itself included.
struct PeerStatus {
  ReplicaId id;
  bool learner = false;
  ProgressState state = ProgressState::kProbe;
  LogIndex match;
  LogIndex next;
  // The commit index that the peer last reported.
  LogIndex commit;
  // The snapshot on its way; 0 if none.
  LogIndex pending_snapshot;
  bool paused = false;
  bool recently_active = false;
  uint64_t inflight_messages = 0;
  uint64_t inflight_bytes = 0;
  bool inflight_full = false;
};

// A copy of everything worth knowing about a core.
//
// Thread: a value; any.
struct RaftStatus {
  ReplicaId id;
  Term term;
  ReplicaId vote;
  Role role = Role::kFollower;
  ReplicaId leader;

  // boundary.index <= applied <= applying <= commit <= last, and
  // applying <= durable <= last.
  EntryId boundary;
  EntryId last;
  LogIndex durable;
  LogIndex commit;
  LogIndex applying;
  LogIndex applied;
  // A restored snapshot that is not durable yet; 0 if none.
  LogIndex pending_snapshot;

  ConfState conf;
  // That this replica has begun since it started.
  uint64_t elections = 0;
  int election_elapsed_ticks = 0;
  int election_timeout_ticks = 0;

  // On a leader only.
  std::vector<PeerStatus> peers;
  ReplicaId transfer_target;
  uint64_t uncommitted_bytes = 0;
  uint64_t pending_reads = 0;
  bool lease_valid = false;

  // What is held in memory.
  uint64_t window_entries = 0;
  uint64_t window_bytes = 0;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_STATUS_H_
