#include "replication/raft/raft.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "replication/raft/invariants.h"
#include "replication/raft/mutant.h"
#include "replication/raft/validate.h"

namespace trimaran::raft {

absl::StatusOr<std::unique_ptr<Raft>> Raft::Create(const Config& config,
                                                   const InitialState& state,
                                                   Random& random) {
  TRIMARAN_RETURN_IF_ERROR(config.Validate());
  TRIMARAN_RETURN_IF_ERROR(state.Validate());
  return std::unique_ptr<Raft>(new Raft(config, state, random));
}

Raft::Raft(const Config& config, const InitialState& state, Random& random)
    : config_(config),
      random_(random),
      term_(state.hard_state.term),
      vote_(state.hard_state.vote),
      log_(config, state),
      members_(state.conf),
      conf_applied_(state.applied),
      emitted_hard_state_(hard_state()) {
  DrawElectionTimeout();
  // Whoever has been in a term may have promised its leader a lease.
  timer_.since_leader_contact =
      term_ == Term() ? config_.election_timeout_ticks : 0;
  timer_.promise_survives_restart = !config_.lease_reads || term_ != Term();
  if (config_.check_invariants) checker_ = std::make_unique<InvariantChecker>();
  CheckInvariants();
}

Raft::~Raft() = default;

void Raft::Tick() {
  ++ticks_;
  if (timer_.since_leader_contact < config_.election_timeout_ticks) {
    ++timer_.since_leader_contact;
  }
  if (apply_fetch_.id == ApplyFetch::kFailed) apply_fetch_ = ApplyFetch();
  if (role_ == Role::kLeader) {
    TickLeader();
  } else {
    TickElection();
  }
  CheckInvariants();
}

absl::Status Raft::Step(Message message) {
  TRIMARAN_RETURN_IF_ERROR(
      ValidateMessage(message, {config_, term_, members_}));
  const bool termless = IsTermless(message);
  if (!termless && message.term < term_) {
    HandleLowerTerm(message);
  } else if (termless || !IgnoresRequest(message)) {
    if (!termless && message.term > term_) AdoptHigherTerm(message);
    const absl::Status result = StepCurrentTerm(message);
    CheckInvariants();
    return result;
  }
  CheckInvariants();
  return absl::OkStatus();
}

void Raft::HandleLowerTerm(const Message& message) {
  if (message.As<MsgPreVote>() != nullptr) {
    // Lets an asker of an old term, and with it the group, get unstuck.
    Send(message.from, term_,
         MsgPreVoteResp{true, {log_.commit(), *log_.TermAt(log_.commit())}});
    return;
  }
  const bool claims_to_lead =
      message.As<MsgApp>() != nullptr || message.As<MsgHeartbeat>() != nullptr;
  if (claims_to_lead && (config_.pre_vote || config_.check_quorum)) {
    // With these, nobody else tells a leader of an old term of the newer one;
    // it would go on, and this replica would never follow it.
    SendAfterPersist(message.from, term_, MsgAppResp{});
    return;
  }
  if (MutantActive(Mutant::kOldTermVotesCounted) &&
      message.As<MsgVoteResp>() != nullptr) {
    Message again = message;
    (void)StepCurrentTerm(again);
  }
}

bool Raft::IgnoresRequest(const Message& message) const {
  // A promise holds in any term: this one may have been heard of from somebody
  // who campaigns while the leader of the last one still answers reads.
  if (message.term == term_ && !config_.lease_reads) return false;
  const auto* vote = message.As<MsgVote>();
  const bool asks = vote != nullptr || message.As<MsgPreVote>() != nullptr;
  const bool asked_by_leader = vote != nullptr && vote->leader_transfer;
  // A replica that hears its leader protects it (thesis §4.2.3, §6.4.1).
  return asks && !asked_by_leader && InLease();
}

void Raft::AdoptHigherTerm(const Message& message) {
  // Asking about a term does not begin it.
  if (message.As<MsgPreVote>() != nullptr) return;
  const auto* pre_vote = message.As<MsgPreVoteResp>();
  if (pre_vote != nullptr && !pre_vote->rejected) return;
  BecomeFollower(message.term,
                 ClaimsToLead(message) ? message.from : kNoReplica);
}

absl::Status Raft::StepCurrentTerm(Message& message) {
  if (message.As<MsgVote>() != nullptr || message.As<MsgPreVote>() != nullptr) {
    HandleVoteRequest(message);
    return absl::OkStatus();
  }
  switch (role_) {
    case Role::kLeader:
      return StepLeader(message);
    case Role::kFollower:
      return StepFollower(message);
    case Role::kPreCandidate:
    case Role::kCandidate:
      return StepCandidate(message);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<EntryId>> Raft::Propose(
    absl::Span<const Payload> payloads) {
  TRIMARAN_CHECK(!payloads.empty());
  std::vector<MsgProp::Proposal> proposals;
  proposals.reserve(payloads.size());
  for (const Payload& payload : payloads) {
    proposals.push_back({EntryType::kNormal, payload});
  }
  auto result = ProposeAll(absl::MakeSpan(proposals));
  CheckInvariants();
  return result;
}

absl::StatusOr<std::optional<EntryId>> Raft::Propose(const Payload& payload) {
  // The common case allocates nothing.
  MsgProp::Proposal proposal{EntryType::kNormal, payload};
  auto result = ProposeAll(absl::MakeSpan(&proposal, 1));
  CheckInvariants();
  return result;
}

absl::StatusOr<std::optional<EntryId>> Raft::ProposeConfChange(
    const ConfChange& change) {
  MsgProp::Proposal proposal{EntryType::kConfChange,
                             Payload(EncodeConfChange(change))};
  auto result = ProposeAll(absl::MakeSpan(&proposal, 1));
  CheckInvariants();
  return result;
}

void Raft::OverrideElectionTimeout(int ticks) { timer_.timeout = ticks; }

void Raft::Persisted(PersistSeq seq) {
  const Term self_vote = log_.Persisted(seq);
  // Nothing is written before the first term.
  timer_.promise_survives_restart = true;
  if (!log_.installing_snapshot()) overtaken_members_.reset();
  // The own vote, too, is promised to whoever may hold a lease.
  const bool promised = config_.lease_reads && InLease();
  if (role_ == Role::kCandidate && self_vote == term_ && !promised) {
    CountVote(config_.id, true);
  }
  if (role_ == Role::kLeader) {
    Progress* self = lead_->Find(config_.id);
    if (self != nullptr && self->Acked(log_.durable())) MaybeCommit();
  }
  CheckInvariants();
}

void Raft::Applied(LogIndex index) {
  log_.Applied(index);
  if (role_ == Role::kLeader) MaybeLeaveJoint();
  CheckInvariants();
}

void Raft::Compacted(LogIndex index) {
  log_.CompactTo(index);
  CheckInvariants();
}

void Raft::Send(ReplicaId to, Term term, MessageBody body) {
  outbox_.messages.push_back(
      {config_.group, config_.id, to, term, std::move(body)});
}

void Raft::SendAfterPersist(ReplicaId to, Term term, MessageBody body) {
  outbox_.messages_after_persist.push_back(
      {config_.group, config_.id, to, term, std::move(body)});
}

bool Raft::NeedsPersist() const {
  return log_.HasUnpersisted() || hard_state() != emitted_hard_state_;
}

bool Raft::HasReady() const {
  return !outbox_.empty() || NeedsPersist() ||
         SoftState{role_, leader_} != emitted_soft_state_ ||
         HasLeaderOutput() ||
         (log_.HasApplicable() && apply_fetch_.id == FetchId());
}

Ready Raft::TakeReady() {
  FlushLeaderOutput();
  Ready ready;
  if (SoftState{role_, leader_} != emitted_soft_state_) {
    emitted_soft_state_ = {role_, leader_};
    ready.soft_state = emitted_soft_state_;
  }
  ready.messages = std::exchange(outbox_.messages, {});
  FillPersist(ready);
  FillApply(ready);
  ready.fetches = std::exchange(outbox_.fetches, {});
  ready.snapshot_requests = std::exchange(outbox_.snapshot_requests, {});
  ready.read_results = std::exchange(outbox_.read_results, {});
  ready.lost_reads = std::exchange(outbox_.lost_reads, {});
  CheckInvariants();
  return ready;
}

void Raft::FillPersist(Ready& ready) {
  std::vector<Message> after =
      std::exchange(outbox_.messages_after_persist, {});
  if (!NeedsPersist() && (after.empty() || !log_.persisting())) {
    // Everything that they promise is durable already.
    for (Message& message : after) ready.messages.push_back(std::move(message));
    return;
  }
  PersistBatch& batch = ready.persist.emplace();
  const HardState now = hard_state();
  const bool voted_for_itself =
      vote_ == config_.id && (now.term != emitted_hard_state_.term ||
                              now.vote != emitted_hard_state_.vote);
  log_.TakeUnpersisted(batch, voted_for_itself ? term_ : Term());
  batch.must_sync = batch.snapshot.has_value() || !batch.entries.empty() ||
                    now.term != emitted_hard_state_.term ||
                    now.vote != emitted_hard_state_.vote;
  if (now != emitted_hard_state_) {
    emitted_hard_state_ = now;
    batch.hard_state = now;
  }
  batch.messages_after = std::move(after);
}

void Raft::FillApply(Ready& ready) {
  if (!apply_fetch_.entries.empty()) {
    ready.apply = log_.TakeFetched(std::exchange(apply_fetch_.entries, {}));
  } else {
    ready.apply = log_.TakeApplicable();
  }
  if (ready.apply.empty() && apply_fetch_.id == FetchId()) {
    if (const auto range = log_.ApplicableNotInMemory()) {
      last_fetch_ = FetchId(last_fetch_.value() + 1);
      apply_fetch_.id = last_fetch_;
      outbox_.fetches.push_back(
          {apply_fetch_.id, range->first, range->end, range->bytes_max});
    }
  }
  if (!lead_.has_value()) return;
  for (const LogEntry& entry : ready.apply) {
    if (entry.index <= lead_->inherited_last) continue;
    // What was fetched has the size that the storage says.
    lead_->uncommitted_bytes -=
        std::min(lead_->uncommitted_bytes, entry.size_bytes());
  }
}

RaftStatus Raft::status() const {
  RaftStatus status;
  status.id = config_.id;
  status.term = term_;
  status.vote = vote_;
  status.role = role_;
  status.leader = leader_;
  status.boundary = log_.boundary();
  status.last = log_.last();
  status.durable = log_.durable();
  status.commit = log_.commit();
  status.applying = log_.applying();
  status.applied = log_.applied();
  status.pending_snapshot = log_.pending_snapshot();
  status.conf = members_.conf();
  status.elections = timer_.elections;
  status.election_elapsed_ticks = timer_.elapsed;
  status.election_timeout_ticks = timer_.timeout;
  status.window_entries = log_.window().size();
  status.window_bytes = log_.window().bytes();
  if (!lead_.has_value()) return status;
  status.transfer_target = lead_->transfer.target;
  status.uncommitted_bytes = lead_->uncommitted_bytes;
  status.pending_reads = lead_->reads.size();
  status.lease_valid = LeaseValid();
  for (const Progress& peer : lead_->peers) {
    status.peers.push_back(
        {peer.id(), !members_.IsVoter(peer.id()), peer.state(), peer.match(),
         peer.next(), peer.reported_commit, peer.pending_snapshot(),
         peer.paused(), peer.recently_active, peer.inflights().count(),
         peer.inflights().bytes(), peer.inflights().full()});
  }
  return status;
}

void Raft::CheckInvariants() {
  if (checker_ != nullptr) checker_->Check(*this);
}

}  // namespace trimaran::raft
