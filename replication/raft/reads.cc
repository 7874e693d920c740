#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "replication/raft/mutant.h"
#include "replication/raft/raft.h"

// Linearizable reads (thesis §6.4): learn the commit index, then learn that no
// other leader could have committed more before the read was asked for.

namespace trimaran::raft {

absl::Status Raft::ReadIndex(ReadId id, ReadMode mode) {
  absl::Status result;
  if (role_ == Role::kLeader) {
    result = HandleReadRequest({id, config_.id}, mode);
  } else if (leader_ == kNoReplica) {
    result = NotLeaderError(kNoReplica);
  } else {
    Send(leader_, Term(), MsgReadIndex{id, mode, config_.id});
  }
  CheckInvariants();
  return result;
}

absl::Status Raft::HandleReadRequest(ReadRequest request, ReadMode mode) {
  if (lead_->reads.full()) {
    return absl::ResourceExhaustedError(
        absl::StrCat("pending_reads_max is ", config_.pending_reads_max,
                     ", and that many reads wait for a quorum"));
  }
  // Until an entry of the own term is committed, the commit index may be
  // behind what earlier leaders have acknowledged.
  if (!CommittedInOwnTerm() &&
      !MutantActive(Mutant::kReadBeforeOwnTermCommit)) {
    lead_->reads.Postpone(request);
    return absl::OkStatus();
  }
  if ((mode == ReadMode::kLease && LeaseValid()) ||
      MutantActive(Mutant::kReadWithoutRound)) {
    Answer(request, log_.commit());
    return absl::OkStatus();
  }
  lead_->reads.Add(request, log_.commit());
  return absl::OkStatus();
}

void Raft::Answer(const ReadRequest& request, LogIndex index) {
  if (request.origin == config_.id) {
    outbox_.read_results.push_back({request.id, index});
  } else {
    Send(request.origin, term_,
         MsgReadIndexResp{request.id, index,
                          log_.TermAt(index).value_or(Term())});
  }
}

void Raft::ConfirmReads() {
  const uint64_t round = members_.Reached([this](ReplicaId id) -> uint64_t {
    if (id == config_.id) return lead_->reads.last_round().value();
    return lead_->Find(id)->acked_round.value();
  });
  for (const ConfirmedRead& read : lead_->reads.Confirm(ReadRound(round))) {
    Answer(read.request, read.index);
  }
}

bool Raft::LeaseValid() const {
  // Every voter of a quorum has promised, after the round began, to elect
  // nobody for an election timeout.
  return config_.lease_reads && !lead_->lease_given_up &&
         lead_->reads.ever_confirmed() &&
         ticks_ + static_cast<uint64_t>(config_.lease_margin_ticks) <
             lead_->reads.confirmed_round_tick() +
                 static_cast<uint64_t>(config_.election_timeout_ticks);
}

bool Raft::CommittedInOwnTerm() const {
  return log_.TermAt(log_.commit()) == term_;
}

}  // namespace trimaran::raft
