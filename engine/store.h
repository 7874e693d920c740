#ifndef TRIMARAN_ENGINE_STORE_H_
#define TRIMARAN_ENGINE_STORE_H_

#include <atomic>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/conf_state.h"
#include "engine/base/log_types.h"
#include "engine/file/file_system.h"
#include "engine/format/applied_state.h"
#include "engine/home/store_identity.h"
#include "engine/kv/state_machine.h"
#include "engine/log/log_store.h"

namespace trimaran::engine {

class SnapshotStore;

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

// All that one replica keeps, open: a raft log, a state machine, and what keeps
// the two together. The port through which the floor above sees this one.
//
// Invariants:
//  1. The log holds everything after the state machine's last checkpoint.
//  2. The log and the state machine are of one generation, and agree on the
//     chain at every index that both know.
//  3. Nothing that is promised is only in one of them (log) while the other
//     (state machine) has gone on without it: applied <= last.
//  4. After the first error that leaves it unknown what is durable, the store
//     has failed for good: every later call returns that error, nothing is
//     written any more. Opening it again starts from what is there.
//
// Thread: Apply, and SwitchTo and CollectGarbage of the state machine: the
// apply lane. Writing calls of log(), and RecycleLog: the log lane. Checkpoint,
// exports and imports: the maintenance lane. Everything else: any.
class Store {
 public:
  virtual ~Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // ---- Its parts ----

  virtual const StoreIdentity& identity() const = 0;
  virtual LogStore& log() const = 0;
  virtual StateMachine& machine() const = 0;
  virtual FileSystem& files() const = 0;
  // Snapshots that are being sent or received. Thread: the maintenance lane.
  virtual SnapshotStore& snapshots() const = 0;

  // ---- What concerns both log and state machine ----

  // Valid until something is appended or applied. Corruption if the log is
  // damaged where it is asked.
  absl::StatusOr<StartState> start_state() const;

  // Applies committed entries, which the log holds durably, or the first of
  // them, and lets the log forget what they compact. FailedPrecondition for
  // entries that the log does not reach, and as StateMachine::Apply. Thread:
  // the apply lane.
  absl::StatusOr<std::vector<EntryResult>> Apply(
      absl::Span<const CommittedEntry> entries);

  // Takes a full checkpoint. Returns what a crash cannot undo any more.
  // Thread: the maintenance lane.
  absl::StatusOr<AppliedState> Checkpoint();

  // Gives back log space that neither a crash nor a reader needs: up to the
  // last checkpoint, the truncated index and `retained_from`, whichever is
  // first. Bounded; true if there is more to do. Thread: the log lane.
  absl::StatusOr<bool> RecycleLog(LogIndex retained_from = kMaxLogIndex);

  // Writes down, beside log and state machine, how far both are durable, for a
  // later open to compare: after a checkpoint, and where nothing more comes
  // that would be noted with it. Thread: the log lane.
  absl::Status NoteLog();

  // The first error after which nothing is certain; OK until then.
  absl::Status failure() const;

  // Makes all of it durable, and closes it. All lanes have stopped; all views,
  // exports and imports are gone. Returns the first error, also one of a store
  // that had failed before. Nothing but the destructor may be called
  // afterwards.
  virtual absl::Status Close() = 0;

 protected:
  Store() = default;

 private:
  // See NoteLog.
  virtual absl::Status NoteDurable() = 0;

  // A checkpoint has completed that NoteDurable has not seen.
  std::atomic<bool> note_is_due_ = false;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_STORE_H_
