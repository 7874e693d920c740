#include "replication/node/debt.h"

#include <utility>

#include "replication/node/mutant.h"

namespace trimaran {

Debt::Debt(engine::LogStore& log, Lane& log_lane, Errands& errands,
           const Logger& logger, absl::AnyInvocable<void(absl::Status)> failed)
    : log_(log),
      log_lane_(log_lane),
      errands_(errands),
      logger_(logger),
      failed_(std::move(failed)),
      owed_(log.state().owed) {
  if (!owed_) return;
  logger_.Error("acknowledged entries are missing up to ", owed_->index,
                ": this replica does not vote until it has got one of term ",
                owed_->term, " or later");
}

void Debt::Note(LogIndex index, Term term) {
  const EntryId owed{index, term + 1};
  if (noting_ || (owed_ && owed_->term >= owed.term)) return;
  logger_.Error("acknowledged entries are missing up to ", index,
                ", as the leader of term ", term,
                " knows: this replica does not vote until it has got one of a "
                "later term");
  owed_ = owed;
  noting_ = true;
  errands_.Run(
      log_lane_, [this, owed] { return log_.Owe(owed); },
      [this](absl::Status noted) {
        noting_ = false;
        if (!noted.ok()) failed_(std::move(noted));
      });
}

void Debt::OnDurable() {
  if (owed_ && !noting_) owed_ = log_.state().owed;
}

bool Debt::MayLeave(const raft::Message& message) const {
  if (!owed_ || MutantActive(Mutant::kAmnesiaIgnored)) return true;
  if (const auto* answer = message.As<raft::MsgAppResp>()) {
    // What names no entry tells a leader of an older term of the own one, and
    // promises nothing.
    const bool is_word_of_a_term =
        !answer->rejected && answer->index == LogIndex();
    return is_word_of_a_term || message.term >= owed_->term;
  }
  return message.As<raft::MsgVote>() == nullptr &&
         message.As<raft::MsgPreVote>() == nullptr &&
         message.As<raft::MsgVoteResp>() == nullptr &&
         message.As<raft::MsgPreVoteResp>() == nullptr;
}

bool Debt::DoubtsLeaderOf(Term term) const {
  return IsOwedBy(term) && !noting_;
}

}  // namespace trimaran
