#ifndef TRIMARAN_REPLICATION_TRANSPORT_TRANSPORT_H_
#define TRIMARAN_REPLICATION_TRANSPORT_TRANSPORT_H_

#include <vector>

#include "absl/types/span.h"
#include "engine/base/ids.h"
#include "replication/transport/peer_message.h"

namespace trimaran {

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
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TRANSPORT_TRANSPORT_H_
