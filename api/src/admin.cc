#include "trimaran/admin.h"

#include "api/src/group_change.h"
#include "api/src/metrics.h"
#include "api/src/replica.h"
#include "api/src/status.h"
#include "engine/base/status_macros.h"

// Of admin.h, what is about the group. The rest: maintenance.cc.

namespace trimaran {

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

}  // namespace trimaran
