#include "replication/tcp/link_board.h"

namespace trimaran {

void LinkBoard::Update(ReplicaId peer,
                       absl::FunctionRef<void(LinkStatus&)> change) {
  const MutexLock lock(mutex_);
  LinkStatus& link = links_[peer];
  link.peer = peer;
  change(link);
}

void LinkBoard::UpdateKnown(ReplicaId peer,
                            absl::FunctionRef<void(LinkStatus&)> change) {
  const MutexLock lock(mutex_);
  const auto found = links_.find(peer);
  if (found != links_.end()) change(found->second);
}

void LinkBoard::Forget(ReplicaId peer) {
  const MutexLock lock(mutex_);
  links_.erase(peer);
}

void LinkBoard::UpdateTotals(absl::FunctionRef<void(TcpStatus&)> change) {
  const MutexLock lock(mutex_);
  change(totals_);
}

TcpStatus LinkBoard::Read() const {
  const MutexLock lock(mutex_);
  TcpStatus status = totals_;
  for (const auto& [peer, link] : links_) status.links.push_back(link);
  return status;
}

}  // namespace trimaran
