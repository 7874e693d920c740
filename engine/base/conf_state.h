#ifndef TRIMARAN_ENGINE_BASE_CONF_STATE_H_
#define TRIMARAN_ENGINE_BASE_CONF_STATE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/ids.h"

namespace trimaran {

// Who belongs to a group, as it is stored beside the data and carried in
// snapshots. A group is in a joint configuration (thesis §4.3) while
// `voters_outgoing` is not empty; decisions then need a majority of `voters`
// and a majority of `voters_outgoing`.
//
// Thread: a value; any.
struct ConfState {
  std::vector<ReplicaId> voters;
  std::vector<ReplicaId> voters_outgoing;
  // Replicas that receive the log and decide nothing.
  std::vector<ReplicaId> learners;
  // Outgoing voters that become learners when the joint configuration ends.
  std::vector<ReplicaId> learners_next;
  // The leader ends the joint configuration by itself.
  bool auto_leave = false;

  bool joint() const { return !voters_outgoing.empty(); }
  bool Contains(ReplicaId id) const;
  // Whether `id` decides alone.
  bool IsOnlyVoter(ReplicaId id) const;
  // Whether, moreover, nobody else gets to know what is decided.
  bool IsOnlyMember(ReplicaId id) const;

  // Checks what every configuration that a group can reach has: (1) each list
  // is sorted and free of duplicates and of "none"; (2) no learner votes in
  // either half; (3) `learners_next` is a part of `voters_outgoing` and
  // disjoint from `voters`; (4) `learners_next` and `auto_leave` only in a
  // joint configuration; (5) outgoing voters only beside incoming ones. An
  // entirely empty configuration is valid: the replica does not know its group
  // yet. Returns InvalidArgument with the rule that is broken.
  absl::Status Validate() const;

  // For example "voters=(1 2 3) outgoing=(1 2) learners=(4) auto-leave".
  std::string DebugString() const;

  friend bool operator==(const ConfState&, const ConfState&) = default;
};

}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_CONF_STATE_H_
