#ifndef TRIMARAN_ENGINE_ENGINE_H_
#define TRIMARAN_ENGINE_ENGINE_H_

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/log_types.h"
#include "engine/engine_options.h"
#include "engine/file/file_system.h"
#include "engine/home/home_lock.h"
#include "engine/home/store_identity.h"
#include "engine/kv/state_machine.h"
#include "engine/log/log_store.h"

namespace trimaran::engine {

// What a replica needs to start its consensus core from.
struct StartState {
  // Its commit is at least `applied`.
  HardState hard_state;
  // The configuration as of `applied`.
  ConfState conf;
  // The last entry that the log no longer admits to.
  EntryId boundary;
  // The terms of the entries after the boundary.
  std::vector<TermRun> terms;
  LogIndex last;
  LogIndex applied;
  // Where changes of membership stand among the entries after `applied`.
  std::vector<LogIndex> conf_changes;
};

class SegmentLog;
class SnapshotStore;
class WtStateMachine;

// One data directory, open: a raft log, a state machine, and what keeps the
// two together. FORMAT.md says what each step leaves on disk.
//
// Invariants:
//  1. The log holds everything after the state machine's last checkpoint.
//  2. The log and the state machine are of one generation, and agree on the
//     chain at every index that both know.
//  3. Nothing that is promised is only in one of them (log) while the other
//     (state machine) has gone on without it: applied <= last.
//  4. After the first error that leaves it unknown what is durable, the engine
//     has failed for good: every later call returns that error, nothing is
//     written any more. Opening the directory again starts from what is there.
//
// Thread: Apply, and SwitchTo and CollectGarbage of the state machine: the
// apply lane. Writing calls of log(), and RecycleLog: the log lane. Checkpoint,
// exports and imports: the maintenance lane. Everything else: any.
class Engine {
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
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Takes a last checkpoint and closes the directory, which can be opened again
  // afterwards, also by this process. All lanes have stopped; all views,
  // exports and imports are gone. Returns the first error, also one of an
  // engine that had failed before. Nothing but the destructor may be called
  // afterwards.
  absl::Status Close();

  const StoreIdentity& identity() const;
  LogStore& log();
  StateMachine& machine();
  FileSystem& files();
  const OpenReport& open_report() const;
  // Snapshots that are being sent or received. Thread: the maintenance lane.
  SnapshotStore& snapshots();

  // Valid until something is appended or applied. Corruption if the log is
  // damaged where it is asked.
  absl::StatusOr<StartState> start_state() const;

  // Applies committed entries, which the log holds durably, and lets the log
  // forget what they compact. FailedPrecondition for entries that the log does
  // not reach, and as StateMachine::Apply. Thread: the apply lane.
  absl::StatusOr<std::vector<EntryResult>> Apply(
      absl::Span<const CommittedEntry> entries);

  // Takes a full checkpoint. Returns what a crash cannot undo any more.
  // Thread: the maintenance lane.
  absl::StatusOr<AppliedState> Checkpoint();

  // Gives back log space that neither a crash nor a reader needs: up to the
  // last checkpoint, the truncated index and `retained_from`, whichever is
  // first. Bounded; true if there is more to do. Thread: the log lane.
  absl::StatusOr<bool> RecycleLog(LogIndex retained_from = kMaxLogIndex);

  // The first error after which nothing is certain; OK until then.
  absl::Status failure() const;

 private:
  explicit Engine(const EngineOptions& options);

  // The steps of opening, in their order.
  absl::Status OpenHome();
  absl::Status OpenLog();
  absl::Status OpenMachine();
  absl::Status Reconcile();
  absl::Status OpenSnapshots();
  // Of a part of the store, which has its identity: what is not there is lost.
  absl::Status JudgeOpening(const absl::Status& status) const;

  const EngineOptions options_;
  LockedHome home_;
  StoreIdentity identity_;
  OpenReport report_;
  std::unique_ptr<SegmentLog> log_;
  std::unique_ptr<WtStateMachine> machine_;
  std::unique_ptr<SnapshotStore> snapshots_;
  // A checkpoint has completed that the floor does not know of.
  std::atomic<bool> floor_is_due_ = false;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_ENGINE_H_
