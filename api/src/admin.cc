#include "trimaran/admin.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/src/encode.h"
#include "api/src/metrics.h"
#include "api/src/replica.h"
#include "api/src/status.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "replication/raft/conf_change.h"

// Of admin.h, what is about the group. The rest: maintenance.cc.

namespace trimaran {
namespace {

// A learner that has more to catch up with than this would hold up a majority
// that needs it.
constexpr uint64_t kBehindMax = 1000;

absl::Status Refused(absl::Status status) {
  return WithOutcome(std::move(status), WriteOutcome::kNotApplied);
}

// What is asked of the leader is refused by the others before it begins.
absl::Status CheckLeads(Replica& replica) {
  const auto status = replica.node().status();
  if (status->raft.role == raft::Role::kLeader) return absl::OkStatus();
  return NotLeaderError(status->raft.leader);
}

ConfState Members(Replica& replica) {
  return replica.store().machine().region().conf;
}

bool IsIn(const std::vector<ReplicaId>& ids, uint64_t id) {
  return std::find(ids.begin(), ids.end(), ReplicaId(id)) != ids.end();
}

absl::Status CheckCaughtUp(Replica& replica, uint64_t id) {
  const auto status = replica.node().status();
  for (const raft::PeerStatus& peer : status->raft.peers) {
    if (peer.id != ReplicaId(id)) continue;
    if (!peer.recently_active) {
      return absl::FailedPreconditionError(
          absl::StrCat("member ", id, " has not been heard of lately"));
    }
    if (peer.match + kBehindMax < status->raft.commit) {
      return absl::FailedPreconditionError(
          absl::StrCat("member ", id, " has caught up to ", peer.match.value(),
                       " of ", status->raft.commit.value(), " only"));
    }
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("nothing is known of member ", id, " yet"));
}

absl::Status ChangeGroup(Replica& replica, raft::ConfChangeType type,
                         uint64_t id, const WriteOptions& options) {
  const raft::ConfChange change{
      .transition = raft::ConfChangeTransition::kAuto,
      .steps = {{.type = type, .replica = ReplicaId(id)}},
      .context = {}};
  return replica.ChangeMembers(change, options).status();
}

absl::Status SetMember(Replica& replica, uint64_t id, const MemberInfo& info,
                       const WriteOptions& options) {
  TRIMARAN_ASSIGN_OR_RETURN(
      std::string command,
      Encode({.stamp = {},
              .body = engine::SetMemberCommand{.replica = ReplicaId(id),
                                               .store_id = 0,
                                               .name = info.name,
                                               .address = info.address}}));
  return replica.Write(std::move(command), options).status();
}

}  // namespace

absl::StatusOr<ReplicaStatus> Admin::GetStatus() {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  return StatusOf(replica_.store(), *replica_.node().status());
}

absl::StatusOr<std::string> Admin::GetMetrics() {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  return MetricsOf(StatusOf(replica_.store(), *replica_.node().status()),
                   Timings(replica_.call_times(), replica_.node()));
}

absl::Status Admin::TransferLeadership(uint64_t successor,
                                       const WriteOptions& options) {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  TRIMARAN_RETURN_IF_ERROR(CheckLeads(replica_));
  return replica_.TransferLeadership(ReplicaId(successor), options);
}

absl::Status Admin::AddLearner(uint64_t id, const MemberInfo& info,
                               const WriteOptions& options) {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  TRIMARAN_RETURN_IF_ERROR(CheckLeads(replica_));
  if (Members(replica_).Contains(ReplicaId(id))) {
    return Refused(absl::AlreadyExistsError(
        absl::StrCat("replica ", id, " is a member already")));
  }
  TRIMARAN_RETURN_IF_ERROR(SetMember(replica_, id, info, options));
  return ChangeGroup(replica_, raft::ConfChangeType::kAddLearner, id, options);
}

absl::Status Admin::Promote(uint64_t id, const WriteOptions& options) {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  TRIMARAN_RETURN_IF_ERROR(CheckLeads(replica_));
  if (!IsIn(Members(replica_).learners, id)) {
    return Refused(absl::FailedPreconditionError(
        absl::StrCat("replica ", id, " is no learner")));
  }
  if (absl::Status behind = CheckCaughtUp(replica_, id); !behind.ok()) {
    return Refused(std::move(behind));
  }
  return ChangeGroup(replica_, raft::ConfChangeType::kAddVoter, id, options);
}

absl::Status Admin::Remove(uint64_t id, const WriteOptions& options) {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  TRIMARAN_RETURN_IF_ERROR(CheckLeads(replica_));
  const ConfState members = Members(replica_);
  if (!members.Contains(ReplicaId(id))) {
    return Refused(
        absl::NotFoundError(absl::StrCat("replica ", id, " is no member")));
  }
  if (members.voters == std::vector<ReplicaId>{ReplicaId(id)}) {
    return Refused(absl::FailedPreconditionError(
        absl::StrCat("replica ", id, " is the only voter")));
  }
  return ChangeGroup(replica_, raft::ConfChangeType::kRemove, id, options);
}

absl::Status Admin::UpdateMember(uint64_t id, const MemberInfo& info,
                                 const WriteOptions& options) {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  // Somebody who has only just become a member is one here as well.
  ReadOptions fresh;
  fresh.timeout = options.timeout;
  if (absl::Status status = replica_.AwaitFresh(fresh); !status.ok()) {
    return Refused(std::move(status));
  }
  if (!Members(replica_).Contains(ReplicaId(id))) {
    return Refused(
        absl::NotFoundError(absl::StrCat("replica ", id, " is no member")));
  }
  return SetMember(replica_, id, info, options);
}

}  // namespace trimaran
