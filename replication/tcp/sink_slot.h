#ifndef TRIMARAN_REPLICATION_TCP_SINK_SLOT_H_
#define TRIMARAN_REPLICATION_TCP_SINK_SLOT_H_

#include <optional>
#include <utility>

#include "engine/base/ids.h"
#include "engine/base/mutex.h"
#include "replication/transport/transport.h"

namespace trimaran {

// Who takes what arrives, if there is somebody. The lock is held during each
// call, so that none is under way when Detach returns; a sink returns soon and
// never calls the transport.
//
// Thread: any.
class SinkSlot {
 public:
  // False if there is one already.
  bool Attach(MessageSink& sink) {
    const MutexLock lock(mutex_);
    if (sink_ != nullptr) return false;
    sink_ = &sink;
    return true;
  }
  void Detach() {
    const MutexLock lock(mutex_);
    sink_ = nullptr;
  }

  void Deliver(PeerMessage message) {
    const MutexLock lock(mutex_);
    if (sink_ != nullptr) sink_->Deliver(std::move(message));
  }
  void Unreachable(ReplicaId peer) {
    const MutexLock lock(mutex_);
    if (sink_ != nullptr) sink_->Unreachable(peer);
  }
  void PartPassed(ReplicaId peer, Passage passage) {
    const MutexLock lock(mutex_);
    if (sink_ != nullptr) sink_->PartPassed(peer, passage);
  }
  // Empty where nobody can say it.
  std::optional<PeerPosition> position() {
    const MutexLock lock(mutex_);
    if (sink_ == nullptr) return std::nullopt;
    return sink_->position();
  }

 private:
  Mutex mutex_;
  MessageSink* sink_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_SINK_SLOT_H_
