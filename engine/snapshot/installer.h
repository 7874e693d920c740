#ifndef TRIMARAN_ENGINE_SNAPSHOT_INSTALLER_H_
#define TRIMARAN_ENGINE_SNAPSHOT_INSTALLER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/cluster_id.h"
#include "engine/base/log_types.h"
#include "engine/file/file_system.h"
#include "engine/kv/state_machine.h"
#include "engine/kv/transfer.h"
#include "engine/log/log_store.h"
#include "engine/snapshot/snapshot_loader.h"
#include "engine/snapshot/snapshot_reader.h"

// Replaces the state of a replica, and its log, by a snapshot that has been
// received. What a crash leaves at each stage, and what the next open makes of
// it:
//
//   stage      on disk                               after a crash
//   kVerified  the snapshot in its directory         old state; install again
//   kImporting part of a new generation              old state; part removed
//   kImported  a whole new generation, of which      old state; generation
//              the log knows nothing                 removed
//   kSwitched  the log names the new generation and  NEW state; old generation
//              begins after the snapshot             removed
//   kActive    the same                              NEW state; snapshot
//   removed kCleaned   the same, without the snapshot        NEW state
//
// Nothing marks the stages on disk but the log's RESET record, which is one
// synced write: so there is no stage in which a half of each state is seen, and
// open needs to know nothing of installations. It opens the generation that the
// log names and drops the others.

namespace trimaran::engine {

enum class InstallStage : uint8_t {
  kVerified,
  kImporting,
  kImported,
  kSwitched,
  kActive,
  kCleaned,
};
std::string_view InstallStageName(InstallStage stage);

// Which of the replica's threads may do the next step.
enum class InstallLane : uint8_t {
  // Beside everything else.
  kMaintenance,
  // Writing calls of the log.
  kLog,
  // Apply of the state machine.
  kApply,
};

// What the log starts with after the switch: the term and vote of `current`,
// unless the snapshot is of a later term, and everything in the snapshot
// committed.
HardState HardStateAfterInstall(const HardState& current, EntryId position);

struct InstallTarget {
  StateMachine* machine = nullptr;
  LogStore* log = nullptr;
  ClusterId cluster;
  GroupId group;
  // What must stay free on the file system of the state while a snapshot is
  // imported.
  uint64_t free_bytes_min = uint64_t{64} << 20;
};

// Invariants:
//  1. Until the log's Reset has been called nothing that a reader or a crash
//     could see has changed.
//  2. Reset is called only when the new state is durable.
//  3. The stages follow each other in their order, each once.
//
// Thread: one at a time, and that of lane() for Step.
class Installer {
 public:
  // FailedPrecondition, which says why, and nothing has changed: a snapshot of
  // another cluster or group; one that is not beyond the applied index; a log
  // that knows of committed entries beyond the snapshot. The first error of a
  // machine or a log that has failed. NotFound, Corruption: see
  // SnapshotReader::Open. What `target` points to, and `files`, outlive this.
  static absl::StatusOr<std::unique_ptr<Installer>> Start(
      FileSystem& files, std::string_view snapshot_directory,
      const InstallTarget& target);

  // Cancels where that is possible.
  ~Installer() { Cancel().IgnoreError(); }
  Installer(const Installer&) = delete;
  Installer& operator=(const Installer&) = delete;

  InstallStage stage() const { return stage_; }
  // Where the next Step is to be called.
  InstallLane lane() const;
  const SnapshotManifest& manifest() const { return reader_->manifest(); }

  // The hard state that goes into the log with the switch, instead of
  // HardStateAfterInstall of the log's own: for whoever has a newer one that is
  // not in the log yet. Only before the switch.
  void UseHardState(const HardState& hard_state);

  // Does a bounded piece of work and returns the stage it led to, which is the
  // same one while importing. Errors before the switch leave the old state as
  // it was, and every later call returns them. FailedPrecondition at the switch
  // if something was applied or committed meanwhile that the snapshot does not
  // contain, or the hard state is older than the log's. An error of the switch
  // itself is one of the log's. ResourceExhausted while importing: no room for
  // the rest of the snapshot; it can be installed again. If the log has then
  // failed, it is known at the next open whether the switch took place; if not,
  // as when the disk is full, nothing has happened, and it can be tried again
  // or given up. After the switch an error is one of the state machine, or of
  // removing the snapshot, which can be tried again.
  absl::StatusOr<InstallStage> Step();

  // Drops what has been imported. FailedPrecondition once the switch has begun.
  // The received snapshot stays.
  absl::Status Cancel();

 private:
  struct Row;
  static const Row& RowOf(InstallStage stage);

  Installer(FileSystem& files, std::unique_ptr<SnapshotReader> reader,
            const InstallTarget& target);

  absl::Status CheckIdentity() const;
  absl::Status CheckPosition() const;
  absl::Status CheckRoom();

  // The work of each stage; each returns the next one.
  absl::StatusOr<InstallStage> BeginImport();
  absl::StatusOr<InstallStage> Import();
  absl::StatusOr<InstallStage> Switch();
  absl::StatusOr<InstallStage> Activate();
  absl::StatusOr<InstallStage> Clean();
  absl::StatusOr<InstallStage> Rest();

  FileSystem& files_;
  const std::unique_ptr<SnapshotReader> reader_;
  const InstallTarget target_;
  InstallStage stage_ = InstallStage::kVerified;
  std::optional<HardState> hard_state_;
  std::unique_ptr<StateImport> import_;
  std::optional<SnapshotLoader> loader_;
  bool switch_begun_ = false;
  // The step that failed has changed nothing.
  bool can_repeat_ = false;
  absl::Status failure_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_SNAPSHOT_INSTALLER_H_
