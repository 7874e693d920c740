#include "tests/support/node/faulty_transport.h"

#include <utility>

namespace trimaran {
namespace {

// How many go before one that is late: those of some ticks of a small group.
constexpr uint64_t kLateBy = 50;

}  // namespace

void FaultyTransport::SetJudge(Judge judge) {
  const MutexLock lock(mutex_);
  judge_ = std::move(judge);
}

void FaultyTransport::Cut(ReplicaId replica) {
  const MutexLock lock(mutex_);
  cut_.insert(replica);
}

void FaultyTransport::Heal(ReplicaId replica) {
  const MutexLock lock(mutex_);
  cut_.erase(replica);
}

void FaultyTransport::Attach(ReplicaId replica, MessageSink& sink) {
  transport_.Attach(replica, sink);
}

void FaultyTransport::Detach(ReplicaId replica) { transport_.Detach(replica); }

void FaultyTransport::Take(PeerMessage message, std::vector<PeerMessage>& out) {
  for (++taken_; !late_.empty() && late_.front().due <= taken_;) {
    out.push_back(std::move(late_.front().message));
    late_.pop_front();
  }
  if (cut_.contains(message.from) || cut_.contains(message.to)) return;
  const Fate fate = judge_ ? judge_(message) : Fate::kArrives;
  if (fate == Fate::kIsLost) return;
  if (fate == Fate::kIsLate) {
    late_.push_back({taken_ + kLateBy, std::move(message)});
    return;
  }
  if (fate == Fate::kIsHeldBack) {
    std::optional<PeerMessage> before =
        std::exchange(held_, std::move(message));
    if (before) out.push_back(*std::move(before));
    return;
  }
  if (fate == Fate::kArrivesTwice) out.push_back(message);
  out.push_back(std::move(message));
  if (held_) out.push_back(*std::exchange(held_, std::nullopt));
}

void FaultyTransport::Send(std::vector<PeerMessage> messages) {
  std::vector<PeerMessage> out;
  {
    const MutexLock lock(mutex_);
    for (PeerMessage& message : messages) Take(std::move(message), out);
  }
  if (!out.empty()) transport_.Send(std::move(out));
}

}  // namespace trimaran
