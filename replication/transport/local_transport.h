#ifndef TRIMARAN_REPLICATION_TRANSPORT_LOCAL_TRANSPORT_H_
#define TRIMARAN_REPLICATION_TRANSPORT_LOCAL_TRANSPORT_H_

#include <map>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/mutex.h"
#include "replication/transport/transport.h"

namespace trimaran {

// Carries messages between replicas that live in one process. Nothing is
// copied, and nothing gets lost but what is sent to somebody who is not there.
//
// Thread: any.
class LocalTransport final : public Transport {
 public:
  void Attach(ReplicaId replica, MessageSink& sink) override;
  void Detach(ReplicaId replica) override;
  void Send(std::vector<PeerMessage> messages) override;

 private:
  Mutex mutex_;
  std::map<ReplicaId, MessageSink*> sinks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TRANSPORT_LOCAL_TRANSPORT_H_
