#ifndef TRIMARAN_REPLICATION_NODE_NODE_STATUS_H_
#define TRIMARAN_REPLICATION_NODE_NODE_STATUS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "engine/base/mutex.h"
#include "replication/raft/status.h"

namespace trimaran {

// What a node has counted since it started.
struct NodeCounters {
  // Synced ones.
  uint64_t log_writes = 0;
  uint64_t entries_applied = 0;
  uint64_t commands_applied = 0;
  uint64_t checkpoints = 0;
  // That this replica has heard of, its own elections included.
  uint64_t leader_changes = 0;
  uint64_t elections_won = 0;
  uint64_t snapshots_produced = 0;
  uint64_t snapshots_installed = 0;
  uint64_t snapshot_chunks_sent = 0;
  uint64_t snapshot_chunks_stored = 0;
  uint64_t snapshot_bytes_sent = 0;
  uint64_t snapshot_bytes_stored = 0;
  uint64_t messages_received = 0;
  uint64_t messages_sent = 0;
  // That arrived when there was no room for them.
  uint64_t messages_dropped = 0;
  // That no correct peer would have sent.
  uint64_t messages_refused = 0;
  // That came from another store than that of the member they named.
  uint64_t messages_of_strangers = 0;
};

// How far a snapshot has come to the peer that it is being sent, or was sent
// and has not read in yet: the bytes of its chunks.
struct SnapshotOnItsWay {
  ReplicaId peer;
  uint64_t bytes = 0;
  uint64_t bytes_sent = 0;

  friend bool operator==(const SnapshotOnItsWay&,
                         const SnapshotOnItsWay&) = default;
};

// A copy of what is worth knowing about a node, a tick old at most unless the
// node is busy.
struct NodeStatus {
  // When it was true.
  MonotonicTime at;
  raft::RaftStatus raft;
  // Acknowledged entries are missing here; the replica neither votes nor
  // acknowledges until it has them again (LogState::owed).
  std::optional<EntryId> owed;
  // A member that hears nothing of this replica, since its id belongs to
  // another store (StoreBindings); kNoReplica if there is none.
  ReplicaId refused_by;
  // Why the node has stopped for good; OK while it has not.
  absl::Status failure;
  NodeCounters counters;
  std::vector<SnapshotOnItsWay> snapshots_sent;
  // The log does not admit to entries up to here.
  LogIndex truncated;
  // What a crash cannot undo of what has been applied.
  LogIndex durable_applied;
  // There is too little space on the disk.
  bool refuses_writes = false;
  uint64_t writes_waiting = 0;
  uint64_t reads_waiting = 0;
};

// Where the raft lane leaves the newest status for others.
//
// Thread: any.
class StatusBoard {
 public:
  StatusBoard() : status_(std::make_shared<const NodeStatus>()) {}

  void Publish(NodeStatus status) {
    auto shared = std::make_shared<const NodeStatus>(std::move(status));
    const MutexLock lock(mutex_);
    status_.swap(shared);
  }
  std::shared_ptr<const NodeStatus> Get() const {
    const MutexLock lock(mutex_);
    return status_;
  }

 private:
  mutable Mutex mutex_;
  // A reader keeps the one that it got.
  std::shared_ptr<const NodeStatus> status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_NODE_STATUS_H_
