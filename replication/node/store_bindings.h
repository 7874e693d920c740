#ifndef TRIMARAN_REPLICATION_NODE_STORE_BINDINGS_H_
#define TRIMARAN_REPLICATION_NODE_STORE_BINDINGS_H_

#include <map>

#include "absl/functional/any_invocable.h"
#include "engine/base/clock.h"
#include "engine/base/logging.h"
#include "engine/base/region.h"
#include "engine/format/region_state.h"
#include "engine/home/store_identity.h"
#include "replication/node/pending_write.h"
#include "replication/transport/transport.h"

namespace trimaran {

// Which data directory speaks for which member. The leader binds each member to
// the store that it first heard of it, by a replicated command; from then on
// nobody listens to another one under that id. So a disk that was emptied,
// whose replica has forgotten its votes and what it had acknowledged, cannot
// take part in decisions under its old name (PROTOCOL.md, section 9).
//
// Thread: the raft lane.
class StoreBindings {
 public:
  // `propose` hands a write to this replica's own log, where it leads.
  StoreBindings(const engine::StoreIdentity& self, const Logger& logger,
                absl::AnyInvocable<void(PendingWritePtr)> propose);

  // Whether what comes from `store` may speak for `replica`, as of the last
  // Refresh. 0: nobody says whose it is, which will not do for one that is
  // bound.
  bool Admits(ReplicaId replica, StoreId store);
  // What `replica` is bound to; 0 if it is not yet.
  StoreId BoundStore(ReplicaId replica) const;

  // `by` knows another store under this replica's id.
  void OnRefused(ReplicaId by, StoreId bound);
  // Whoever said so first; kNoReplica if nobody did.
  ReplicaId refused_by() const { return refused_by_; }

  // `region` is what has been applied. True if something has changed.
  bool Refresh(const engine::RegionState& region);
  // All members, and the former ones whose stores are remembered.
  const PeerDirectory& peers() const { return peers_; }
  // Binds one member that is not, and that has been heard of, if there is one.
  void BindNext(MonotonicTime now);

 private:
  const engine::StoreIdentity self_;
  const Logger logger_;
  absl::AnyInvocable<void(PendingWritePtr)> propose_;

  PeerDirectory peers_;
  // Whom messages of members that are not bound came from first.
  std::map<ReplicaId, StoreId> heard_;
  // Whoever was refused last under an id, so that the log says it once.
  std::map<ReplicaId, StoreId> refused_;
  ReplicaId refused_by_;
  bool proposing_ = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_STORE_BINDINGS_H_
