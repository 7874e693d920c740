#ifndef TRIMARAN_TESTS_SUPPORT_NODE_THREADED_CLUSTER_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_THREADED_CLUSTER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>

#include "engine/founding.h"
#include "replication/node/node_options.h"
#include "tests/support/engine/temp_home.h"
#include "tests/support/node/faulty_transport.h"
#include "tests/support/node/threaded_replica.h"

namespace trimaran {

// A group of nodes on real engines and threads, all in this process. Replicas
// are numbered from 1.
//
// Thread: Start, Stop and at() of a replica that is started or stopped
// meanwhile: one at a time. Everything else: any.
class ThreadedCluster {
 public:
  // All of them run, with a tick that suits tests.
  explicit ThreadedCluster(uint64_t size, uint64_t seed = 1);

  void Start(uint64_t id);
  void Stop(uint64_t id);
  void StopAll();
  void StartAll();

  uint64_t size() const { return size_; }
  ThreadedReplica& at(uint64_t id) { return *replicas_.at(id); }
  bool running(uint64_t id) const { return replicas_.contains(id); }
  FaultyTransport& network() { return network_; }

  // Who leads when a write at `id` is done; 0 if none can be.
  uint64_t Leader(uint64_t id);

 private:
  const uint64_t size_;
  uint64_t seed_;
  FaultyTransport network_;
  std::map<uint64_t, std::unique_ptr<engine::TempHome>> homes_;
  std::map<uint64_t, std::unique_ptr<ThreadedReplica>> replicas_;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_THREADED_CLUSTER_H_
