#ifndef TRIMARAN_TESTS_SUPPORT_RAFT_TEST_REPLICA_H_
#define TRIMARAN_TESTS_SUPPORT_RAFT_TEST_REPLICA_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "engine/base/random.h"
#include "replication/raft/conf_change.h"
#include "replication/raft/config.h"
#include "replication/raft/messages.h"
#include "replication/raft/raft.h"
#include "replication/raft/ready.h"
#include "tests/support/raft/memory_log.h"

namespace trimaran::raft {

// A core with everything that a host owes it: a stored log, and a state machine
// that is the list of the commands applied to it.
//
// It can be driven in three ways. Process() does all that the core wants until
// it wants nothing more. Take(), PersistOne(), ApplyOne() and AnswerRequests()
// do one step each, so that persisting and applying can be made to lag. And
// raft() gives the bare core.
//
// Thread: owner.
class TestReplica {
 public:
  // Starts from what `log` holds; aborts if the core refuses that.
  TestReplica(const Config& config, MemoryLog log, uint64_t seed = 1);
  // A plain replica 1 in a fresh group of the voters 1 .. `voters`.
  explicit TestReplica(uint64_t voters);

  ReplicaId id() const { return config_.id; }
  Raft& raft() { return *raft_; }
  const Raft& raft() const { return *raft_; }
  RaftStatus status() const { return raft_->status(); }
  MemoryLog& log() { return log_; }
  const MemoryLog& log() const { return log_; }
  const Config& config() const { return config_; }
  // What the leader knows of `peer`; aborts unless this one leads and knows it.
  PeerStatus peer(uint64_t peer) const;

  // ---- Input ----

  // Steps a message from `from` to this replica.
  template <typename Body>
  absl::Status Receive(uint64_t from, uint64_t term, Body body) {
    return raft_->Step(
        {config_.group, ReplicaId(from), id(), Term(term), std::move(body)});
  }
  absl::StatusOr<std::optional<EntryId>> Propose(std::string_view text);
  void Tick(int ticks = 1);

  // ---- All at once ----

  // Takes Readys, persists, applies and answers requests until the core is
  // quiet. Messages gather in the outbox.
  void Process();
  // Process(), then empties the outbox.
  std::vector<Message> ProcessAndTakeMessages();
  std::vector<Message> TakeMessages();
  // Campaigns and receives the votes of everybody else. Leads when it returns;
  // its first entry is appended, durable here, and sent (then forgotten).
  void Lead();

  // ---- Step by step ----

  // Takes one Ready, if there is one, and starts on it: what may be sent at
  // once goes to the outbox; the batch, the page and the requests are held.
  bool Take();
  // Makes the oldest batch durable; releases the messages that wait for it.
  bool PersistOne();
  // Applies the oldest page.
  bool ApplyOne();
  // Answers fetches and snapshot requests from the stored log.
  bool AnswerRequests();
  size_t held_batches() const { return batches_.size(); }
  size_t held_pages() const { return pages_.size(); }
  const std::vector<FetchRequest>& held_fetches() const { return fetches_; }
  const std::vector<SnapshotRequest>& held_snapshot_requests() const {
    return snapshot_requests_;
  }
  void DropRequests();

  // ---- Host's business ----

  // Forgets all that is not durable and starts anew from the stored log.
  void Restart();
  // Compacts the stored log.
  absl::Status CompactTo(LogIndex index);
  // The data of a snapshot has arrived, ahead of its MsgSnap.
  void StageSnapshot(const StoredSnapshot& snapshot);
  // The state of a snapshot that was made here; empty if there is none.
  std::string SnapshotState(LogIndex index) const;

  // ---- What has come out ----

  // Every entry applied since the start, in order; a restart begins anew.
  const std::vector<LogEntry>& applied() const { return applied_; }
  const std::vector<ReadResult>& reads() const { return reads_; }
  const std::vector<SoftState>& soft_states() const { return soft_states_; }
  std::vector<EntryId> log_ids() const;

 private:
  void StartCore();
  void ApplyConfChange(const LogEntry& entry, ConfState& conf);
  void AnswerFetch(const FetchRequest& request);
  void AnswerSnapshotRequest(const SnapshotRequest& request);

  Config config_;
  MemoryLog log_;
  // Behind a pointer, so that the core's reference survives a move.
  std::unique_ptr<SeededRandom> random_;
  std::unique_ptr<Raft> raft_;

  std::vector<Message> outbox_;
  std::deque<PersistBatch> batches_;
  std::deque<std::vector<LogEntry>> pages_;
  std::vector<FetchRequest> fetches_;
  std::vector<SnapshotRequest> snapshot_requests_;
  // By index: made here, or arrived.
  std::map<LogIndex, std::string> snapshots_;

  std::vector<LogEntry> applied_;
  std::vector<ReadResult> reads_;
  std::vector<SoftState> soft_states_;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_TESTS_SUPPORT_RAFT_TEST_REPLICA_H_
