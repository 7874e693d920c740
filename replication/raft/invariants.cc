#include "replication/raft/invariants.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "replication/raft/debug_string.h"
#include "replication/raft/raft.h"

namespace trimaran::raft {
namespace {

using Violation = std::optional<std::string>;

bool IsVoter(const ConfState& conf, ReplicaId id) {
  const auto in = [id](const std::vector<ReplicaId>& ids) {
    return std::binary_search(ids.begin(), ids.end(), id);
  };
  return in(conf.voters) || in(conf.voters_outgoing);
}

Violation LogState(const RaftStatus& now) {
  if (now.commit > now.last.index) return "R7: commit is beyond the log";
  if (now.commit < now.boundary.index) return "R7: commit is compacted away";
  if (now.applied > now.applying || now.applying > now.commit) {
    return "R7: applied <= applying <= commit does not hold";
  }
  if (now.last.term > now.term || now.boundary.term > now.last.term) {
    return "R4: an entry of a term not reached yet";
  }
  if (now.durable > now.last.index) return "R6: durable beyond the log";
  if (now.pending_snapshot != LogIndex()) {
    // While it is being installed, the old state machine lags behind.
    if (now.applying < now.pending_snapshot) {
      return "R13: applying in the middle of an installation";
    }
    return std::nullopt;
  }
  if (now.applying > now.durable) return "R6: applying what is not durable";
  if (now.applied < now.boundary.index) {
    return "R8: compacted what is not applied";
  }
  return std::nullopt;
}

Violation RoleState(const RaftStatus& now) {
  switch (now.role) {
    case Role::kLeader:
      if (now.leader != now.id) return "R1: a leader that follows";
      if (now.vote != now.id) return "R2: leads without its own vote";
      if (now.last.term != now.term) return "R3: leads without its own entry";
      return std::nullopt;
    case Role::kCandidate:
      if (now.vote != now.id) return "R2: a candidate that votes for others";
      [[fallthrough]];
    case Role::kPreCandidate:
      if (now.leader != kNoReplica) return "R1: a candidate with a leader";
      if (!IsVoter(now.conf, now.id)) return "R11: a candidate, no voter";
      return std::nullopt;
    case Role::kFollower:
      if (now.leader == now.id) return "R1: a follower of itself";
      return std::nullopt;
  }
  return "R1: unknown role";
}

Violation PeerState(const RaftStatus& now, const PeerStatus& peer) {
  if (peer.match >= peer.next) return "R9: match is not below next";
  if (peer.next > now.last.index + 1) return "R9: next is beyond the log";
  if (peer.match > now.last.index) return "R9: match is beyond the log";
  if (peer.id == now.id && peer.match > now.durable) {
    return "R6: a leader counts what it has not persisted";
  }
  if (peer.state != ProgressState::kReplicate && peer.inflight_messages != 0) {
    return "R9: appends in flight outside Replicate";
  }
  const bool has_snapshot = peer.pending_snapshot != LogIndex();
  if (has_snapshot != (peer.state == ProgressState::kSnapshot)) {
    return "R9: a pending snapshot and the state do not agree";
  }
  return std::nullopt;
}

Violation GroupState(const RaftStatus& now) {
  if (now.role != Role::kLeader) {
    return now.peers.empty() ? Violation() : "R1: peers without leading";
  }
  size_t members = 0;
  for (const PeerStatus& peer : now.peers) {
    if (!now.conf.Contains(peer.id)) return "R11: progress of a stranger";
    ++members;
    if (Violation violation = PeerState(now, peer)) {
      return absl::StrCat(*violation, ", peer ", DebugString(peer));
    }
  }
  std::vector<ReplicaId> ids = now.conf.voters;
  for (const auto* list : {&now.conf.voters_outgoing, &now.conf.learners}) {
    ids.insert(ids.end(), list->begin(), list->end());
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (ids.size() != members) return "R11: a member without progress";
  return std::nullopt;
}

Violation MatchFell(const RaftStatus& before, const RaftStatus& now) {
  for (const PeerStatus& peer : now.peers) {
    const auto was = std::find_if(
        before.peers.begin(), before.peers.end(),
        [&peer](const PeerStatus& other) { return other.id == peer.id; });
    if (was != before.peers.end() && peer.match < was->match) {
      return absl::StrCat("R9: match fell, peer ", DebugString(peer));
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> ViolatedState(const RaftStatus& now) {
  if (Violation violation = LogState(now)) return violation;
  if (Violation violation = RoleState(now)) return violation;
  return GroupState(now);
}

std::optional<std::string> ViolatedTransition(const RaftStatus& before,
                                              const RaftStatus& now) {
  if (now.term < before.term) return "R2: the term fell";
  if (now.commit < before.commit) return "R5: commit fell";
  if (now.applied < before.applied || now.applying < before.applying) {
    return "R7: applied fell";
  }
  if (now.boundary.index < before.boundary.index) {
    return "R8: the boundary fell";
  }
  if (now.term != before.term) return std::nullopt;

  if (before.vote != kNoReplica && now.vote != before.vote) {
    return "R2: a vote changed within a term";
  }
  if (before.leader != kNoReplica && now.leader != kNoReplica &&
      now.leader != before.leader) {
    return "R1: two leaders in one term";
  }
  if (before.role == Role::kFollower && now.role == Role::kLeader) {
    return "R1: a follower led without a candidacy";
  }
  if (before.role == Role::kLeader && now.role == Role::kLeader) {
    if (now.last.index < before.last.index) return "R3: a leader cut its log";
    return MatchFell(before, now);
  }
  return std::nullopt;
}

void InvariantChecker::Check(const Raft& raft) {
  RaftStatus now = raft.status();
  std::optional<std::string> violation = ViolatedState(now);
  if (!violation && before_) violation = ViolatedTransition(*before_, now);
  TRIMARAN_CHECK(!violation.has_value())
      << *violation
      << "\nbefore: " << (before_ ? DebugString(*before_) : "nothing")
      << "\nnow:    " << DebugString(now);
  before_ = std::move(now);
}

}  // namespace trimaran::raft
