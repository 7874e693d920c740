#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "replication/raft/debug_string.h"
#include "tests/support/sim/sim_replica.h"

// What a host does with the output of its core.

namespace trimaran::sim {
namespace {

// One in so many applied pages is followed by a checkpoint.
constexpr uint64_t kPagesPerCheckpoint = 64;

uint64_t Digest(const raft::Message& message) {
  uint64_t digest = Mix(message.body.index(), message.term.value());
  digest = Mix(digest, message.from.value() << 8 | message.to.value());
  if (const auto* append = message.As<raft::MsgApp>()) {
    digest =
        Mix(digest, append->prev.index.value() << 16 | append->entries.size());
    return Mix(digest, append->commit.value());
  }
  if (const auto* ack = message.As<raft::MsgAppResp>()) {
    return Mix(digest, ack->index.value() << 1 | uint64_t{ack->rejected});
  }
  return digest;
}

}  // namespace

void SimReplica::Perform(raft::Ready ready) {
  if (ready.soft_state) {
    Note("has the role", static_cast<uint64_t>(ready.soft_state->role));
    if (ready.soft_state->role == raft::Role::kLeader) {
      LeadsIn(life_->core->status().term);
    }
  }
  for (raft::Message& message : ready.messages) Send(std::move(message));
  if (ready.persist) Persist(*std::move(ready.persist));
  if (!ready.apply.empty()) {
    const LogEntry& last = ready.apply.back();
    if (!disk_.Holds(last.id())) {
      world_.check.violations.Report(
          Rule::kHostContract,
          absl::StrCat("replica ", id().value(), " is to apply ",
                       last.index.value(), ", which is not on its disk"));
    }
    life_->pages.push_back(std::move(ready.apply));
    ScheduleApply();
  }
  for (const raft::FetchRequest& fetch : ready.fetches) {
    life_->fetches.push_back(fetch);
    ScheduleOwn(world_.options.disk.fetch.Draw(random_), EventKind::kFetchDone,
                fetch.id.value());
  }
  for (const raft::SnapshotRequest& request : ready.snapshot_requests) {
    ScheduleOwn(world_.options.disk.fetch.Draw(random_),
                EventKind::kSnapshotAnswer,
                request.peer.value() << 48 | request.index_min.value());
  }
  for (const raft::ReadResult& result : ready.read_results) {
    Note("may read at", result.index.value());
    life_->clients.Indexed(result);
  }
  if (!ready.read_results.empty()) life_->clients.Serve(life_->machine);
  for (const raft::ReadId read : ready.lost_reads) life_->clients.Lost(read);
}

void SimReplica::LeadsIn(Term term) {
  if (life_->led_term == term) return;
  life_->led_term = term;
  Note("leads term", term.value());
  world_.check.leaders.OnLeader(id(), term);
  const raft::RaftLog& log = life_->core->log();
  world_.check.log.OnLeader(id(), term, log.boundary().index,
                            [&log](LogIndex at) { return log.TermAt(at); });
}

void SimReplica::CheckOutgoing(const raft::Message& message) {
  world_.check.durability.OnSend(message, disk_);
  if (const auto* append = message.As<raft::MsgApp>()) {
    LeadsIn(message.term);
    world_.check.bounds.OnAppend(id(), *append);
    Term before = append->prev.term;
    for (const LogEntry& entry : append->entries) {
      world_.check.log.OnEntry(id(), before, entry);
      before = entry.term;
    }
  } else if (message.As<raft::MsgHeartbeat>() != nullptr ||
             message.As<raft::MsgSnap>() != nullptr) {
    LeadsIn(message.term);
  }
}

void SimReplica::Send(raft::Message message) {
  CheckOutgoing(message);
  world_.trace.Fold(Mix(world_.now, Digest(message)));
  const size_t to = message.to.value() - 1;
  if (to >= kReplicasEver) return;
  if (message.As<raft::MsgSnap>() != nullptr) {
    return SendSnapshot(std::move(message));
  }
  const ReplicaId receiver = message.to;
  const auto& deliveries =
      world_.network.Send(id().value() - 1, to, std::move(message));
  for (const auto& delivery : deliveries) {
    world_.Schedule(delivery.delay, {.kind = EventKind::kDeliver,
                                     .replica = static_cast<uint16_t>(to),
                                     .argument = delivery.slot});
  }
  if (deliveries.empty() && world_.network.ReportsLoss()) {
    ScheduleOwn(0, EventKind::kUnreachable, receiver.value());
  }
}

void SimReplica::SendSnapshot(raft::Message message) {
  const SnapshotOptions& options = world_.options.snapshot;
  const uint64_t peer = message.to.value();
  const size_t to = peer - 1;
  const SimTime transfer = options.transfer.Draw(random_);
  const bool fails = random_.Chance(options.transfer_failure_ppm) ||
                     world_.network.IsCut(id().value() - 1, to);
  if (world_.trace.on()) {
    world_.trace.Line(world_.now, id(),
                      absl::StrCat("sends ", raft::DebugString(message),
                                   fails ? ", which fails" : ""));
  }
  ScheduleOwn(transfer, EventKind::kSnapshotReport, peer << 1 | !fails);
  if (fails) return;
  for (const auto& delivery :
       world_.network.Send(id().value() - 1, to, std::move(message))) {
    world_.Schedule(transfer + delivery.delay,
                    {.kind = EventKind::kDeliver,
                     .replica = static_cast<uint16_t>(to),
                     .argument = delivery.slot});
  }
}

void SimReplica::Persist(raft::PersistBatch batch) {
  if (!batch.entries.empty()) {
    const LogIndex prev = batch.entries.front().index - 1;
    std::optional<Term> before = life_->core->log().TermAt(prev);
    if (batch.snapshot) before = batch.snapshot->id.term;
    if (!before) before = disk_.TermAt(prev);
    for (const LogEntry& entry : batch.entries) {
      if (before) world_.check.log.OnEntry(id(), *before, entry);
      before = entry.term;
    }
  }
  // What is still to be applied is of a state that is about to be replaced.
  if (batch.snapshot) life_->pages.clear();
  const absl::Status status = disk_.Submit(std::move(batch));
  if (!status.ok()) {
    world_.check.violations.Report(
        Rule::kHostContract,
        absl::StrCat("replica ", id().value(), ": ", status.ToString()));
    return;
  }
  StartDisk();
}

void SimReplica::StartDisk() {
  if (disk_.syncing() || disk_.pending() == 0) return;
  disk_.BeginSync();
  const DiskOptions& options = world_.options.disk;
  SimTime duration = options.sync.Draw(random_);
  if (random_.Chance(options.stall_ppm)) {
    duration += options.stall.Draw(random_);
  }
  ScheduleOwn(duration, EventKind::kDiskDone);
}

void SimReplica::DiskDone() {
  raft::PersistSeq done;
  const bool one_by_one = random_.OneIn(2);
  while (disk_.syncing()) {
    raft::PersistBatch batch = disk_.CompleteNext();
    world_.check.durability.OnHardState(id(), disk_.hard_state());
    done = batch.seq;
    if (batch.snapshot) SnapshotInstalled();
    for (raft::Message& message : batch.messages_after) {
      Send(std::move(message));
    }
    if (one_by_one) {
      life_->core->Persisted(done);
      ObserveCommit();
    }
  }
  if (!one_by_one) life_->core->Persisted(done);
  Note("has persisted up to", disk_.last().value());
  StartDisk();
  AfterInput();
}

void SimReplica::SnapshotInstalled() {
  if (disk_.checkpoint().applied.index <= life_->machine.applied.index) return;
  ++world_.stats.snapshots_installed;
  life_->machine = disk_.checkpoint();
  life_->pages.clear();
  life_->clients.Skipped(life_->machine.applied.index);
  world_.check.apply.OnState(id(), life_->machine);
  Note("installs the snapshot at", life_->machine.applied.index.value());
}

void SimReplica::ScheduleApply() {
  BoundsChecker::Applying load;
  for (const auto& page : life_->pages) {
    ++load.pages;
    load.newest_entries = page.size();
    load.newest_bytes = SizeBytes(page);
    load.entries += load.newest_entries;
    load.bytes += load.newest_bytes;
  }
  world_.check.bounds.OnApplying(id(), load);
  if (life_->apply_scheduled || life_->pages.empty()) return;
  life_->apply_scheduled = true;
  ScheduleOwn(world_.options.disk.apply.Draw(random_), EventKind::kApplyDone);
}

void SimReplica::ApplyDone() {
  life_->apply_scheduled = false;
  if (life_->pages.empty()) return;
  std::vector<LogEntry>& page = life_->pages.front();
  // A host may tell of a part of a page.
  size_t count = page.size();
  if (count > 1 && random_.OneIn(8)) count = 1 + random_.Uniform(count);
  for (size_t i = 0; i < count; ++i) ApplyEntry(page[i]);
  if (count == page.size()) {
    life_->pages.pop_front();
  } else {
    page.erase(page.begin(), page.begin() + static_cast<std::ptrdiff_t>(count));
  }
  const LogIndex applied = life_->machine.applied.index;
  life_->core->Applied(applied);
  Note("has applied", applied.value());
  life_->clients.Serve(life_->machine);
  if (random_.OneIn(kPagesPerCheckpoint)) disk_.Checkpoint(life_->machine);
  MaybeCompact();
  ScheduleApply();
  AfterInput();
}

void SimReplica::ApplyEntry(const LogEntry& entry) {
  MachineState& machine = life_->machine;
  if (entry.index != machine.applied.index + 1 ||
      world_.check.log.CommittedTermAt(entry.index) != entry.term) {
    world_.check.violations.Report(
        Rule::kSameStateAtSameIndex,
        absl::StrCat("replica ", id().value(), " is to apply ",
                     entry.index.value(), "/", entry.term.value(), " after ",
                     machine.applied.index.value()));
    return;
  }
  machine.Apply(entry);
  if (entry.type == EntryType::kConfChange) {
    const auto change = raft::DecodeConfChange(entry.payload.bytes());
    TRIMARAN_CHECK(change.ok()) << change.status().ToString();
    const auto conf = life_->core->ApplyConfChange(entry.index, *change);
    if (conf.ok()) machine.conf = *conf;
    ObserveCommit();
    if (entry.index > world_.conf_index) {
      ++world_.stats.membership_changes;
      world_.conf = machine.conf;
      world_.conf_index = entry.index;
      if (world_.trace.on()) {
        world_.trace.Line(world_.now, id(),
                          absl::StrCat("applies ", raft::DebugString(*change),
                                       ": ", machine.conf.DebugString()));
      }
    }
  }
  world_.stats.writes_acknowledged += life_->clients.Applied(entry);
  world_.check.apply.OnState(id(), machine);
}

void SimReplica::MaybeCompact() {
  const SnapshotOptions& options = world_.options.snapshot;
  const MachineState& machine = life_->machine;
  if (options.threshold == 0 ||
      life_->core->log().pending_snapshot() != LogIndex() ||
      machine.applied.index < disk_.boundary().index + options.threshold) {
    return;
  }
  disk_.Checkpoint(machine);
  const uint64_t keep = random_.Uniform(options.keep_max + 1);
  if (machine.applied.index <= disk_.boundary().index + keep) return;
  const LogIndex index = machine.applied.index - keep;
  life_->core->Compacted(index);
  disk_.CompactTo(index);
  Note("compacts to", index.value());
}

void SimReplica::FetchDone(uint64_t number) {
  const raft::FetchId fetch_id(number);
  const auto found = std::find_if(
      life_->fetches.begin(), life_->fetches.end(),
      [fetch_id](const auto& fetch) { return fetch.id == fetch_id; });
  TRIMARAN_CHECK(found != life_->fetches.end());
  const raft::FetchRequest fetch = *found;
  life_->fetches.erase(found);
  absl::StatusOr<std::vector<LogEntry>> entries =
      absl::UnavailableError("not now");
  if (!random_.Chance(world_.options.disk.fetch_failure_ppm)) {
    entries = disk_.Read(fetch.first, fetch.end, fetch.bytes_max);
  }
  Note("fetches from", fetch.first.value());
  const absl::Status status =
      life_->core->EntriesFetched(fetch.id, std::move(entries));
  if (absl::IsDataLoss(status)) {
    world_.check.violations.Report(
        Rule::kHostContract,
        absl::StrCat("replica ", id().value(), ": ", status.ToString()));
  }
  AfterInput();
}

void SimReplica::AnswerSnapshotRequest(ReplicaId peer, LogIndex index_min) {
  const SnapshotOptions& options = world_.options.snapshot;
  // A snapshot is only offered once it is durable.
  if (random_.OneIn(2)) disk_.Checkpoint(life_->machine);
  const MachineState& state = disk_.checkpoint();
  if (random_.Chance(options.unavailable_ppm) ||
      state.applied.index < index_min) {
    life_->core->SnapshotUnavailable(peer);
    return;
  }
  world_.snapshots.try_emplace(state.applied.index, state);
  Note("offers the snapshot at", state.applied.index.value());
  life_->core->SnapshotAvailable(peer, {state.applied, state.conf});
}

}  // namespace trimaran::sim
