#ifndef TRIMARAN_TESTS_SUPPORT_NODE_FAULTY_TRANSPORT_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_FAULTY_TRANSPORT_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "engine/base/mutex.h"
#include "replication/transport/local_transport.h"

namespace trimaran {

// A local transport that does to messages what a test says.
//
// Thread: any.
class FaultyTransport final : public Transport {
 public:
  enum class Fate : uint8_t {
    kArrives,
    kIsLost,
    kArrivesTwice,
    // Behind the next one that is held back, or that arrives.
    kIsHeldBack,
    // Behind many others.
    kIsLate,
  };
  // Called for one message at a time.
  using Judge = std::function<Fate(const PeerMessage& message)>;

  void SetJudge(Judge judge);

  // Nothing gets to the replica or away from it any more.
  void Cut(ReplicaId replica);
  void Heal(ReplicaId replica);

  void Attach(ReplicaId replica, MessageSink& sink) override;
  void Detach(ReplicaId replica) override;
  void Send(std::vector<PeerMessage> messages) override;

 private:
  void Take(PeerMessage message, std::vector<PeerMessage>& out)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  LocalTransport transport_;
  Mutex mutex_;
  Judge judge_ ABSL_GUARDED_BY(mutex_);
  std::set<ReplicaId> cut_ ABSL_GUARDED_BY(mutex_);
  std::optional<PeerMessage> held_ ABSL_GUARDED_BY(mutex_);
  struct Late {
    uint64_t due;
    PeerMessage message;
  };
  std::deque<Late> late_ ABSL_GUARDED_BY(mutex_);
  uint64_t taken_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_FAULTY_TRANSPORT_H_
