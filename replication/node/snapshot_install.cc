#include "replication/node/snapshot_install.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "engine/home/store_identity.h"
#include "engine/snapshot/snapshot_store.h"

namespace trimaran {

SnapshotInstall::SnapshotInstall(const NodeOptions& options,
                                 const NodeEnvironment& environment,
                                 Errands& errands, Applier& applier, Host host)
    : options_(options),
      env_(environment),
      errands_(errands),
      applier_(applier),
      host_(std::move(host)) {}

void SnapshotInstall::Begin(const SnapshotMeta& snapshot, std::string name,
                            std::optional<HardState> hard_state) {
  TRIMARAN_CHECK(!job_.has_value());
  job_.emplace(Job{
      .snapshot = snapshot, .name = std::move(name), .hard_state = hard_state});
  env_.logger.Info("installing the snapshot at ", snapshot.id.index);
  applier_.Pause();
  Continue();
}

void SnapshotInstall::Stop() {
  stopped_ = true;
  Continue();
}

bool SnapshotInstall::CanGiveUp() const {
  return job_->installer == nullptr ||
         job_->installer->stage() < engine::InstallStage::kSwitched;
}

void SnapshotInstall::Continue() {
  if (!job_ || job_->working) return;
  if (stopped_ && CanGiveUp()) {
    return Finish(absl::CancelledError("the replica is at its end"));
  }
  // What is being applied to the old state comes to its end first.
  if (applier_.busy()) return;
  if (job_->installer != nullptr) {
    BeginStep();
  } else if (job_->retry_at <= env_.clock->Now()) {
    BeginOpening();
  }
}

// ---- Opening ----

SnapshotInstall::Opened SnapshotInstall::Open(engine::Store& store,
                                              const std::string& name,
                                              EntryId position,
                                              uint64_t free_bytes_min) {
  TRIMARAN_ASSIGN_OR_RETURN(
      std::unique_ptr<engine::Installer> installer,
      engine::Installer::Start(store.files(), store.snapshots().PathOf(name),
                               {.machine = &store.machine(),
                                .log = &store.log(),
                                .cluster = store.identity().cluster,
                                .group = store.identity().group,
                                .free_bytes_min = free_bytes_min}));
  const EntryId found = installer->manifest().position.id;
  if (found == position) return installer;
  return absl::FailedPreconditionError(
      absl::StrCat(name, " holds the snapshot at ", found.index.value(), "/",
                   found.term.value(), ", and the log was told of one at ",
                   position.index.value(), "/", position.term.value()));
}

void SnapshotInstall::BeginOpening() {
  job_->working = true;
  errands_.Run(
      *env_.lanes.maintenance,
      [store = env_.store, name = job_->name, position = job_->snapshot.id,
       free_bytes_min = options_.snapshots.free_bytes_min] {
        return Open(*store, name, position, free_bytes_min);
      },
      [this](Opened opened) {
        job_->working = false;
        if (!opened.ok()) return OnError(opened.status());
        job_->installer = *std::move(opened);
        if (job_->hard_state) {
          job_->installer->UseHardState(*job_->hard_state);
        }
        Continue();
      });
}

// ---- Steps ----

Lane& SnapshotInstall::LaneOf(engine::InstallLane lane) const {
  switch (lane) {
    case engine::InstallLane::kLog:
      return *env_.lanes.log;
    case engine::InstallLane::kApply:
      return *env_.lanes.apply;
    case engine::InstallLane::kMaintenance:
      break;
  }
  return *env_.lanes.maintenance;
}

void SnapshotInstall::BeginStep() {
  job_->working = true;
  engine::Installer* installer = job_->installer.get();
  errands_.Run(
      LaneOf(installer->lane()), [installer] { return installer->Step(); },
      [this](const absl::StatusOr<engine::InstallStage>& stage) {
        job_->working = false;
        OnStep(stage);
      });
}

void SnapshotInstall::OnStep(
    const absl::StatusOr<engine::InstallStage>& stage) {
  if (!stage.ok()) return OnError(stage.status());
  if (*stage == engine::InstallStage::kActive) return Succeed();
  Continue();
}

void SnapshotInstall::OnError(const absl::Status& error) {
  if (stopped_) {
    return Finish(absl::CancelledError("the replica is at its end"));
  }
  const bool can_try_again =
      absl::IsResourceExhausted(error) && env_.store->failure().ok();
  if (!can_try_again) return Finish(error);
  env_.logger.Error("a snapshot cannot be installed for now: ",
                    ToStd(error.message()));
  Dispose(std::move(job_->installer));
  job_->retry_at = env_.clock->Now() + options_.snapshots.retry_after;
}

void SnapshotInstall::Succeed() {
  ++installed_;
  // The snapshot is not needed any more. What cannot be removed now is garbage
  // that is collected later.
  std::unique_ptr<engine::Installer> installer = std::move(job_->installer);
  if (!stopped_) {
    errands_.Run(
        *env_.lanes.maintenance,
        [installer = std::move(installer)] {
          return installer->Step().status();
        },
        [](const absl::Status&) {});
  }
  Finish(absl::OkStatus());
}

void SnapshotInstall::Finish(const absl::Status& result) {
  Dispose(std::move(job_->installer));
  const LogIndex index = job_->snapshot.id.index;
  job_.reset();
  applier_.Resume();
  host_.done(index, result);
}

void SnapshotInstall::Dispose(std::unique_ptr<engine::Installer> installer) {
  if (installer == nullptr) return;
  errands_.Run(
      *env_.lanes.maintenance,
      [installer = std::move(installer)]() mutable {
        installer.reset();
        return true;
      },
      [](bool) {});
}

}  // namespace trimaran
