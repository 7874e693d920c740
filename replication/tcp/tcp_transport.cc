#include "replication/tcp/tcp_transport.h"

#include <utility>

#include "engine/base/status_macros.h"
#include "replication/tcp/tcp_hub.h"

namespace trimaran {

absl::StatusOr<std::unique_ptr<TcpTransport>> TcpTransport::Start(
    const TcpOptions& options) {
  TRIMARAN_ASSIGN_OR_RETURN(std::unique_ptr<TcpHub> hub,
                            TcpHub::Start(options));
  return std::unique_ptr<TcpTransport>(new TcpTransport(std::move(hub)));
}

TcpTransport::TcpTransport(std::unique_ptr<TcpHub> hub)
    : hub_(std::move(hub)) {}

TcpTransport::~TcpTransport() = default;

const std::string& TcpTransport::listen_address() const {
  return hub_->listen_address();
}

const std::string& TcpTransport::advertised_address() const {
  return hub_->advertised_address();
}

TcpStatus TcpTransport::status() const { return hub_->status(); }

void TcpTransport::Attach(ReplicaId replica, MessageSink& sink) {
  hub_->Attach(replica, sink);
}

void TcpTransport::Detach(ReplicaId replica) { hub_->Detach(replica); }

void TcpTransport::Send(std::vector<PeerMessage> messages) {
  hub_->Send(messages);
}

void TcpTransport::UpdatePeers(ReplicaId replica, const PeerDirectory& peers) {
  hub_->UpdatePeers(replica, peers);
}

}  // namespace trimaran
