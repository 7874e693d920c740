#include "api/src/status.h"

#include <algorithm>
#include <utility>

#include "engine/base/conf_state.h"
#include "trimaran/status.h"

namespace trimaran {
namespace {

ReplicaRole ToRole(raft::Role role) {
  switch (role) {
    case raft::Role::kFollower:
      return ReplicaRole::kFollower;
    case raft::Role::kPreCandidate:
    case raft::Role::kCandidate:
      return ReplicaRole::kCandidate;
    case raft::Role::kLeader:
      break;
  }
  return ReplicaRole::kLeader;
}

LogPlace ToPlace(EntryId id) { return {id.index.value(), id.term.value()}; }

PeerStatus ToPeer(const raft::PeerStatus& peer, const NodeStatus& node) {
  const LogIndex last = node.raft.last.index;
  SnapshotOnItsWay snapshot;
  for (const SnapshotOnItsWay& each : node.snapshots_sent) {
    if (each.peer == peer.id) snapshot = each;
  }
  return {.id = peer.id.value(),
          .voter = !peer.learner,
          .durable = peer.match.value(),
          .commit = peer.commit.value(),
          .lag = last - std::min(peer.match, last),
          .recently_active = peer.recently_active,
          .needs_snapshot = peer.state == raft::ProgressState::kSnapshot,
          .snapshot_bytes = snapshot.bytes,
          .snapshot_bytes_sent = snapshot.bytes_sent,
          .messages_in_flight = peer.inflight_messages};
}

std::vector<MemberStatus> ToMembers(const engine::RegionState& region) {
  std::vector<ReplicaId> ids = region.conf.voters;
  ids.insert(ids.end(), region.conf.voters_outgoing.begin(),
             region.conf.voters_outgoing.end());
  const auto learners = static_cast<ptrdiff_t>(ids.size());
  ids.insert(ids.end(), region.conf.learners.begin(),
             region.conf.learners.end());
  std::vector<MemberStatus> members;
  for (const ReplicaId id : ids) {
    const bool voter = std::find(ids.begin(), ids.begin() + learners, id) !=
                       ids.begin() + learners;
    MemberStatus member{
        .id = id.value(), .info = {}, .voter = voter, .store_id = 0};
    const auto record = region.members.find(id);
    if (record != region.members.end()) {
      member.info = {record->second.name, record->second.address};
      member.store_id = record->second.store.value();
    }
    members.push_back(std::move(member));
  }
  const auto by_id = [](const auto& a, const auto& b) { return a.id < b.id; };
  std::sort(members.begin(), members.end(), by_id);
  const auto same = [](const auto& a, const auto& b) { return a.id == b.id; };
  members.erase(std::unique(members.begin(), members.end(), same),
                members.end());
  return members;
}

ReplicaCounters ToCounters(const NodeStatus& node) {
  const NodeCounters& counters = node.counters;
  return {.leader_changes = counters.leader_changes,
          .elections_won = counters.elections_won,
          .elections_begun = node.raft.elections,
          .log_writes = counters.log_writes,
          .entries_applied = counters.entries_applied,
          .commands_applied = counters.commands_applied,
          .checkpoints = counters.checkpoints,
          .snapshots_produced = counters.snapshots_produced,
          .snapshots_installed = counters.snapshots_installed,
          .snapshot_bytes_sent = counters.snapshot_bytes_sent,
          .snapshot_bytes_received = counters.snapshot_bytes_stored,
          .messages_received = counters.messages_received,
          .messages_sent = counters.messages_sent,
          .messages_dropped = counters.messages_dropped,
          .messages_refused = counters.messages_refused,
          .messages_of_strangers = counters.messages_of_strangers};
}

}  // namespace

std::string_view RoleName(ReplicaRole role) {
  switch (role) {
    case ReplicaRole::kFollower:
      return "follower";
    case ReplicaRole::kCandidate:
      return "candidate";
    case ReplicaRole::kLeader:
      break;
  }
  return "leader";
}

ReplicaStatus StatusOf(engine::Store& store, const NodeStatus& node,
                       MonotonicTime now) {
  const engine::RegionState region = store.machine().region();
  const engine::AppliedState applied = store.machine().applied();
  ReplicaStatus status;
  status.age = std::max(now - node.at, absl::ZeroDuration());
  status.cluster = store.identity().cluster.ToString();
  status.replica_id = store.identity().replica.value();
  status.store_id = store.identity().store.value();
  status.role = ToRole(node.raft.role);
  status.leader = node.raft.leader.value();
  status.term = node.raft.term.value();
  status.members = ToMembers(region);
  status.changing_members = region.conf.joint();
  for (const raft::PeerStatus& peer : node.raft.peers) {
    status.peers.push_back(ToPeer(peer, node));
  }
  status.durable = node.raft.durable.value();
  status.applied = ToPlace(applied.applied.id);
  // What the core says may be older than what the store does, and what is
  // applied is committed, and in the log.
  status.last = ToPlace(node.raft.last);
  if (status.last.index < status.applied.index) status.last = status.applied;
  status.commit = std::max(node.raft.commit.value(), status.applied.index);
  status.checkpoint = ToPlace(store.machine().durable().applied.id);
  status.truncated = ToPlace(applied.truncated);
  status.log_bytes = store.log().file_bytes();
  status.writes_waiting = node.writes_waiting;
  status.reads_waiting = node.reads_waiting;
  status.refuses_writes = node.refuses_writes;
  if (node.owed) status.missing_up_to = ToPlace(*node.owed);
  status.refused_by = node.refused_by.value();
  status.failure = node.failure.ok() ? store.failure() : node.failure;
  status.counters = ToCounters(node);
  return status;
}

}  // namespace trimaran
