#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_PROMISE_CHECKER_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_PROMISE_CHECKER_H_

#include <map>

#include "absl/functional/function_ref.h"
#include "engine/base/conf_state.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "replication/raft/messages.h"
#include "tests/support/engine_model/model_log_disk.h"
#include "tests/support/node_sim/findings.h"
#include "tests/support/node_sim/oracle.h"

namespace trimaran::node_sim {

// Whether `log` has that entry, or has had it and gone on.
bool IsInLog(const engine::ModelLogImage& log, EntryId id);

// Looks at disks and at what is said, never at what a node believes.
//
// Checks N4 (what is acknowledged is on a quorum of disks at that time), N7 (a
// term has one leader) and N8 (a vote or an acknowledgement is on the disk
// before it leaves).
//
// Thread: owner.
class PromiseChecker {
 public:
  // Whether the entry is on the disk of that replica.
  using Holds = absl::FunctionRef<bool(ReplicaId replica, EntryId id)>;

  PromiseChecker(const Oracle& oracle, Findings& findings)
      : oracle_(oracle), findings_(findings) {}

  // `message` leaves its sender, of whose log `durable` would survive a crash.
  void OnSend(const raft::Message& message,
              const engine::ModelLogImage& durable);

  // A client is told that the entry at `index` is done.
  void OnAcknowledged(LogIndex index, Holds holds);

  size_t terms_led() const { return leaders_.size(); }

 private:
  void CheckVote(const raft::Message& message, ReplicaId candidate,
                 const HardState& durable);
  static bool OnQuorum(EntryId id, const ConfState& conf, Holds holds);

  const Oracle& oracle_;
  Findings& findings_;
  std::map<Term, ReplicaId> leaders_;
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_PROMISE_CHECKER_H_
