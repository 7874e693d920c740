#include "trimaran/admin.h"

#include "api/src/group_change.h"
#include "api/src/metrics.h"
#include "api/src/replica.h"
#include "api/src/status.h"
#include "engine/base/status_macros.h"

// Of admin.h, what is about the group. The rest: maintenance.cc.

namespace trimaran {
namespace {

bool HoldsTheSame(const MsgStateDigest& a, const MsgStateDigest& b) {
  // And the same log has led to it.
  return a.place == b.place && a.chain == b.chain && a.hash == b.hash;
}

ConsistencyResult ToResult(const AuditReport& report) {
  ConsistencyResult result;
  result.place = {report.place.index.value(), report.place.term.value()};
  result.consistent = true;
  const MsgStateDigest* first = nullptr;
  for (const auto& [id, digest] : report.members) {
    ReplicaDigest& replica = result.replicas.emplace_back();
    replica.replica = id.value();
    if (!digest.has_value() || digest->hash.empty()) {
      result.consistent = false;
      replica.error =
          digest.has_value() ? digest->error : "it has not been heard in time";
      if (replica.error.empty()) replica.error = "it does not say why";
      continue;
    }
    replica.hash = digest->hash;
    replica.rows = digest->rows;
    if (first == nullptr) first = &*digest;
    if (!HoldsTheSame(*digest, *first)) {
      result.diverged = true;
      result.consistent = false;
    }
  }
  return result;
}

ReplicaStatus StatusNow(Replica& replica) {
  const auto node = replica.node().status();
  ReplicaStatus status =
      StatusOf(replica.store(), *node, replica.clock().Now());
  status.network = replica.network_status();
  return status;
}

}  // namespace

absl::StatusOr<ReplicaStatus> Admin::GetStatus() {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  return StatusNow(replica_);
}

absl::StatusOr<std::string> Admin::GetMetrics() {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  return MetricsOf(StatusNow(replica_),
                   Timings(replica_.call_times(), replica_.node()),
                   replica_.store().machine().ReadStatistics());
}

absl::Status Admin::TransferLeadership(uint64_t successor,
                                       const WriteOptions& options) {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  return replica_.TransferLeadership(ReplicaId(successor), options);
}

absl::Status Admin::AddLearner(uint64_t id, const MemberInfo& info,
                               const WriteOptions& options) {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  return GroupChange(replica_, options).AddLearner(id, info);
}

absl::Status Admin::Promote(uint64_t id, const WriteOptions& options) {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  return GroupChange(replica_, options).Promote(id);
}

absl::Status Admin::AddVoter(uint64_t id, const MemberInfo& info,
                             const WriteOptions& options) {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  return GroupChange(replica_, options).AddVoter(id, info);
}

absl::Status Admin::Replace(uint64_t id, uint64_t successor,
                            const MemberInfo& info,
                            const WriteOptions& options) {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  return GroupChange(replica_, options).Replace(id, successor, info);
}

absl::Status Admin::Remove(uint64_t id, const WriteOptions& options) {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  return GroupChange(replica_, options).Remove(id);
}

absl::Status Admin::UpdateMember(uint64_t id, const MemberInfo& info,
                                 const WriteOptions& options) {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  return GroupChange(replica_, options).Update(id, info);
}

absl::StatusOr<ConsistencyResult> Admin::CheckConsistency(
    absl::Duration timeout) {
  const CallInProgress call(replica_.gate());
  if (!call.admitted()) return ClosedError();
  TRIMARAN_ASSIGN_OR_RETURN(const AuditReport report, replica_.Audit(timeout));
  return ToResult(report);
}

}  // namespace trimaran
