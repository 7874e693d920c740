#ifndef TRIMARAN_TESTS_SUPPORT_SIM_SIM_CLUSTER_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_SIM_CLUSTER_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "tests/support/sim/sim_replica.h"
#include "tests/support/sim/sim_world.h"
#include "tests/support/sim/swarm.h"

namespace trimaran::sim {

// A group of replicas in a world of their own: one thread, one clock, one seed.
// Nothing happens outside of Step().
//
// Thread: owner.
class SimCluster {
 public:
  // Starts the founding members. Tells what happens on `trace_out`, if given.
  SimCluster(const SimOptions& options, std::FILE* trace_out);

  // The next thing happens. False once a rule is broken.
  bool Step();
  bool RunFor(SimTime duration);
  // True if `done` came true within `limit`.
  bool RunUntil(SimTime limit, const std::function<bool()>& done);

  // Faults and load from here on, as the options say.
  void BeginFaults();
  // No faults and no load: links are open, nobody is paused, disks are quick.
  // Who is down stays down.
  void EndFaults();

  // ---- The group ----
  size_t size() const { return replicas_.size(); }
  SimReplica& at(size_t position) { return *replicas_[position]; }
  // Null if there is none.
  SimReplica* Find(ReplicaId id);
  // The running leader of the highest term; null if there is none.
  SimReplica* Leader();
  bool IsMember(ReplicaId id) const { return world_.conf.Contains(id); }
  // A new replica with an empty disk, which nobody knows yet; null if there
  // have been too many.
  SimReplica* Add();
  // Starts whoever is needed and down, and stops whoever is not needed any
  // more. Returns whether there was something to do.
  bool RunNeededOnly();

  World& world() { return world_; }
  const Violations& violations() const { return world_.check.violations; }

 private:
  // A member; or somebody whom a member still takes for one. To switch off a
  // replica before the last member knows of its removal can cost a majority.
  bool IsNeeded(ReplicaId id) const;
  void Client();
  void ClientWrites(SimReplica& replica);
  SimReplica* ChooseReplica();
  // Not while nobody is running.
  SimReplica* ChooseReader();

  // ---- nemesis.cc ----
  void Nemesis();
  void CrashSome();
  void CrashOne(SimReplica& victim);
  void ChangeMembers();
  ReplicaId Newcomer();
  SimReplica* RandomRunning();

  World world_;
  std::vector<std::unique_ptr<SimReplica>> replicas_;
  bool faults_ = false;
};

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_SIM_CLUSTER_H_
