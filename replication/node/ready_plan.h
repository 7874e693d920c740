#ifndef TRIMARAN_REPLICATION_NODE_READY_PLAN_H_
#define TRIMARAN_REPLICATION_NODE_READY_PLAN_H_

#include <deque>
#include <optional>
#include <variant>
#include <vector>

#include "engine/base/log_types.h"
#include "replication/raft/ready.h"

// The order in which a node does what its core says: decisions only. That
// nothing is sent, acknowledged or applied before what it promises is durable
// is a property of these two functions and is tested on them alone.

namespace trimaran {

// ---- A Ready, as steps to be begun one after the other ----

// Who leads has changed. First, so that nothing new is promised in an old role.
struct AnnounceRole {
  raft::SoftState state;
};
// Of no promise; what waits for a disk is in a PersistBatch.
struct SendNow {
  std::vector<raft::Message> messages;
};
// The state is about to be replaced: what is queued to be applied to the old
// one must not reach the new one.
struct ForgetQueuedApplies {};
struct BeginPersist {
  raft::PersistBatch batch;
};
// Durable here and committed, by the core's own contract.
struct BeginApply {
  std::vector<LogEntry> entries;
};
struct BeginFetch {
  raft::FetchRequest request;
};
struct ProvideSnapshot {
  raft::SnapshotRequest request;
};
struct FinishReads {
  std::vector<raft::ReadResult> results;
  std::vector<raft::ReadId> lost;
};

using ReadyStep =
    std::variant<AnnounceRole, SendNow, ForgetQueuedApplies, BeginPersist,
                 BeginApply, BeginFetch, ProvideSnapshot, FinishReads>;

std::vector<ReadyStep> PlanReady(raft::Ready ready);

// ---- Batches, as writes of the log ----

// One write, one sync at most; a message in it may leave when it is durable.
struct WritePlan {
  // Replaces log and state first.
  std::optional<SnapshotMeta> install;
  std::vector<LogEntry> entries;
  std::optional<HardState> hard_state;
  bool must_sync = false;
  // The last batch that it contains.
  raft::PersistSeq last;
  std::vector<raft::Message> messages_after;
};

// What one write may hold beyond its first batch.
inline constexpr uint64_t kWriteBytesTarget = uint64_t{16} << 20;

// Takes from the front of `waiting`, which is not empty, as much as one write
// can make durable: an installation stands by itself.
WritePlan PlanWrite(std::deque<raft::PersistBatch>& waiting);

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_READY_PLAN_H_
