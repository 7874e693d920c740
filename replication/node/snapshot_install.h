#ifndef TRIMARAN_REPLICATION_NODE_SNAPSHOT_INSTALL_H_
#define TRIMARAN_REPLICATION_NODE_SNAPSHOT_INSTALL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/log_types.h"
#include "engine/snapshot/installer.h"
#include "replication/node/applier.h"
#include "replication/node/errands.h"
#include "replication/node/node_options.h"

namespace trimaran {

// Replaces log and state by a snapshot that has been received, each step on the
// lane where it belongs (engine/snapshot/installer.h), while nothing is
// applied.
//
// The core holds the snapshot for its log already, and can do nothing without
// it. So where the disk has no room, the installation is tried again, for as
// long as it takes; every other error ends this replica until it is started
// again, which begins from the old state or, behind the switch, from the new
// one. To go on without the snapshot is never right.
//
// Invariants:
//  1. From Begin to the report the applier begins nothing.
//  2. What has been switched to is activated, also where the node is being
//     stopped: the store must not be closed in between.
//
// Thread: the raft lane, on which the reports come as well.
class SnapshotInstall {
 public:
  struct Host {
    // OK: log and state are the snapshot's, durably. Cancelled: given up, as
    // the node is at its end. Once for each Begin.
    absl::AnyInvocable<void(LogIndex index, const absl::Status& result)> done;
  };
  // All outlive this.
  SnapshotInstall(const NodeOptions& options,
                  const NodeEnvironment& environment, Errands& errands,
                  Applier& applier, Host host);

  // `snapshot` has been received in the directory `name`; `hard_state` goes
  // into the log with the switch. One at a time.
  void Begin(const SnapshotMeta& snapshot, std::string name,
             std::optional<HardState> hard_state);
  // The applier has come to the end of what it was at.
  void OnApplierIdle() { Continue(); }
  void Tick() { Continue(); }
  // Gives up where that is possible.
  void Stop();

  bool active() const { return job_.has_value(); }
  uint64_t installed() const { return installed_; }

 private:
  struct Job {
    SnapshotMeta snapshot;
    std::string name;
    std::optional<HardState> hard_state;
    std::unique_ptr<engine::Installer> installer = nullptr;
    // A task of it is on another lane.
    bool working = false;
    MonotonicTime retry_at = MonotonicTime();
  };
  using Opened = absl::StatusOr<std::unique_ptr<engine::Installer>>;
  static Opened Open(engine::Store& store, const std::string& name,
                     EntryId position, uint64_t free_bytes_min);

  void Continue();
  void BeginOpening();
  void BeginStep();
  void OnStep(const absl::StatusOr<engine::InstallStage>& stage);
  void OnError(const absl::Status& error);
  void Succeed();
  void Finish(const absl::Status& result);
  // Drops the installer, and what it has imported, on the lane of imports.
  void Dispose(std::unique_ptr<engine::Installer> installer);
  Lane& LaneOf(engine::InstallLane lane) const;
  bool CanGiveUp() const;

  const NodeOptions& options_;
  const NodeEnvironment& env_;
  Errands& errands_;
  Applier& applier_;
  Host host_;
  std::optional<Job> job_;
  uint64_t installed_ = 0;
  bool stopped_ = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_SNAPSHOT_INSTALL_H_
