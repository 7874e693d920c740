#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_SIM_GROUP_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_SIM_GROUP_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "engine/base/ids.h"
#include "replication/raft/conf_change.h"
#include "tests/support/node_sim/clients.h"
#include "tests/support/node_sim/copies.h"
#include "tests/support/node_sim/node_world.h"
#include "tests/support/node_sim/sim_host.h"

namespace trimaran::node_sim {

// A group of nodes in a world of their own, with clients, and with somebody who
// means them harm.
//
// Thread: owner.
class SimGroup {
 public:
  // Starts the founders.
  SimGroup(const NodeSimOptions& options, std::FILE* trace_out);

  // False once a rule is broken.
  bool RunFor(SimTime duration);
  // Whether `done` came true within `limit`, looked at every tick.
  bool RunUntil(SimTime limit, absl::FunctionRef<bool()> done);

  // Faults and calls from here on, as the options say.
  void BeginFaults();
  // No faults and no new calls: links are open, nobody is down or paused, disks
  // are quick and whole.
  void EndFaults();
  // Whoever stops from here on stays down.
  void Rest() { recovering_ = false; }
  // Of all who are needed.
  bool AllUp();

  size_t size() const { return hosts_.size(); }
  SimHost& at(size_t place) { return *hosts_[place]; }
  // Of the highest term; null if there is none.
  SimHost* Leader();
  bool IsMember(ReplicaId id) const {
    return world_.oracle.conf().Contains(id);
  }
  // Whether the group may not do without it: it is a member, or somebody who is
  // has not heard that it is none any more.
  bool IsNeeded(ReplicaId id);

  NodeWorld& world() { return world_; }
  Clients& clients() { return clients_; }

 private:
  // ---- node_nemesis.cc ----
  void Nemesis();
  void HarmNetwork();
  void HarmProcesses();
  // Perhaps it is not to live long enough to install it.
  void OnSnapshotReceived(SimHost& host);
  void HarmDisks();
  void DisturbGroup();
  void ExpireSession();
  void Audit(SimHost& asker);
  void ChangeMembers(SimHost& leader);
  void Crash(SimHost& host);
  void Pause(SimHost& host);
  // An orderly end of its node, and `then`.
  void Stop(SimHost& host, absl::AnyInvocable<void()> then);
  // Disks that are broken, by others that hold the same.
  void ReplaceBroken();
  // Without faults: whoever is needed is started, and whoever is not, and could
  // disturb the others, is switched off.
  void RunWhoIsNeeded();
  // Somebody who could join; kNoReplica if there is none.
  ReplicaId Newcomer();
  raft::ConfChangeStep DrawStep();
  SimHost& AddHost(SimHost::Origin origin);

  // ---- media_faults.cc ----
  void HarmMedia();
  void FailReads(SimHost& host);
  void FillDisk(SimHost& host);
  void DamageDisk(SimHost& host);
  // Nodes that damage has made fail.
  void RemoveDamaged();

  // ---- operator_faults.cc ----
  void HarmByOperators();
  // Whether the group could not bear more.
  bool IsInTrouble();
  void Operate(SimHost& host);
  // Perhaps: one that is of the present term is the more dangerous the older it
  // is.
  void TakeImage(SimHost& host);
  bool CanForget(const SimHost& host) const;
  // Whether all that its log holds is a quorum's without it, and who the
  // members are has not changed.
  bool CanLose(const SimHost& host) const;
  // Somebody else takes the place of whoever has lost its disks.
  void ReplaceWiped();

  // ---- copy_faults.cc ----
  void HarmByCopies();
  // Perhaps. It is down.
  void CopyDirectory(const SimHost& host);
  // Whether the node on that machine cannot do anything by itself.
  bool NeedsOthers(const SimHost& copy) const;
  void OpenCopy(SimHost& copy);
  void CloseCopy(SimHost& copy);
  void EndCopyOf(const SimHost& original);
  // Of two processes an operator ends both, and begins again with the directory
  // of the wrong one, if the group can bear that.
  void KeepCopyOf(SimHost& original, const SimHost& copy);
  bool CanContinueFrom(const SimHost& original, const SimHost& copy) const;

  // If it is down, and not for ever.
  void Start(SimHost& host);
  void StartLater(SimHost& host);
  SimHost* RandomServing();

  NodeWorld world_;
  Clients::Hosts hosts_;
  Copies copies_;
  Clients clients_;
  SeededRandom random_;
  // Draws of its own, so that old seeds stay what they were.
  SeededRandom session_random_;
  SeededRandom operator_random_;
  SeededRandom media_random_;
  SeededRandom copy_random_;
  SimTime replace_at_ = 0;
  bool faults_ = false;
  // Whoever is needed is started.
  bool recovering_ = false;
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_SIM_GROUP_H_
