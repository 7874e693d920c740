#include "replication/transport/local_transport.h"

#include <utility>

#include "engine/base/check.h"

namespace trimaran {

void LocalTransport::Attach(ReplicaId replica, MessageSink& sink) {
  const MutexLock lock(mutex_);
  const bool added = sinks_.emplace(replica, &sink).second;
  TRIMARAN_CHECK(added) << "replica " << replica.value() << " is there already";
}

void LocalTransport::Detach(ReplicaId replica) {
  const MutexLock lock(mutex_);
  sinks_.erase(replica);
}

void LocalTransport::Send(std::vector<PeerMessage> messages) {
  // A sink only takes the message and never calls back, so that the lock may
  // be held; and so Detach knows that nobody is in the middle of a call.
  const MutexLock lock(mutex_);
  for (PeerMessage& message : messages) {
    const auto receiver = sinks_.find(message.to);
    if (receiver != sinks_.end()) {
      receiver->second->Deliver(std::move(message));
      continue;
    }
    const auto sender = sinks_.find(message.from);
    if (sender != sinks_.end()) sender->second->Unreachable(message.to);
  }
}

}  // namespace trimaran
