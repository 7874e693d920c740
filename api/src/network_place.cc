#include "api/src/network_place.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/src/switchboard.h"
#include "engine/base/status_macros.h"
#include "replication/tcp/tcp_options.h"

namespace trimaran {
namespace {

// What a founder is to be reached at is said twice, and need not be said again.
std::string AdvertisedBy(const Options& options) {
  if (!options.advertise.empty()) return options.advertise;
  const auto self = options.founders.find(options.replica_id);
  return self == options.founders.end() ? "" : self->second.address;
}

TcpOptions AddressesOf(const Options& options) {
  TcpOptions tcp;
  tcp.listen = options.listen;
  tcp.advertise = AdvertisedBy(options);
  if (options.tls) {
    tcp.tls = TlsCredentials{.authority = options.tls->authority,
                             .certificate = options.tls->certificate,
                             .key = options.tls->key};
  }
  tcp.insecure = options.insecure;
  return tcp;
}

TcpOptions TcpOptionsOf(const Options& options,
                        const engine::StoreIdentity& identity, uint64_t nonce,
                        const Logger& logger) {
  TcpOptions tcp = AddressesOf(options);
  tcp.cluster = identity.cluster;
  tcp.group = identity.group;
  tcp.replica = identity.replica;
  tcp.store = identity.store;
  tcp.nonce = nonce;
  tcp.bulk_bytes_per_second = options.snapshot_rate;
  // A connection that is silent for as long as a leader may be is dead.
  tcp.silence_max = options.election_timeout;
  tcp.ping_interval = options.election_timeout / 5;
  tcp.logger = logger;
  return tcp;
}

ConnectionStatus ToConnection(const LinkStatus& link) {
  return {.peer = link.peer.value(),
          .address = link.address,
          .sending = link.sending,
          .receiving = link.receiving,
          .refused = link.refused,
          .error = link.error,
          .round_trip = link.round_trip,
          .bytes_sent = link.bytes_sent,
          .bytes_received = link.bytes_received,
          .messages_dropped = link.messages_dropped,
          .connects = link.connects,
          .regressions = link.regressions};
}

}  // namespace

absl::Status ValidateAddresses(const Options& options) {
  TRIMARAN_RETURN_IF_ERROR(ValidateTcpAddresses(AddressesOf(options)));
  for (const auto& [replica, info] : options.founders) {
    if (replica == options.replica_id) continue;
    TRIMARAN_RETURN_IF_ERROR(ValidateDialable(
        absl::StrCat("founders[", replica, "].address"), info.address));
  }
  return absl::OkStatus();
}

absl::Status NetworkPlace::Take(const Options& options,
                                const engine::StoreIdentity& identity,
                                uint64_t nonce, const Logger& logger) {
  if (options.network != nullptr) {
    TRIMARAN_RETURN_IF_ERROR(options.network->switchboard().Connect(
        identity.cluster, identity.replica));
    network_ = options.network;
    replica_ = identity.replica;
  } else if (!options.listen.empty()) {
    TRIMARAN_ASSIGN_OR_RETURN(tcp_, TcpTransport::Start(TcpOptionsOf(
                                        options, identity, nonce, logger)));
  }
  return absl::OkStatus();
}

void NetworkPlace::Leave() {
  tcp_.reset();
  if (network_ == nullptr) return;
  network_->switchboard().Disconnect(replica_);
  network_.reset();
}

Transport* NetworkPlace::transport() const {
  if (network_ != nullptr) return &network_->switchboard();
  return tcp_.get();
}

NetworkStatus NetworkPlace::status() const {
  NetworkStatus status;
  if (tcp_ == nullptr) return status;
  status.listen = tcp_->listen_address();
  status.address = tcp_->advertised_address();
  const TcpStatus tcp = tcp_->status();
  for (const LinkStatus& link : tcp.links) {
    status.connections.push_back(ToConnection(link));
  }
  status.strangers_turned_away = tcp.turned_away;
  status.peers_refused = tcp.refused;
  status.certificate_expires = tcp.certificate_expires;
  return status;
}

}  // namespace trimaran
