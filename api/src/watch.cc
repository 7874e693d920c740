#include "api/src/watch.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/src/encode.h"
#include "engine/base/status_macros.h"
#include "engine/log/log_store.h"

namespace trimaran {
namespace {

LogIndex AppliedIndex(const engine::StateMachine& machine) {
  return machine.applied().applied.id.index;
}

// The filter of `range`, with an entry behind which the family was there. It
// will be told of when it is dropped, and one that had its name before is not
// mistaken for it.
absl::StatusOr<ChangeFilter> FilterOf(const engine::StateMachine& machine,
                                      const KeyRange& range,
                                      ColumnFamily family) {
  std::vector<engine::Family> families;
  LogIndex index;
  do {
    // Both of one state: there was nothing applied in between. That takes much
    // longer than looking twice.
    index = AppliedIndex(machine);
    families = machine.families();
  } while (AppliedIndex(machine) != index);
  for (engine::Family& one : families) {
    if (one.id != IdOf(family)) continue;
    return ChangeFilter{.family = one.id,
                        .begin = range.begin,
                        .end = range.end,
                        .family_name = std::move(one.name),
                        .family_seen = index};
  }
  return absl::NotFoundError(
      absl::StrCat("there is no column family ", family.id()));
}

// Takes `batch` when there is memory for all of it.
WatchBatch ToBatch(ChangeBatch& batch) {
  WatchBatch result{.index = batch.index.value(), .changes = {}};
  result.changes.reserve(batch.changes.size());
  for (RowChange& change : batch.changes) {
    Change& to = result.changes.emplace_back();
    to.key = std::move(change.key);
    switch (change.kind) {
      case RowChange::Kind::kPut:
        to.kind = Change::Kind::kPut;
        to.value = std::move(change.value);
        break;
      case RowChange::Kind::kDelete:
        to.kind = Change::Kind::kDelete;
        break;
      case RowChange::Kind::kDeleteRange:
        to.kind = Change::Kind::kDeleteRange;
        to.end = std::move(change.value);
        break;
    }
  }
  return result;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Watcher>> ReplicaWatcher::Start(
    Replica& replica, const KeyRange& range, const WatchOptions& options) {
  if (!range.end.empty() && range.end < range.begin) {
    return absl::InvalidArgumentError("the range ends before it begins");
  }
  const engine::StateMachine& machine = replica.store().machine();
  LogIndex from(options.from_index);
  if (from == LogIndex()) from = AppliedIndex(machine) + 1;
  if (from > kMaxLogIndex) {
    return absl::InvalidArgumentError(absl::StrCat(
        "from_index is ", from.value(), "; no write will ever have it"));
  }
  TRIMARAN_ASSIGN_OR_RETURN(ChangeFilter filter,
                            FilterOf(machine, range, options.family));
  const LogIndex first = replica.node().changes().first();
  if (from < first) return engine::CompactedError(from, first - 1);
  return std::unique_ptr<Watcher>(
      new ReplicaWatcher(replica, std::move(filter), from));
}

absl::StatusOr<WatchBatch> ReplicaWatcher::Next(absl::Duration timeout) {
  if (cancelled_.load(std::memory_order_acquire)) {
    return absl::CancelledError("the watcher was cancelled");
  }
  const CallInProgress call(*gate_);
  if (!call.admitted()) return ClosedError();
  // Unless there is one that could not be told, for want of memory.
  if (!untold_.has_value()) {
    const absl::Status status = TakeNext(timeout);
    if (!status.ok()) {
      NoteNextIndex();
      return replica_.closing() ? ClosedError() : status;
    }
  }
  WatchBatch batch = ToBatch(*untold_);
  untold_.reset();
  NoteNextIndex();
  return batch;
}

void ReplicaWatcher::NoteNextIndex() {
  next_index_.store(cursor_.next().value(), std::memory_order_relaxed);
}

absl::Status ReplicaWatcher::TakeNext(absl::Duration timeout) {
  if (timeout > absl::ZeroDuration()) {
    TRIMARAN_RETURN_IF_ERROR(replica_.CheckMayWait());
  }
  TRIMARAN_ASSIGN_OR_RETURN(
      untold_, cursor_.Next(replica_.node().changes(), replica_.clock(),
                            replica_.clock().Now() + timeout, cancelled_));
  return absl::OkStatus();
}

void ReplicaWatcher::Cancel() {
  cancelled_.store(true, std::memory_order_release);
  const CallInProgress call(*gate_);
  // Whoever closes the database wakes everybody.
  if (call.admitted()) replica_.node().changes().Wake();
}

}  // namespace trimaran
