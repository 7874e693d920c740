#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "replication/node/node.h"

// What a node does for its store's sake, and asks of it.

namespace trimaran {

void Node::NoteMembers() {
  if (!bindings_.Refresh(env_.store->machine().region())) return;
  if (env_.transport == nullptr) return;
  env_.transport->UpdatePeers(env_.store->identity().replica,
                              bindings_.peers());
}

void Node::TickParts(MonotonicTime now) {
  const bool leads = role_.role == raft::Role::kLeader;
  const ReplicaId self = env_.store->identity().replica;
  const LogIndex applied = core_->log().applied();
  NoteMembers();
  if (leads) bindings_.BindNext(now);
  peers_.Observe(leads ? core_->status().peers
                       : std::vector<raft::PeerStatus>());
  maintenance_.Tick(
      {.leads = leads,
       .slowest_match = peers_.SlowestMatch(
           self, applied, options_.maintenance.log_entries_limit),
       .pinned = snapshots_.pinned(),
       .log_busy_since = log_writer_.busy_since(),
       .others_go_on = log_writer_.held_up() &&
                       core_->log().commit() > core_->log().durable()},
      now);
  snapshots_.Tick(peers_, now);
  audits_.Tick(now);
}

void Node::AddClientWrites() {
  std::vector<PendingWritePtr> writes = doors_.queue.TakeAll();
  if (!maintenance_.refuses_writes()) return writes_.Add(std::move(writes));
  for (const PendingWritePtr& write : writes) {
    doors_.queue.MakeRoom(write->TakeQueuedBytes());
    write->Answer(maintenance_.SpaceError());
  }
}

void Node::HandOver(std::string_view why) {
  // One that comes to nothing is tried again.
  if (BeginTransfer(kNoReplica).ok()) {
    env_.logger.Warning("handing leadership on: ", why);
  }
}

// ---- Any thread ----

void Node::Checkpoint(CheckpointCallback done) {
  env_.lanes.raft->Post([this, done = std::move(done)]() mutable {
    if (!working()) {
      done(failure_.ok() ? StoppingError() : failure_);
      return;
    }
    maintenance_.Checkpoint(std::move(done));
  });
}

void Node::Audit(MonotonicTime deadline, AuditCallback done) {
  env_.lanes.raft->Post([this, deadline, done = std::move(done)]() mutable {
    if (!working()) {
      done(failure_.ok() ? StoppingError() : failure_);
      return;
    }
    audits_.Ask(deadline, std::move(done));
    Pump();
  });
}

void Node::CompactLog(LogIndex index, MonotonicTime deadline,
                      WriteCallback done) {
  env_.lanes.raft->Post(
      [this, index, deadline, done = std::move(done)]() mutable {
        absl::StatusOr<std::string> command;
        if (!failure_.ok()) {
          command = failure_;
        } else if (stopping_) {
          command = ProposalDroppedError(DropReason::kShuttingDown, "");
        } else if (index > core_->log().applied()) {
          command = absl::FailedPreconditionError(absl::StrCat(
              "the log cannot be compacted up to ", index.value(),
              ", for only ", core_->log().applied().value(), " is applied"));
        } else {
          command = EncodeCompaction(env_.store->log(), index);
        }
        if (!command.ok()) {
          done(WithOutcome(command.status(), WriteOutcome::kNotApplied));
          return;
        }
        writes_.Add({std::make_shared<PendingWrite>(
            *std::move(command), deadline, std::move(done))});
        Pump();
      });
}

}  // namespace trimaran
