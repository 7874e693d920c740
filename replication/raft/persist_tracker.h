#ifndef TRIMARAN_REPLICATION_RAFT_PERSIST_TRACKER_H_
#define TRIMARAN_REPLICATION_RAFT_PERSIST_TRACKER_H_

#include <deque>
#include <optional>

#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "replication/raft/ready.h"

namespace trimaran::raft {

// How much of the log has been handed out to be persisted, and how much is
// durable. Several batches may be under way, and the log may change under
// them: then what they claim shrinks at once. So a batch that wrote entries
// that have since been replaced never marks the replacements durable, not even
// if index and term look the same again (the ABA of asynchronous writes).
//
// Invariants:
//  1. Batches become durable in the order in which they were handed out.
//  2. durable <= handed_out <= last.
//  3. The entry of the log at every index <= durable is on the disk, and no
//     batch under way changes it.
//
// Thread: owner.
class PersistTracker {
 public:
  explicit PersistTracker(LogIndex durable)
      : durable_(durable), handed_out_(durable) {}

  LogIndex durable() const { return durable_; }
  LogIndex handed_out() const { return handed_out_; }
  bool in_flight() const { return !batches_.empty(); }
  bool HasNew(LogIndex last) const {
    return new_snapshot_.has_value() || handed_out_ < last;
  }
  // A restored snapshot is not durable yet.
  bool installing_snapshot() const { return pending_snapshot_ != LogIndex(); }
  LogIndex pending_snapshot() const { return pending_snapshot_; }

  // The log no longer has the entries from `first` on that it had.
  void Truncated(LogIndex first);
  // The log was replaced by a snapshot.
  void Restored(const SnapshotMeta& snapshot);

  struct Handout {
    PersistSeq seq;
    std::optional<SnapshotMeta> snapshot;
    // Entries from here on are new.
    LogIndex first;
  };
  // Everything up to `last` goes out in one batch; `self_vote` is the term in
  // which it makes a vote for the own replica durable, 0 if none.
  Handout HandOut(LogIndex last, Term self_vote);

  struct Done {
    // The newest snapshot that has been installed, if any.
    LogIndex snapshot;
    // The latest term of a durable vote for the own replica, if any.
    Term self_vote;
  };
  Done Persisted(PersistSeq seq);

 private:
  struct Batch {
    PersistSeq seq;
    // What the batch makes durable, as of now; falls by truncation.
    LogIndex last;
    LogIndex snapshot;
    Term self_vote;
  };

  LogIndex durable_;
  LogIndex handed_out_;
  // Not handed out yet.
  std::optional<SnapshotMeta> new_snapshot_;
  // The newest snapshot that is not durable; 0 if none.
  LogIndex pending_snapshot_;
  PersistSeq last_seq_;
  std::deque<Batch> batches_;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_PERSIST_TRACKER_H_
