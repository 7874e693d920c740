#include "replication/raft/quorum.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "absl/container/inlined_vector.h"

namespace trimaran::raft {

std::ostream& operator<<(std::ostream& out, VoteResult result) {
  switch (result) {
    case VoteResult::kPending:
      return out << "pending";
    case VoteResult::kLost:
      return out << "lost";
    case VoteResult::kWon:
      return out << "won";
  }
  return out << "?";
}

uint64_t MajorityReached(absl::Span<const ReplicaId> voters,
                         absl::FunctionRef<uint64_t(ReplicaId)> reached) {
  if (voters.empty()) return std::numeric_limits<uint64_t>::max();
  absl::InlinedVector<uint64_t, 8> numbers;
  for (const ReplicaId id : voters) numbers.push_back(reached(id));
  // A majority has reached the number that a minority, at most, is below.
  const size_t below_max = (voters.size() - 1) / 2;
  const auto answer = numbers.begin() + static_cast<std::ptrdiff_t>(below_max);
  std::nth_element(numbers.begin(), answer, numbers.end());
  return *answer;
}

VoteResult MajorityVote(
    absl::Span<const ReplicaId> voters,
    absl::FunctionRef<std::optional<bool>(ReplicaId)> vote) {
  if (voters.empty()) return VoteResult::kWon;
  size_t granted = 0;
  size_t open = 0;
  for (const ReplicaId id : voters) {
    const std::optional<bool> answer = vote(id);
    if (!answer.has_value()) {
      ++open;
    } else if (*answer) {
      ++granted;
    }
  }
  const size_t needed = voters.size() / 2 + 1;
  if (granted >= needed) return VoteResult::kWon;
  if (granted + open >= needed) return VoteResult::kPending;
  return VoteResult::kLost;
}

VoteResult JointVote(VoteResult incoming, VoteResult outgoing) {
  if (incoming == outgoing) return incoming;
  if (incoming == VoteResult::kLost || outgoing == VoteResult::kLost) {
    return VoteResult::kLost;
  }
  return VoteResult::kPending;
}

}  // namespace trimaran::raft
