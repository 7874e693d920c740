#ifndef TRIMARAN_TESTS_SUPPORT_SIM_BOUNDS_CHECKER_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_BOUNDS_CHECKER_H_

#include <cstdint>

#include "engine/base/ids.h"
#include "replication/raft/config.h"
#include "replication/raft/messages.h"
#include "replication/raft/status.h"
#include "tests/support/sim/violations.h"

namespace trimaran::sim {

// Checks S10: whatever a core keeps or sends stays within what its
// configuration allows. Where a limit must let at least one thing pass, the
// largest such thing is `entry_bytes_max`.
//
// Thread: owner.
class BoundsChecker {
 public:
  BoundsChecker(const raft::Config& config, uint64_t proposal_bytes_max,
                Violations& violations)
      : config_(config),
        proposal_bytes_max_(proposal_bytes_max),
        violations_(violations) {}

  void OnStatus(const raft::RaftStatus& status);
  void OnAppend(ReplicaId from, const raft::MsgApp& append);
  // What has been handed out to be applied and is not; `newest_*` is the page
  // handed out last.
  struct Applying {
    uint64_t entries = 0;
    uint64_t bytes = 0;
    uint64_t pages = 0;
    uint64_t newest_entries = 0;
    uint64_t newest_bytes = 0;
  };
  void OnApplying(ReplicaId replica, const Applying& applying);

 private:
  void Limit(ReplicaId replica, const char* what, uint64_t value,
             uint64_t limit);

  raft::Config config_;
  // The most that one Propose call brings.
  uint64_t proposal_bytes_max_;
  Violations& violations_;
};

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_BOUNDS_CHECKER_H_
