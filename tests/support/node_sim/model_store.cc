#include "tests/support/node_sim/model_store.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/logging.h"
#include "engine/base/status_macros.h"
#include "engine/founding.h"

namespace trimaran::node_sim {
namespace {

// Each disk has a root of its own.
std::string RootOf(const engine::StoreIdentity& identity) {
  return absl::StrCat("/replica-", identity.replica.value());
}

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

}  // namespace

engine::ModelState FoundedState(const ConfState& conf) {
  engine::ModelState state;
  state.progress.applied.id = engine::kBootstrapPosition;
  state.progress.truncated = engine::kBootstrapPosition;
  state.region.conf = conf;
  return state;
}

ModelDisks::ModelDisks(const engine::StoreIdentity& identity,
                       const ConfState& conf)
    : identity_(identity),
      log_(FoundedLog()),
      state_({.group = identity.group,
              .generation = 1,
              .state = FoundedState(conf)}),
      files_(std::make_unique<disk::SimDisk>(RootOf(identity))) {}

ModelDisks::ModelDisks(const engine::StoreIdentity& identity)
    : identity_(identity),
      log_(EmptyLog()),
      state_({.group = identity.group, .generation = 1, .state = {}}),
      files_(std::make_unique<disk::SimDisk>(RootOf(identity))) {}

void ModelDisks::Crash(Random& random) {
  log_.Crash(random);
  state_.Crash(random);
  const size_t how = random.Uniform(disk::kSeededSurvivals.size());
  const disk::DiskImage image =
      files_->AfterCrash(disk::kSeededSurvivals[how], random.Next());
  files_ = std::make_unique<disk::SimDisk>(RootOf(identity_), image);
}

ModelStore::ModelStore(ModelDisks& disks)
    : disks_(disks),
      log_(std::make_unique<engine::ModelLogStore>(disks.log())),
      machine_(std::make_unique<engine::ModelStateMachine>(
          disks.state(), log_->state().generation)),
      files_(std::make_unique<disk::SimFileSystem>(disks.files())) {
  log_->Compact(machine_->applied().truncated.index);
}

absl::StatusOr<std::unique_ptr<ModelStore>> ModelStore::Open(
    ModelDisks& disks, MonotonicTime now) {
  std::unique_ptr<ModelStore> store(new ModelStore(disks));
  TRIMARAN_ASSIGN_OR_RETURN(
      store->snapshots_,
      engine::SnapshotStore::Open(
          *store->files_, engine::JoinPath(RootOf(disks.identity()), "snap"),
          now, Logger()));
  return store;
}

absl::Status ModelStore::Close() {
  TRIMARAN_RETURN_IF_ERROR(failure());
  TRIMARAN_RETURN_IF_ERROR(log_->Flush());
  return Checkpoint().status();
}

}  // namespace trimaran::node_sim
