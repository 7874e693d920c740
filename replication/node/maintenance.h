#ifndef TRIMARAN_REPLICATION_NODE_MAINTENANCE_H_
#define TRIMARAN_REPLICATION_NODE_MAINTENANCE_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/format/applied_state.h"
#include "engine/maintenance/policy.h"
#include "replication/node/byte_meter.h"
#include "replication/node/errands.h"
#include "replication/node/node_options.h"
#include "replication/node/pending_write.h"

namespace trimaran {

using CheckpointCallback =
    absl::AnyInvocable<void(absl::StatusOr<engine::AppliedState> answer)>;

// A command that compacts the log up to and including `index`, as EncodeCommand
// makes it. Errors: those of LogStore::TermAt.
absl::StatusOr<std::string> EncodeCompaction(const engine::LogStore& log,
                                             LogIndex index);

// The housekeeping of one replica: looks at what there is at each tick, asks
// the policy (engine/maintenance/policy.h), and does what that says, a piece at
// a time on the lane where it belongs.
//
// Invariants:
//  1. One checkpoint, one compaction, one recycling, one note of the log, one
//     sweep of garbage rows and one look at the free space at a time, at most.
//  2. Nothing is begun while a snapshot is being installed.
//  3. A replica to which nothing happens does nothing but look at the free
//     space.
//
// Thread: the raft lane, on which the reports come as well.
class Maintenance {
 public:
  struct Host {
    // Brings a command into the log, whatever is refused to clients.
    absl::AnyInvocable<void(PendingWritePtr write)> propose;
    // This replica should not lead just now.
    absl::AnyInvocable<void(std::string_view why)> hand_over;
    // Whether the state is about to be replaced by a snapshot.
    absl::AnyInvocable<bool()> installing;
    // The store has failed.
    absl::AnyInvocable<void(absl::Status error)> failed;
  };
  // All outlive this.
  Maintenance(const NodeOptions& options, const NodeEnvironment& environment,
              Errands& errands, Host host);

  // ---- What happens ----
  void OnApplied(LogIndex last, uint64_t bytes);
  // The state has jumped to `index`, and is durable there.
  void OnInstalled(LogIndex index);

  struct Situation {
    bool leads = false;
    // See engine::MaintenanceFacts.
    std::optional<LogIndex> slowest_match;
    std::optional<LogIndex> pinned;
    // Since when the present write of the log has been under way.
    MonotonicTime log_busy_since = MonotonicTime::Infinite();
    // It could not begin yet, and the others have committed more than is
    // durable here: they can do without this replica.
    bool others_go_on = false;
  };
  void Tick(const Situation& situation, MonotonicTime now);

  // ---- What others ask ----
  // Begins after the call, so that it covers what is applied now. SpaceError
  // where there is no room for one.
  void Checkpoint(CheckpointCallback done);
  // There is too little space on the disk for more writes of clients.
  bool refuses_writes() const { return space_ != engine::SpaceState::kOk; }
  // Nor for more entries, or a checkpoint.
  bool takes_nothing() const {
    return space_ == engine::SpaceState::kTakeNothing;
  }
  absl::Status SpaceError() const;
  uint64_t checkpoints() const { return checkpoints_; }

  // Begins nothing any more; whoever waits gets `error`.
  void Stop(const absl::Status& error);

 private:
  engine::MaintenanceFacts Facts(const Situation& situation) const;
  void NoteSpace(engine::SpaceState space);
  void LookAtSpace(MonotonicTime now);
  void MaybeHandOver(const Situation& situation, MonotonicTime now);
  void ProposeCompaction(LogIndex index, MonotonicTime now);
  void BeginCheckpoint();
  void OnCheckpoint(const absl::StatusOr<engine::AppliedState>& result);
  void Recycle(LogIndex bound);
  void OnRecycled(LogIndex bound, const absl::StatusOr<bool>& more);
  // `last` is the last entry that there is.
  void NoteLog(EntryId last);
  void NoteQuietLog(MonotonicTime now);
  // What was begun has failed: with the store, or so that it can be repeated.
  void NoteError(std::string_view what, const absl::Status& error);
  void SweepRows(MonotonicTime now);

  const NodeOptions& options_;
  const NodeEnvironment& env_;
  Errands& errands_;
  Host host_;

  // ---- What is under way ----
  struct Busy {
    bool space = false;
    bool compaction = false;
    bool checkpoint = false;
    bool recycling = false;
    bool note = false;
    bool sweep = false;
  };
  Busy busy_;
  bool stopped_ = false;
  // Not before these moments.
  struct Next {
    MonotonicTime space;
    MonotonicTime checkpoint;
    MonotonicTime recycling;
    MonotonicTime note;
    MonotonicTime sweep;
    MonotonicTime hand_over;
  };
  Next next_;

  // ---- What is known ----
  ByteMeter applied_bytes_;
  uint64_t bytes_at_checkpoint_ = 0;
  LogIndex recycled_to_;
  // The last entry of the log: at the last look, and when the log was noted.
  EntryId seen_last_;
  EntryId noted_last_;
  // Garbage rows were looked for when this was applied.
  LogIndex swept_at_;
  // Unknown until the first look, and then taken for enough.
  std::optional<uint64_t> free_bytes_;
  engine::SpaceState space_ = engine::SpaceState::kOk;
  uint64_t checkpoints_ = 0;

  // Served by the checkpoint under way, and by the one behind it.
  std::vector<CheckpointCallback> waiting_now_;
  std::vector<CheckpointCallback> waiting_next_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_MAINTENANCE_H_
