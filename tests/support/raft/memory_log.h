#ifndef TRIMARAN_TESTS_SUPPORT_RAFT_MEMORY_LOG_H_
#define TRIMARAN_TESTS_SUPPORT_RAFT_MEMORY_LOG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/conf_state.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "replication/raft/config.h"
#include "replication/raft/ready.h"

namespace trimaran::raft {

// The state of a state machine at one moment.
struct StoredSnapshot {
  SnapshotMeta meta;
  // Means something to the state machine only.
  std::string state;
};

// What one replica has stored, in memory: log, hard state, and the applied
// state. Everything is durable the moment it is written.
//
// Errors, of all methods:
//  - OutOfRange: compacted; the entry is at or below the boundary.
//  - NotFound: unavailable; the entry is after the last one.
//  - FailedPrecondition: a snapshot that is not newer than what is there.
//  - InvalidArgument: entries that would leave a gap.
// An error changes nothing.
//
// Invariants:
//  1. The entries are contiguous from boundary.index + 1 on.
//  2. boundary.index <= applied <= last.
//
// Thread: owner.
class MemoryLog {
 public:
  MemoryLog() = default;
  // An empty log of a group of `conf`.
  explicit MemoryLog(ConfState conf);

  EntryId boundary() const { return boundary_; }
  EntryId last() const;
  LogIndex first() const { return boundary_.index + 1; }
  const std::vector<LogEntry>& entries() const { return entries_; }
  const HardState& hard_state() const { return hard_state_; }
  void set_hard_state(const HardState& state) { hard_state_ = state; }

  LogIndex applied() const { return applied_; }
  const ConfState& conf() const { return conf_; }
  const std::string& state() const { return state_; }

  // The boundary's term is known.
  absl::StatusOr<Term> TermAt(LogIndex index) const;
  // Entries from [first, end), as many as fit into `bytes_max` but at least
  // one. An empty range is NotFound.
  absl::StatusOr<std::vector<LogEntry>> Entries(LogIndex first, LogIndex end,
                                                uint64_t bytes_max) const;

  // Does what the core asks for.
  absl::Status Apply(const PersistBatch& batch, const std::string& state = "");
  // Cuts off what is already compacted, and replaces what the log holds from
  // the first remaining entry on.
  absl::Status Append(std::vector<LogEntry> entries);
  // Replaces everything but the hard state's term and vote.
  absl::Status Restore(const StoredSnapshot& snapshot);
  // The state machine has moved on to `index`.
  void SetApplied(LogIndex index, ConfState conf, std::string state);
  // Removes the entries up to `index`; Internal if they are not applied yet.
  absl::Status CompactTo(LogIndex index);
  // The state machine as it is. FailedPrecondition if nothing was ever applied.
  absl::StatusOr<StoredSnapshot> CreateSnapshot() const;

  // What a core is started with.
  InitialState Load() const;

 private:
  EntryId boundary_;
  std::vector<LogEntry> entries_;
  HardState hard_state_;
  LogIndex applied_;
  ConfState conf_;
  std::string state_;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_TESTS_SUPPORT_RAFT_MEMORY_LOG_H_
