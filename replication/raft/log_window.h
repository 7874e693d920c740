#ifndef TRIMARAN_REPLICATION_RAFT_LOG_WINDOW_H_
#define TRIMARAN_REPLICATION_RAFT_LOG_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/log_types.h"

namespace trimaran::raft {

// How much of a log to take.
struct SliceLimits {
  uint64_t bytes_max = 0;
  uint64_t entries_max = 0;
};

// The newest entries of a log, held in memory in a ring.
//
// Invariant: the entries are those of [first, end), without a gap.
//
// Thread: owner.
class LogWindow {
 public:
  // Empty; the next entry will be `first`.
  explicit LogWindow(LogIndex first) : first_(first) {}

  LogIndex first() const { return first_; }
  LogIndex end() const { return first_ + count_; }
  uint64_t size() const { return count_; }
  uint64_t bytes() const { return bytes_; }

  const LogEntry& At(LogIndex index) const;
  // The entries from `first` on, below `end`, until a limit is reached, but at
  // least one if there is one.
  std::vector<LogEntry> Slice(LogIndex first, LogIndex end,
                              SliceLimits limits) const;

  void Append(LogEntry entry);
  // Drops entries from `index` on.
  void TruncateFrom(LogIndex index);
  // Drops entries before `index`.
  void DropBefore(LogIndex index);
  void Reset(LogIndex first);

 private:
  size_t Slot(LogIndex index) const {
    return (head_ + static_cast<size_t>(index - first_)) & (ring_.size() - 1);
  }
  // How many of the `count` entries from `first` on keep within bytes_max; at
  // least one.
  uint64_t CountFitting(LogIndex first, uint64_t count,
                        SliceLimits limits) const;
  void Grow();

  LogIndex first_;
  uint64_t count_ = 0;
  uint64_t bytes_ = 0;
  // A power of two long.
  std::vector<LogEntry> ring_;
  size_t head_ = 0;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_LOG_WINDOW_H_
