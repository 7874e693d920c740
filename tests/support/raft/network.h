#ifndef TRIMARAN_TESTS_SUPPORT_RAFT_NETWORK_H_
#define TRIMARAN_TESTS_SUPPORT_RAFT_NETWORK_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "engine/base/ids.h"
#include "engine/base/random.h"
#include "replication/raft/config.h"
#include "replication/raft/messages.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/memory_log.h"
#include "tests/support/raft/test_replica.h"

namespace trimaran::raft {

// Replicas, and the messages between them. Nothing happens by itself: a test
// gives some replica an input, and Settle() moves messages until there are none
// left. Messages of one pair of replicas stay in order, and all arrive, until
// the test asks for something worse. The data of snapshots travels with their
// MsgSnap; what became of it is for the test to report (Raft::ReportSnapshot).
//
// Thread: owner.
class Network {
 public:
  explicit Network(uint64_t seed = 1);
  // The voters 1 .. `voters`, with plain configurations, changed by
  // `configure`, and empty logs.
  explicit Network(uint64_t voters, absl::FunctionRef<void(Config&)> configure,
                   uint64_t seed = 1);

  static Network Plain(uint64_t voters);

  TestReplica& Add(const Config& config, MemoryLog log);
  // A member that never answers.
  void AddBlackHole(ReplicaId id);

  TestReplica& at(uint64_t id);
  Raft& raft(uint64_t id) { return at(id).raft(); }
  RaftStatus status(uint64_t id) { return at(id).status(); }
  // All that are not black holes.
  std::vector<TestReplica*> replicas();

  // ---- Input; each lets the network settle afterwards ----

  void Campaign(uint64_t id);
  absl::Status Propose(uint64_t id, std::string_view text);
  // As if `message` had just been sent by its sender, past all filters.
  void Inject(Message message);
  // One tick of all, or of one.
  void TickAll(int ticks = 1);
  void Tick(uint64_t id, int ticks = 1);
  // One heartbeat round of a leader.
  void Beat(uint64_t id);

  // Processes all replicas and delivers messages until nothing moves.
  void Settle();

  // ---- Faults ----

  // Loses that many of a million messages of one direction.
  void Drop(Route route, uint32_t per_million);
  // Loses everything between two, in both directions.
  void Cut(uint64_t a, uint64_t b);
  // Loses everything from and to one.
  void Isolate(uint64_t id);
  template <typename Body>
  void Ignore() {
    ignored_.insert(MessageBody(Body()).index());
  }
  // Sees every message that would be delivered; false loses it.
  using MessageHook = std::function<bool(const Message&)>;
  void Hook(MessageHook hook) { hook_ = std::move(hook); }
  // Each message is delivered twice with that probability.
  void Duplicate(uint32_t per_million) { duplicate_ = per_million; }
  // Each message jumps to a random place of the queue with that probability.
  void Reorder(uint32_t per_million) { reorder_ = per_million; }
  // Each message is held back for up to `ticks_max` TickAll()s with that
  // probability.
  void Delay(uint32_t per_million, int ticks_max);
  // Ends all faults. Messages that are held back arrive with the next Settle().
  void Recover();

  // ---- What has happened ----

  // Messages that were answered by an error, with that error.
  const std::vector<std::pair<Message, absl::Status>>& errors() const {
    return errors_;
  }
  size_t delivered() const { return delivered_; }
  // All hold the same log, and have committed and applied all of it.
  bool Converged();

 private:
  struct Held {
    int ticks = 0;
    Message message;
  };

  void Collect(TestReplica& replica);
  void Post(Message message);
  bool Lost(const Message& message);
  void DeliverOne();
  void CarrySnapshot(const Message& message, TestReplica& receiver);

  SeededRandom random_;
  // Null: a black hole.
  std::map<ReplicaId, std::unique_ptr<TestReplica>> replicas_;
  std::deque<Message> queue_;
  std::vector<Held> held_;

  std::map<std::pair<ReplicaId, ReplicaId>, uint32_t> drops_;
  std::set<size_t> ignored_;
  MessageHook hook_;
  uint32_t duplicate_ = 0;
  uint32_t reorder_ = 0;
  uint32_t delay_ = 0;
  int delay_ticks_max_ = 1;

  size_t delivered_ = 0;
  std::vector<std::pair<Message, absl::Status>> errors_;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_TESTS_SUPPORT_RAFT_NETWORK_H_
