#ifndef TRIMARAN_REPLICATION_TRANSPORT_TRANSPORT_H_
#define TRIMARAN_REPLICATION_TRANSPORT_TRANSPORT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "engine/base/region.h"
#include "replication/transport/peer_message.h"

namespace trimaran {

// What a group knows of one of its members, or of a former one.
struct PeerRecord {
  // "host:port"; empty where it is not known.
  std::string address;
  // 0: not bound to a store yet.
  StoreId store;
  // False for those that have left the group.
  bool member = true;

  friend bool operator==(const PeerRecord&, const PeerRecord&) = default;
};
using PeerDirectory = std::map<ReplicaId, PeerRecord>;

// How far a replica has got; all of it is durable.
struct PeerPosition {
  Term term;
  EntryId last;

  friend bool operator==(const PeerPosition&, const PeerPosition&) = default;
};

// Which way a message passes, seen from here.
enum class Passage : uint8_t { kFromPeer, kToPeer };

// Who takes what arrives.
//
// Thread: any; a call returns soon and never calls the transport.
class MessageSink {
 public:
  virtual ~MessageSink() = default;

  virtual void Deliver(PeerMessage message) = 0;
  // What was sent to `peer` since it was last heard of has probably not
  // arrived.
  virtual void Unreachable(ReplicaId peer) = 0;
  // Part of a long message from or to `peer`, behind which others wait.
  virtual void PartPassed(ReplicaId peer, Passage passage) {
    static_cast<void>(peer);
    static_cast<void>(passage);
  }

  // For those who want to know how far this replica is before they listen to
  // it.
  virtual PeerPosition position() const { return {}; }
};

// Carries messages between the replicas of one group. It may lose, delay,
// double and reorder them, and never changes one.
//
// Thread: any. No call waits for a peer.
class Transport {
 public:
  virtual ~Transport() = default;

  // Hands what arrives for `replica` to `sink`, until Detach. Once per replica.
  virtual void Attach(ReplicaId replica, MessageSink& sink) = 0;
  // No call of the sink is under way, and none follows, when this returns.
  virtual void Detach(ReplicaId replica) = 0;

  // Messages to one peer stay in their order unless they get lost.
  virtual void Send(std::vector<PeerMessage> messages) = 0;

  // Who belongs to `replica`'s group and where they are, as far as it knows. To
  // be called whenever that changes; what was said before is forgotten. For
  // transports that have to find and to recognise their peers.
  virtual void UpdatePeers(ReplicaId replica, const PeerDirectory& peers) {
    static_cast<void>(replica);
    static_cast<void>(peers);
  }
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TRANSPORT_TRANSPORT_H_
