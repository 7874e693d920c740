#include "tests/support/sim/durability_checker.h"

#include <cstddef>

#include "absl/strings/str_cat.h"

namespace trimaran::sim {

DurabilityChecker::History& DurabilityChecker::HistoryOf(ReplicaId replica) {
  if (replica.value() >= histories_.size()) {
    histories_.resize(replica.value() + 1);
  }
  return histories_[replica.value()];
}

void DurabilityChecker::OnHardState(ReplicaId replica, const HardState& state) {
  History& history = HistoryOf(replica);
  if (state.term < history.term) {
    violations_.Report(Rule::kTermAndVoteOnlyGrow,
                       absl::StrCat("the disk of replica ", replica.value(),
                                    " falls from term ", history.term.value(),
                                    " to ", state.term.value()));
    return;
  }
  history.term = state.term;
  const bool voted_in_term =
      !history.votes.empty() && history.votes.back().term == state.term;
  if (!voted_in_term) {
    if (state.vote != kNoReplica) {
      history.votes.push_back({state.term, state.vote});
    }
    return;
  }
  const ReplicaId before = history.votes.back().candidate;
  if (before == state.vote) return;
  violations_.Report(
      Rule::kTermAndVoteOnlyGrow,
      absl::StrCat("replica ", replica.value(), " changes its vote of term ",
                   state.term.value(), " from ", before.value(), " to ",
                   state.vote.value()));
}

bool DurabilityChecker::MayVote(ReplicaId replica, Term term,
                                ReplicaId candidate) {
  History& history = HistoryOf(replica);
  auto place = history.votes.end();
  while (place != history.votes.begin() && (place - 1)->term >= term) --place;
  if (place != history.votes.end() && place->term == term) {
    return place->candidate == candidate;
  }
  // The replica has gone on to a later term before the vote was written: with
  // that on its disk it will never vote in this one again.
  if (history.term <= term) return false;
  history.votes.insert(place, {term, candidate});
  return true;
}

void DurabilityChecker::OnSend(const raft::Message& message,
                               const ModelDisk& disk) {
  const bool asks = message.As<raft::MsgVote>() != nullptr;
  const auto* answer = message.As<raft::MsgVoteResp>();
  if (asks || (answer != nullptr && !answer->rejected)) {
    const ReplicaId candidate = asks ? message.from : message.to;
    if (!MayVote(message.from, message.term, candidate)) {
      violations_.Report(
          Rule::kVoteDurableFirst,
          absl::StrCat("replica ", message.from.value(),
                       " speaks of a vote for ", candidate.value(), " in term ",
                       message.term.value(), " that is not on its disk"));
    }
  }
  const auto* ack = message.As<raft::MsgAppResp>();
  if (ack == nullptr || ack->rejected) return;
  // A later leader may have replaced the entries since. It would have them if
  // they were committed, so that the late word does no harm.
  const Term term = disk.hard_state().term;
  if (message.term < term) return;
  if (message.term == term && ack->index <= disk.last()) return;
  violations_.Report(
      Rule::kAckDurableFirst,
      absl::StrCat("replica ", message.from.value(), " acknowledges ",
                   ack->index.value(), " in term ", message.term.value(),
                   "; its disk holds ", disk.last().value(), ", term ",
                   term.value()));
}

void DurabilityChecker::OnLeaderCommit(
    EntryId id, const ConfState& conf,
    absl::FunctionRef<const ModelDisk*(ReplicaId)> disk_of) {
  for (const auto* half : {&conf.voters, &conf.voters_outgoing}) {
    if (half->empty()) continue;
    size_t holders = 0;
    for (const ReplicaId voter : *half) {
      const ModelDisk* disk = disk_of(voter);
      if (disk != nullptr && disk->Holds(id)) ++holders;
    }
    if (holders > half->size() / 2) continue;
    violations_.Report(
        Rule::kCommitDurableOnQuorum,
        absl::StrCat(id.index.value(), "/", id.term.value(),
                     " is committed and on ", holders, " disks of ",
                     half->size(), " (", conf.DebugString(), ")"));
  }
}

}  // namespace trimaran::sim
