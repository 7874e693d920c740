#ifndef TRIMARAN_BENCH_REPLICA_PROCESSES_H_
#define TRIMARAN_BENCH_REPLICA_PROCESSES_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace trimaran::bench {

// "127.0.0.1:PORT", so many times, with ports that nobody has now.
std::vector<std::string> FreeAddresses(uint64_t count);

// The other replicas of a group, each in a process of its own: cluster_node,
// which is expected beside this program. A failure ends the program.
//
// Thread: owner.
class ReplicaProcesses {
 public:
  ReplicaProcesses() = default;
  ReplicaProcesses(const ReplicaProcesses&) = delete;
  ReplicaProcesses& operator=(const ReplicaProcesses&) = delete;
  // After they have closed their directories.
  ~ReplicaProcesses();

  // Replica `id`, from 2 on, one after the other, of those at `addresses`, in
  // "<root>/<id>".
  void Start(uint64_t id, const std::string& root,
             const std::vector<std::string>& addresses);
  // Asks `leader`, which is one of these, to make `successor` the leader.
  void HandOver(uint64_t leader, uint64_t successor);

 private:
  struct Child {
    pid_t pid = 0;
    // Its stdin: it ends when this is closed.
    int input = -1;
  };
  std::vector<Child> children_;
};

}  // namespace trimaran::bench

#endif  // TRIMARAN_BENCH_REPLICA_PROCESSES_H_
