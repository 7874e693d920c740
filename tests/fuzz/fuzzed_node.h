#ifndef TRIMARAN_TESTS_FUZZ_FUZZED_NODE_H_
#define TRIMARAN_TESTS_FUZZ_FUZZED_NODE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/conf_state.h"
#include "engine/base/random.h"
#include "engine/store.h"
#include "replication/node/lane.h"
#include "replication/node/node.h"
#include "tests/fuzz/leader_logs.h"
#include "tests/support/manual_clock.h"
#include "tests/support/node_sim/findings.h"
#include "tests/support/node_sim/model_disks.h"
#include "tests/support/node_sim/oracle.h"
#include "tests/support/node_sim/promise_checker.h"

namespace trimaran {

// Runs its tasks when it is told to; those with a time, once that has come.
//
// Thread: one.
class FuzzLane final : public Lane {
 public:
  explicit FuzzLane(const Clock& clock) : clock_(clock) {}

  void Post(Task task) override { tasks_.push_back(std::move(task)); }
  void PostAt(MonotonicTime when, Task task) override {
    timed_.emplace(when, std::move(task));
  }

  // False if there is none.
  bool RunOne();
  void Drop();

 private:
  const Clock& clock_;
  std::deque<Task> tasks_;
  std::multimap<MonotonicTime, Task> timed_;
};

// A live node on the disks of models, with everything around it in the hands of
// whoever holds this: what arrives, what is done when, and how time goes on.
// Aborts if the node says what is malformed, or promises what is not on its
// disk; if what it has applied ever changes; and if it fails without a reason.
//
// Thread: owner.
class FuzzedNode {
 public:
  static constexpr ReplicaId kSelf{1};
  static constexpr size_t kLanes = 4;

  // Of a group of three voters and a learner.
  explicit FuzzedNode(uint64_t seed);
  ~FuzzedNode();
  FuzzedNode(const FuzzedNode&) = delete;
  FuzzedNode& operator=(const FuzzedNode&) = delete;

  Node& node() { return *node_; }
  const NodeStatus& status() const { return *status_; }
  const engine::Store& store() const { return *store_; }
  MonotonicTime now() const { return clock_.Now(); }
  static StoreId StoreOf(ReplicaId replica);

  // ---- What is done ----
  void RunOne(size_t lane);
  // Until there is nothing to do before time goes on.
  void RunAll();
  void Pass(absl::Duration duration);
  // What has been said since the last call, of long ago only the latest.
  std::deque<PeerMessage> TakeSaid() { return std::exchange(said_, {}); }

  // ---- Its lives ----
  // The process is killed, and starts on what a crash has left.
  void Restart();
  // In order, to the end.
  void Stop();
  // Some write from now on fails, and the node with it, until it is restarted.
  void FailDiskSoon();
  // An entry that means nothing may be committed, and whoever applies it fails,
  // also in his next life.
  void ExpectPoison() { poisoned_ = true; }
  // To be told what leaders say to it.
  LeaderLogs& logs() { return logs_; }
  bool failed() const { return !status_->failure.ok(); }

  // A client is told that this entry has done something.
  void ExpectApplied(EntryId id);
  // Aborts as above. After anything that was done.
  void Look();

 private:
  class Voice;

  void Start();
  void Hear(std::vector<PeerMessage> messages);
  void CheckDisk();
  void CheckApplied();
  void ForgetUnsafe();

  SeededRandom random_;
  ManualClock clock_;
  node_sim::Findings findings_;
  const node_sim::Oracle nothing_;
  node_sim::PromiseChecker promises_{nothing_, findings_};
  node_sim::ModelDisks disks_;
  std::array<FuzzLane, kLanes> lanes_;
  std::unique_ptr<Voice> voice_;
  std::unique_ptr<engine::Store> store_;
  std::unique_ptr<Node> node_;
  std::shared_ptr<const NodeStatus> status_;
  std::deque<PeerMessage> said_;
  // As they were when they were applied first, the bootstrap position before
  // them.
  std::vector<engine::LogPosition> applied_;
  // On the disk, when it was looked at last.
  HardState hard_state_;
  engine::LogPosition last_;
  LeaderLogs logs_;
  bool disk_fails_ = false;
  bool poisoned_ = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_FUZZ_FUZZED_NODE_H_
