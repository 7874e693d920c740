#include "tests/support/script/text.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "replication/raft/debug_string.h"

namespace trimaran::script {

std::string BatchText(const raft::PersistBatch& batch) {
  raft::Ready ready;
  ready.persist = batch;
  return raft::DebugString(ready);
}

std::string ProgressText(const raft::RaftStatus& status) {
  if (status.role != raft::Role::kLeader) {
    return absl::StrCat(status.id.value(), " does not lead");
  }
  std::string text;
  for (const raft::PeerStatus& peer : status.peers) {
    absl::StrAppend(&text, raft::DebugString(peer), "\n");
  }
  if (status.transfer_target != kNoReplica) {
    absl::StrAppend(&text, "handing over to ", status.transfer_target.value(),
                    "\n");
  }
  if (status.pending_reads > 0) {
    absl::StrAppend(&text, "reads waiting: ", status.pending_reads, "\n");
  }
  return text;
}

std::string ErrorText(const absl::Status& status) {
  if (IsNotLeader(status)) {
    const std::optional<ReplicaId> hint = LeaderHint(status);
    return hint
               ? absl::StrCat("error: not the leader, which is ", hint->value())
               : "error: not the leader";
  }
  if (const std::optional<DropReason> reason = DropReasonOf(status)) {
    return absl::StrCat("error: proposal dropped, ",
                        ToAbsl(DropReasonName(*reason)));
  }
  return absl::StrCat("error: ", absl::StatusCodeToString(status.code()));
}

}  // namespace trimaran::script
