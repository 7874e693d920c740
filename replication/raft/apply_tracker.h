#ifndef TRIMARAN_REPLICATION_RAFT_APPLY_TRACKER_H_
#define TRIMARAN_REPLICATION_RAFT_APPLY_TRACKER_H_

#include <cstdint>
#include <deque>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "replication/raft/log_window.h"

namespace trimaran::raft {

// How much of the log has been handed out to the state machine, and how much
// it has applied. The limits count everything handed out and not yet applied,
// over all pages.
//
// Invariants:
//  1. applied <= applying; neither ever falls.
//  2. Every index is handed out once, in order.
//
// Thread: owner.
class ApplyTracker {
 public:
  ApplyTracker(LogIndex applied, SliceLimits limits)
      : limits_(limits), applied_(applied), applying_(applied) {}

  LogIndex applying() const { return applying_; }
  LogIndex applied() const { return applied_; }

  bool has_room() const {
    return pages_.empty() ||
           (bytes_ < limits_.bytes_max && entries_ < limits_.entries_max);
  }
  // Whether a page is still to be applied.
  bool busy() const { return !pages_.empty(); }
  // Whether an entry of that size may go out now. One always may when nothing
  // else is out, or it would never.
  bool HasRoomFor(uint64_t bytes) const {
    return pages_.empty() ||
           (has_room() && bytes_ + bytes <= limits_.bytes_max);
  }
  // What a further page may hold.
  SliceLimits room() const;
  // Those entries, which follow `applying`, go out.
  void HandOut(const std::vector<LogEntry>& page);
  void Applied(LogIndex index);
  // The state machine was, or is being, replaced by a snapshot.
  void SkipTo(LogIndex index);

 private:
  struct Page {
    LogIndex last;
    uint64_t entries = 0;
    uint64_t bytes = 0;
  };

  SliceLimits limits_;
  LogIndex applied_;
  LogIndex applying_;
  uint64_t entries_ = 0;
  uint64_t bytes_ = 0;
  std::deque<Page> pages_;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_APPLY_TRACKER_H_
