#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_SIM_TRANSPORT_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_SIM_TRANSPORT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/random.h"
#include "replication/transport/transport.h"
#include "tests/support/node_sim/scheduler.h"
#include "tests/support/sim/swarm.h"
#include "tests/support/sim/trace.h"

namespace trimaran::node_sim {

// More replicas than this never exist in one run; their ids count from 1.
inline constexpr size_t kReplicasEver = 16;

// The network between nodes: decides which messages arrive, how often, and
// when.
//
// Thread: owner.
class SimTransport final : public Transport {
 public:
  // Hears of each message that is sent.
  using Observer = std::function<void(const PeerMessage&)>;

  SimTransport(Scheduler& scheduler, const sim::NetworkOptions& options,
               SeededRandom random, sim::Trace& trace);

  void set_observer(Observer observer) { observer_ = std::move(observer); }
  // Messages of one link overtake each other.
  void set_reorders(bool reorders) { reorders_ = reorders; }

  void Attach(ReplicaId replica, MessageSink& sink) override;
  void Detach(ReplicaId replica) override;
  bool IsAttached(ReplicaId replica) const { return sinks_.contains(replica); }
  void Send(std::vector<PeerMessage> messages) override;

  // ---- Links ----
  void Cut(ReplicaId from, ReplicaId to) { link(from, to).cut = true; }
  void HealAll();
  bool partitioned() const { return partitioned_; }
  // Cuts links among the first `count` replicas by one of several patterns.
  void Partition(size_t count);

  // Nothing is lost, doubled or slow any more, and all links are open. What is
  // under way never arrives.
  void Calm();

  uint64_t delivered() const { return delivered_; }

 private:
  struct Link {
    bool cut = false;
    uint32_t load = 0;
    // When the last message arrives that was sent.
    SimTime last_arrival = 0;
  };

  Link& link(ReplicaId from, ReplicaId to) {
    return links_[from.value()][to.value()];
  }
  void SendOne(PeerMessage message);
  void Deliver(PeerMessage message, SimTime delay, bool in_order);
  void Arrive(PeerMessage message, uint64_t epoch);
  void Lose(const PeerMessage& message);
  // As of a long message, to both ends.
  void TellOfPart(const PeerMessage& message);
  void Divide(size_t count, bool both_directions);
  // Which links are cut: `cuts(from, to)`.
  template <typename Cuts>
  void CutWhere(size_t count, Cuts cuts);

  Scheduler& scheduler_;
  sim::NetworkOptions options_;
  SeededRandom random_;
  sim::Trace& trace_;
  Observer observer_;
  std::map<ReplicaId, MessageSink*> sinks_;
  std::array<std::array<Link, kReplicasEver + 1>, kReplicasEver + 1> links_{};
  bool reorders_ = true;
  bool partitioned_ = false;
  // Calm begins a new one.
  uint64_t epoch_ = 0;
  uint64_t delivered_ = 0;
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_SIM_TRANSPORT_H_
