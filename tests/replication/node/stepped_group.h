#ifndef TRIMARAN_TESTS_REPLICATION_NODE_STEPPED_GROUP_H_
#define TRIMARAN_TESTS_REPLICATION_NODE_STEPPED_GROUP_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/random.h"
#include "engine/engine.h"
#include "engine/founding.h"
#include "engine/maintenance/state_hash.h"
#include "replication/node/lane.h"
#include "replication/node/node.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"
#include "tests/support/disk/sim_wiredtiger.h"
#include "tests/support/manual_clock.h"
#include "tests/support/node/faulty_transport.h"

namespace trimaran {

// Runs what is due, in order, when it is told to.
//
// Thread: one.
class SteppedLane final : public Lane {
 public:
  void Post(Task task) override { tasks_.push_back(std::move(task)); }
  void PostAt(MonotonicTime when, Task task) override {
    timed_.emplace(when, std::move(task));
  }
  void RunDue(MonotonicTime now);

 private:
  std::deque<Task> tasks_;
  std::multimap<MonotonicTime, Task> timed_;
};

// One replica on a simulated disk: an engine, and a node that is driven.
struct SteppedReplica {
  explicit SteppedReplica(disk::SimDisk& disk) : files(disk), mount(disk) {}

  disk::SimFileSystem files;
  disk::WiredTigerMount mount;
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<Node> node;
};

// Nodes on real engines, simulated disks and one thread: they do something only
// inside of RunUntil, and the same calls make them do the same.
//
// Thread: owner.
class SteppedGroup {
 public:
  // Of replicas 1 to `size`, none of which is there yet. Only replica 2 (or 1,
  // where it is alone) campaigns.
  explicit SteppedGroup(uint64_t size);
  ~SteppedGroup();

  // The group's member `id`, with nothing in it, on `disk`, which outlives it
  // here.
  absl::Status Found(uint64_t id, disk::SimDisk& disk);
  // Opens what is on `disk`, without starting a node.
  absl::StatusOr<engine::Engine*> Open(uint64_t id, disk::SimDisk& disk);
  // The same, and starts a node on it.
  absl::Status Start(uint64_t id, disk::SimDisk& disk);
  // In order. Does nothing for who is not there.
  absl::Status Stop(uint64_t id);
  // As where its process is killed, between two things that it does. What it
  // still does to its disk is not to be looked at.
  void Abandon(uint64_t id);

  SteppedReplica& at(uint64_t id) { return *replicas_.at(id); }
  FaultyTransport& transport() { return transport_; }
  // For nodes that are started from now on.
  void SetLeaseReads() { lease_reads_ = true; }
  // Time passes in which nothing is done, and at the end of which `task` is
  // done before all that has become due.
  void Stall(int ticks, Task task);
  LogIndex AppliedAt(uint64_t id) {
    return at(id).engine->machine().applied().applied.id.index;
  }
  absl::StatusOr<engine::StateDigest> Digest(uint64_t id);

  // Lets time pass until `done`; DeadlineExceeded, naming `what`, if that takes
  // too long, or the first failure of a node.
  absl::Status RunUntil(std::string_view what, absl::FunctionRef<bool()> done);

  // Lets some ticks pass, in which housekeeping is done.
  absl::Status Pass(int ticks);

  // Puts the rows "<prefix><first>" to "<prefix><first + count - 1>" at `id`,
  // each in a write of its own, all at once: only if they are absent; else a
  // row "twice" tells. Waits for the answers.
  absl::Status Put(uint64_t id, const std::string& prefix, uint64_t first,
                   uint64_t count);

 private:
  engine::EngineOptions OptionsOf(const disk::SimDisk& disk,
                                  SteppedReplica& replica);
  NodeOptions NodeOptionsOf(uint64_t id) const;
  absl::Status FirstFailure() const;

  const uint64_t size_;
  bool lease_reads_ = false;
  engine::NewStore store_;
  ManualClock clock_;
  SeededRandom random_{1};
  SteppedLane lane_;
  FaultyTransport transport_;
  std::map<uint64_t, std::unique_ptr<SteppedReplica>> replicas_;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_REPLICATION_NODE_STEPPED_GROUP_H_
