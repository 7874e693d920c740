#ifndef TRIMARAN_ENGINE_MAINTENANCE_POLICY_H_
#define TRIMARAN_ENGINE_MAINTENANCE_POLICY_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "engine/base/ids.h"

// When to compact the log, when to take a checkpoint, when to stop accepting
// writes. Decisions only: the same facts and options give the same answer, and
// nothing depends on time, so that a replica at rest does nothing at all.

namespace trimaran::engine {

struct MaintenanceOptions {
  // The log is compacted when it reaches back so many applied entries, or so
  // many bytes, whichever comes first. At rest it reaches back at most twice
  // the entries: once for this, once for a follower that is behind. At least 1.
  uint64_t log_entries_limit = 100'000;
  uint64_t log_bytes_limit = uint64_t{64} << 20;

  // What is written to the state machine between two checkpoints: what a crash
  // makes the replica apply again, and what the log must keep for it.
  uint64_t checkpoint_entries_limit = 200'000;
  uint64_t checkpoint_bytes_limit = uint64_t{64} << 20;

  // Writes are refused below the one and accepted again at the other, which is
  // not smaller: an oscillation around one number would refuse every other
  // write. Enough for a checkpoint, which needs room to write before it frees
  // any.
  uint64_t free_bytes_refuse = uint64_t{256} << 20;
  uint64_t free_bytes_accept = uint64_t{384} << 20;
  // Below this, which is not above `free_bytes_refuse`, nothing is written that
  // can be left undone: no checkpoint, since one that finds no room is the end
  // of the replica, and no entries of others. Twice as much is enough again.
  uint64_t free_bytes_stop = uint64_t{64} << 20;
};

// InvalidArgument with the option that cannot be.
absl::Status ValidateMaintenanceOptions(const MaintenanceOptions& options);

enum class SpaceState : uint8_t { kOk, kRefuseWrites, kTakeNothing };

struct MaintenanceFacts {
  // The first entry that the log admits to.
  LogIndex first;
  LogIndex applied;
  // The applied index of the last checkpoint that completed.
  LogIndex durable_applied;
  // Of the entries from `first` on.
  uint64_t log_bytes = 0;
  // Applied since the last checkpoint began.
  uint64_t bytes_since_checkpoint = 0;
  // The least that a follower is known to have; none on a follower, and in a
  // group of one.
  std::optional<LogIndex> slowest_match;
  // A snapshot of this index is on its way, or may be, and its receiver will go
  // on with the entries behind it. They are kept while the disk has room.
  std::optional<LogIndex> pinned;
  uint64_t free_bytes = 0;
  // What the last decision said.
  SpaceState space = SpaceState::kOk;

  friend bool operator==(const MaintenanceFacts&,
                         const MaintenanceFacts&) = default;
};

struct MaintenanceDecision {
  // Propose to compact the log up to and including this entry. Only a leader
  // can act on it.
  std::optional<LogIndex> compact_to;
  bool checkpoint = false;
  // Space of entries up to this one may be given back (LogStore::RecycleStep):
  // they are compacted, and what they led to is durable.
  LogIndex recycle_to;
  SpaceState space = SpaceState::kOk;

  friend bool operator==(const MaintenanceDecision&,
                         const MaintenanceDecision&) = default;
};

// Each part by itself. `options` are valid.
//
// A follower is waited for as long as it lacks no more than
// log_entries_limit entries; one that is further behind gets a snapshot. A
// snapshot on its way is waited for until it has arrived or been given up.
//
// Thread: any.
std::optional<LogIndex> DecideCompaction(const MaintenanceFacts& facts,
                                         const MaintenanceOptions& options);
bool ShouldCheckpoint(const MaintenanceFacts& facts,
                      const MaintenanceOptions& options);
SpaceState DecideSpace(const MaintenanceFacts& facts,
                       const MaintenanceOptions& options);

MaintenanceDecision DecideMaintenance(const MaintenanceFacts& facts,
                                      const MaintenanceOptions& options);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_MAINTENANCE_POLICY_H_
