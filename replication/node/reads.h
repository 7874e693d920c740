#ifndef TRIMARAN_REPLICATION_NODE_READS_H_
#define TRIMARAN_REPLICATION_NODE_READS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "replication/node/pending_read.h"
#include "replication/raft/raft.h"
#include "replication/raft/ready.h"

namespace trimaran {

// Reads that wait, first for the index that they need and then until it has
// been applied. All reads of one kind that came since the last round share the
// next one, which begins when few others are under way: a round for each read
// would cost as many messages as a write for each.
//
// Invariants:
//  1. A read shares only a round that began after it was asked for.
//  2. An id of a round is never used twice, not even after a restart.
//
// Thread: the raft lane.
class Reads {
 public:
  // `first_round` is drawn at random at each start, with room above it.
  // `retry_after` is how long a round may be without an answer before another
  // one is begun: it may have been lost on its way to the leader.
  Reads(uint64_t first_round, absl::Duration retry_after)
      : last_round_(first_round), retry_after_(retry_after) {}

  void Add(PendingReadPtr read, LogIndex applied);

  // Begins a round for whoever waits for one, if there is a leader to ask; of a
  // quorum for all of them unless `may_lease`.
  void BeginRounds(raft::Raft& core, MonotonicTime now, bool may_lease);
  void Confirmed(const raft::ReadResult& result, LogIndex applied);
  void Lost(raft::ReadId id);

  // Answers those that waited for it.
  void Applied(LogIndex index);
  void Tick(MonotonicTime now);
  void AnswerAll(const absl::Status& error);

  size_t size() const {
    return unasked_.size() + asked_.size() + known_.size();
  }

 private:
  struct Round {
    MonotonicTime begun;
    std::vector<PendingReadPtr> reads;
  };
  // A state of `index` has everything that was acknowledged before `as_of`.
  struct Freshness {
    MonotonicTime as_of;
    LogIndex index;
  };

  bool AnswerWithout(const PendingReadPtr& read, LogIndex applied);
  void Await(LogIndex index, PendingReadPtr read, LogIndex applied);
  // Whether another round would only add to those whose answers are about to
  // come.
  bool EnoughUnderWay(MonotonicTime now) const;
  bool BeginRound(raft::Raft& core, raft::ReadMode mode,
                  std::vector<PendingReadPtr> reads, MonotonicTime now);

  uint64_t last_round_;
  const absl::Duration retry_after_;
  std::vector<PendingReadPtr> unasked_;
  std::map<raft::ReadId, Round> asked_;
  std::multimap<LogIndex, PendingReadPtr> known_;
  std::optional<Freshness> fresh_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_READS_H_
