#ifndef TRIMARAN_API_SRC_SWITCHBOARD_H_
#define TRIMARAN_API_SRC_SWITCHBOARD_H_

#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/cluster_id.h"
#include "engine/base/ids.h"
#include "engine/base/mutex.h"
#include "replication/transport/local_transport.h"
#include "replication/transport/peer_message.h"
#include "replication/transport/transport.h"
#include "trimaran/network.h"

namespace trimaran {

// What is behind an InProcessNetwork: who is connected to it, so that a second
// replica of the same id, or of another cluster, is refused and not mixed up
// with the first; and whose cable has been pulled.
//
// Thread: any.
class InProcessNetwork::Switchboard final : public Transport {
 public:
  void Attach(ReplicaId replica, MessageSink& sink) override {
    wires_.Attach(replica, sink);
  }
  void Detach(ReplicaId replica) override { wires_.Detach(replica); }
  void Send(std::vector<PeerMessage> messages) override;

  void Isolate(ReplicaId replica);
  void Rejoin(ReplicaId replica);

  // FailedPrecondition: the id is taken, or the network is another cluster's.
  absl::Status Connect(const ClusterId& cluster, ReplicaId replica);
  void Disconnect(ReplicaId replica);

 private:
  LocalTransport wires_;
  Mutex mutex_;
  std::set<ReplicaId> isolated_ ABSL_GUARDED_BY(mutex_);
  // That of whoever came first.
  ClusterId cluster_ ABSL_GUARDED_BY(mutex_);
  std::set<ReplicaId> connected_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran

#endif  // TRIMARAN_API_SRC_SWITCHBOARD_H_
