#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "replication/raft/mutant.h"
#include "replication/raft/raft.h"

// What a leader does: take proposals, count acknowledgements, commit.

namespace trimaran::raft {

absl::Status Raft::StepLeader(Message& message) {
  if (auto* proposal = std::get_if<MsgProp>(&message.body)) {
    return AppendProposals(absl::MakeSpan(proposal->proposals)).status();
  }
  if (const auto* read = message.As<MsgReadIndex>()) {
    return HandleReadRequest({read->id, read->origin}, read->mode);
  }
  if (const auto* transfer = message.As<MsgTransferLeader>()) {
    return HandleTransfer(transfer->target);
  }
  Progress* peer = lead_->Find(message.from);
  if (const auto* response = message.As<MsgAppResp>()) {
    return HandleAppendResponse(*peer, *response);
  }
  if (const auto* response = message.As<MsgHeartbeatResp>()) {
    return HandleHeartbeatResponse(*peer, *response);
  }
  if (ClaimsToLead(message)) {
    return absl::InvalidArgumentError(
        absl::StrCat("replica ", message.from.value(), " claims to lead term ",
                     term_.value(), ", which this replica leads"));
  }
  // Late votes, and what only a follower acts on.
  return absl::OkStatus();
}

void Raft::TickLeader() {
  LeaderState& lead = *lead_;
  if (lead.transfer.active() &&
      ++lead.transfer.elapsed_ticks >= config_.election_timeout_ticks) {
    lead.transfer = Transfer();
  }
  if (++lead.quorum_check_elapsed_ticks >= config_.election_timeout_ticks) {
    lead.quorum_check_elapsed_ticks = 0;
    if (config_.check_quorum && !QuorumActive()) {
      BecomeFollower(term_, kNoReplica);
      return;
    }
    for (Progress& peer : lead.peers) peer.recently_active = false;
  }
  if (++lead.heartbeat_elapsed_ticks >= config_.heartbeat_ticks) {
    lead.heartbeat_elapsed_ticks = 0;
    BroadcastHeartbeat();
  }
  MaybeLeaveJoint();
}

bool Raft::QuorumActive() const {
  return members_.CountVotes([this](ReplicaId id) -> std::optional<bool> {
    return id == config_.id || lead_->Find(id)->recently_active;
  }) == VoteResult::kWon;
}

absl::StatusOr<std::optional<EntryId>> Raft::ProposeAll(
    absl::Span<MsgProp::Proposal> proposals) {
  if (role_ == Role::kLeader) {
    absl::StatusOr<EntryId> first = AppendProposals(proposals);
    if (!first.ok()) return first.status();
    return std::optional<EntryId>(*first);
  }
  if (leader_ == kNoReplica) return NotLeaderError(kNoReplica);
  if (!config_.proposal_forwarding) {
    return ProposalDroppedError(
        DropReason::kForwardingDisabled,
        absl::StrCat("replica ", leader_.value(), " leads"));
  }
  Send(leader_, Term(),
       MsgProp{{std::make_move_iterator(proposals.begin()),
                std::make_move_iterator(proposals.end())}});
  return std::optional<EntryId>();
}

absl::StatusOr<EntryId> Raft::AppendProposals(
    absl::Span<MsgProp::Proposal> proposals) {
  if (!members_.Contains(config_.id)) {
    return ProposalDroppedError(DropReason::kNotMember,
                                "this leader has been removed");
  }
  if (lead_->transfer.active()) {
    return ProposalDroppedError(
        DropReason::kTransferInProgress,
        absl::StrCat("to replica ", lead_->transfer.target.value()));
  }
  uint64_t bytes = 0;
  for (const auto& proposal : proposals) bytes += proposal.payload.size();
  // Something larger than the limit must get through when it is alone; empty
  // entries always do, for the protocol's own sake.
  if (bytes > 0 && lead_->uncommitted_bytes > 0 &&
      lead_->uncommitted_bytes + bytes > config_.uncommitted_bytes_max) {
    return ProposalDroppedError(
        DropReason::kUncommittedBytesFull,
        absl::StrCat("uncommitted_bytes_max is ", config_.uncommitted_bytes_max,
                     ", pending are ", lead_->uncommitted_bytes,
                     ", the proposal has ", bytes));
  }
  const EntryId first = {log_.last().index + 1, term_};
  absl::Status refused;
  for (MsgProp::Proposal& proposal : proposals) {
    if (proposal.type == EntryType::kConfChange) {
      absl::Status vetted = VetConfChange(proposal);
      if (vetted.ok()) {
        lead_->pending_conf_change = log_.last().index + 1;
      } else {
        // The entry keeps its place, so that the others keep theirs.
        proposal = MsgProp::Proposal();
        refused.Update(vetted);
      }
    }
    AppendAsLeader(proposal.type, std::move(proposal.payload));
  }
  if (!refused.ok()) return refused;
  return first;
}

absl::Status Raft::VetConfChange(const MsgProp::Proposal& proposal) const {
  absl::StatusOr<ConfChange> change =
      DecodeConfChange(proposal.payload.bytes());
  if (!change.ok()) {
    return ProposalDroppedError(DropReason::kInvalidConfChange,
                                ToStd(change.status().message()));
  }
  if (!config_.validate_conf_changes) return absl::OkStatus();
  if (lead_->pending_conf_change > log_.applied() &&
      !MutantActive(Mutant::kConfChangeWhileOneIsPending)) {
    return ProposalDroppedError(
        DropReason::kPendingConfChange,
        absl::StrCat("entry ", lead_->pending_conf_change.value(),
                     " may change the membership and is not applied yet"));
  }
  const absl::StatusOr<Membership> next = members_.After(*change);
  if (!next.ok()) {
    return ProposalDroppedError(DropReason::kInvalidConfChange,
                                ToStd(next.status().message()));
  }
  return absl::OkStatus();
}

void Raft::AppendAsLeader(EntryType type, Payload payload) {
  lead_->uncommitted_bytes += payload.size();
  log_.Append({log_.last().index + 1, term_, type, std::move(payload)});
  // Who leaves the group is not sent anything any more when that is applied.
  if (type == EntryType::kConfChange) AwaitCommit(log_.last().index);
  if (MutantActive(Mutant::kSelfCountedBeforePersist)) {
    if (Progress* self = lead_->Find(config_.id)) {
      self->Acked(log_.last().index);
      MaybeCommit();
    }
  }
}

absl::Status Raft::HandleAppendResponse(Progress& peer,
                                        const MsgAppResp& response) {
  if (!response.rejected && response.index > log_.last().index) {
    return absl::InvalidArgumentError(
        absl::StrCat("replica ", peer.id().value(), " acknowledges entry ",
                     response.index.value(), " of a log that ends at ",
                     log_.last().index.value()));
  }
  peer.recently_active = true;
  peer.reported_commit = std::max(peer.reported_commit, response.commit);
  if (response.rejected) {
    HandleRejection(peer, response);
    return absl::OkStatus();
  }
  // An ack that says nothing new still tells a probe that the logs meet, if it
  // asked for just that place. Else it is a late one; or somebody who heard an
  // old leader, which was this replica as well, has told it of the new term.
  const bool news = peer.Acked(response.index);
  const bool answers_probe = peer.state() == ProgressState::kProbe &&
                             peer.match() == response.index &&
                             peer.next() == response.index + 1;
  if (!news && !answers_probe) return absl::OkStatus();
  switch (peer.state()) {
    case ProgressState::kProbe:
      peer.BecomeReplicate();
      break;
    case ProgressState::kSnapshot:
      // Whatever snapshot it has, our log goes on from there.
      if (peer.match() >= log_.boundary().index) peer.BecomeReplicate();
      break;
    case ProgressState::kReplicate:
      peer.FreeInflightsUpTo(response.index);
      break;
  }
  MaybeCommit();
  if (lead_->transfer.target == peer.id() &&
      peer.match() == log_.last().index) {
    SendTimeoutNow(peer.id());
  }
  return absl::OkStatus();
}

void Raft::HandleRejection(Progress& peer, const MsgAppResp& response) {
  LogIndex hint = response.hint.index;
  if (response.hint.term != Term()) {
    // Our last entry that could be the follower's: with both sides skipping
    // whole terms, one round trip per differing term is enough.
    hint = log_.LastNotAfterTerm(hint, response.hint.term).index;
  }
  if (peer.Rejected(response.index, hint)) peer.append_wanted = true;
}

absl::Status Raft::HandleHeartbeatResponse(Progress& peer,
                                           const MsgHeartbeatResp& response) {
  if (response.round > lead_->reads.last_round()) {
    return absl::InvalidArgumentError(
        absl::StrCat("replica ", peer.id().value(), " answers round ",
                     response.round.value(), ", which has not begun"));
  }
  peer.recently_active = true;
  // A follower that answers can take a message, even if those that filled its
  // window were all lost; and a caught-up one that is being probed must get
  // one to be known as such again.
  if (peer.state() == ProgressState::kProbe && peer.paused()) {
    peer.probes_bare = true;
  }
  peer.Unpause();
  if (peer.match() < log_.last().index ||
      peer.state() == ProgressState::kProbe) {
    peer.append_wanted = true;
  }
  peer.acked_round = std::max(peer.acked_round, response.round);
  ConfirmReads();
  return absl::OkStatus();
}

void Raft::MaybeCommit() {
  const bool counts_itself = members_.IsVoter(config_.id) ||
                             !MutantActive(Mutant::kRemovedLeaderCountsItself);
  const LogIndex reached(members_.Reached([&](ReplicaId id) {
    if (!counts_itself && id == members_.conf().voters.front()) {
      return log_.durable().value();
    }
    return lead_->Find(id)->match().value();
  }));
  if (reached <= log_.commit()) return;
  // Entries of earlier terms are never committed by counting (thesis §3.6.2).
  if (log_.TermAt(reached) != term_ &&
      !MutantActive(Mutant::kCommitOldTermByCounting)) {
    return;
  }
  const bool first_of_term = !CommittedInOwnTerm();
  log_.CommitTo(reached);
  if (first_of_term) lead_->reads.ReleasePostponed(log_.commit());
}

void Raft::SyncPeers() {
  std::vector<Progress> peers;
  for (const ReplicaId id : members_.members()) {
    if (Progress* known = lead_->Find(id)) {
      peers.push_back(std::move(*known));
      continue;
    }
    Progress& fresh = peers.emplace_back(
        id, log_.last().index + 1,
        Inflights(config_.inflight_messages_max, config_.inflight_bytes_max));
    // A newcomer has until the next quorum check to be heard.
    fresh.recently_active = true;
    if (id == config_.id) {
      fresh.BecomeReplicate();
      fresh.Acked(log_.durable());
    }
  }
  lead_->peers = std::move(peers);
}

absl::StatusOr<ConfState> Raft::ApplyConfChange(LogIndex index,
                                                const ConfChange& change) {
  if (index <= conf_applied_) {
    if (!overtaken_members_.has_value()) return members_.conf();
    absl::StatusOr<Membership> overtaken = overtaken_members_->After(change);
    if (!overtaken.ok()) return overtaken.status();
    overtaken_members_ = *std::move(overtaken);
    return overtaken_members_->conf();
  }
  absl::StatusOr<Membership> next = members_.After(change);
  // Every replica refuses it at the same place of the same log.
  if (!next.ok()) return next.status();
  conf_applied_ = index;
  members_ = *std::move(next);
  if (role_ == Role::kLeader) {
    SyncPeers();
    if (!members_.IsVoter(lead_->transfer.target)) {
      lead_->transfer = Transfer();
    }
    if (config_.step_down_on_removal && !members_.IsVoter(config_.id)) {
      BecomeFollower(term_, kNoReplica);
    } else {
      // A smaller quorum may have been reached already.
      MaybeCommit();
      ConfirmReads();
    }
  }
  CheckInvariants();
  return members_.conf();
}

void Raft::MaybeLeaveJoint() {
  // Once per configuration: proposing it makes it the pending change.
  if (!members_.conf().auto_leave ||
      lead_->pending_conf_change > log_.applied()) {
    return;
  }
  lead_->pending_conf_change = log_.last().index + 1;
  AppendAsLeader(EntryType::kConfChange,
                 Payload(EncodeConfChange(ConfChange())));
}

}  // namespace trimaran::raft
