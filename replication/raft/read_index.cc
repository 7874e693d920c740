#include "replication/raft/read_index.h"

#include <utility>

#include "engine/base/check.h"
#include "replication/raft/mutant.h"

namespace trimaran::raft {
namespace {

// In ticks. A quorum answers within a few or not at all; a leader whose quorum
// is silent for longer is about to step down.
constexpr size_t kRoundsMax = 64;

}  // namespace

void ReadQueue::Add(ReadRequest request, LogIndex index) {
  TRIMARAN_CHECK(!full());
  reads_.push_back({request, index, ReadRound()});
}

void ReadQueue::ReleasePostponed(LogIndex index) {
  for (const ReadRequest& request : postponed_) {
    reads_.push_back({request, index, ReadRound()});
  }
  postponed_.clear();
}

ReadRound ReadQueue::BeginRound(uint64_t tick) {
  if (last_round_ == ReadRound() || !MutantActive(Mutant::kReadRoundReused)) {
    last_round_ = ReadRound(last_round_.value() + 1);
  }
  for (; in_round_ < reads_.size(); ++in_round_) {
    reads_[in_round_].round = last_round_;
  }
  // Busy readers begin many rounds in a tick; the first speaks for all.
  if (rounds_.empty() || rounds_.back().tick != tick) {
    if (rounds_.size() == kRoundsMax) rounds_.pop_front();
    rounds_.push_back({last_round_, tick});
  }
  return last_round_;
}

std::vector<ConfirmedRead> ReadQueue::Confirm(ReadRound round) {
  TRIMARAN_CHECK_LE(round, last_round_);
  std::vector<ConfirmedRead> confirmed;
  while (in_round_ > 0 && reads_.front().round <= round) {
    confirmed.push_back({reads_.front().request, reads_.front().index});
    reads_.pop_front();
    --in_round_;
  }
  while (!rounds_.empty() && rounds_.front().round <= round) {
    last_confirmed_ = rounds_.front().round;
    confirmed_round_tick_ = rounds_.front().tick;
    rounds_.pop_front();
  }
  return confirmed;
}

std::vector<ReadRequest> ReadQueue::TakeAll() {
  std::vector<ReadRequest> all;
  for (const Pending& read : reads_) all.push_back(read.request);
  all.insert(all.end(), postponed_.begin(), postponed_.end());
  reads_.clear();
  postponed_.clear();
  in_round_ = 0;
  return all;
}

}  // namespace trimaran::raft
