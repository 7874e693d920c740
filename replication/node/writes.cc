#include "replication/node/writes.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/format/entry_decoder.h"
#include "replication/node/mutant.h"

namespace trimaran {
namespace {

std::string EncodeOpenSession() {
  auto encoded = engine::EncodeCommand(
      {.stamp = {}, .body = engine::OpenSessionCommand{}});
  TRIMARAN_CHECK(encoded.ok());
  return *std::move(encoded);
}

constexpr std::string_view kReplaced = "its entry was replaced";
// What a link carries at the least in WritesOptions::forward_retry, if the
// transport is to say of it that something passes.
constexpr size_t kRetryBytes = size_t{64} << 10;

// What a peer asks to append must be something that every replica can apply.
bool IsWellFormed(const Payload& payload) {
  engine::EntryDecoder decoder(payload.bytes());
  engine::Command command;
  while (decoder.Next(command)) continue;
  return decoder.status().ok() && decoder.count() > 0;
}

// A leader that has applied something of its own term has applied all changes
// that were committed before; one that has just been opened, or follows, may
// not have heard of the last one yet.
bool KnowsWhoIsMember(const raft::Raft& core) {
  const raft::RaftStatus status = core.status();
  return status.role == raft::Role::kLeader &&
         core.log().TermAt(core.log().applied()) == status.term;
}

}  // namespace

Writes::Writes(const WritesOptions& options, uint64_t first_request, Host host)
    : options_(options), host_(std::move(host)), last_request_(first_request) {}

// ---- From clients ----

void Writes::Add(std::vector<PendingWritePtr> writes) {
  for (const PendingWritePtr& write : writes) {
    next_deadline_ = std::min(next_deadline_, write->deadline());
    write->set_arrival(++last_arrival_);
    // How many rows it meets nobody knows yet: no other waits for it, and one
    // transaction is not to remove those of many.
    write->set_alone(engine::DeletesRanges(write->command()));
  }
  backlog_.insert(backlog_.end(), std::make_move_iterator(writes.begin()),
                  std::make_move_iterator(writes.end()));
}

void Writes::Pump(raft::Raft& core, const raft::SoftState& role,
                  MonotonicTime now) {
  if (backlog_.empty() || paused_) return;
  if (role.role == raft::Role::kLeader) {
    const bool alone = core.membership().conf().IsOnlyVoter(options_.self);
    while (ProposeNext(core, alone)) continue;
  } else if (!options_.forward) {
    for (const PendingWritePtr& write : std::exchange(backlog_, {})) {
      LeaveBacklog(*write);
      write->Answer(write->may_be_applied()
                        ? OutcomeUnknownError("its leader does not lead now")
                        : NotLeaderError(role.leader));
      Forget(*write);
    }
  } else if (role.leader != kNoReplica) {
    ForwardNext(role.leader, now);
  }
  MakeRoom();
}

bool Writes::ProposeNext(raft::Raft& core, bool alone) {
  PackedEntry entry = Pack(/*stamped=*/!alone);
  if (entry.writes.empty()) return false;
  for (const PendingWritePtr& write : entry.writes) write->BeginAttempt();
  const auto place = core.Propose(entry.payload);
  if (!place.ok()) {
    // Not led from here any more, or too much is under way.
    Return(std::move(entry.writes));
    paused_ = true;
    return false;
  }
  TRIMARAN_CHECK(place->has_value()) << "the core passes nothing on";
  Register({.id = **place, .writes = std::move(entry.writes)});
  return true;
}

void Writes::ForwardNext(ReplicaId leader, MonotonicTime now) {
  if (forwarded_.has_value()) return;
  PackedEntry entry = Pack(/*stamped=*/true);
  if (entry.writes.empty()) return;
  // Wherever the message may lie for how long: it can be appended any time.
  for (const PendingWritePtr& write : entry.writes) write->BeginAttempt();
  const uint64_t request = ++last_request_;
  const auto slow = static_cast<int64_t>(entry.payload.size() / kRetryBytes);
  host_.send(leader, MsgForward{.request = request, .entry = entry.payload});
  forwarded_ = {.request = request,
                .to = leader,
                .alive_at = now,
                .arrived_by = now + options_.forward_retry * (1 + slow),
                .entry = std::move(entry)};
}

PackedEntry Writes::Pack(bool stamped) {
  PackedEntry entry;
  engine::EntryEncoder encoder;
  while (!backlog_.empty()) {
    PendingWritePtr& write = backlog_.front();
    if (!CanTryAgain(*write)) {
      // Since it came here.
      write->Answer(OutcomeUnknownError("its session has ended"));
    }
    if (!write->Take()) {
      LeaveBacklog(*write);
      Forget(*write);
      backlog_.pop_front();
      continue;
    }
    const bool alone = write->alone();
    if (alone && !entry.writes.empty()) {
      write->PutBack();
      break;
    }
    std::optional<engine::SessionStamp> stamp;
    const bool wants = stamped || write->sequence() > 0;
    if (wants && engine::WantsStamp(write->command()) &&
        !Stamp(*write, stamp)) {
      write->PutBack();
      if (!OpenSession()) break;
      continue;
    }
    if (!encoder.AddEncoded(write->command(), stamp)) {
      write->PutBack();
      break;
    }
    LeaveBacklog(*write);
    entry.writes.push_back(std::move(write));
    backlog_.pop_front();
    if (alone) break;
  }
  if (!entry.writes.empty()) entry.payload = Payload(encoder.Take());
  return entry;
}

bool Writes::Stamp(PendingWrite& write,
                   std::optional<engine::SessionStamp>& stamp) {
  if (session_.stage() != ClientSession::Stage::kOpen) return false;
  if (write.sequence() == 0 || write.session() != session_.id() ||
      MutantActive(Mutant::kRetryUnderNewSequence)) {
    if (!session_.has_room()) return false;
    write.set_session(session_.id());
    write.set_sequence(session_.NextSequence());
  }
  stamp = session_.StampOf(write.sequence());
  return true;
}

bool Writes::OpenSession() {
  if (session_.stage() != ClientSession::Stage::kNone) return false;
  session_.BeginOpening();
  const auto opened = [this](absl::StatusOr<AppliedWrite> answer) {
    if (session_.stage() != ClientSession::Stage::kOpening) return;
    if (answer.ok()) {
      session_.Opened(engine::SessionId(answer->result.value));
    } else {
      session_.Lost();
    }
  };
  // In front, for the others cannot go before it is done. Its deadline is none,
  // since nobody's patience but theirs counts.
  backlog_.push_front(std::make_shared<PendingWrite>(
      EncodeOpenSession(), MonotonicTime::Infinite(), opened));
  return true;
}

void Writes::Register(Proposal proposal) {
  const Term term = proposal.id.term;
  std::optional<Proposal> displaced = proposals_.Add(std::move(proposal));
  if (displaced) Replaced(*std::move(displaced), term);
}

void Writes::Replaced(Proposal proposal, Term by) {
  EndWait(proposal,
          WithOutcome(StaleCommandError(by), WriteOutcome::kNotApplied));
  if (proposal.passed_on && !MutantActive(Mutant::kPassedOnMeansOneAttempt)) {
    TryAgain(std::move(proposal.writes), kReplaced);
  } else {
    Return(std::move(proposal.writes));
  }
}

void Writes::ChangeMembers(raft::Raft& core, const raft::ConfChange& change,
                           MonotonicTime deadline, ConfChangeCallback done) {
  const auto place = core.ProposeConfChange(change);
  if (!place.ok()) {
    done(WithOutcome(place.status(), WriteOutcome::kNotApplied));
    return;
  }
  TRIMARAN_CHECK(place->has_value()) << "the core passes nothing on";
  Register({.id = **place,
            .writes = {},
            .conf_change = std::move(done),
            .conf_deadline = deadline});
}

// ---- From peers ----

bool Writes::OnForward(raft::Raft& core, ReplicaId from,
                       const MsgForward& forward) {
  if (!IsWellFormed(forward.entry)) return false;
  MsgForwardResp response{.request = forward.request};
  // Who has been removed could not learn what becomes of it.
  if (!core.membership().conf().Contains(from)) {
    if (KnowsWhoIsMember(core)) response.reason = DropReason::kNotMember;
  } else if (const auto place = core.Propose(forward.entry); place.ok()) {
    response.appended = *place;
  } else {
    response.reason =
        DropReasonOf(place.status()).value_or(DropReason::kNoLeader);
    // That it is none itself is nothing against the other.
    if (response.reason == DropReason::kNotMember) {
      response.reason = DropReason::kNoLeader;
    }
  }
  host_.send(from, response);
  return true;
}

void Writes::OnForwardResp(ReplicaId from, const MsgForwardResp& response,
                           LogIndex applied) {
  if (!forwarded_ || forwarded_->request != response.request ||
      forwarded_->to != from) {
    return;
  }
  std::vector<PendingWritePtr> writes = std::move(forwarded_->entry.writes);
  forwarded_.reset();
  if (!response.appended) {
    if (response.reason == DropReason::kNotMember) {
      return TurnAway(std::move(writes));
    }
    TryAgain(std::move(writes), "the leader did not take it");
    paused_ = true;
    return;
  }
  if (response.appended->index <= applied) {
    // The answer was overtaken by the entry; asked for again, the group
    // repeats it.
    TryAgain(std::move(writes), "its entry has been applied already");
    return;
  }
  Register({.id = *response.appended,
            .writes = std::move(writes),
            .passed_on = true});
}

// ---- From the log ----

void Writes::OnApplied(EntryId entry, engine::EntryResult result,
                       const ConfState& conf) {
  Proposals::Outcome outcome = proposals_.TakeApplied(entry);
  for (Proposal& replaced : outcome.replaced) {
    Replaced(std::move(replaced), entry.term);
  }
  // There may be room again.
  paused_ = false;
  if (!outcome.applied) return;
  Proposal& applied = *outcome.applied;
  if (applied.conf_change != nullptr) {
    std::exchange(applied.conf_change, nullptr)(conf);
  }
  if (!applied.writes.empty() &&
      applied.writes.size() != result.commands.size()) {
    // Only another replica can have named an entry that is not theirs.
    TRIMARAN_CHECK(applied.passed_on);
    TryAgain(std::move(applied.writes), "the leader named another entry");
    return;
  }
  for (size_t i = 0; i < applied.writes.size(); ++i) {
    if (LostItsSession(*applied.writes[i], result.commands[i])) {
      if (!applied.passed_on) applied.writes[i]->AttemptFailed();
      std::vector<PendingWritePtr> again;
      again.push_back(std::move(applied.writes[i]));
      TryAgain(std::move(again), "its session has expired");
      continue;
    }
    AnswerOne(*applied.writes[i], entry, std::move(result.commands[i]));
  }
}

bool Writes::LostItsSession(const PendingWrite& write,
                            const engine::CommandResult& result) {
  // A session that the group has dropped is the only reason of this kind for
  // which it refuses a stamped command.
  if (write.sequence() == 0 || result.repeated ||
      MutantActive(Mutant::kLostSessionIsARefusal) ||
      !absl::IsFailedPrecondition(result.status)) {
    return false;
  }
  if (write.session() == session_.id()) session_.Lost();
  return true;
}

void Writes::AnswerOne(PendingWrite& write, EntryId entry,
                       engine::CommandResult result) {
  Forget(write);
  if (!result.status.ok()) {
    write.Answer(WithOutcome(result.status, WriteOutcome::kNotApplied));
    return;
  }
  const EntryId done{result.index,
                     result.index == entry.index ? entry.term : Term()};
  write.Answer(AppliedWrite{.entry = done, .result = std::move(result)});
}

void Writes::OnSkipped(LogIndex index) {
  for (Proposal& proposal : proposals_.TakeSkipped(index)) {
    if (MutantActive(Mutant::kSkippedProposalsForgotten)) continue;
    const std::string_view why =
        "this replica got the state after it as a whole";
    EndWait(proposal, OutcomeUnknownError(why));
    TryAgain(std::move(proposal.writes), why);
  }
}

void Writes::OnLeaderChanged() {
  const std::string_view why = "the leader changed";
  paused_ = false;
  GiveUpForwarded(why);
  for (Proposal& proposal : proposals_.TakeAll()) {
    // Where nothing is passed on, there may be nobody else to ask.
    const bool all_can =
        options_.forward && !proposal.writes.empty() &&
        std::all_of(proposal.writes.begin(), proposal.writes.end(),
                    [this](const auto& write) { return CanTryAgain(*write); });
    if (all_can) {
      TryAgain(std::move(proposal.writes), why);
    } else {
      // Its own entry may still answer it.
      (void)proposals_.Add(std::move(proposal));
    }
  }
}

void Writes::OnPartPassed(ReplicaId peer, MonotonicTime now) {
  if (!forwarded_ || forwarded_->to != peer) return;
  // Or it is lost, and in a group that is never at rest would be waited for
  // until its time is up.
  if (now < forwarded_->arrived_by) forwarded_->alive_at = now;
}

// ---- Trying again, giving up ----

bool Writes::CanTryAgain(const PendingWrite& write) const {
  if (!write.may_be_applied() || !engine::WantsStamp(write.command())) {
    return true;
  }
  return write.sequence() > 0 && write.session() == session_.id();
}

void Writes::TryAgain(std::vector<PendingWritePtr> writes,
                      std::string_view why) {
  const auto arrival = [](const PendingWritePtr& write) {
    return write->arrival();
  };
  for (PendingWritePtr& write : writes) {
    if (write->answered() || !CanTryAgain(*write)) {
      write->Answer(OutcomeUnknownError(why));
      Forget(*write);
      continue;
    }
    write->PutBack();
    next_deadline_ = std::min(next_deadline_, write->deadline());
    const auto place = std::ranges::upper_bound(backlog_, write->arrival(),
                                                std::less<>(), arrival);
    backlog_.insert(place, std::move(write));
  }
}

void Writes::Return(std::vector<PendingWritePtr> writes) {
  for (const PendingWritePtr& write : writes) write->AttemptFailed();
  TryAgain(std::move(writes), kReplaced);
}

void Writes::TurnAway(std::vector<PendingWritePtr> writes) {
  for (PendingWritePtr& write : std::exchange(backlog_, {})) {
    LeaveBacklog(*write);
    writes.push_back(std::move(write));
  }
  for (const PendingWritePtr& write : writes) {
    write->Answer(
        write->may_be_applied()
            ? OutcomeUnknownError("this replica is no member of the group")
            : ProposalDroppedError(DropReason::kNotMember, ""));
    Forget(*write);
  }
  MakeRoom();
}

void Writes::GiveUpForwarded(std::string_view why) {
  if (!forwarded_) return;
  std::vector<PendingWritePtr> writes = std::move(forwarded_->entry.writes);
  forwarded_.reset();
  TryAgain(std::move(writes), why);
}

void Writes::Forget(const PendingWrite& write) {
  if (write.sequence() > 0) {
    session_.Answered(write.session(), write.sequence());
  }
}

void Writes::EndWait(Proposal& proposal, const absl::Status& error) {
  if (proposal.conf_change == nullptr) return;
  std::exchange(proposal.conf_change, nullptr)(error);
}

void Writes::LeaveBacklog(PendingWrite& write) {
  room_bytes_ += write.TakeQueuedBytes();
}

void Writes::MakeRoom() {
  if (room_bytes_ > 0) host_.make_room(std::exchange(room_bytes_, 0));
}

void Writes::ExpireBacklog(MonotonicTime now) {
  if (now < next_deadline_) return;
  next_deadline_ = MonotonicTime::Infinite();
  std::erase_if(backlog_, [this, now](const PendingWritePtr& write) {
    if (write->deadline() <= now) {
      write->Expire(write->may_be_applied()
                        ? "a leader had been given it, and none has said what "
                          "became of it"
                        : "there was no leader to take it, or it was busy");
    }
    if (!write->answered()) {
      next_deadline_ = std::min(next_deadline_, write->deadline());
      return false;
    }
    LeaveBacklog(*write);
    Forget(*write);
    return true;
  });
}

void Writes::Tick(MonotonicTime now) {
  paused_ = false;
  ExpireBacklog(now);
  if (forwarded_) {
    for (const PendingWritePtr& write : forwarded_->entry.writes) {
      if (write->deadline() <= now) write->Expire("the leader is silent");
    }
    if (now - forwarded_->alive_at >= options_.forward_retry) {
      GiveUpForwarded("the leader is silent");
    }
  }
  for (const Proposal& ended : proposals_.Expire(now)) {
    for (const PendingWritePtr& write : ended.writes) Forget(*write);
  }
  MakeRoom();
}

void Writes::AnswerAll(const absl::Status& error) {
  std::vector<PendingWritePtr> all(std::make_move_iterator(backlog_.begin()),
                                   std::make_move_iterator(backlog_.end()));
  backlog_.clear();
  if (forwarded_ && !MutantActive(Mutant::kStopLeavesForwarded)) {
    std::move(forwarded_->entry.writes.begin(), forwarded_->entry.writes.end(),
              std::back_inserter(all));
    forwarded_.reset();
  }
  const absl::Status unknown = OutcomeUnknownError(ToStd(error.message()));
  for (Proposal& proposal : proposals_.TakeAll()) {
    EndWait(proposal, unknown);
    std::move(proposal.writes.begin(), proposal.writes.end(),
              std::back_inserter(all));
  }
  for (const PendingWritePtr& write : all) {
    write->Answer(write->may_be_applied()
                      ? unknown
                      : WithOutcome(error, WriteOutcome::kNotApplied));
  }
}

}  // namespace trimaran
