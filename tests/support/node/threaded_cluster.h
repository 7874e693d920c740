#ifndef TRIMARAN_TESTS_SUPPORT_NODE_THREADED_CLUSTER_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_THREADED_CLUSTER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>

#include "absl/status/statusor.h"
#include "engine/base/mutex.h"
#include "engine/founding.h"
#include "engine/maintenance/state_hash.h"
#include "tests/support/disk/survival.h"
#include "tests/support/engine/temp_home.h"
#include "tests/support/node/crashable_home.h"
#include "tests/support/node/faulty_transport.h"
#include "tests/support/node/threaded_replica.h"

namespace trimaran {

// Short ticks; and disks of tests may be small.
NodeOptions QuickNodeOptions();

// A founded group of real nodes on real engines, of which all run at first.
//
// Thread: Start, Stop, Kill, StartJoiner: owner. Find: any. Everything else:
// any, as long as the owner neither starts nor stops anybody.
class ThreadedCluster {
 public:
  enum class Disks : uint8_t {
    kReal,
    // Machines may lose their power: Kill.
    kSimulated,
  };
  struct Options {
    NodeOptions node = QuickNodeOptions();
    uint64_t log_segment_bytes = uint64_t{1} << 20;
    ThreadedReplica::Threads threads = ThreadedReplica::Threads::kShared;
    Disks disks = Disks::kReal;
  };
  explicit ThreadedCluster(uint64_t size) : ThreadedCluster(size, Options()) {}
  ThreadedCluster(uint64_t size, const Options& options);

  void Start(uint64_t id);
  void Stop(uint64_t id);
  // The machines of those replicas that run lose their power, at one moment;
  // of what they had not synced, `survival` is left.
  void Kill(const std::set<uint64_t>& ids, disk::Survival survival,
            uint64_t seed);
  // A replica that knows nobody and holds nothing.
  void StartJoiner(uint64_t id);
  // A founder again, with an empty directory that is `store`.
  void StartEmptied(uint64_t id, StoreId store);
  // Of nodes that are started from now on.
  NodeOptions& node_options() { return options_.node; }

  ThreadedReplica& at(uint64_t id) { return *replicas_.at(id); }
  // Null if it does not run.
  std::shared_ptr<ThreadedReplica> Find(uint64_t id);
  FaultyTransport& transport() { return transport_; }
  // Where disks are real.
  engine::TempHome& home(uint64_t id) { return *homes_.at(id); }

  // Who leads when a write at `id` is done.
  uint64_t Leader(uint64_t id);
  // Waits until `id` has applied what `of` has applied now.
  bool CatchesUp(uint64_t id, uint64_t of);
  // Of the present state; nothing is being applied.
  absl::StatusOr<engine::StateDigest> Digest(uint64_t id);

 private:
  void MakeHome(uint64_t id);
  engine::EngineOptions EngineOptionsOf(uint64_t id);
  std::shared_ptr<ThreadedReplica> Take(uint64_t id);

  Options options_;
  FaultyTransport transport_;
  engine::NewStore store_;
  std::map<uint64_t, std::unique_ptr<engine::TempHome>> homes_;
  std::map<uint64_t, std::unique_ptr<CrashableHome>> machines_;
  // Changed by the owner only, who may read it without the lock.
  std::map<uint64_t, std::shared_ptr<ThreadedReplica>> replicas_;
  Mutex changes_;
  uint64_t seed_ = 0;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_THREADED_CLUSTER_H_
