#ifndef TRIMARAN_TESTS_REPLICATION_NODE_CLUSTER_FAULTS_H_
#define TRIMARAN_TESTS_REPLICATION_NODE_CLUSTER_FAULTS_H_

#include <cstdint>
#include <set>

#include "engine/base/mutex.h"
#include "engine/base/random.h"
#include "tests/support/node/faulty_transport.h"
#include "tests/support/node/threaded_cluster.h"

namespace trimaran {

// What the network does to messages: some are lost, doubled, late, or fall
// behind the next one; none passes between the two sides of a division.
//
// Thread: any.
class NetworkFaults {
 public:
  explicit NetworkFaults(uint64_t seed) : random_(seed) {}

  void SetUnreliable(bool unreliable);
  void Divide(const std::set<ReplicaId>& one_side);
  void Heal() { Divide({}); }

  FaultyTransport::Fate Judge(const PeerMessage& message);

 private:
  Mutex mutex_;
  SeededRandom random_ ABSL_GUARDED_BY(mutex_);
  bool unreliable_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<ReplicaId> one_side_ ABSL_GUARDED_BY(mutex_);
};

// Who means a cluster harm: its network, and the power of its machines, whose
// disks are simulated.
//
// Thread: the cluster's owner.
class ClusterFaults {
 public:
  // Replicas 1 to `replicas`, all of which run. `cluster` outlives this, and
  // stays with its network.
  ClusterFaults(ThreadedCluster& cluster, uint64_t replicas, uint64_t seed);
  ~ClusterFaults();

  NetworkFaults& network() { return network_; }

  // A little longer than an election takes, and time to get over it.
  void DivideForAWhile();
  void KillOneForAWhile();
  // Until the others have compacted what it would need, so that only a snapshot
  // can help it.
  void KillOneUntilItsLogIsGone();
  // Division and death at once.
  void DivideAndKillOneForAWhile();
  // All machines lose their power at one moment, and start again.
  void KillAll();

  // How often those that were killed had got a state as a whole.
  uint64_t snapshots_installed() const { return snapshots_installed_; }

 private:
  uint64_t DrawOne() { return 1 + random_.Uniform(all_.size()); }
  std::set<ReplicaId> DrawSide();
  void Kill(const std::set<uint64_t>& ids);
  void Restart(const std::set<uint64_t>& ids);
  void RestForAnElection();

  ThreadedCluster& cluster_;
  std::set<uint64_t> all_;
  SeededRandom random_;
  NetworkFaults network_;
  uint64_t snapshots_installed_ = 0;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_REPLICATION_NODE_CLUSTER_FAULTS_H_
