#ifndef TRIMARAN_BENCH_RAFT_GROUP_H_
#define TRIMARAN_BENCH_RAFT_GROUP_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/payload.h"
#include "engine/base/random.h"
#include "replication/raft/config.h"
#include "replication/raft/raft.h"

namespace trimaran::bench {

// What a group has done so far.
struct GroupCounters {
  // Handed out for applying at the leader, without the empty entries.
  uint64_t applied = 0;
  uint64_t messages = 0;
  // An estimate of what the messages would take on a wire: payloads, and a
  // fixed price for each message and each entry.
  uint64_t bytes = 0;
};

// Replicas of one group in one thread, each driven as a host drives it that
// overlaps its work: what may go at once goes at once; a batch is durable one
// round after it was handed out, and only then do the messages that wait for
// it leave; every page is applied and acknowledged. The disk and the state
// machine take no time and keep nothing, so that only the core is measured.
//
// Thread: owner.
class RaftGroup {
 public:
  explicit RaftGroup(size_t replicas);

  raft::Raft& leader() { return *replicas_.front()->raft; }
  const GroupCounters& counters() const { return counters_; }

  // Appends a command at the leader; aborts if it refuses it.
  void Propose(const Payload& payload);
  // Every replica takes its output and finishes the disk writes that it began
  // a round ago; then all messages arrive.
  void Round();
  // Rounds until nothing moves.
  void Settle();

 private:
  struct Replica {
    std::unique_ptr<raft::Raft> raft;
    // Begun in this round; finished in the next.
    std::vector<raft::PersistBatch> writing;
    std::vector<raft::Message> inbox;
    // What Round() is delivering; kept to be used again.
    std::vector<raft::Message> arriving;
  };

  bool HasWork() const;
  void FinishWrites(Replica& replica);
  void Take(Replica& replica);
  void Post(std::vector<raft::Message>& messages);

  SeededRandom random_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  GroupCounters counters_;
};

}  // namespace trimaran::bench

#endif  // TRIMARAN_BENCH_RAFT_GROUP_H_
