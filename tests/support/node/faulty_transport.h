#ifndef TRIMARAN_TESTS_SUPPORT_NODE_FAULTY_TRANSPORT_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_FAULTY_TRANSPORT_H_

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/mutex.h"
#include "engine/base/random.h"
#include "replication/node/event_loop.h"
#include "replication/transport/local_transport.h"
#include "replication/transport/transport.h"

namespace trimaran {

struct NetworkFaults {
  // Of a million messages.
  uint32_t lost_ppm = 0;
  uint32_t doubled_ppm = 0;
  uint32_t delayed_ppm = 0;
  absl::Duration delay_max = absl::Milliseconds(20);
};

// A network in one process that loses, doubles, delays and so reorders
// messages, and whose links can be cut.
//
// Thread: any.
class FaultyTransport final : public Transport {
 public:
  explicit FaultyTransport(uint64_t seed) : random_(seed) {}

  void SetFaults(const NetworkFaults& faults);
  // Nothing passes between the two sides, either way, until the next call.
  void Partition(const std::set<ReplicaId>& one_side);
  void Heal() { Partition({}); }

  void Attach(ReplicaId replica, MessageSink& sink) override;
  void Detach(ReplicaId replica) override;
  void Send(std::vector<PeerMessage> messages) override;

 private:
  bool IsCut(const PeerMessage& message) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  LocalTransport inner_;
  MonotonicClock clock_;

  Mutex mutex_;
  SeededRandom random_ ABSL_GUARDED_BY(mutex_);
  NetworkFaults faults_ ABSL_GUARDED_BY(mutex_);
  std::set<ReplicaId> one_side_ ABSL_GUARDED_BY(mutex_);

  // Where delayed messages wait; ends before what they are delivered to.
  EventLoop late_{clock_};
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_FAULTY_TRANSPORT_H_
