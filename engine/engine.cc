#include "engine/engine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/home/disk_reserve.h"
#include "engine/home/home_paths.h"
#include "engine/kv/wt_state_machine.h"
#include "engine/log/segment_log.h"
#include "engine/maintenance/agreement.h"
#include "engine/snapshot/snapshot_store.h"
#include "engine/store_parts.h"

namespace trimaran::engine {

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(
    const EngineOptions& options) {
  TRIMARAN_RETURN_IF_ERROR(ValidateOptions(options));
  // Destroyed on an error, the engine closes what has been opened.
  std::unique_ptr<Engine> engine(new Engine(options));
  TRIMARAN_RETURN_IF_ERROR(engine->OpenHome());
  GiveUpReserve(*options.files, options.directory, options.reserve_bytes,
                options.logger);
  TRIMARAN_RETURN_IF_ERROR(engine->OpenLog());
  TRIMARAN_RETURN_IF_ERROR(engine->OpenMachine());
  TRIMARAN_RETURN_IF_ERROR(engine->Reconcile());
  TRIMARAN_RETURN_IF_ERROR(engine->OpenSnapshots());
  KeepReserve(*options.files, options.directory, options.reserve_bytes,
              options.logger);
  return engine;
}

Engine::Engine(const EngineOptions& options) : options_(options) {}

Engine::~Engine() {
  if (machine_ == nullptr) return;
  const absl::Status closed = Close();
  if (!closed.ok()) options_.logger.Warning("close: ", closed.ToString());
}

// ---- Opening ----

absl::Status Engine::OpenHome() {
  TRIMARAN_ASSIGN_OR_RETURN(
      home_, LockHome(*options_.files, options_.directory, HomeUse::kOpen));
  TRIMARAN_ASSIGN_OR_RETURN(identity_,
                            ReadIdentity(*options_.files, options_.directory));
  if (options_.expected_cluster.has_value() &&
      *options_.expected_cluster != identity_.cluster) {
    return CheckIdentity(options_.directory, identity_,
                         {.cluster = *options_.expected_cluster,
                          .group = identity_.group,
                          .replica = identity_.replica});
  }
  return absl::OkStatus();
}

absl::Status Engine::JudgeOpening(const absl::Status& status) const {
  if (!absl::IsNotFound(status)) return status;
  return CorruptionError(absl::StrCat("the store in ", options_.directory,
                                      " has lost a part: ", status.message()));
}

absl::Status Engine::OpenLog() {
  absl::StatusOr<SegmentLog::Opened> opened =
      SegmentLog::Open(LogOptions(options_, identity_));
  if (!opened.ok()) return JudgeOpening(opened.status());
  log_ = std::move(opened->log);
  const RecoveryReport& found = opened->report;
  report_.log_entries = found.entry_count;
  report_.log_bytes_cut = found.torn_bytes;
  report_.log_repaired = found.header_repaired || found.floor_repaired;
  report_.log_regression = found.regression;
  return absl::OkStatus();
}

absl::Status Engine::OpenMachine() {
  absl::StatusOr<std::unique_ptr<WtStateMachine>> opened = WtStateMachine::Open(
      MachineOptions(options_, identity_), log_->state().generation);
  if (!opened.ok()) return JudgeOpening(opened.status());
  machine_ = *std::move(opened);
  return absl::OkStatus();
}

// The log and the state machine were opened each for itself; now they must fit.
absl::Status Engine::Reconcile() {
  const AppliedState state = machine_->applied();
  TRIMARAN_ASSIGN_OR_RETURN(const LogEvidence evidence,
                            GatherEvidence(*log_, state));
  const absl::Status agreed =
      CheckAgreement(evidence, state, machine_->generation());
  if (!agreed.ok()) {
    return CorruptionError(
        absl::StrCat(options_.directory, ": ", agreed.message()));
  }
  log_->Compact(state.truncated.index);
  report_.replay_entries = evidence.log.last.id.index - state.applied.id.index;
  return DropLeftovers(evidence.log);
}

// Only now that log and state have each been found whole, and to agree. A log
// that has lost something may have lost that another state took over: as long
// as it owes, that state stays.
absl::Status Engine::DropLeftovers(const LogState& log) {
  using Others = WtStateMachine::OtherGenerations;
  return machine_->RemoveLeftovers(log.owed.has_value() ? Others::kKeep
                                                        : Others::kDrop);
}

absl::Status Engine::OpenSnapshots() {
  TRIMARAN_ASSIGN_OR_RETURN(
      snapshots_,
      SnapshotStore::Open(
          *options_.files, JoinPath(options_.directory, kSnapshotDirectory),
          options_.clock->Now(), options_.logger.WithComponent("snapshot")));
  report_.leftovers_removed = snapshots_->leftovers_removed();
  return absl::OkStatus();
}

// ---- Use ----

const StoreIdentity& Engine::identity() const { return identity_; }
LogStore& Engine::log() const { return *log_; }
StateMachine& Engine::machine() const { return *machine_; }
FileSystem& Engine::files() const { return *options_.files; }
SnapshotStore& Engine::snapshots() const { return *snapshots_; }
const OpenReport& Engine::open_report() const { return report_; }

absl::Status Engine::NoteDurable() { return log_->WriteFloor(); }

absl::Status Engine::Close() {
  if (machine_ == nullptr) return absl::OkStatus();
  absl::Status status = failure();
  // Also where the log has failed: what is applied was durable in it before.
  absl::Status closed = machine_->Close();
  if (status.ok()) status = std::move(closed);
  if (status.ok()) status = log_->Flush();
  machine_.reset();
  log_.reset();
  home_.lock.reset();
  return status;
}

}  // namespace trimaran::engine
