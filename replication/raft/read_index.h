#ifndef TRIMARAN_REPLICATION_RAFT_READ_INDEX_H_
#define TRIMARAN_REPLICATION_RAFT_READ_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "engine/base/ids.h"
#include "replication/raft/messages.h"

namespace trimaran::raft {

struct ReadRequest {
  ReadId id;
  // Who asked.
  ReplicaId origin;
};

struct ConfirmedRead {
  ReadRequest request;
  LogIndex index;
};

// The reads of one leader in one term that wait for proof that it still leads
// (thesis §6.4). A round of heartbeats proves it for every read that was asked
// for before the round began; rounds are counted, never named by the callers,
// so that no late answer can speak for a later read.
//
// A read goes through: postponed (the leader has not committed in its term) ->
// waiting (for the next round to begin) -> in a round -> confirmed.
//
// Thread: owner.
class ReadQueue {
 public:
  explicit ReadQueue(uint64_t capacity) : capacity_(capacity) {}

  bool full() const { return reads_.size() + postponed_.size() >= capacity_; }
  uint64_t size() const { return reads_.size() + postponed_.size(); }

  // Takes a read at `index`, the commit index now. Not when full().
  void Add(ReadRequest request, LogIndex index);
  // Takes a read that has no index yet.
  void Postpone(ReadRequest request) { postponed_.push_back(request); }
  // The leader has committed in its term: postponed reads wait at `index`.
  void ReleasePostponed(LogIndex index);

  // Whether a read waits for a round to begin.
  bool wants_round() const { return in_round_ < reads_.size(); }
  // A round begins at that tick; all waiting reads are in it.
  ReadRound BeginRound(uint64_t tick);
  ReadRound last_round() const { return last_round_; }

  // A quorum has answered `round`. Returns the reads that this confirms, in
  // the order of their arrival.
  std::vector<ConfirmedRead> Confirm(ReadRound round);
  // When the latest round that a quorum has answered began.
  bool ever_confirmed() const { return last_confirmed_ != ReadRound(); }
  uint64_t confirmed_round_tick() const { return confirmed_round_tick_; }

  // All reads that are still open, for when leadership ends.
  std::vector<ReadRequest> TakeAll();

 private:
  struct Pending {
    ReadRequest request;
    LogIndex index;
    ReadRound round;
  };
  struct Round {
    ReadRound round;
    uint64_t tick = 0;
  };

  uint64_t capacity_;
  std::vector<ReadRequest> postponed_;
  // The first `in_round_` have a round, in rising order.
  std::deque<Pending> reads_;
  size_t in_round_ = 0;
  ReadRound last_round_;
  ReadRound last_confirmed_;
  uint64_t confirmed_round_tick_ = 0;
  // Begun and not confirmed, the first of each tick; bounded: the oldest are
  // forgotten first.
  std::deque<Round> rounds_;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_READ_INDEX_H_
