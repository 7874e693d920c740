#ifndef TRIMARAN_TESTS_FUZZ_RECEIVING_REPLICA_H_
#define TRIMARAN_TESTS_FUZZ_RECEIVING_REPLICA_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/home/store_identity.h"
#include "engine/snapshot/snapshot_store.h"
#include "engine/store.h"
#include "replication/node/errands.h"
#include "replication/node/snapshot_fetcher.h"
#include "tests/replication/node/manual_lane.h"
#include "tests/support/disk/disk_image.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"
#include "tests/support/manual_clock.h"

namespace trimaran {

// A store of which nothing but its snapshots is looked at.
//
// Thread: owner.
class ReceivingStore final : public engine::Store {
 public:
  // `files` outlives this, and has the directory of the snapshots.
  explicit ReceivingStore(engine::FileSystem& files);

  const engine::StoreIdentity& identity() const override { return identity_; }
  engine::LogStore& log() const override;
  engine::StateMachine& machine() const override;
  engine::FileSystem& files() const override { return files_; }
  engine::SnapshotStore& snapshots() const override { return *snapshots_; }
  absl::Status Close() override { return absl::OkStatus(); }

 private:
  absl::Status NoteDurable() override { return absl::OkStatus(); }

  engine::FileSystem& files_;
  engine::StoreIdentity identity_;
  std::unique_ptr<engine::SnapshotStore> snapshots_;
};

// What a replica needs to receive snapshots, from one start of its process to
// the next, on a disk that it shares with a file which is none of its business.
//
// Thread: owner.
class ReceivingReplica {
 public:
  static constexpr char kRoot[] = "/store/snap";
  // Relative to the disk's root, and what it holds.
  static constexpr char kOtherFile[] = "other";
  static constexpr char kOtherContent[] = "of somebody else";

  // A new disk.
  ReceivingReplica();
  // A disk as a crash has left it.
  ReceivingReplica(const disk::DiskImage& image, MonotonicTime now);
  ReceivingReplica(const ReceivingReplica&) = delete;
  ReceivingReplica& operator=(const ReceivingReplica&) = delete;

  // One task, if there is one.
  bool RunRaft() { return raft_.RunOne(); }
  bool RunMaintenance() { return maintenance_.RunOne(); }
  void RunAll();
  void Tick(absl::Duration time);

  SnapshotFetcher& fetcher() { return *fetcher_; }
  disk::SimDisk& disk() { return disk_; }
  disk::SimFileSystem& files() { return files_; }
  const ManualClock& clock() const { return clock_; }
  const SnapshotOptions& options() const { return options_.snapshots; }
  std::string PathOf(const std::string& name) const {
    return store_->snapshots().PathOf(name);
  }
  // Tasks that wait for the disk.
  size_t waiting() const { return maintenance_.size(); }

  // ---- Since the last call ----

  // What it has said.
  std::vector<PeerBody> TakeSaid() { return std::exchange(said_, {}); }
  // Directories that are whole, and what was announced of each.
  using Received = std::vector<std::pair<std::string, raft::Message>>;
  Received TakeReceived() { return std::exchange(received_, {}); }

 private:
  void Start();

  disk::SimDisk disk_;
  disk::SimFileSystem files_{disk_};
  ManualClock clock_;
  std::optional<ReceivingStore> store_;
  ManualLane raft_;
  ManualLane maintenance_;
  NodeOptions options_;
  NodeEnvironment env_;
  std::vector<PeerBody> said_;
  Received received_;
  uint64_t errands_done_ = 0;
  std::optional<Errands> errands_;
  std::optional<SnapshotFetcher> fetcher_;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_FUZZ_RECEIVING_REPLICA_H_
