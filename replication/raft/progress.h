#ifndef TRIMARAN_REPLICATION_RAFT_PROGRESS_H_
#define TRIMARAN_REPLICATION_RAFT_PROGRESS_H_

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <vector>

#include "engine/base/ids.h"
#include "replication/raft/messages.h"
#include "replication/raft/ready.h"

namespace trimaran::raft {

// The appends on their way to one follower: how many, and how large.
//
// Thread: owner.
class Inflights {
 public:
  // A limit in bytes of 0 is none. `messages_max` > 0.
  Inflights(uint64_t messages_max, uint64_t bytes_max);

  // An append whose last entry is `last` has left. Not when full().
  void Add(LogIndex last, uint64_t bytes);
  // Appends up to `index` have arrived.
  void FreeUpTo(LogIndex index);
  void Clear();

  bool full() const {
    return count_ == messages_max_ || (bytes_max_ != 0 && bytes_ >= bytes_max_);
  }
  uint64_t count() const { return count_; }
  uint64_t bytes() const { return bytes_; }

 private:
  struct Append {
    LogIndex last;
    uint64_t bytes = 0;
  };

  uint64_t messages_max_;
  uint64_t bytes_max_;
  uint64_t count_ = 0;
  uint64_t bytes_ = 0;
  // A ring that grows with need; most followers never fill it.
  std::vector<Append> ring_;
  size_t head_ = 0;
};

enum class ProgressState : uint8_t {
  // Where the logs meet is not known: one append at a time.
  kProbe,
  // The logs meet: appends are sent without waiting.
  kReplicate,
  // The follower needs a snapshot: no appends until it has one.
  kSnapshot,
};

std::ostream& operator<<(std::ostream& out, ProgressState state);

// What a leader knows of one follower (thesis §3.5, §10.2.1), and what it may
// send.
//
//              rejected, unreachable
//     Probe <---------------------------- Replicate
//       |  -----------------------------> |   ^
//       |            acked                |   | acked
//       |                                 |   |
//       +--> Snapshot <-------------------+   |
//            |  |  a snapshot is sent         |
//            |  +-----------------------------+
//            +--> Probe, when the host reports what became of it
//
// Invariants:
//  1. match < next; match never falls.
//  2. sent_commit < next: the follower was never told to commit what it was
//     not sent.
//  3. There are appends in flight in Replicate only.
//
// Thread: owner.
class Progress {
 public:
  // A follower of which nothing is known, in the log of which `next` is tried
  // first.
  Progress(ReplicaId id, LogIndex next, const Inflights& inflights);

  ReplicaId id() const { return id_; }
  ProgressState state() const { return state_; }
  LogIndex match() const { return match_; }
  LogIndex next() const { return next_; }
  LogIndex pending_snapshot() const { return pending_snapshot_; }
  const Inflights& inflights() const { return inflights_; }

  // Whether the follower's turn has not come: an answer is awaited, the window
  // is full, or a snapshot is on its way.
  bool paused() const {
    return state_ == ProgressState::kSnapshot || flow_paused_;
  }
  void Pause() { flow_paused_ = true; }
  // A sign of life lets one more message out.
  void Unpause() { flow_paused_ = false; }

  // The follower holds everything up to `index`. False if that was known.
  bool Acked(LogIndex index);
  // The follower did not accept an append after `rejected`; its log may meet
  // ours at `hint` at the earliest. False if the news is stale.
  bool Rejected(LogIndex rejected, LogIndex hint);

  // An append of that many entries has left.
  void AppendSent(uint64_t entries, uint64_t bytes);
  // Whether a message with `commit` tells the follower anything.
  bool CanLearnCommit(LogIndex commit) const {
    return commit > sent_commit_ && sent_commit_ + 1 < next_;
  }
  void CommitSent(LogIndex commit);
  LogIndex sent_commit() const { return sent_commit_; }

  void BecomeProbe();
  void BecomeReplicate();
  void BecomeSnapshot(LogIndex pending);
  // The snapshot did not arrive: probe from where we were before it.
  void SnapshotFailed();
  void FreeInflightsUpTo(LogIndex index) { inflights_.FreeUpTo(index); }

  // A message should be sent even if there is no entry to put into it.
  bool append_wanted = false;
  // A probe was not answered by the time that a heartbeat was: where the logs
  // meet is asked for without entries, which may be what it cannot take.
  bool probes_bare = false;
  // Heard from since the last quorum check.
  bool recently_active = false;
  // The latest quorum round that the follower has answered.
  ReadRound acked_round;
  // The commit index that the follower last reported.
  LogIndex reported_commit;
  // Entries are being fetched for it; 0 if not.
  FetchId fetch;
  // A snapshot has been asked for and not been answered.
  bool snapshot_requested = false;
  // The storage no longer has what this follower needs next.
  bool log_missing = false;

 private:
  void Enter(ProgressState state);

  ReplicaId id_;
  ProgressState state_ = ProgressState::kProbe;
  LogIndex match_;
  LogIndex next_;
  LogIndex sent_commit_;
  LogIndex pending_snapshot_;
  bool flow_paused_ = false;
  Inflights inflights_;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_PROGRESS_H_
