#include "tests/support/node_sim/promise_checker.h"

#include <cstddef>

#include "absl/strings/str_cat.h"

namespace trimaran::node_sim {

bool IsInLog(const engine::ModelLogImage& log, EntryId id) {
  const auto there = log.PositionAt(id.index);
  // What has been removed from the front of a log was committed.
  return log.boundary.id.index > id.index || (there && there->id == id);
}

void PromiseChecker::OnSend(const raft::Message& message,
                            const engine::ModelLogImage& durable) {
  if (raft::ClaimsToLead(message)) {
    const auto [leader, first] = leaders_.emplace(message.term, message.from);
    if (leader->second != message.from) {
      findings_.Report(Rule::kOneLeaderPerTerm,
                       absl::StrCat("term ", message.term.value(),
                                    " is led by ", leader->second.value(),
                                    " and by ", message.from.value()));
    }
  }
  const HardState& state = durable.hard_state;
  if (message.As<raft::MsgVote>() != nullptr) {
    CheckVote(message, message.from, state);
  }
  const auto* vote = message.As<raft::MsgVoteResp>();
  if (vote != nullptr && !vote->rejected) CheckVote(message, message.to, state);

  const auto* ack = message.As<raft::MsgAppResp>();
  if (ack == nullptr || ack->rejected) return;
  // A later leader may have replaced the entries since; the late word does no
  // harm, for it is of an earlier term.
  if (message.term < state.term) return;
  if (message.term == state.term && ack->index <= durable.last().id.index) {
    return;
  }
  findings_.Report(
      Rule::kPromisesAreDurable,
      absl::StrCat("replica ", message.from.value(), " acknowledges ",
                   ack->index.value(), " in term ", message.term.value(),
                   "; its disk holds ", durable.last().id.index.value(),
                   ", term ", state.term.value()));
}

void PromiseChecker::CheckVote(const raft::Message& message,
                               ReplicaId candidate, const HardState& durable) {
  // Once a later term is on the disk, no other vote of this one can follow.
  if (durable.term > message.term) return;
  if (durable.term == message.term && durable.vote == candidate) return;
  findings_.Report(
      Rule::kPromisesAreDurable,
      absl::StrCat("replica ", message.from.value(), " speaks of a vote for ",
                   candidate.value(), " in term ", message.term.value(),
                   " that is not on its disk"));
}

bool PromiseChecker::OnQuorum(EntryId id, const ConfState& conf, Holds holds) {
  for (const auto* half : {&conf.voters, &conf.voters_outgoing}) {
    if (half->empty()) continue;
    size_t holders = 0;
    for (const ReplicaId voter : *half) {
      if (holds(voter, id)) ++holders;
    }
    if (holders <= half->size() / 2) return false;
  }
  return true;
}

void PromiseChecker::OnAcknowledged(LogIndex index, Holds holds) {
  if (index > oracle_.applied()) {
    findings_.Report(Rule::kAcknowledgedIsDurable,
                     absl::StrCat("entry ", index.value(),
                                  " is acknowledged, and applied nowhere"));
    return;
  }
  const EntryId id = oracle_.IdAt(index);
  if (OnQuorum(id, oracle_.ConfAt(index), holds) ||
      OnQuorum(id, oracle_.ConfBefore(index), holds)) {
    return;
  }
  findings_.Report(
      Rule::kAcknowledgedIsDurable,
      absl::StrCat("entry ", index.value(), "/", id.term.value(),
                   " is acknowledged and not on a quorum of disks (",
                   oracle_.ConfAt(index).DebugString(), ")"));
}

}  // namespace trimaran::node_sim
