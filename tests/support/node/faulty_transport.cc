#include "tests/support/node/faulty_transport.h"

#include <memory>

namespace trimaran {

void FaultyTransport::SetFaults(const NetworkFaults& faults) {
  const MutexLock lock(mutex_);
  faults_ = faults;
}

void FaultyTransport::Partition(const std::set<ReplicaId>& one_side) {
  const MutexLock lock(mutex_);
  one_side_ = one_side;
}

void FaultyTransport::Attach(ReplicaId replica, MessageSink& sink) {
  inner_.Attach(replica, sink);
}

void FaultyTransport::Detach(ReplicaId replica) { inner_.Detach(replica); }

bool FaultyTransport::IsCut(const PeerMessage& message) const {
  return one_side_.contains(message.from) != one_side_.contains(message.to);
}

void FaultyTransport::Send(std::vector<PeerMessage> messages) {
  std::vector<PeerMessage> now;
  {
    const MutexLock lock(mutex_);
    for (PeerMessage& message : messages) {
      if (IsCut(message) || random_.Chance(faults_.lost_ppm)) continue;
      if (random_.Chance(faults_.doubled_ppm)) now.push_back(message);
      if (!random_.Chance(faults_.delayed_ppm)) {
        now.push_back(std::move(message));
        continue;
      }
      const auto nanos =
          static_cast<uint64_t>(absl::ToInt64Nanoseconds(faults_.delay_max));
      const absl::Duration delay =
          absl::Nanoseconds(static_cast<int64_t>(random_.Uniform(nanos + 1)));
      late_.PostAt(clock_.Now() + delay,
                   [this, message = std::move(message)]() mutable {
                     std::vector<PeerMessage> one;
                     one.push_back(std::move(message));
                     inner_.Send(std::move(one));
                   });
    }
  }
  inner_.Send(std::move(now));
}

}  // namespace trimaran
