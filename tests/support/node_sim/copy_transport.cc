#include "tests/support/node_sim/copy_transport.h"

#include <utility>

#include "engine/base/check.h"

namespace trimaran::node_sim {

CopyTransport::CopyTransport(SimTransport& network,
                             SimTransport::Observer observer,
                             SeededRandom random, uint32_t report_ppm)
    : network_(network),
      observer_(std::move(observer)),
      random_(random),
      report_ppm_(report_ppm) {}

void CopyTransport::Attach(ReplicaId replica, MessageSink& sink) {
  TRIMARAN_CHECK(network_.IsAttached(replica));
  TRIMARAN_CHECK(sinks_.emplace(replica, &sink).second);
}

void CopyTransport::Detach(ReplicaId replica) { sinks_.erase(replica); }

void CopyTransport::Send(std::vector<PeerMessage> messages) {
  for (const PeerMessage& message : messages) {
    observer_(message);
    // Else nobody would refuse it.
    TRIMARAN_CHECK(network_.IsAttached(message.from));
    if (!random_.Chance(report_ppm_)) continue;
    const auto sender = sinks_.find(message.from);
    if (sender != sinks_.end()) sender->second->Unreachable(message.to);
  }
}

}  // namespace trimaran::node_sim
