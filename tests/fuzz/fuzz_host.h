#ifndef TRIMARAN_TESTS_FUZZ_FUZZ_HOST_H_
#define TRIMARAN_TESTS_FUZZ_FUZZ_HOST_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/ids.h"
#include "engine/base/random.h"
#include "replication/raft/config.h"
#include "replication/raft/raft.h"
#include "replication/raft/ready.h"
#include "tests/support/raft/memory_log.h"

namespace trimaran::raft {

// How often a run got to the things worth getting to. Tests demand some of
// each, so that the random inputs cannot quietly lose their bite.
struct FuzzReach {
  uint64_t leaderships = 0;
  uint64_t applied = 0;
  uint64_t conf_changes = 0;
  uint64_t snapshots_taken = 0;
  uint64_t snapshots_sent = 0;
  uint64_t fetches = 0;
  uint64_t reads = 0;
  uint64_t refused = 0;

  void Add(const FuzzReach& other);
};

// The host of one core: it keeps the contract of every call to the letter, but
// does things in any order that the contract allows, and as late as it likes.
// It holds the core to its side of the contract by TRIMARAN_CHECK:
//  1. A message that is refused as nonsense has changed nothing.
//  2. Batches are numbered without gaps; nothing is to be applied that is not
//     committed and durable here, or out of order.
//  3. HasReady() is true exactly if TakeReady() has something.
//  4. What the core sends is addressed correctly, and well-formed in the eyes
//     of whoever gets it; and it passes the wire unchanged.
//  5. It becomes quiet when nothing new comes in.
//  6. It starts from whatever it has had made durable.
//
// Thread: owner.
class FuzzHost {
 public:
  FuzzHost(const Config& config, MemoryLog stored, uint64_t seed);

  Raft& raft() { return *raft_; }
  const MemoryLog& stored() const { return stored_; }
  const FuzzReach& reach() const { return reach_; }

  // ---- Input from peers ----
  void Step(Message message);

  // ---- What the core wants done ----
  void Take();
  // The oldest `count` batches become durable; reports the last one only.
  void Persist(size_t count);
  // Applies up to `count` entries of the oldest page.
  void Apply(size_t count);

  enum class Answer {
    kHonest,
    kOneEntry,
    kUnavailable,
    kCompacted,
    kWrongTerm,
    kGap,
    kPastTheEnd,
  };
  // The oldest fetch.
  void AnswerFetch(Answer answer);
  // The oldest snapshot request.
  void AnswerSnapshotRequest(Answer answer);

  // Removes the stored log up to `index`, or as far as it is applied.
  void Compact(LogIndex index);
  // Does everything the core wants until it is quiet.
  void Settle();
  // Loses what is not durable, and starts again.
  void Restart();

 private:
  void Start();
  void CheckSent(const std::vector<Message>& messages);
  void CheckPersist(const PersistBatch& batch);
  void CheckApply(const std::vector<LogEntry>& page);
  void ApplyOne(const LogEntry& entry, ConfState& conf);

  const Config config_;
  MemoryLog stored_;
  SeededRandom random_;
  std::unique_ptr<Raft> raft_;

  PersistSeq last_seq_;
  std::deque<PersistBatch> batches_;
  std::deque<std::vector<LogEntry>> pages_;
  std::deque<FetchRequest> fetches_;
  std::deque<SnapshotRequest> snapshot_requests_;
  FuzzReach reach_;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_TESTS_FUZZ_FUZZ_HOST_H_
