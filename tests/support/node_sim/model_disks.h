#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_MODEL_DISKS_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_MODEL_DISKS_H_

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/conf_state.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/engine_model/model_state_disk.h"
#include "tests/support/node_sim/replica_disks.h"

namespace trimaran::node_sim {

// What a group of `conf` begins with, on each of its founders; and the log of
// whoever joins it.
engine::ModelState FoundedState(const ConfState& conf);
engine::ModelLogImage FoundedLog();
engine::ModelLogImage EmptyLog();

// One of those that a crash may leave.
disk::Survival DrawSurvival(Random& random);

// Disks of models: crashes cost next to nothing.
class ModelDisks final : public ReplicaDisks {
 public:
  // Of a founding member of a group of `conf`, or without one of a replica that
  // is to join.
  ModelDisks(const engine::StoreIdentity& identity,
             const std::optional<ConfState>& conf);
  struct CopyOf {
    const ModelDisks& original;
  };
  explicit ModelDisks(CopyOf copy);

  absl::StatusOr<std::unique_ptr<engine::Store>> Open(
      const Clock& clock, const Logger& logger) override;
  void Crash(Random& random) override;
  void Freeze() override { files_->CutPowerAfter(0); }
  void FailSoon(Random& random) override;
  void LosePowerSoon(Random& random) override;
  void Heal() override;
  absl::StatusOr<ObservedState> Look(const engine::Store& store) override;
  const engine::ModelLogImage& durable_log() const override {
    return log_.durable();
  }
  void TakeImage() override;
  const engine::ModelLogImage* image() const override {
    return image_ ? &image_->log : nullptr;
  }
  void RestoreImage(Random& random) override;
  bool LoseTail(Random& random) override;
  std::unique_ptr<ReplicaDisks> Copy() const override;
  MediaDamage Damage(Random& random, bool log_too) override;
  MediaDamage Decay(Random& random, bool log_too) override;
  std::string FailReadsSoon(Random& random) override;
  void Fill(uint64_t bytes) override;
  void MakeRoom() override { files_->SetCapacity(UINT64_MAX); }
  bool owes() const override { return log_.owed().has_value(); }

 private:
  struct Image {
    engine::ModelLogImage log;
    engine::ModelStateDisk::Image state;
    disk::DiskImage files;
  };

  engine::ModelLogDisk log_;
  engine::ModelStateDisk state_;
  std::unique_ptr<disk::SimDisk> files_;
  std::optional<Image> image_;
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_MODEL_DISKS_H_
