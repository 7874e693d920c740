#include "engine/maintenance/stored_parts.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/home/home_paths.h"
#include "engine/maintenance/verify_checks.h"

namespace trimaran::engine {
namespace {

// The log that is read admits to everything it has; an entry that is not there
// is missing between the state and what follows.
absl::StatusOr<LogEntry> EntryAt(const ReadOnlyLog& log, LogIndex index) {
  auto entries = log.Entries(index, index + 1, ReadLimits{});
  if (IsCompacted(entries.status()) || IsNotInLog(entries.status())) {
    return CorruptionError(ToStd(entries.status().message()));
  }
  TRIMARAN_RETURN_IF_ERROR(entries.status());
  return std::move(entries->front());
}

// Where the configuration changes behind a state, one step at a time.
class ConfWalk {
 public:
  ConfWalk(const ReadOnlyLog& log, const StoredExport& state,
           const ConfChanger& change_conf)
      : log_(log),
        change_conf_(change_conf),
        conf_(state.conf()),
        changes_(log.ConfChangesAfter(state.position().id.index)) {}

  const ConfState& conf() const { return conf_; }
  // The entry that changes it next; none if there is none.
  std::optional<LogIndex> next() const {
    if (done_ == changes_.size()) return std::nullopt;
    return changes_[done_];
  }
  absl::Status Step() {
    TRIMARAN_ASSIGN_OR_RETURN(const LogEntry entry,
                              EntryAt(log_, changes_[done_]));
    TRIMARAN_ASSIGN_OR_RETURN(conf_, change_conf_(conf_, entry));
    ++done_;
    return absl::OkStatus();
  }

 private:
  const ReadOnlyLog& log_;
  const ConfChanger& change_conf_;
  ConfState conf_;
  const std::vector<LogIndex> changes_;
  size_t done_ = 0;
};

absl::Status CheckReaches(const ReadOnlyLog& log, const StoredExport& state) {
  const LogIndex applied = state.position().id.index;
  const LogState found = log.state();
  if (found.boundary.id.index <= applied && applied <= found.last.id.index) {
    return absl::OkStatus();
  }
  return CorruptionError("the log does not lead on from the state");
}

}  // namespace

absl::StatusOr<std::unique_ptr<StoredExport>> StoredParts::Export() const {
  return StoredExport::Open(*inspector, generation, identity.group);
}

FloorVerdict StoredParts::Judge() const {
  const LogState state = log->state();
  FloorState present = floor;
  present.term = state.hard_state.term;
  present.vote = state.hard_state.vote;
  present.last = state.last.id;
  present.newest_segment = log->scan().tail.header.sequence;
  present.generation = state.generation;
  return JudgeLog(floor, present, state.hard_state.commit);
}

absl::StatusOr<StoredParts> OpenStoredState(const StoredStore& store,
                                            uint64_t generation) {
  StoredParts parts;
  parts.generation = generation;
  TRIMARAN_ASSIGN_OR_RETURN(parts.identity,
                            ReadIdentity(*store.files, store.directory));
  TRIMARAN_ASSIGN_OR_RETURN(parts.inspector,
                            StateInspector::Open(InspectorOptions(store)));
  return parts;
}

absl::StatusOr<StoredParts> OpenStoredParts(const StoredStore& store) {
  StoredParts parts;
  TRIMARAN_ASSIGN_OR_RETURN(parts.identity,
                            ReadIdentity(*store.files, store.directory));
  TRIMARAN_ASSIGN_OR_RETURN(
      const FloorFile floor,
      FloorFile::Open(*store.files, JoinPath(store.directory, kFloorFile),
                      OpenMode::kRead));
  parts.floor = floor.state();
  TRIMARAN_ASSIGN_OR_RETURN(
      parts.log,
      ReadOnlyLog::Open(*store.files, JoinPath(store.directory, kLogDirectory),
                        nullptr));
  parts.generation = parts.log->state().generation;
  TRIMARAN_ASSIGN_OR_RETURN(parts.inspector,
                            StateInspector::Open(InspectorOptions(store)));
  return parts;
}

absl::StatusOr<LogIndex> FindCommitted(const StoredParts& parts,
                                       const ConfChanger& change_conf) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto state, parts.Export());
  TRIMARAN_RETURN_IF_ERROR(CheckReaches(*parts.log, *state));
  const LogState log = parts.log->state();
  const LogIndex last = log.last.id.index;
  LogIndex committed = std::max(state->position().id.index,
                                std::min(log.hard_state.commit, last));
  ConfWalk walk(*parts.log, *state, change_conf);
  while (walk.next() && *walk.next() <= committed) {
    TRIMARAN_RETURN_IF_ERROR(walk.Step());
  }
  // A change is decided by the configuration before it, and counts from there.
  while (walk.conf().IsOnlyVoter(parts.identity.replica)) {
    if (!walk.next()) return last;
    committed = *walk.next();
    TRIMARAN_RETURN_IF_ERROR(walk.Step());
  }
  return committed;
}

absl::StatusOr<std::vector<ConfState>> ConfsFrom(
    const StoredParts& parts, const ConfChanger& change_conf) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto state, parts.Export());
  TRIMARAN_RETURN_IF_ERROR(CheckReaches(*parts.log, *state));
  ConfWalk walk(*parts.log, *state, change_conf);
  std::vector<ConfState> confs = {walk.conf()};
  while (walk.next()) {
    TRIMARAN_RETURN_IF_ERROR(walk.Step());
    confs.push_back(walk.conf());
  }
  return confs;
}

}  // namespace trimaran::engine
