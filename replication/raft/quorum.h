#ifndef TRIMARAN_REPLICATION_RAFT_QUORUM_H_
#define TRIMARAN_REPLICATION_RAFT_QUORUM_H_

#include <cstdint>
#include <optional>
#include <ostream>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "engine/base/ids.h"

// The arithmetic of majorities: what a set of voters has agreed on.

namespace trimaran::raft {

enum class VoteResult : uint8_t { kPending, kLost, kWon };

std::ostream& operator<<(std::ostream& out, VoteResult result);

// The largest number that a majority of `voters` has reached, given what each
// has. No voters agree on everything: the largest number there is. That makes
// "the smaller of both halves" right for a joint configuration without
// outgoing voters.
uint64_t MajorityReached(absl::Span<const ReplicaId> voters,
                         absl::FunctionRef<uint64_t(ReplicaId)> reached);

// Won by a majority of grants, lost once that has become impossible. No voters
// grant everything, for the same reason.
VoteResult MajorityVote(absl::Span<const ReplicaId> voters,
                        absl::FunctionRef<std::optional<bool>(ReplicaId)> vote);

// Of both halves of a joint configuration: won if both are, lost if one is.
VoteResult JointVote(VoteResult incoming, VoteResult outgoing);

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_QUORUM_H_
