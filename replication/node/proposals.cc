#include "replication/node/proposals.h"

#include <utility>

#include "engine/base/errors.h"
#include "replication/node/mutant.h"

namespace trimaran {

std::optional<Proposal> Proposals::Add(Proposal proposal) {
  const LogIndex index = proposal.id.index;
  const auto found = waiting_.find(index);
  if (found == waiting_.end()) {
    // Mostly behind all others.
    waiting_.emplace_hint(waiting_.end(), index, std::move(proposal));
    return std::nullopt;
  }
  return std::exchange(found->second, std::move(proposal));
}

Proposals::Outcome Proposals::TakeApplied(EntryId applied) {
  Outcome outcome;
  while (!waiting_.empty() && waiting_.begin()->first <= applied.index) {
    Proposal proposal = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    if (proposal.id == applied ||
        (MutantActive(Mutant::kReplacedProposalAnswered) &&
         proposal.id.index == applied.index)) {
      outcome.applied = std::move(proposal);
    } else {
      outcome.replaced.push_back(std::move(proposal));
    }
  }
  return outcome;
}

std::vector<Proposal> Proposals::TakeSkipped(LogIndex index) {
  std::vector<Proposal> skipped;
  while (!waiting_.empty() && waiting_.begin()->first <= index) {
    skipped.push_back(std::move(waiting_.begin()->second));
    waiting_.erase(waiting_.begin());
  }
  return skipped;
}

std::vector<Proposal> Proposals::TakeAll() { return TakeSkipped(kMaxLogIndex); }

std::vector<Proposal> Proposals::Expire(MonotonicTime now) {
  std::vector<Proposal> ended;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    Proposal& proposal = at->second;
    bool waited_for = false;
    for (const PendingWritePtr& write : proposal.writes) {
      if (write->deadline() <= now) {
        write->Expire("its entry is not committed yet");
      }
      waited_for = waited_for || !write->answered();
    }
    if (proposal.conf_change != nullptr && proposal.conf_deadline <= now) {
      std::exchange(proposal.conf_change, nullptr)(OutcomeUnknownError(
          "the change of membership was not committed in time"));
    }
    if (waited_for || proposal.conf_change != nullptr) {
      ++at;
      continue;
    }
    ended.push_back(std::move(proposal));
    at = waiting_.erase(at);
  }
  return ended;
}

}  // namespace trimaran
