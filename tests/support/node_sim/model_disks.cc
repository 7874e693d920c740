#include "tests/support/node_sim/model_disks.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/logging.h"
#include "engine/base/status_macros.h"
#include "engine/founding.h"
#include "engine/snapshot/snapshot_store.h"
#include "tests/support/disk/sim_file_system.h"
#include "tests/support/engine_model/model_log_store.h"
#include "tests/support/engine_model/model_state_machine.h"

namespace trimaran::node_sim {
namespace {

constexpr std::array<std::string_view, 1> kSnapshotsOnly = {"snap/"};

// Each disk has a root of its own.
std::string RootOf(const engine::StoreIdentity& identity) {
  return absl::StrCat("/replica-", identity.replica.value());
}

// A replica's store, of models: the same contract in memory.
class ModelStore final : public engine::Store {
 public:
  ModelStore(const engine::StoreIdentity& identity, engine::ModelLogDisk& log,
             engine::ModelStateDisk& state, disk::SimDisk& files)
      : identity_(identity),
        log_(log),
        machine_(state, log_.state().generation),
        files_(files) {
    log_.Compact(machine_.applied().truncated.index);
  }
  absl::Status OpenSnapshots(const std::string& root, MonotonicTime now) {
    TRIMARAN_ASSIGN_OR_RETURN(
        snapshots_, engine::SnapshotStore::Open(files_, root, now, Logger()));
    return absl::OkStatus();
  }

  const engine::StoreIdentity& identity() const override { return identity_; }
  engine::LogStore& log() const override { return log_; }
  engine::ModelStateMachine& machine() const override { return machine_; }
  engine::FileSystem& files() const override { return files_; }
  engine::SnapshotStore& snapshots() const override { return *snapshots_; }
  absl::Status Close() override {
    TRIMARAN_RETURN_IF_ERROR(failure());
    TRIMARAN_RETURN_IF_ERROR(log_.Flush());
    return Checkpoint().status();
  }

 private:
  absl::Status NoteDurable() override { return absl::OkStatus(); }

