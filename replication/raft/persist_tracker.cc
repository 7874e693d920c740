#include "replication/raft/persist_tracker.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "replication/raft/mutant.h"

namespace trimaran::raft {

void PersistTracker::Truncated(LogIndex first) {
  const LogIndex kept = first - 1;
  durable_ = std::min(durable_, kept);
  handed_out_ = std::min(handed_out_, kept);
  if (MutantActive(Mutant::kPersistAba)) return;
  for (Batch& batch : batches_) batch.last = std::min(batch.last, kept);
}

void PersistTracker::Restored(const SnapshotMeta& snapshot) {
  new_snapshot_ = snapshot;
  pending_snapshot_ = snapshot.id.index;
  handed_out_ = snapshot.id.index;
  // What is on the disk, or on its way there, is of another log.
  durable_ = std::min(durable_, snapshot.id.index - 1);
  for (Batch& batch : batches_) batch.last = LogIndex();
}

PersistTracker::Handout PersistTracker::HandOut(LogIndex last, Term self_vote) {
  TRIMARAN_CHECK_LE(handed_out_, last);
  last_seq_ = PersistSeq(last_seq_.value() + 1);
  Handout out{last_seq_, std::exchange(new_snapshot_, std::nullopt),
              handed_out_ + 1};
  batches_.push_back({last_seq_, last,
                      out.snapshot ? out.snapshot->id.index : LogIndex(),
                      self_vote});
  handed_out_ = last;
  return out;
}

PersistTracker::Done PersistTracker::Persisted(PersistSeq seq) {
  TRIMARAN_CHECK_LE(seq, last_seq_) << "never handed out";
  Done done;
  while (!batches_.empty() && batches_.front().seq <= seq) {
    const Batch& batch = batches_.front();
    durable_ = std::max(durable_, batch.last);
    if (batch.snapshot != LogIndex()) {
      done.snapshot = batch.snapshot;
      if (batch.snapshot == pending_snapshot_) pending_snapshot_ = LogIndex();
    }
    done.self_vote = std::max(done.self_vote, batch.self_vote);
    batches_.pop_front();
  }
  return done;
}

}  // namespace trimaran::raft
