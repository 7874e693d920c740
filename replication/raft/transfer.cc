#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "replication/raft/mutant.h"
#include "replication/raft/raft.h"

// Handing leadership over (thesis §3.10): bring the target up to date, tell it
// to campaign, and take no proposals meanwhile.

namespace trimaran::raft {

absl::Status Raft::TransferLeadership(ReplicaId target) {
  absl::Status result;
  if (role_ == Role::kLeader) {
    result = HandleTransfer(target);
  } else if (leader_ == kNoReplica) {
    result = NotLeaderError(kNoReplica);
  } else {
    Send(leader_, Term(), MsgTransferLeader{target});
  }
  CheckInvariants();
  return result;
}

absl::Status Raft::HandleTransfer(ReplicaId target) {
  if (target == config_.id) {
    lead_->transfer = Transfer();
    return absl::OkStatus();
  }
  if (!members_.IsVoter(target)) {
    return WithOutcome(
        absl::InvalidArgumentError(absl::StrCat(
            "cannot transfer leadership to replica ", target.value(),
            ", which is no voter: ", members_.conf().DebugString())),
        WriteOutcome::kNotApplied);
  }
  // The same target again does not get more time.
  if (lead_->transfer.target == target) return absl::OkStatus();
  lead_->transfer = {target, 0};
  Progress& peer = *lead_->Find(target);
  if (peer.match() == log_.last().index) {
    SendTimeoutNow(target);
  } else {
    peer.Unpause();
    peer.append_wanted = true;
  }
  return absl::OkStatus();
}

void Raft::SendTimeoutNow(ReplicaId to) {
  lead_->lease_given_up = !MutantActive(Mutant::kLeaseKeptDuringTransfer);
  Send(to, term_, MsgTimeoutNow{});
}

}  // namespace trimaran::raft
