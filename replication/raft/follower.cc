#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "replication/raft/mutant.h"
#include "replication/raft/raft.h"

// What a replica does that does not lead: take what the leader sends, and pass
// on what is meant for the leader.

namespace trimaran::raft {

absl::Status Raft::StepFollower(Message& message) {
  if (ClaimsToLead(message) && leader_ != kNoReplica &&
      leader_ != message.from) {
    return absl::InvalidArgumentError(absl::StrCat(
        "replica ", message.from.value(), " claims to lead term ",
        term_.value(), ", which replica ", leader_.value(), " leads"));
  }
  if (auto* append = std::get_if<MsgApp>(&message.body)) {
    HeardLeader(message.from);
    return HandleAppend(message.from, *append);
  }
  if (const auto* heartbeat = message.As<MsgHeartbeat>()) {
    HeardLeader(message.from);
    return HandleHeartbeat(message.from, *heartbeat);
  }
  if (const auto* snapshot = message.As<MsgSnap>()) {
    HeardLeader(message.from);
    return HandleSnapshot(message.from, *snapshot);
  }
  if (message.As<MsgTimeoutNow>() != nullptr) {
    // The leader wants it: a pre-vote would only cost time.
    StartCampaign(CampaignKind::kTransfer);
    return absl::OkStatus();
  }
  if (const auto* answer = message.As<MsgReadIndexResp>()) {
    LearnCommit({answer->index, answer->index_term});
    outbox_.read_results.push_back({answer->id, answer->index});
    return absl::OkStatus();
  }
  return StepRequestNotLeading(message);
}

absl::Status Raft::StepCandidate(Message& message) {
  if (ClaimsToLead(message)) {
    // Somebody else has won this term.
    BecomeFollower(term_, message.from);
    return StepFollower(message);
  }
  if (message.As<MsgVoteResp>() != nullptr ||
      message.As<MsgPreVoteResp>() != nullptr) {
    HandleVoteResponse(message);
    return absl::OkStatus();
  }
  return StepRequestNotLeading(message);
}

// Requests reach a replica that does not lead when the sender's knowledge is
// old. A read is worth one more try; what could be doubled is not.
absl::Status Raft::StepRequestNotLeading(const Message& message) {
  if (const auto* read = message.As<MsgReadIndex>()) {
    if (leader_ == kNoReplica || leader_ == message.from ||
        message.from != read->origin) {
      return absl::OkStatus();
    }
    Send(leader_, Term(), *read);
    return absl::OkStatus();
  }
  if (message.As<MsgProp>() != nullptr ||
      message.As<MsgTransferLeader>() != nullptr) {
    return NotLeaderError(leader_);
  }
  return absl::OkStatus();
}

void Raft::HeardLeader(ReplicaId leader) {
  timer_.elapsed = 0;
  timer_.since_leader_contact = 0;
  leader_ = leader;
}

absl::Status Raft::Contradiction(ReplicaId from, EntryId prev) const {
  return CorruptionError(absl::StrCat(
      "replica ", from.value(), " leads term ", term_.value(),
      " and sends, at ", prev.index.value(), "/", prev.term.value(),
      ", another log than the one that is committed here up to ",
      log_.commit().value()));
}

absl::Status Raft::HandleAppend(ReplicaId from, MsgApp& append) {
  const auto answer = [&](LogIndex index, bool rejected, EntryId hint) {
    const MsgAppResp response{index, rejected, hint, log_.commit()};
    if (MutantActive(Mutant::kAckBeforePersist)) {
      Send(from, term_, response);
    } else {
      SendAfterPersist(from, term_, response);
    }
  };
  bool contradicts = log_.ContradictsCommitted(append.prev);
  for (const LogEntry& entry : append.entries) {
    if (entry.index > log_.commit()) break;
    contradicts = contradicts || log_.ContradictsCommitted(entry.id());
  }
  if (contradicts) return Contradiction(from, append.prev);
  if (append.prev.index < log_.commit()) {
    // What is committed is equal everywhere (R5), hence acknowledged as it is.
    answer(log_.commit(), false, EntryId());
    return absl::OkStatus();
  }
  if (!log_.Matches(append.prev)) {
    // Our last entry that could be the leader's: nothing of a later term than
    // the leader's entry, nothing after it (thesis §3.5).
    const EntryId hint = log_.LastNotAfterTerm(
        std::min(append.prev.index, log_.last().index), append.prev.term);
    answer(append.prev.index, true, hint);
    return absl::OkStatus();
  }
  const LogIndex covered = append.prev.index + append.entries.size();
  const EntryId prev = append.prev;
  if (!log_.Merge({term_, prev, std::move(append.entries)})) {
    return Contradiction(from, prev);
  }
  const LogIndex cap = MutantActive(Mutant::kCommitNotCappedToSlice)
                           ? log_.last().index
                           : covered;
  log_.CommitTo(std::min(append.commit, cap));
  answer(MutantActive(Mutant::kAckLastInsteadOfCovered) ? log_.last().index
                                                        : covered,
         false, EntryId());
  return absl::OkStatus();
}

absl::Status Raft::HandleHeartbeat(ReplicaId from,
                                   const MsgHeartbeat& heartbeat) {
  const EntryId matched = heartbeat.matched;
  const bool lost = matched.index > log_.commit() && !log_.Matches(matched);
  if (lost || heartbeat.commit > log_.last().index) {
    return CorruptionError(absl::StrCat(
        "replica ", from.value(), " knows that this log held ",
        matched.index.value(), "/", matched.term.value(), ", committed up to ",
        heartbeat.commit.value(), ", but it ends at ",
        log_.last().index.value(), "/", log_.last().term.value(),
        ": acknowledged entries were lost"));
  }
  log_.CommitTo(heartbeat.commit);
  const MsgHeartbeatResp answer{heartbeat.round};
  if (timer_.promise_survives_restart) {
    Send(from, term_, answer);
  } else {
    SendAfterPersist(from, term_, answer);
  }
  return absl::OkStatus();
}

absl::Status Raft::HandleSnapshot(ReplicaId from, const MsgSnap& message) {
  if (log_.ContradictsCommitted(message.snapshot.id)) {
    return Contradiction(from, message.snapshot.id);
  }
  const bool restored = RestoreSnapshot(message.snapshot);
  SendAfterPersist(from, term_,
                   MsgAppResp{restored ? log_.last().index : log_.commit(),
                              false, EntryId(), log_.commit()});
  return absl::OkStatus();
}

bool Raft::RestoreSnapshot(const SnapshotMeta& snapshot) {
  if (snapshot.id.index <= log_.commit()) return false;
  // A snapshot that does not know this replica would leave it without a group.
  if (!snapshot.conf.Contains(config_.id)) return false;
  if (log_.Matches(snapshot.id) &&
      !MutantActive(Mutant::kSnapshotDropsMatchingTail)) {
    // The log has it all: only the news that it is committed is new. To throw
    // away the tail would take back what was acknowledged.
    log_.CommitTo(snapshot.id.index);
    return false;
  }
  log_.Restore(snapshot);
  apply_fetch_ = ApplyFetch();
  // Pages handed out earlier may still be on their way into the old state.
  if (!overtaken_members_.has_value()) overtaken_members_ = members_;
  if (!MutantActive(Mutant::kSnapshotConfIgnored)) {
    members_ = Membership(snapshot.conf);
  }
  conf_applied_ = snapshot.id.index;
  return true;
}

void Raft::ForgetLeader() {
  if (role_ != Role::kFollower || config_.lease_reads) return;
  leader_ = kNoReplica;
  CheckInvariants();
}

void Raft::LeaveTerm() {
  if (role_ == Role::kLeader) return;
  BecomeFollower(term_ + 1, kNoReplica);
  CheckInvariants();
}

}  // namespace trimaran::raft
