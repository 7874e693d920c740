#ifndef TRIMARAN_REPLICATION_RAFT_MEMBERSHIP_H_
#define TRIMARAN_REPLICATION_RAFT_MEMBERSHIP_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "engine/base/conf_state.h"
#include "engine/base/ids.h"
#include "replication/raft/conf_change.h"
#include "replication/raft/quorum.h"

namespace trimaran::raft {

// The configuration that a replica goes by (thesis chapter 4), and the
// questions that are asked of it. Changing it makes a new value.
//
// Thread: a value; any.
class Membership {
 public:
  // An empty configuration: the replica does not know its group.
  Membership() = default;
  // `conf` is valid (ConfState::Validate).
  explicit Membership(ConfState conf);

  const ConfState& conf() const { return conf_; }
  // Everybody, sorted.
  const std::vector<ReplicaId>& members() const { return members_; }

  bool joint() const { return conf_.joint(); }
  bool Contains(ReplicaId id) const;
  // A voter of either half.
  bool IsVoter(ReplicaId id) const;

  // The largest number that a majority, of each half, has reached.
  uint64_t Reached(absl::FunctionRef<uint64_t(ReplicaId)> reached) const;
  VoteResult CountVotes(
      absl::FunctionRef<std::optional<bool>(ReplicaId)> vote) const;

  // The configuration after `change`. FailedPrecondition: the change does not
  // fit the configuration (already joint, not joint). InvalidArgument: it
  // would leave no voter.
  absl::StatusOr<Membership> After(const ConfChange& change) const;

  friend bool operator==(const Membership& a, const Membership& b) {
    return a.conf_ == b.conf_;
  }

 private:
  absl::StatusOr<Membership> AfterLeavingJoint() const;
  absl::StatusOr<Membership> AfterEnteringJoint(const ConfChange& change) const;
  absl::StatusOr<Membership> AfterSimple(const ConfChange& change) const;

  ConfState conf_;
  std::vector<ReplicaId> members_;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_MEMBERSHIP_H_
