#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_COPY_TRANSPORT_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_COPY_TRANSPORT_H_

#include <cstdint>
#include <map>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/random.h"
#include "replication/transport/transport.h"
#include "tests/support/node_sim/sim_transport.h"

namespace trimaran::node_sim {

// What the network is to processes on copies of directories. As long as the
// original answers, whoever hears of the second process of a replica refuses
// it, and whoever has something to say to that replica says it to the first
// (replication/PROTOCOL.md, section 12, refusal 7).
//
// Invariants:
//  1. The original is attached as long as its copy is.
//
// Thread: owner.
class CopyTransport final : public Transport {
 public:
  // `network`, on which the originals are, outlives this. `observer` hears of
  // each message that a copy would send; who sends is told so with a chance of
  // `report_ppm` that it has not arrived.
  CopyTransport(SimTransport& network, SimTransport::Observer observer,
                SeededRandom random, uint32_t report_ppm);

  void Attach(ReplicaId replica, MessageSink& sink) override;
  void Detach(ReplicaId replica) override;
  void Send(std::vector<PeerMessage> messages) override;

 private:
  SimTransport& network_;
  const SimTransport::Observer observer_;
  SeededRandom random_;
  const uint32_t report_ppm_;
  std::map<ReplicaId, MessageSink*> sinks_;
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_COPY_TRANSPORT_H_
