#ifndef TRIMARAN_REPLICATION_TCP_PEER_LINKS_H_
#define TRIMARAN_REPLICATION_TCP_PEER_LINKS_H_

#include <map>
#include <memory>
#include <string>

#include "engine/base/ids.h"
#include "replication/tcp/outgoing_link.h"
#include "replication/tcp/peer_table.h"
#include "replication/tcp/routes.h"
#include "replication/tcp/services.h"
#include "replication/tcp/stream_factory.h"

namespace trimaran {

// The links to all peers: one for messages and one for bulk to each that is to
// be dialled.
//
// Thread: the loop's.
class PeerLinks {
 public:
  // All of them outlive this.
  PeerLinks(const Services& services, StreamFactory& streams, Routes& routes);

  void SetDirectory(PeerDirectory directory);
  // A connection of `peer` has been welcomed, which can be reached at
  // `address`, or nowhere if that is empty.
  void OnHeard(ReplicaId peer, const std::string& address);
  // The last connection of `peer` has gone.
  void OnSilent(ReplicaId peer);
  // Something has been queued for `peer`.
  void Wake(ReplicaId peer);
  // At each interval of pings.
  void Tick();

  const PeerTable& table() const { return table_; }

 private:
  struct Links {
    std::shared_ptr<Route> route;
    std::unique_ptr<OutgoingLink> messages;
    std::unique_ptr<OutgoingLink> bulk;
  };

  // Makes the links fit the table.
  void Adjust();
  Links MakeLinks(ReplicaId peer);

  const Services& services_;
  StreamFactory& streams_;
  Routes& routes_;
  PeerTable table_;
  std::map<ReplicaId, Links> links_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_PEER_LINKS_H_
