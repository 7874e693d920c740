#ifndef TRIMARAN_REPLICATION_TCP_TCP_TRANSPORT_H_
#define TRIMARAN_REPLICATION_TCP_TCP_TRANSPORT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/ids.h"
#include "replication/tcp/tcp_options.h"
#include "replication/transport/transport.h"

namespace trimaran {

class TcpHub;

// How it stands with one peer.
struct LinkStatus {
  ReplicaId peer;
  std::string address;
  // Messages can be sent, and have been received of late.
  bool sending = false;
  bool receiving = false;
  // Why it is not sending; empty if there is nothing to say.
  std::string error;
  // The other side, or this one, has found that they must not talk: `error` is
  // the reason, and time alone will not mend it.
  bool refused = false;
  // Why this replica would not hear the peer when it last asked; empty since it
  // does.
  std::string refused_here;
  // Of the last ping; empty before the first.
  std::optional<absl::Duration> round_trip = std::nullopt;
  uint64_t bytes_sent = 0;
  uint64_t bytes_received = 0;
  uint64_t messages_dropped = 0;
  uint64_t connects = 0;
  // How often the store has shown itself in an older term than before: somebody
  // has put back an older image of it (PROTOCOL.md, section 9).
  uint64_t regressions = 0;
};

struct TcpStatus {
  std::vector<LinkStatus> links;
  uint64_t accepted = 0;
  // Connections of strangers that were turned away: no handshake in time, bytes
  // that are none, too many of them.
  uint64_t turned_away = 0;
  // Connections of peers that were refused for what they are (RefusalReason).
  uint64_t refused = 0;
  // Whom, and why, last; for people.
  std::string last_refusal;
  // Connections that were closed because of what came on them.
  uint64_t broken_streams = 0;
  // When this replica's own certificate ends; empty without TLS.
  std::optional<absl::Time> certificate_expires = std::nullopt;
};

// Carries the messages of one replica over TCP, on a thread of its own. Each
// replica dials every other one and sends on the connections that it dialled;
// what it hears comes on those that it has accepted.
//
// Invariants:
//  1. A message is delivered whole, intact, and from whom its connection has
//     proved to be, or not at all.
//  2. A peer costs a bounded amount of memory, whatever it does.
//
// Thread: any.
class TcpTransport final : public Transport {
 public:
  // Listens; nobody is answered, and nobody dialled, before the first Attach.
  // Errors: InvalidArgument (an option, a certificate), Unavailable (the port
  // is taken), PermissionDenied (a port or a file).
  static absl::StatusOr<std::unique_ptr<TcpTransport>> Start(
      const TcpOptions& options);

  // Closes everything. After Detach.
  ~TcpTransport() override;

  // Where it listens, and what it tells the others of it.
  const std::string& listen_address() const;
  const std::string& advertised_address() const;
  TcpStatus status() const;

  // ---- Transport ----
  void Attach(ReplicaId replica, MessageSink& sink) override;
  void Detach(ReplicaId replica) override;
  void Send(std::vector<PeerMessage> messages) override;
  void UpdatePeers(ReplicaId replica, const PeerDirectory& peers) override;

 private:
  explicit TcpTransport(std::unique_ptr<TcpHub> hub);

  const std::unique_ptr<TcpHub> hub_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_TCP_TRANSPORT_H_
