#ifndef TRIMARAN_REPLICATION_TCP_PEER_TABLE_H_
#define TRIMARAN_REPLICATION_TCP_PEER_TABLE_H_

#include <cstddef>
#include <map>
#include <string>

#include "engine/base/ids.h"
#include "engine/base/region.h"
#include "replication/transport/transport.h"

namespace trimaran {

// Who is to be dialled, and where. What the group says of a peer counts for
// more than what the peer says of itself; but a replica that joins knows
// nobody, and answers whoever dials it.
//
// Thread: owner.
class PeerTable {
 public:
  // Those that only say so themselves; a bound for what strangers may cost.
  static constexpr size_t kUnknownPeersMax = 64;

  explicit PeerTable(ReplicaId self) : self_(self) {}

  void SetDirectory(PeerDirectory directory);
  // `peer` has said that it can be reached at `address`; empty: nowhere.
  void Learn(ReplicaId peer, std::string address);
  // Of one that the group does not know, and that is not here any more.
  void ForgetUnknown(ReplicaId peer);

  // Everybody who is to be dialled, with the address.
  std::map<ReplicaId, std::string> Targets() const;
  bool IsKnown(ReplicaId peer) const { return directory_.contains(peer); }
  // 0 where it is not known.
  StoreId StoreOf(ReplicaId peer) const;
  const PeerDirectory& directory() const { return directory_; }

 private:
  const ReplicaId self_;
  PeerDirectory directory_;
  std::map<ReplicaId, std::string> learned_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_PEER_TABLE_H_
