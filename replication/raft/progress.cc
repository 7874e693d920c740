#include "replication/raft/progress.h"

#include <algorithm>

#include "engine/base/check.h"
#include "replication/raft/mutant.h"

namespace trimaran::raft {

Inflights::Inflights(uint64_t messages_max, uint64_t bytes_max)
    : messages_max_(messages_max), bytes_max_(bytes_max) {
  TRIMARAN_CHECK_GT(messages_max, 0u);
}

void Inflights::Add(LogIndex last, uint64_t bytes) {
  TRIMARAN_CHECK(!full());
  if (count_ == ring_.size()) {
    std::rotate(ring_.begin(),
                ring_.begin() + static_cast<std::ptrdiff_t>(head_),
                ring_.end());
    head_ = 0;
    ring_.resize(
        std::min<uint64_t>(messages_max_, std::max<uint64_t>(8, count_ * 2)));
  }
  ring_[(head_ + count_) % ring_.size()] = {last, bytes};
  ++count_;
  bytes_ += bytes;
}

void Inflights::FreeUpTo(LogIndex index) {
  while (count_ > 0 && ring_[head_].last <= index) {
    bytes_ -= ring_[head_].bytes;
    head_ = (head_ + 1) % ring_.size();
    --count_;
  }
}

void Inflights::Clear() {
  count_ = 0;
  bytes_ = 0;
  head_ = 0;
}

std::ostream& operator<<(std::ostream& out, ProgressState state) {
  switch (state) {
    case ProgressState::kProbe:
      return out << "Probe";
    case ProgressState::kReplicate:
      return out << "Replicate";
    case ProgressState::kSnapshot:
      return out << "Snapshot";
  }
  return out << "?";
}

Progress::Progress(ReplicaId id, LogIndex next, const Inflights& inflights)
    : id_(id), next_(next), inflights_(inflights) {
  TRIMARAN_CHECK_GT(next, LogIndex());
}

bool Progress::Acked(LogIndex index) {
  if (index <= match_) return false;
  match_ = index;
  if (next_ <= index) {
    next_ = index + 1;
    // What was being looked for is there already; that the storage may no
    // longer have it means nothing.
    fetch = FetchId();
    log_missing = false;
  }
  flow_paused_ = false;
  return true;
}

bool Progress::Rejected(LogIndex rejected, LogIndex hint) {
  switch (state_) {
    case ProgressState::kReplicate:
      if (MutantActive(Mutant::kLateRejectMovesMatchBack)) {
        match_ = std::min(match_, rejected - 1);
      }
      if (rejected <= match_) return false;
      BecomeProbe();
      return true;
    case ProgressState::kProbe:
      // Only the answer to the one probe that is out counts.
      if (rejected + 1 != next_) return false;
      next_ = std::max(std::min(rejected, hint + 1), match_ + 1);
      sent_commit_ = std::min(sent_commit_, next_ - 1);
      flow_paused_ = false;
      probes_bare = false;
      return true;
    case ProgressState::kSnapshot:
      return false;
  }
  return false;
}

void Progress::AppendSent(uint64_t entries, uint64_t bytes) {
  switch (state_) {
    case ProgressState::kReplicate:
      if (entries > 0) {
        next_ = next_ + entries;
        inflights_.Add(next_ - 1, bytes);
      }
      flow_paused_ = inflights_.full();
      return;
    case ProgressState::kProbe:
      flow_paused_ = true;
      return;
    case ProgressState::kSnapshot:
      TRIMARAN_CHECK(false) << "append to a follower that needs a snapshot";
  }
}

void Progress::CommitSent(LogIndex commit) {
  // A message says at most as much as the entries that went before it allow.
  sent_commit_ = std::max(sent_commit_, std::min(commit, next_ - 1));
}

void Progress::Enter(ProgressState state) {
  state_ = state;
  flow_paused_ = false;
  pending_snapshot_ = LogIndex();
  snapshot_requested = false;
  log_missing = false;
  probes_bare = false;
  fetch = FetchId();
  inflights_.Clear();
}

void Progress::BecomeProbe() {
  const LogIndex pending = pending_snapshot_;
  Enter(ProgressState::kProbe);
  // After a snapshot the follower continues behind it, as far as we know.
  next_ = std::max(match_, pending) + 1;
  sent_commit_ = std::min(sent_commit_, next_ - 1);
}

void Progress::BecomeReplicate() {
  Enter(ProgressState::kReplicate);
  next_ = match_ + 1;
  sent_commit_ = std::min(sent_commit_, match_);
}

void Progress::BecomeSnapshot(LogIndex pending) {
  Enter(ProgressState::kSnapshot);
  pending_snapshot_ = pending;
  next_ = pending + 1;
  sent_commit_ = pending;
}

void Progress::SnapshotFailed() {
  pending_snapshot_ = LogIndex();
  BecomeProbe();
}

}  // namespace trimaran::raft
