#ifndef TRIMARAN_TESTS_SUPPORT_SIM_MODEL_DISK_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_MODEL_DISK_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "engine/base/random.h"
#include "replication/raft/config.h"
#include "replication/raft/ready.h"
#include "tests/support/sim/toy_machine.h"

namespace trimaran::sim {

// What becomes of a batch that a crash hits while it is being written.
enum class TornBatch : uint8_t {
  // Its checksum does not fit: it is dropped whole.
  kDropped,
  // The storage writes every entry as a record of its own: some remain.
  kCutShort,
};

// The disk of one replica, as a model with the contract of a log in segments:
// batches are written in order and are durable once synced; the state machine
// is durable as of its last checkpoint. A crash takes away what was not synced,
// or a part of it.
//
//     Submit            BeginSync / CompleteNext
//   core ----> pending ------------------------> durable image
//                 \----(no sync needed)---> written ---/ (with the next sync)
//
// Invariants:
//  1. boundary <= checkpoint.applied <= last of the durable image.
//  2. Batches take effect in the order of their numbers; what a crash leaves
//     is a prefix of them.
//
// Thread: owner.
class ModelDisk {
 public:
  // The disk of a founding member, which starts from `state`; of a replica
  // that knows nothing yet, if `state` is empty.
  explicit ModelDisk(MachineState state);

  // ---- Writing ----

  // Takes a batch. FailedPrecondition, and nothing happens, if it does not fit
  // what was submitted before: a hole, a change of applied entries, a number
  // out of turn, or a promise without a sync.
  absl::Status Submit(raft::PersistBatch batch);
  // The data of a snapshot has arrived; a batch may install it.
  void StageSnapshot(const MachineState& state);
  size_t pending() const { return pending_.size(); }

  // Begins to write everything that is pending. Not while syncing().
  void BeginSync();
  bool syncing() const { return covered_ > 0; }
  // Of the batches that the sync covers, the oldest is done: it is durable
  // now, unless none of them needed it. Only while syncing().
  raft::PersistBatch CompleteNext();

  // The state machine, which has applied nothing that is not durable, becomes
  // durable as a whole.
  void Checkpoint(const MachineState& state);
  // Drops entries up to `index`, which the checkpoint covers.
  void CompactTo(LogIndex index);

  // The machine stops. What had not been synced survives as a prefix of random
  // length.
  void Crash(Random& random, TornBatch torn);

  // ---- Reading ----

  // What a replica finds when it starts. Nothing may be pending.
  raft::InitialState Load() const;
  // Durable entries from `first` to before `end`, as many as fit, at least
  // one. OutOfRange: compacted. NotFound: not there.
  absl::StatusOr<std::vector<LogEntry>> Read(LogIndex first, LogIndex end,
                                             uint64_t bytes_max) const;

  // What a crash cannot take away any more.
  const HardState& hard_state() const { return hard_state_; }
  EntryId boundary() const { return boundary_; }
  LogIndex last() const { return boundary_.index + entries_.size(); }
  // Nothing below the boundary and after the last entry.
  std::optional<Term> TermAt(LogIndex index) const;
  // Whether the entry, or a snapshot that covers it, is durable.
  bool Holds(EntryId id) const {
    return id.index < boundary_.index || TermAt(id.index) == id.term;
  }
  const MachineState& checkpoint() const { return checkpoint_; }
  uint64_t synced_batches() const { return synced_batches_; }

 private:
  absl::Status Check(const raft::PersistBatch& batch) const;
  void Write(const raft::PersistBatch& batch, size_t entry_count);
  void Install(const SnapshotMeta& snapshot);

  // The durable image.
  HardState hard_state_;
  EntryId boundary_;
  std::deque<LogEntry> entries_;
  MachineState checkpoint_;

  // Written without a sync, older than everything pending.
  std::deque<raft::PersistBatch> written_;
  std::deque<raft::PersistBatch> pending_;
  // How many of `pending_` the sync under way covers, and whether it is one.
  size_t covered_ = 0;
  bool sync_needed_ = false;
  std::vector<MachineState> staged_;

  // The end of the log, and the hard state, as submitted.
  LogIndex submitted_last_;
  HardState submitted_hard_state_;
  raft::PersistSeq submitted_seq_;
  uint64_t synced_batches_ = 0;
};

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_MODEL_DISK_H_
