#ifndef TRIMARAN_REPLICATION_NODE_CHANGE_FEED_H_
#define TRIMARAN_REPLICATION_NODE_CHANGE_FEED_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/log_types.h"
#include "engine/base/mutex.h"
#include "engine/base/payload.h"
#include "engine/kv/state_machine.h"
#include "engine/log/log_store.h"

namespace trimaran {

// What became of one command.
enum class CommandOutcome : char {
  // Refused, or done by an earlier entry.
  kNothing = 0,
  kOperations = 1,
  kOtherwise = 2,
};

// An entry with commands, and what became of them.
struct DoneEntry {
  LogIndex index;
  Payload payload;
  // Of each command; empty where all of them are kOperations.
  std::vector<CommandOutcome> outcomes;

  CommandOutcome OutcomeOf(size_t command) const {
    return outcomes.empty() ? CommandOutcome::kOperations
                            : outcomes.at(command);
  }
};

// What was done in the entries up to `end`, which is not included.
struct DoneStretch {
  std::vector<std::shared_ptr<const DoneEntry>> entries;
  LogIndex end;
};

// The changes of late, as they were applied here, for whoever wants to follow
// them.
//
// The log has the commands, but not what became of them, which is known only to
// whoever has applied them. So the feed remembers the outcomes for as long as
// the log keeps the entries; they are few, since nothing is kept of an entry
// all of which was done. The payloads of the newest entries are kept as well,
// so that those who follow closely read no disk.
//
// Invariants:
//  1. What can be read is one run of entries, the last of which is the last one
//     applied; so a follower hears of every change or is told that it cannot.
//  2. At most `bytes_max` of payload is kept, and one entry at least; and at
//     most `bytes_max` of outcomes.
//  3. Whoever applies waits for nobody but for a copy of some pointers.
//
// Thread: Append and Skip: the raft lane. The others: any.
class ChangeFeed {
 public:
  // Everything up to `applied` is past. `log` outlives all calls of Read.
  ChangeFeed(size_t bytes_max, LogIndex applied, const engine::LogStore& log);

  void Append(const LogEntry& entry, const engine::EntryResult& result);
  // The state has jumped to `index`; what changed on the way is not known.
  void Skip(LogIndex index);
  // Nothing more will come: `error`, for everybody who waits or asks.
  void Close(const absl::Status& error);

  // What was done from entry `from` on: as much as is at hand, and something,
  // unless `deadline` passes first. OutOfRange (engine::IsCompacted), naming
  // the first index that is kept, if `from` is before it. Cancelled if
  // `cancelled` is set, by somebody who calls Wake then. The error of Close;
  // an error of reading the log.
  absl::StatusOr<DoneStretch> Read(LogIndex from, const Clock& clock,
                                   MonotonicTime deadline,
                                   const std::atomic<bool>& cancelled) const;
  // Makes whoever waits look at its `cancelled`.
  void Wake();

  // From here on everything can be read.
  LogIndex first() const;

 private:
  // Of an entry whose payload is in the log only.
  struct OldOutcomes {
    LogIndex index;
    std::vector<CommandOutcome> outcomes;
  };

  // Forgets payloads, and then outcomes, until all limits hold.
  void Shrink() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  LogIndex FirstLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CompactedError(LogIndex from) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  DoneStretch FromWindow(LogIndex from) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<DoneStretch> FromLog(LogIndex from, LogIndex end) const;
  std::vector<CommandOutcome> OldOutcomesOf(LogIndex index) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t bytes_max_;
  const engine::LogStore& log_;

  mutable Mutex mutex_;
  mutable CondVar news_;
  // Entries with commands, all there are from `window_first_` on.
  std::deque<std::shared_ptr<const DoneEntry>> window_ ABSL_GUARDED_BY(mutex_);
  size_t window_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  LogIndex window_first_ ABSL_GUARDED_BY(mutex_);
  // Of entries from `first_` on that are before the window; what is not here
  // was done.
  std::deque<OldOutcomes> old_ ABSL_GUARDED_BY(mutex_);
  size_t old_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  LogIndex first_ ABSL_GUARDED_BY(mutex_);
  LogIndex last_ ABSL_GUARDED_BY(mutex_);
  mutable size_t waiters_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status closed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_CHANGE_FEED_H_
