#include "replication/raft/election.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "replication/raft/mutant.h"
#include "replication/raft/raft.h"

// Roles, and how a replica gets from one to the next (thesis §3.4, §9.6).

namespace trimaran::raft {
namespace {

// Of ticks of silence; far beyond any timeout.
constexpr int kElapsedMax = 1'000'000'000;

}  // namespace

void VoteTally::Record(ReplicaId id, bool granted) {
  if (!Find(id).has_value()) votes_.emplace_back(id, granted);
}

std::optional<bool> VoteTally::Find(ReplicaId id) const {
  for (const auto& [voter, granted] : votes_) {
    if (voter == id) return granted;
  }
  return std::nullopt;
}

void Raft::EnterRole(Role role, ReplicaId leader) {
  // The only ways to lead are through a candidacy, and the only way out is to
  // follow.
  if (role == Role::kLeader) {
    TRIMARAN_CHECK(role_ == Role::kCandidate || role_ == Role::kLeader);
  } else if (role != Role::kFollower) {
    TRIMARAN_CHECK(role_ != Role::kLeader);
  }
  role_ = role;
  leader_ = leader;
  timer_.elapsed = 0;
  votes_.Clear();
  EndLeadership();
  DrawElectionTimeout();
}

void Raft::EndLeadership() {
  if (!lead_.has_value()) return;
  for (const ReadRequest& read : lead_->reads.TakeAll()) {
    if (read.origin == config_.id) outbox_.lost_reads.push_back(read.id);
  }
  lead_.reset();
}

void Raft::BecomeFollower(Term term, ReplicaId leader) {
  TRIMARAN_CHECK_GE(term, term_);
  if (term != term_ || MutantActive(Mutant::kVoteClearedInSameTerm)) {
    term_ = term;
    vote_ = kNoReplica;
  }
  EnterRole(Role::kFollower, leader);
}

void Raft::BecomeLeader() {
  EnterRole(Role::kLeader, config_.id);
  lead_.emplace(config_.pending_reads_max);
  lead_->inherited_last = log_.last().index;
  // A change of membership may hide anywhere in the unapplied tail.
  lead_->pending_conf_change = log_.last().index;
  SyncPeers();
  // A vote is no sign of life under the new leader: it may be long ago.
  for (Progress& peer : lead_->peers) {
    peer.recently_active = peer.id() == config_.id;
  }
  // Entries of earlier terms commit together with this one (thesis §3.6.2).
  AppendAsLeader(EntryType::kNormal, Payload());
  AwaitCommit(log_.last().index);
}

void Raft::DrawElectionTimeout() {
  const int least = config_.election_timeout_min_ticks != 0
                        ? config_.election_timeout_min_ticks
                        : config_.election_timeout_ticks;
  const int end = config_.election_timeout_max_ticks != 0
                      ? config_.election_timeout_max_ticks
                      : 2 * config_.election_timeout_ticks;
  const auto range = static_cast<uint64_t>(end - least);
  timer_.timeout = least + static_cast<int>(random_.Uniform(range));
}

void Raft::TickElection() {
  // Saturates: a replica that may not campaign waits for years.
  timer_.elapsed = std::min(timer_.elapsed, kElapsedMax) + 1;
  if (!timer_.expired() || !Promotable()) return;
  // Begins the count anew if it campaigns. If it may not, the silence goes on:
  // to count anew then would protect a leader that is not heard.
  StartCampaign(config_.pre_vote ? CampaignKind::kPreVote
                                 : CampaignKind::kVote);
}

bool Raft::Promotable() const {
  return members_.IsVoter(config_.id) && !log_.installing_snapshot();
}

bool Raft::InLease() const {
  if (!config_.check_quorum) return false;
  if (role_ == Role::kLeader) return true;
  if (config_.lease_reads) {
    // The promise behind a lease outlives changes of term and role.
    return timer_.since_leader_contact < config_.election_timeout_ticks;
  }
  return leader_ != kNoReplica &&
         timer_.elapsed < config_.election_timeout_ticks;
}

void Raft::Campaign() {
  StartCampaign(config_.pre_vote ? CampaignKind::kPreVote
                                 : CampaignKind::kVote);
  CheckInvariants();
}

void Raft::StartCampaign(CampaignKind kind) {
  if (role_ == Role::kLeader || !Promotable()) return;
  // Whoever leads next must know the configuration that its log says is
  // committed, or two majorities could decide (thesis §4.1).
  if (log_.HasUnappliedCommittedConfChange() &&
      !MutantActive(Mutant::kCampaignWithUnappliedConfChange)) {
    return;
  }
  ++timer_.elections;
  RunCampaign(kind);
}

void Raft::RunCampaign(CampaignKind kind) {
  const bool pre = kind == CampaignKind::kPreVote;
  if (pre) {
    EnterRole(Role::kPreCandidate, kNoReplica);
  } else {
    term_ = term_ + 1;
    vote_ = config_.id;
    EnterRole(Role::kCandidate, kNoReplica);
  }
  if (kind == CampaignKind::kTransfer) {
    // The leader has given up its lease, and so releases its voters.
    timer_.since_leader_contact = config_.election_timeout_ticks;
  }
  const EntryId last = log_.last();
  const EntryId commit = {log_.commit(), *log_.TermAt(log_.commit())};
  for (const ReplicaId id : members_.members()) {
    if (id == config_.id || !members_.IsVoter(id)) continue;
    if (pre) {
      // Promises nothing, so that it need not wait for the disk.
      Send(id, term_ + 1, MsgPreVote{last, commit, config_.priority});
      continue;
    }
    const MsgVote vote{last, commit, kind == CampaignKind::kTransfer,
                       config_.priority};
    if (MutantActive(Mutant::kCandidacyBeforePersist)) {
      Send(id, term_, vote);
    } else {
      // It claims a term, a vote and a log that a crash must not undo.
      SendAfterPersist(id, term_, vote);
    }
  }
  // An own vote counts once it is durable (Raft::Persisted); an own pre-vote
  // changes nothing that could be lost.
  if (pre) CountVote(config_.id, true);
}

void Raft::CountVote(ReplicaId from, bool granted) {
  votes_.Record(from,
                granted || MutantActive(Mutant::kRejectionCountedAsGrant));
  const VoteResult result =
      members_.CountVotes([this](ReplicaId id) { return votes_.Find(id); });
  switch (result) {
    case VoteResult::kPending:
      return;
    case VoteResult::kLost:
      // The vote of this term stays given.
      BecomeFollower(term_, kNoReplica);
      return;
    case VoteResult::kWon:
      if (role_ == Role::kPreCandidate) {
        RunCampaign(CampaignKind::kVote);
      } else {
        BecomeLeader();
      }
      return;
  }
}

void Raft::HandleVoteRequest(const Message& message) {
  VoteQuestion question;
  if (const auto* vote = message.As<MsgVote>()) {
    question = {false, vote->last, vote->commit, vote->priority};
  } else {
    const auto* pre_vote = message.As<MsgPreVote>();
    question = {true, pre_vote->last, pre_vote->commit, pre_vote->priority};
  }
  const bool granted = GrantsVote(message, question);
  const ReplicaId to = message.from;
  const EntryId commit = {log_.commit(), *log_.TermAt(log_.commit())};
  if (question.pre) {
    // A grant speaks of the term that was asked for, a refusal of our own.
    Send(to, granted ? message.term : term_, MsgPreVoteResp{!granted, commit});
  } else {
    if (granted) {
      timer_.elapsed = 0;
      vote_ = message.from;
    }
    const MsgVoteResp answer{!granted, commit};
    if (MutantActive(Mutant::kVoteBeforePersist)) {
      Send(to, term_, answer);
    } else {
      SendAfterPersist(to, term_, answer);
    }
  }
  LearnCommit(question.commit);
}

bool Raft::GrantsVote(const Message& message,
                      const VoteQuestion& question) const {
  const bool free = vote_ == message.from ||
                    (vote_ == kNoReplica && leader_ == kNoReplica) ||
                    (question.pre && message.term > term_) ||
                    MutantActive(Mutant::kTwoVotesInOneTerm);
  if (!free) return false;
  const EntryId last = log_.last();
  if (MutantActive(Mutant::kVoteComparesLengthOnly)) {
    return question.last.index >= last.index;
  }
  if (!IsAtLeastAsUpToDate(question.last, last)) return false;
  // Between equals the more important one should lead.
  return question.last != last || question.priority >= config_.priority;
}

void Raft::HandleVoteResponse(const Message& message) {
  bool granted = false;
  EntryId commit;
  if (const auto* vote = message.As<MsgVoteResp>()) {
    if (role_ != Role::kCandidate) return;
    granted = !vote->rejected;
    commit = vote->commit;
  } else {
    const auto* pre_vote = message.As<MsgPreVoteResp>();
    // Leftovers of the pre-vote do not count in the vote.
    if (role_ != Role::kPreCandidate &&
        !(role_ == Role::kCandidate &&
          MutantActive(Mutant::kPreVoteCountedAsVote))) {
      return;
    }
    granted = !pre_vote->rejected;
    commit = pre_vote->commit;
  }
  LearnCommit(commit);
  // Learning may have ended the campaign.
  if (role_ == Role::kFollower) return;
  CountVote(message.from, granted);
}

void Raft::LearnCommit(EntryId commit) {
  // An equal entry means an equal log up to it, and a commit index is true
  // wherever it comes from.
  if (role_ == Role::kLeader || commit.index <= log_.commit()) return;
  if (commit.term == Term() || !log_.Matches(commit)) return;
  log_.CommitTo(commit.index);
  if (role_ != Role::kFollower && log_.HasUnappliedCommittedConfChange()) {
    BecomeFollower(term_, kNoReplica);
  }
}

}  // namespace trimaran::raft
