#ifndef TRIMARAN_ENGINE_ENGINE_H_
#define TRIMARAN_ENGINE_ENGINE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/engine_options.h"
#include "engine/file/file_system.h"
#include "engine/home/home_lock.h"
#include "engine/home/store_identity.h"
#include "engine/kv/state_machine.h"
#include "engine/log/log_store.h"
#include "engine/store.h"

namespace trimaran::engine {

class SegmentLog;
class WtStateMachine;

// A store in a data directory: segments of a raft log, and a table of
// WiredTiger. FORMAT.md says what each step leaves on disk.
//
// Thread: as Store.
class Engine final : public Store {
 public:
  // Opens the data directory, which founding.h makes, in the order that
  // FORMAT.md gives, or says what is wrong with it: InvalidArgument (an option,
  // by name), NotFound (there is no store), Unavailable (it is open already),
  // PermissionDenied (others can reach into it), FailedPrecondition (of another
  // cluster, or no data directory), a newer format (IsNewerFormat), Corruption
  // (what is damaged, and how), and the errors of a file system. A directory
  // that is refused has not been changed, but for repairs of the log that any
  // later open would make as well.
  static absl::StatusOr<std::unique_ptr<Engine>> Open(
      const EngineOptions& options);

  // As Close, without telling what came of it.
  ~Engine() override;

  const StoreIdentity& identity() const override;
  LogStore& log() const override;
  StateMachine& machine() const override;
  FileSystem& files() const override;
  SnapshotStore& snapshots() const override;
  const OpenReport& open_report() const;

  // Takes a last checkpoint and closes the directory, which can be opened again
  // afterwards, also by this process.
  absl::Status Close() override;

 private:
  explicit Engine(const EngineOptions& options);

  // The steps of opening, in their order.
  absl::Status OpenHome();
  absl::Status OpenLog();
  absl::Status OpenMachine();
  absl::Status Reconcile();
  absl::Status DropLeftovers(const LogState& log);
  absl::Status OpenSnapshots();
  // Of a part of the store, which has its identity: what is not there is lost.
  absl::Status JudgeOpening(const absl::Status& status) const;

  absl::Status NoteDurable() override;

  const EngineOptions options_;
  LockedHome home_;
  StoreIdentity identity_;
  OpenReport report_;
  std::unique_ptr<SegmentLog> log_;
  std::unique_ptr<WtStateMachine> machine_;
  std::unique_ptr<SnapshotStore> snapshots_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_ENGINE_H_
