#include <utility>
#include <variant>

#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "replication/node/mutant.h"
#include "replication/node/node.h"

// What a node does with the output of its core, and with what comes of it.

namespace trimaran {

bool Node::PerformNext() {
  if (!working() || !core_->HasReady()) return false;
  for (ReadyStep& step : PlanReady(core_->TakeReady())) {
    std::visit([this](auto& one) { Begin(std::move(one)); }, step);
    if (!working()) return false;
  }
  return true;
}

void Node::Begin(AnnounceRole step) {
  const bool leader_changed = step.state.leader != role_.leader;
  const bool elected = step.state.role == raft::Role::kLeader &&
                       role_.role != raft::Role::kLeader;
  role_ = step.state;
  snapshots_.OnRole(role_);
  NoteWhetherAlone();
  if (elected) ++counters_.elections_won;
  if (leader_changed) {
    if (role_.leader != kNoReplica) ++counters_.leader_changes;
    env_.logger.Info("replica ", role_.leader, " leads");
    writes_.OnLeaderChanged();
  }
  PublishStatus();
}

void Node::Begin(SendNow step) { Send(std::move(step.messages)); }

void Node::Begin(ForgetQueuedApplies) { applier_.ForgetQueued(); }

void Node::Begin(BeginPersist step) {
  if (step.batch.hard_state) writes_.OnTerm(step.batch.hard_state->term);
  if (MutantActive(Mutant::kSentBeforeDurable)) {
    Send(std::exchange(step.batch.messages_after, {}));
  }
  if (MutantActive(Mutant::kDurableWhenSubmitted)) {
    core_->Persisted(step.batch.seq);
  }
  log_writer_.Submit(std::move(step.batch));
}

void Node::Begin(BeginApply step) { applier_.Submit(std::move(step.entries)); }

void Node::Begin(BeginFetch step) {
  errands_.Run(
      *env_.lanes.log,
      [this, request = step.request] {
        return env_.store->log().Entries(request.first, request.end,
                                         {.bytes_max = request.bytes_max});
      },
      [this,
       id = step.request.id](absl::StatusOr<std::vector<LogEntry>> entries) {
        OnFetched(id, std::move(entries));
      });
}

void Node::OnFetched(raft::FetchId id,
                     absl::StatusOr<std::vector<LogEntry>> entries) {
  if (!working()) return;
  absl::Status status = entries.status();
  if (!IsCorruption(status)) {
    status = core_->EntriesFetched(id, std::move(entries));
  }
  if (!status.ok()) Fail(std::move(status));
}

void Node::OnErrandDone() {
  if (!working()) return MaybeFinishStop();
  Pump();
}

void Node::Begin(ProvideSnapshot step) { snapshots_.Provide(step.request); }

void Node::Begin(const FinishReads& step) {
  for (const raft::ReadResult& result : step.results) {
    reads_.Confirmed(result, core_->log().applied());
  }
  for (const raft::ReadId id : step.lost) reads_.Lost(id);
}

void Node::OnDurable(raft::PersistSeq last,
                     std::vector<raft::Message> messages) {
  if (!working()) return MaybeFinishStop();
  debt_.OnDurable();
  Send(std::move(messages));
  if (!MutantActive(Mutant::kDurableWhenSubmitted)) core_->Persisted(last);
  // Of an installation in it, some reads may have been waiting.
  reads_.Applied(core_->log().applied());
  Pump();
}

void Node::OnInstalled(LogIndex index, const absl::Status& result) {
  if (working() && result.ok()) {
    // Before somebody who has waited for it looks.
    PublishStatus();
    writes_.OnSkipped(index);
    doors_.changes.Skip(index);
    reads_.Applied(index);
    maintenance_.OnInstalled(index);
    NoteWhetherAlone();
  }
  // The core hears of it when the batch that it came with is durable.
  log_writer_.Installed(result);
}

void Node::OnApplied(const std::vector<engine::CommittedEntry>& entries,
                     std::vector<engine::EntryResult> results) {
  TRIMARAN_CHECK_EQ(entries.size(), results.size());
  if (!working()) return MaybeFinishStop();
  const LogIndex last = entries.back().entry.index;
  core_->Applied(last);
  core_->Compacted(env_.store->log().truncated());
  counters_.entries_applied += entries.size();
  uint64_t bytes = 0;
  audits_.OnApplied(last, core_->log().commit(), results.back().audits);
  for (size_t i = 0; i < entries.size(); ++i) {
    counters_.commands_applied += results[i].commands.size();
    doors_.changes.Append(entries[i].entry, results[i]);
    bytes += entries[i].entry.size_bytes();
    writes_.OnApplied(entries[i].entry.id(), std::move(results[i]),
                      core_->membership().conf());
  }
  maintenance_.OnApplied(last, bytes);
  snapshots_.OnApplierIdle();
  NoteWhetherAlone();
  reads_.Applied(last);
  Pump();
}

absl::StatusOr<ConfState> Node::OnConfChange(LogIndex index,
                                             const raft::ConfChange& change) {
  // Whatever it leads to, it is decided again when it has been applied, and so
  // has everything that those who leave the group have heard to be committed.
  doors_.alone = false;
  doors_.alone_from = core_->log().commit();
  absl::StatusOr<ConfState> conf = core_->ApplyConfChange(index, change);
  // A change that does not fit changes nothing, on all replicas alike.
  if (absl::IsFailedPrecondition(conf.status()) ||
      absl::IsInvalidArgument(conf.status())) {
    env_.logger.Warning("a change of membership has no effect: ",
                        ToStd(conf.status().message()));
    return core_->membership().conf();
  }
  return conf;
}

void Node::NoteWhetherAlone() {
  const ConfState& conf = core_->membership().conf();
  const raft::RaftLog& log = core_->log();
  // What earlier leaders have acknowledged is applied when something of the own
  // term is. A learner may have applied, and acknowledged to its clients, what
  // is committed and not applied here.
  doors_.alone = role_.role == raft::Role::kLeader &&
                 (conf.IsOnlyMember(env_.store->identity().replica) ||
                  (conf.IsOnlyVoter(env_.store->identity().replica) &&
                   MutantActive(Mutant::kAloneDespiteLearners))) &&
                 log.applied() >= doors_.alone_from &&
                 log.TermAt(log.applied()) == log.last().term;
}

// ---- Sending ----

void Node::Send(std::vector<raft::Message> messages) {
  if (env_.transport == nullptr || messages.empty()) return;
  std::vector<PeerMessage> out;
  out.reserve(messages.size());
  for (raft::Message& message : messages) {
    if (!debt_.MayLeave(message)) continue;
    if (message.As<raft::MsgSnap>() != nullptr) {
      // It goes with the data.
      snapshots_.Announce(std::move(message));
      continue;
    }
    const ReplicaId from = message.from;
    const ReplicaId to = message.to;
    out.push_back({.from = from,
                   .to = to,
                   .body = std::move(message),
                   .from_store = env_.store->identity().store});
  }
  counters_.messages_sent += out.size();
  env_.transport->Send(std::move(out));
}

void Node::SendTo(ReplicaId to, PeerBody body) {
  if (env_.transport == nullptr) return;
  ++counters_.messages_sent;
  std::vector<PeerMessage> out;
  out.push_back({.from = env_.store->identity().replica,
                 .to = to,
                 .body = std::move(body),
                 .from_store = env_.store->identity().store});
  env_.transport->Send(std::move(out));
}

}  // namespace trimaran
