#ifndef TRIMARAN_TESTS_REPLICATION_NODE_SNAPSHOT_GROUP_H_
#define TRIMARAN_TESTS_REPLICATION_NODE_SNAPSHOT_GROUP_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "replication/node/node_status.h"
#include "tests/support/node/threaded_cluster.h"

// Groups in which somebody needs a snapshot.

namespace trimaran {

inline constexpr uint64_t kLogLimit = 20;

// Snapshots of many small chunks, needed soon.
ThreadedCluster::Options SmallSteps();

void PutMany(ThreadedCluster& cluster, uint64_t at, const std::string& prefix,
             int count, size_t value_bytes = 1000);

// A follower that was away while the log went on without it.
struct Absence {
  uint64_t leader = 0;
  uint64_t follower = 0;
  uint64_t other = 0;
};
Absence WriteInAbsence(ThreadedCluster& cluster, int writes);

NodeCounters CountersOf(ThreadedCluster& cluster, uint64_t id);
// Waits for it.
bool HasInstalled(ThreadedCluster& cluster, uint64_t id);

void ExpectSameState(ThreadedCluster& cluster,
                     const std::set<uint64_t>& replicas);

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_REPLICATION_NODE_SNAPSHOT_GROUP_H_
