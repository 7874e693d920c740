#ifndef TRIMARAN_BENCH_LOCAL_GROUP_H_
#define TRIMARAN_BENCH_LOCAL_GROUP_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "bench/replica_processes.h"
#include "trimaran/db.h"

namespace trimaran::bench {

// Where the replicas of a group are beside the first one, which leads if the
// others are not here.
enum class Others { kHere, kProcesses };

// A group of replicas on this machine, through the public interface.
class LocalGroup {
 public:
  // Replica N lives in "<root>/N"; what is there is opened again. Of those in
  // other processes, `options` are the defaults.
  LocalGroup(const std::string& root, uint64_t size, Options options = {},
             Others others = Others::kHere);

  DB& leader() { return *replicas_.at(leader_); }
  DB& replica(uint64_t id) { return *replicas_.at(id); }
  // Null if there is one replica only, or others are processes.
  InProcessNetwork* network() { return options_.network.get(); }
  // Waits until there is one, and looks at it from now on. From 1.
  uint64_t FindLeader();
  // Synced writes to the leader's log.
  uint64_t Syncs();
  // A new replica in `directory` joins, and gets the data as a whole, for the
  // log is compacted before. It is removed and closed again. The options must
  // name a network.
  void CopyTo(const std::string& directory);

 private:
  Options options_;
  // Outlive the replica here, which asks them for its last writes.
  ReplicaProcesses processes_;
  std::map<uint64_t, std::unique_ptr<DB>> replicas_;
  uint64_t leader_ = 1;
  uint64_t last_id_ = 0;
};

}  // namespace trimaran::bench

#endif  // TRIMARAN_BENCH_LOCAL_GROUP_H_
