#include "replication/node/reads.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "replication/node/mutant.h"

namespace trimaran {
namespace {

// A read that comes while so many rounds are under way waits for the end of
// one: a second one halves that wait where the others are far away.
constexpr size_t kRoundsMax = 2;
// Where the others are near, a second round has few reads in it and costs as
// much as the first: it is begun when the first has taken longer than this.
constexpr absl::Duration kNear = absl::Milliseconds(1);
// A round that has been without an answer for this part of the time after which
// it is taken for lost may be: the next one does not wait for it.
constexpr int kDoubtfulPart = 10;

absl::Status TimedOut() {
  return absl::DeadlineExceededError(
      "no state that is fresh enough was reached in time");
}

void Expire(PendingRead& read, MonotonicTime now) {
  if (read.deadline() <= now) read.Answer(TimedOut());
}

void DropAnswered(std::vector<PendingReadPtr>& reads) {
  std::erase_if(reads,
                [](const PendingReadPtr& read) { return read->answered(); });
}

}  // namespace

void Reads::Add(PendingReadPtr read, LogIndex applied) {
  if (AnswerWithout(read, applied)) return;
  if (read->demand().kind == ReadDemand::Kind::kAtLeast) {
    const LogIndex index = read->demand().index;
    known_.emplace(index, std::move(read));
  } else if (MutantActive(Mutant::kReadJoinsAnEarlierRound) &&
             !asked_.empty()) {
    asked_.rbegin()->second.reads.push_back(std::move(read));
  } else {
    unasked_.push_back(std::move(read));
  }
}

bool Reads::AnswerWithout(const PendingReadPtr& read, LogIndex applied) {
  const ReadDemand& demand = read->demand();
  if (demand.kind == ReadDemand::Kind::kAtLeast && demand.index <= applied) {
    read->Answer(applied);
    return true;
  }
  if (demand.kind == ReadDemand::Kind::kBounded && fresh_ &&
      fresh_->index <= applied &&
      (read->asked_at() - fresh_->as_of <= demand.staleness_max ||
       MutantActive(Mutant::kBoundedReadUnbounded))) {
    read->Answer(applied);
    return true;
  }
  return false;
}

void Reads::BeginRounds(raft::Raft& core, MonotonicTime now, bool may_lease) {
  if (unasked_.empty() || EnoughUnderWay(now)) return;
  std::vector<PendingReadPtr> by_lease;
  std::vector<PendingReadPtr> by_quorum;
  for (PendingReadPtr& read : unasked_) {
    const bool lease =
        may_lease && read->demand().kind == ReadDemand::Kind::kLease;
    (lease ? by_lease : by_quorum).push_back(std::move(read));
  }
  unasked_.clear();
  BeginRound(core, raft::ReadMode::kLease, std::move(by_lease), now);
  BeginRound(core, raft::ReadMode::kQuorum, std::move(by_quorum), now);
}

bool Reads::EnoughUnderWay(MonotonicTime now) const {
  const absl::Duration doubtful = retry_after_ / kDoubtfulPart;
  size_t young = 0;
  for (const auto& [id, round] : asked_) {
    const absl::Duration age = now - round.begun;
    if (age < kNear) return true;
    if (age < doubtful) ++young;
  }
  return young >= kRoundsMax;
}

bool Reads::BeginRound(raft::Raft& core, raft::ReadMode mode,
                       std::vector<PendingReadPtr> reads, MonotonicTime now) {
  if (reads.empty()) return true;
  const raft::ReadId id(++last_round_);
  if (!core.ReadIndex(id, mode).ok()) {
    // No leader, or too many rounds: they go on waiting for the next chance.
    std::move(reads.begin(), reads.end(), std::back_inserter(unasked_));
    return false;
  }
  asked_.emplace(id, Round{.begun = now, .reads = std::move(reads)});
  return true;
}

void Reads::Confirmed(const raft::ReadResult& result, LogIndex applied) {
  const auto found = asked_.find(result.id);
  if (found == asked_.end()) return;
  Round round = std::move(found->second);
  asked_.erase(found);
  if (!fresh_ || fresh_->as_of < round.begun) {
    fresh_ = Freshness{.as_of = round.begun, .index = result.index};
  }
  for (PendingReadPtr& read : round.reads) {
    Await(result.index, std::move(read), applied);
  }
}

void Reads::Await(LogIndex index, PendingReadPtr read, LogIndex applied) {
  if (index <= applied || MutantActive(Mutant::kReadWithOwnApplied)) {
    read->Answer(applied);
  } else {
    known_.emplace(index, std::move(read));
  }
}

void Reads::Lost(raft::ReadId id) {
  const auto found = asked_.find(id);
  if (found == asked_.end()) return;
  std::move(found->second.reads.begin(), found->second.reads.end(),
            std::back_inserter(unasked_));
  asked_.erase(found);
}

void Reads::Applied(LogIndex index) {
  while (!known_.empty() && known_.begin()->first <= index) {
    known_.begin()->second->Answer(index);
    known_.erase(known_.begin());
  }
}

void Reads::Tick(MonotonicTime now) {
  for (const PendingReadPtr& read : unasked_) Expire(*read, now);
  DropAnswered(unasked_);
  for (auto at = asked_.begin(); at != asked_.end();) {
    Round& round = at->second;
    for (const PendingReadPtr& read : round.reads) Expire(*read, now);
    DropAnswered(round.reads);
    const bool overdue = now - round.begun >= retry_after_;
    if (overdue) {
      std::move(round.reads.begin(), round.reads.end(),
                std::back_inserter(unasked_));
    }
    at = overdue || round.reads.empty() ? asked_.erase(at) : std::next(at);
  }
  for (auto at = known_.begin(); at != known_.end();) {
    Expire(*at->second, now);
    at = at->second->answered() ? known_.erase(at) : std::next(at);
  }
}

void Reads::AnswerAll(const absl::Status& error) {
  for (const PendingReadPtr& read : unasked_) read->Answer(error);
  for (auto& [id, round] : asked_) {
    for (const PendingReadPtr& read : round.reads) read->Answer(error);
  }
  for (auto& [index, read] : known_) {
    if (!MutantActive(Mutant::kStopLeavesReaders)) read->Answer(error);
  }
  unasked_.clear();
  asked_.clear();
  known_.clear();
}

}  // namespace trimaran
