#include "replication/tcp/status_board.h"

namespace trimaran {

void StatusBoard::Update(ReplicaId peer,
                         absl::FunctionRef<void(LinkStatus&)> change) {
  const MutexLock lock(mutex_);
  LinkStatus& link = links_[peer];
  link.peer = peer;
  change(link);
}

void StatusBoard::UpdateKnown(ReplicaId peer,
                              absl::FunctionRef<void(LinkStatus&)> change) {
  const MutexLock lock(mutex_);
  const auto found = links_.find(peer);
  if (found != links_.end()) change(found->second);
}

void StatusBoard::Forget(ReplicaId peer) {
  const MutexLock lock(mutex_);
  links_.erase(peer);
}

void StatusBoard::UpdateTotals(absl::FunctionRef<void(TcpStatus&)> change) {
  const MutexLock lock(mutex_);
  change(totals_);
}

TcpStatus StatusBoard::Read() const {
  const MutexLock lock(mutex_);
  TcpStatus status = totals_;
  for (const auto& [peer, link] : links_) status.links.push_back(link);
  return status;
}

}  // namespace trimaran
