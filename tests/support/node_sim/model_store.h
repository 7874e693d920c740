#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_MODEL_STORE_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_MODEL_STORE_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/conf_state.h"
#include "engine/base/random.h"
#include "engine/home/store_identity.h"
#include "engine/snapshot/snapshot_store.h"
#include "engine/store.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"
#include "tests/support/engine_model/model_log_disk.h"
#include "tests/support/engine_model/model_log_store.h"
#include "tests/support/engine_model/model_state_disk.h"
#include "tests/support/engine_model/model_state_machine.h"

namespace trimaran::node_sim {

// The state with which a group of `conf` begins.
engine::ModelState FoundedState(const ConfState& conf);

// All that remains of a replica when its machine stops. Stores point to it.
//
// Thread: owner.
class ModelDisks {
 public:
  // Of a founding member of a group of `conf`, or of one that has been given
  // the state with which the group began.
  ModelDisks(const engine::StoreIdentity& identity, const ConfState& conf);
  // Of a replica that knows nobody and holds nothing.
  explicit ModelDisks(const engine::StoreIdentity& identity);
  ModelDisks(const ModelDisks&) = delete;
  ModelDisks& operator=(const ModelDisks&) = delete;

  // The process has been killed: what its remains still do changes no file.
  void Freeze() { files_->CutPowerAfter(0); }
  // The machine stops: what was not synced is there or is not.
  void Crash(Random& random);

  const engine::StoreIdentity& identity() const { return identity_; }
  engine::ModelLogDisk& log() { return log_; }
  const engine::ModelLogDisk& log() const { return log_; }
  engine::ModelStateDisk& state() { return state_; }
  disk::SimDisk& files() { return *files_; }

 private:
  const engine::StoreIdentity identity_;
  engine::ModelLogDisk log_;
  engine::ModelStateDisk state_;
  std::unique_ptr<disk::SimDisk> files_;
};

// A replica's store, of models: the same contract in memory, and crashes that
// cost next to nothing.
//
// Thread: owner, who plays all lanes.
class ModelStore final : public engine::Store {
 public:
  // `disks` outlives the store, and has been crashed since the last one was
  // open. Errors: of the files.
  static absl::StatusOr<std::unique_ptr<ModelStore>> Open(ModelDisks& disks,
                                                          MonotonicTime now);

  const engine::StoreIdentity& identity() const override {
    return disks_.identity();
  }
  engine::ModelLogStore& log() const override { return *log_; }
  engine::ModelStateMachine& machine() const override { return *machine_; }
  disk::SimFileSystem& files() const override { return *files_; }
  engine::SnapshotStore& snapshots() const override { return *snapshots_; }
  absl::Status Close() override;

 private:
  explicit ModelStore(ModelDisks& disks);
  absl::Status NoteDurable() override { return absl::OkStatus(); }

  ModelDisks& disks_;
  const std::unique_ptr<engine::ModelLogStore> log_;
  const std::unique_ptr<engine::ModelStateMachine> machine_;
  const std::unique_ptr<disk::SimFileSystem> files_;
  std::unique_ptr<engine::SnapshotStore> snapshots_;
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_MODEL_STORE_H_
