#include "api/src/switchboard.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace trimaran {

InProcessNetwork::InProcessNetwork()
    : switchboard_(std::make_unique<Switchboard>()) {}

InProcessNetwork::~InProcessNetwork() = default;

void InProcessNetwork::Isolate(uint64_t replica_id) {
  switchboard_->Isolate(ReplicaId(replica_id));
}

void InProcessNetwork::Rejoin(uint64_t replica_id) {
  switchboard_->Rejoin(ReplicaId(replica_id));
}

void InProcessNetwork::Switchboard::Send(std::vector<PeerMessage> messages) {
  {
    const MutexLock lock(mutex_);
    if (!isolated_.empty()) {
      // Silently: a broken cable tells nobody.
      std::erase_if(messages, [this](const PeerMessage& message)
                                  ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
                                    return isolated_.contains(message.from) ||
                                           isolated_.contains(message.to);
                                  });
    }
  }
  wires_.Send(std::move(messages));
}

void InProcessNetwork::Switchboard::Isolate(ReplicaId replica) {
  const MutexLock lock(mutex_);
  isolated_.insert(replica);
}

void InProcessNetwork::Switchboard::Rejoin(ReplicaId replica) {
  const MutexLock lock(mutex_);
  isolated_.erase(replica);
}

absl::Status InProcessNetwork::Switchboard::Connect(const ClusterId& cluster,
                                                    ReplicaId replica) {
  const MutexLock lock(mutex_);
  if (cluster_ == ClusterId()) cluster_ = cluster;
  if (cluster_ != cluster) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the network is that of cluster ", cluster_.ToString(),
        ", and the directory belongs to cluster ", cluster.ToString()));
  }
  if (!connected_.insert(replica).second) {
    return absl::FailedPreconditionError(
        absl::StrCat("the network has a replica ", replica.value(),
                     " already; each member is opened once"));
  }
  return absl::OkStatus();
}

void InProcessNetwork::Switchboard::Disconnect(ReplicaId replica) {
  const MutexLock lock(mutex_);
  connected_.erase(replica);
}

}  // namespace trimaran
