#include "tests/support/script/node.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "replication/raft/conf_change.h"
#include "replication/raft/debug_string.h"
#include "tests/support/script/text.h"

namespace trimaran::script {
namespace {

using raft::Message;

std::pair<uint64_t, uint64_t> KeyOf(EntryId id) {
  return {id.index.value(), id.term.value()};
}

void Send(std::vector<Message> messages, Network& network) {
  for (Message& message : messages) {
    network.queue.push_back(std::move(message));
  }
}

}  // namespace

Node::Node(const raft::Config& config, Storage mode, raft::MemoryLog stored)
    : config_(config), mode_(mode), stored_(std::move(stored)) {}

void Node::Crash() {
  core_.reset();
  append_work_.clear();
  apply_work_.clear();
}

absl::Status Node::Start() {
  TRIMARAN_ASSIGN_OR_RETURN(
      core_, raft::Raft::Create(config_, stored_.Load(), random_));
  return absl::OkStatus();
}

void Node::ProcessReady(Network& network, Output& output) {
  if (!HasReady()) {
    output.Add("nothing to do");
    return;
  }
  raft::Ready ready = core_->TakeReady();
  output.Add(raft::DebugString(ready));
  Send(std::move(ready.messages), network);
  if (ready.persist) append_work_.push_back(*std::move(ready.persist));
  if (!ready.apply.empty()) apply_work_.push_back(std::move(ready.apply));
  for (const raft::FetchRequest& fetch : ready.fetches) {
    const absl::Status status = core_->EntriesFetched(
        fetch.id, stored_.Entries(fetch.first, fetch.end, fetch.bytes_max));
    if (!status.ok()) output.AddError(ErrorText(status));
  }
  for (const raft::SnapshotRequest& request : ready.snapshot_requests) {
    AnswerSnapshotRequest(request.peer, network);
  }
  if (mode_ == Storage::kAsync) return;
  while (HasAppendWork()) {
    const raft::PersistBatch batch = std::move(append_work_.front());
    append_work_.pop_front();
    Persist(batch, network);
  }
  while (HasApplyWork()) {
    const std::vector<LogEntry> page = std::move(apply_work_.front());
    apply_work_.pop_front();
    Apply(page, output);
  }
}

void Node::ProcessAppend(Network& network, Output& output) {
  if (!HasAppendWork()) {
    output.Add("no batch is waiting");
    return;
  }
  const raft::PersistBatch batch = std::move(append_work_.front());
  append_work_.pop_front();
  output.Add(BatchText(batch));
  Persist(batch, network);
}

void Node::ProcessApply(Output& output) {
  if (!HasApplyWork()) {
    output.Add("no page is waiting");
    return;
  }
  const std::vector<LogEntry> page = std::move(apply_work_.front());
  apply_work_.pop_front();
  for (const LogEntry& entry : page) output.Add(raft::DebugString(entry));
  Apply(page, output);
}

void Node::Persist(const raft::PersistBatch& batch, Network& network) {
  std::string state;
  if (batch.snapshot) {
    state = network.snapshot_states[KeyOf(batch.snapshot->id)];
    // The snapshot covers them.
    apply_work_.clear();
  }
  const absl::Status status = stored_.Apply(batch, state);
  TRIMARAN_CHECK(status.ok()) << status.ToString();
  Send(batch.messages_after, network);
  core_->Persisted(batch.seq);
}

void Node::Apply(const std::vector<LogEntry>& page, Output& output) {
  ConfState conf = stored_.conf();
  std::string state = stored_.state();
  for (const LogEntry& entry : page) {
    if (entry.type == EntryType::kNormal) {
      if (entry.payload.empty()) continue;
      if (!state.empty()) state += ' ';
      state += entry.payload.bytes();
      continue;
    }
    const absl::StatusOr<raft::ConfChange> change =
        raft::DecodeConfChange(entry.payload.bytes());
    TRIMARAN_CHECK(change.ok()) << change.status().ToString();
    absl::StatusOr<ConfState> changed =
        core_->ApplyConfChange(entry.index, *change);
    if (changed.ok()) {
      conf = *std::move(changed);
      output.Add(absl::StrCat("now: ", conf.DebugString()));
    } else {
      output.AddError(ErrorText(changed.status()));
    }
  }
  const LogIndex last = page.back().index;
  stored_.SetApplied(last, std::move(conf), std::move(state));
  core_->Applied(last);
}

absl::StatusOr<SnapshotMeta> Node::TakeSnapshot(Network& network) {
  TRIMARAN_ASSIGN_OR_RETURN(const raft::StoredSnapshot snapshot,
                            stored_.CreateSnapshot());
  network.snapshot_states[KeyOf(snapshot.meta.id)] = snapshot.state;
  return snapshot.meta;
}

void Node::AnswerSnapshotRequest(ReplicaId peer, Network& network) {
  const absl::StatusOr<SnapshotMeta> snapshot = TakeSnapshot(network);
  if (can_snapshot_ && snapshot.ok()) {
    core_->SnapshotAvailable(peer, *snapshot);
  } else {
    core_->SnapshotUnavailable(peer);
  }
}

absl::Status Node::SendSnapshot(ReplicaId to, Network& network,
                                Output& output) {
  TRIMARAN_ASSIGN_OR_RETURN(SnapshotMeta snapshot, TakeSnapshot(network));
  Message message;
  message.group = config_.group;
  message.from = id();
  message.to = to;
  message.term = core_->status().term;
  message.body = raft::MsgSnap{std::move(snapshot)};
  output.Add(raft::DebugString(message));
  network.queue.push_back(std::move(message));
  return absl::OkStatus();
}

}  // namespace trimaran::script
