#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_ENGINE_DISKS_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_ENGINE_DISKS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/conf_state.h"
#include "engine/engine.h"
#include "engine/engine_options.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"
#include "tests/support/disk/sim_wiredtiger.h"
#include "tests/support/node_sim/replica_disks.h"

namespace trimaran::node_sim {

// Disks for the production engine: one in memory on which its files are, those
// of WiredTiger included, and beside it what a model of the log makes of all
// that is written, with which each open is compared.
//
// WiredTiger has threads of its own. What they do is not drawn by the seed, but
// neither is it seen: faults are planned for files of which one thread of ours
// writes alone, and processes are killed between tasks.
class EngineDisks final : public ReplicaDisks {
 public:
  // Of a founding member of a group of `conf`, or without one of a replica that
  // is to join.
  EngineDisks(const engine::StoreIdentity& identity,
              const std::optional<ConfState>& conf);
  struct CopyOf {
    const EngineDisks& original;
  };
  explicit EngineDisks(CopyOf copy);
  ~EngineDisks() override;

  // Unknown where the log is not what a crash could have left, or the state has
  // lost what a checkpoint had made durable; but for what has been damaged, of
  // which something may be missing.
  absl::StatusOr<std::unique_ptr<engine::Store>> Open(
      const Clock& clock, const Logger& logger) override;
  void Crash(Random& random) override;

  // The remains close the files in order, on a disk that nobody looks at again:
  // WiredTiger gives back all that it holds only then.
  void Freeze() override { at_death_ = disk_->TakeState(); }
  void FailSoon(Random& random) override;
  void LosePowerSoon(Random& random) override;
  void Heal() override { disk_->ClearFaults(); }
  absl::StatusOr<ObservedState> Look(const engine::Store& store) override;

  const engine::ModelLogImage& durable_log() const override {
    return log_.durable();
  }
  void TakeImage() override;
  const engine::ModelLogImage* image() const override {
    return image_ ? &image_->log : nullptr;
  }
  void RestoreImage(Random& random) override;
  bool LoseTail(Random&) override { return false; }
  std::unique_ptr<ReplicaDisks> Copy() const override;
  MediaDamage Damage(Random& random, bool log_too) override;
  MediaDamage Decay(Random& random, bool log_too) override;
  std::string FailReadsSoon(Random& random) override;
  void Fill(uint64_t bytes) override;
  void MakeRoom() override { disk_->SetCapacity(UINT64_MAX); }
  bool owes() const override { return log_.owed().has_value(); }

 private:
  struct Image {
    engine::ModelLogImage log;
    engine::LogPosition checkpoint;
    disk::DiskImage files;
  };

  engine::EngineOptions Options(const Clock& clock) const;
  // The machine starts with `disk`.
  void Insert(std::unique_ptr<disk::SimDisk> disk);
  std::string NextRoot();
  // Whether all that is on the disk is known.
  bool IsCertain() const;
  void KeepWhatIsInUse();
  absl::Status Settle(const engine::Engine& engine);
  void Note(const MediaDamage& damage);

  engine::ModelLogDisk log_;
  // What a checkpoint has made durable.
  engine::LogPosition checkpoint_;
  std::unique_ptr<disk::SimDisk> disk_;
  std::unique_ptr<disk::SimFileSystem> files_;
  std::unique_ptr<disk::WiredTigerMount> mount_;
  disk::DiskState at_death_;
  std::optional<Image> image_;
  // The floor may be newer than the rest.
  bool may_owe_more_ = false;
  // Since the last open, and ever.
  bool log_damaged_ = false;
  bool state_damaged_ = false;
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_ENGINE_DISKS_H_
