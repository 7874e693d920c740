#ifndef TRIMARAN_API_SRC_GROUP_CHANGE_H_
#define TRIMARAN_API_SRC_GROUP_CHANGE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "api/src/replica.h"
#include "engine/base/clock.h"
#include "replication/node/proposals.h"
#include "replication/raft/conf_change.h"
#include "trimaran/options.h"

namespace trimaran {

// One call that changes who belongs to the group: several steps, of which each
// is replicated by itself, under one deadline. Errors say whether any of them
// may have been taken; what is known of a replica that did not become a member
// is kept, and harms nobody.
//
// Thread: the caller's, within a CallInProgress.
class GroupChange {
 public:
  GroupChange(Replica& replica, const WriteOptions& options);

  absl::Status AddLearner(uint64_t id, const MemberInfo& info);
  absl::Status Promote(uint64_t id);
  absl::Status AddVoter(uint64_t id, const MemberInfo& info);
  absl::Status Replace(uint64_t id, uint64_t successor, const MemberInfo& info);
  absl::Status Remove(uint64_t id);
  absl::Status Update(uint64_t id, const MemberInfo& info);

 private:
  class Turn;

  // Returns when nobody else is adding a member.
  absl::Status AwaitTurn(Turn& turn);
  // What is left of the time.
  WriteOptions Rest() const;
  // Returns when the former members do not count any more. `check` is asked
  // once more where nothing can come between.
  absl::Status Change(std::vector<raft::ConfChangeStep> steps,
                      MembersCheck check);
  absl::Status AwaitEndOfJoint();
  absl::Status SetMember(uint64_t id, const MemberInfo& info);
  // Returns when it has caught up.
  absl::Status AwaitLearner(uint64_t id);
  // Makes it a learner if it is no member, waits until it has caught up, and
  // changes the members as `steps` say.
  absl::Status BringUp(uint64_t id, const MemberInfo& info,
                       std::vector<raft::ConfChangeStep> steps,
                       MembersCheck check);

  Replica& replica_;
  const WriteOptions options_;
  const MonotonicTime deadline_;
};

}  // namespace trimaran

#endif  // TRIMARAN_API_SRC_GROUP_CHANGE_H_