  const engine::StoreIdentity& identity_;
  mutable engine::ModelLogStore log_;
  mutable engine::ModelStateMachine machine_;
  mutable disk::SimFileSystem files_;
  std::unique_ptr<engine::SnapshotStore> snapshots_;
};

}  // namespace

engine::ModelLogImage FoundedLog() {
  engine::ModelLogImage image;
  image.boundary.id = engine::kBootstrapPosition;
  image.hard_state = {engine::kBootstrapPosition.term, kNoReplica,
                      engine::kBootstrapPosition.index};
  image.generation = 1;
  return image;
}

engine::ModelLogImage EmptyLog() {
  engine::ModelLogImage image;
  image.generation = 1;
  return image;
}

engine::ModelState FoundedState(const ConfState& conf) {
  engine::ModelState state;
  state.progress.applied.id = engine::kBootstrapPosition;
  state.progress.truncated = engine::kBootstrapPosition;
  state.region = {
      .epoch = {.conf_version = 1, .version = 1}, .conf = conf, .members = {}};
  return state;
}

ModelDisks::ModelDisks(const engine::StoreIdentity& identity,
                       const std::optional<ConfState>& conf)
    : ReplicaDisks(identity),
      log_(conf ? FoundedLog() : EmptyLog()),
      state_({.group = identity.group,
              .generation = 1,
              .state = conf ? FoundedState(*conf) : engine::ModelState()}),
      files_(std::make_unique<disk::SimDisk>(RootOf(identity))) {}

ModelDisks::ModelDisks(CopyOf copy)
    : ReplicaDisks(copy.original.identity()),
      log_(copy.original.log_.durable()),
      state_({.group = identity().group, .generation = 1, .state = {}}),
      files_(std::make_unique<disk::SimDisk>(RootOf(identity()),
                                             copy.original.files_->Visible())) {
  state_.Replace(copy.original.state_.durable());
  if (copy.original.log_.owed()) log_.Owe(*copy.original.log_.owed());
}

disk::Survival DrawSurvival(Random& random) {
  const size_t fixed = disk::kFixedSurvivals.size();
  const size_t how = random.Uniform(fixed + disk::kSeededSurvivals.size());
  return how < fixed ? disk::kFixedSurvivals[how]
                     : disk::kSeededSurvivals[how - fixed];
}

absl::StatusOr<std::unique_ptr<engine::Store>> ModelDisks::Open(
    const Clock& clock, const Logger&) {
  auto store = std::make_unique<ModelStore>(identity(), log_, state_, *files_);
  TRIMARAN_RETURN_IF_ERROR(store->OpenSnapshots(
      engine::JoinPath(RootOf(identity()), "snap"), clock.Now()));
  return store;
}

void ModelDisks::Crash(Random& random) {
  log_.Crash(random);
  state_.Crash(random);
  const disk::DiskImage image =
      files_->AfterCrash(DrawSurvival(random), random.Next());
  files_ = std::make_unique<disk::SimDisk>(RootOf(identity()), image);
}

void ModelDisks::TakeImage() {
  image_ = {log_.durable(), state_.durable(), files_->Visible()};
}

void ModelDisks::RestoreImage(Random& random) {
  const engine::LogPosition before = log_.durable().last();
  log_.Replace(image_->log);
  state_.Replace(image_->state);
  files_ = std::make_unique<disk::SimDisk>(RootOf(identity()), image_->files);
  // The newer floor.
  const bool shorter = log_.durable().last() != before;
  if (shorter && random.OneIn(2)) {
    log_.Owe({before.id.index, log_.durable().hard_state.term + 1});
  }
}

bool ModelDisks::LoseTail(Random& random) {
  const engine::ModelLogImage& log = log_.durable();
  // What has been applied, and is durable so, the log must have had.
  const LogIndex applied =
      state_.Find(log.generation)->progress.applied.id.index;
  const LogIndex kept = std::max(applied, log.boundary.id.index);
  const LogIndex last = log.last().id.index;
  if (last <= kept) return false;
  log_.Lose(kept + 1 + random.Uniform(last - kept));
  return true;
}

std::unique_ptr<ReplicaDisks> ModelDisks::Copy() const {
  return std::make_unique<ModelDisks>(CopyOf{*this});
}

// What is in files here are snapshots alone.
MediaDamage ModelDisks::Damage(Random& random, bool) {
  disk::DiskImage files = files_->Visible();
  const disk::DiskImage* older = image_ ? &image_->files : nullptr;
  MediaDamage damage = DamageAtRest(random, kSnapshotsOnly, older, files);
  files_ = std::make_unique<disk::SimDisk>(RootOf(identity()), files);
  return damage;
}

MediaDamage ModelDisks::Decay(Random& random, bool) {
  return DamageInUse(random, kSnapshotsOnly, *files_);
}

std::string ModelDisks::FailReadsSoon(Random& random) {
  if (random.OneIn(2)) {
    log_.FailNextReads(absl::InternalError("the disk does not read"),
                       1 + random.Uniform(10));
    return "log";
  }
  files_->Inject({.target = disk::FaultTarget::kRead,
                  .path_part = std::string(kSnapshotsOnly.front()),
                  .nth = 1 + random.Uniform(5),
                  .for_ever = random.OneIn(4)});
  return "snap";
}

void ModelDisks::Fill(uint64_t bytes) {
  files_->SetCapacity(files_->UsedBytes() + bytes);
}

void ModelDisks::FailSoon(Random& random) {
  const absl::Status error = absl::InternalError("the disk is broken");
  switch (random.Uniform(8)) {
    case 0:
      state_.FailNextApply(error);
      break;
    case 1:
      state_.FailNextCheckpoint(error);
      break;
    default:
      log_.FailNextWrite(error);
  }
}

void ModelDisks::LosePowerSoon(Random&) {
  const absl::Status error = absl::InternalError("there is no power");
  log_.FailNextWrite(error);
  state_.FailNextCheckpoint(error);
  files_->CutPowerAfter(files_->operation_count());
}

void ModelDisks::Heal() {
  log_.FailNextWrite(absl::OkStatus());
  state_.FailNextApply(absl::OkStatus());
  state_.FailNextCheckpoint(absl::OkStatus());
  log_.FailNextReads(absl::OkStatus(), 0);
  files_->ClearFaults();
}

absl::StatusOr<ObservedState> ModelDisks::Look(const engine::Store& store) {
  return Observe(static_cast<const ModelStore&>(store).machine().state());
}

}  // namespace trimaran::node_sim
