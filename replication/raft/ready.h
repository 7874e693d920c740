#ifndef TRIMARAN_REPLICATION_RAFT_READY_H_
#define TRIMARAN_REPLICATION_RAFT_READY_H_

#include <cstdint>
#include <optional>
#include <ostream>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "replication/raft/messages.h"

// What the core wants done, as data. What must wait for what is said by the
// field that a thing stands in, not by a convention (thesis §10.2.1 asks for
// the leader's parallel write; etcd/raft's history shows what happens when the
// order is left to the reader).

namespace trimaran::raft {

enum class Role : uint8_t { kFollower, kPreCandidate, kCandidate, kLeader };

std::ostream& operator<<(std::ostream& out, Role role);

// What may be lost at a restart. A host watches it for its clients' sake.
struct SoftState {
  Role role = Role::kFollower;
  ReplicaId leader;

  friend bool operator==(const SoftState&, const SoftState&) = default;
};

// Numbers the batches to persist, from 1 on, without gaps.
using PersistSeq = StrongId<struct PersistSeqTag>;

// One atomic change of the durable log. Batches become durable in the order of
// their numbers; several may be under way.
struct PersistBatch {
  PersistSeq seq;
  // Replaces the whole log and state machine; comes before `entries`.
  std::optional<SnapshotMeta> snapshot;
  // Replace whatever the stored log holds at and after the first one's index.
  std::vector<LogEntry> entries;
  // Present when term, vote or commit differ from the batch before.
  std::optional<HardState> hard_state;
  // Whether anything is promised that a crash must not undo. If false, the
  // batch needs no sync of its own; it still has its turn in the order.
  bool must_sync = false;
  // To be sent when this batch and all before it are durable. They speak of
  // what is in it, or of what is in an earlier batch that may still be under
  // way.
  std::vector<Message> messages_after;
};

using FetchId = StrongId<struct FetchIdTag>;

// Entries that the core no longer holds in memory and needs back. Answer with
// Raft::EntriesFetched; a part of the range, of at least one entry, will do.
struct FetchRequest {
  FetchId id;
  LogIndex first;
  LogIndex end;
  uint64_t bytes_max = 0;
};

// `peer` needs a snapshot of at least `index_min`. Answer with
// Raft::SnapshotAvailable or Raft::SnapshotUnavailable, whenever that is.
struct SnapshotRequest {
  ReplicaId peer;
  LogIndex index_min;
};

// A read that was asked for by Raft::ReadIndex may be served from any state
// that has applied `index`.
struct ReadResult {
  ReadId id;
  LogIndex index;

  friend bool operator==(const ReadResult&, const ReadResult&) = default;
};

struct Ready {
  // Present when it differs from the Ready before.
  std::optional<SoftState> soft_state;
  // To be sent at once, in this order per receiver. A leader's appends are
  // here: they may leave before the leader's own write.
  std::vector<Message> messages;
  std::optional<PersistBatch> persist;
  // Committed and locally durable; to be applied in order. Answer with
  // Raft::Applied (and Raft::ApplyConfChange for changes of membership).
  std::vector<LogEntry> apply;
  std::vector<FetchRequest> fetches;
  std::vector<SnapshotRequest> snapshot_requests;
  std::vector<ReadResult> read_results;
  // Reads asked for here that will not be answered, because this replica has
  // ceased to lead. Ask again. (A read that was passed on to a leader may get
  // lost without notice.)
  std::vector<ReadId> lost_reads;

  bool empty() const {
    return !soft_state && messages.empty() && !persist && apply.empty() &&
           fetches.empty() && snapshot_requests.empty() &&
           read_results.empty() && lost_reads.empty();
  }
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_READY_H_
