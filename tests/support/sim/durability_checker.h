#ifndef TRIMARAN_TESTS_SUPPORT_SIM_DURABILITY_CHECKER_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_DURABILITY_CHECKER_H_

#include <vector>

#include "absl/functional/function_ref.h"
#include "engine/base/conf_state.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "replication/raft/messages.h"
#include "tests/support/sim/model_disk.h"
#include "tests/support/sim/violations.h"

namespace trimaran::sim {

// Looks at the disks, never at what a core believes of them.
//
// Checks S5 (a vote is durable before it is asked for or given), S6 (an
// accepted append is durable before it is acknowledged), S7 (what is committed
// is durable on a quorum at that time) and S11 (terms and votes on a disk only
// grow).
//
// Thread: owner.
class DurabilityChecker {
 public:
  explicit DurabilityChecker(Violations& violations)
      : violations_(violations) {}

  // `replica`'s disk holds `state` for good. To be called for every state, in
  // order, also for those that a crash has left behind.
  void OnHardState(ReplicaId replica, const HardState& state);

  // `message` leaves its sender, whose disk is `disk`.
  void OnSend(const raft::Message& message, const ModelDisk& disk);

  // The leader has committed up to `id`; `disk_of` is empty where there is no
  // such replica.
  void OnLeaderCommit(EntryId id, const ConfState& conf,
                      absl::FunctionRef<const ModelDisk*(ReplicaId)> disk_of);

 private:
  struct Vote {
    Term term;
    ReplicaId candidate;
  };
  struct History {
    Term term;
    // Every vote that was ever durable or spoken of, terms rising.
    std::vector<Vote> votes;
  };
  History& HistoryOf(ReplicaId replica);
  bool MayVote(ReplicaId replica, Term term, ReplicaId candidate);

  Violations& violations_;
  std::vector<History> histories_;
};

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_DURABILITY_CHECKER_H_
