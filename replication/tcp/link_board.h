#ifndef TRIMARAN_REPLICATION_TCP_LINK_BOARD_H_
#define TRIMARAN_REPLICATION_TCP_LINK_BOARD_H_

#include <cstddef>
#include <map>

#include "absl/functional/function_ref.h"
#include "engine/base/ids.h"
#include "engine/base/mutex.h"
#include "replication/tcp/tcp_transport.h"

namespace trimaran {

// What is to be seen of a transport.
//
// Thread: any.
class LinkBoard {
 public:
  // Adds the peer where it is not there yet.
  void Update(ReplicaId peer, absl::FunctionRef<void(LinkStatus&)> change);
  // Leaves alone one that is not there: what a stranger says of himself.
  void UpdateKnown(ReplicaId peer, absl::FunctionRef<void(LinkStatus&)> change);
  void Forget(ReplicaId peer);
  // Of the whole; the links are not in it.
  void UpdateTotals(absl::FunctionRef<void(TcpStatus&)> change);

  TcpStatus Read() const;

 private:
  mutable Mutex mutex_;
  TcpStatus totals_ ABSL_GUARDED_BY(mutex_);
  std::map<ReplicaId, LinkStatus> links_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_LINK_BOARD_H_
