#ifndef TRIMARAN_TESTS_REPLICATION_NODE_RAFTSTORE_WORKLOAD_H_
#define TRIMARAN_TESTS_REPLICATION_NODE_RAFTSTORE_WORKLOAD_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/ids.h"
#include "tests/replication/node/cluster_faults.h"
#include "tests/support/node/threaded_cluster.h"

namespace trimaran {

// What a run of clients has to live with.
struct Mix {
  uint64_t clients = 1;
  bool unreliable = false;
  bool partitions = false;
  // Machines lose their power, one and all, while clients are at work.
  bool kills = false;
  // The log is compacted when it is so long; 0: not in this test.
  uint64_t log_limit = 0;
  uint64_t seed = 1;
};

// Clients of five real nodes, each of which puts keys of its own in order, and
// now and then looks whether exactly those are there, wherever it asks.
//
// A call that failed, because its replica was killed, is made again at another
// one: the same key, so that nothing may be there twice.
//
// Thread: owner.
class RaftstoreRun {
 public:
  explicit RaftstoreRun(const Mix& mix);

  // Rounds of work under faults, after each of which all replicas are held
  // against what clients were told.
  void Run();

 private:
  void RunRound();
  void WorkUntilEnough(uint64_t client);
  void PutUntilDone(uint64_t client, uint64_t number);
  // A replica that runs, the `nth` in turn.
  std::shared_ptr<ThreadedReplica> AnyReplica(uint64_t nth);
  // At any replica, while others may be killed.
  void LookUntilDone(uint64_t client, uint64_t count);
  void Disturb();
  void ExpectAllEverywhere();
  void ExpectBoundedLogs();

  const Mix mix_;
  ThreadedCluster cluster_;
  ClusterFaults faults_;
  // By client, how many puts were acknowledged.
  std::vector<uint64_t> written_;
  // The faults of this round are over.
  std::atomic<bool> enough_ = false;
  // Where no log has been compacted yet.
  const LogIndex founded_at_;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_REPLICATION_NODE_RAFTSTORE_WORKLOAD_H_
