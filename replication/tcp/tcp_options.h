#ifndef TRIMARAN_REPLICATION_TCP_TCP_OPTIONS_H_
#define TRIMARAN_REPLICATION_TCP_TCP_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/base/cluster_id.h"
#include "engine/base/ids.h"
#include "engine/base/logging.h"
#include "engine/base/region.h"

namespace trimaran {

// Files in PEM format. They are read again when they have changed, so that a
// certificate is renewed by replacing its files.
struct TlsCredentials {
  // The certificates of the authorities that vouch for members; of nobody else.
  std::string authority;
  // That of this replica, with intermediate ones behind it if there are any,
  // and its key.
  std::string certificate;
  std::string key;

  friend bool operator==(const TlsCredentials&,
                         const TlsCredentials&) = default;
};

struct TcpOptions {
  // ---- Who this is ----
  ClusterId cluster;
  GroupId group;
  ReplicaId replica;
  StoreId store;
  // Of this start of the process.
  uint64_t nonce = 0;

  // ---- Where ----
  // "host:port", "[v6]:port"; port 0 takes a free one.
  std::string listen;
  // Where the others reach this one; `listen`, with the port that was taken, if
  // empty.
  std::string advertise;

  // ---- Protection ----
  // Both sides prove who they are, by certificates with the name
  // trimaran://<cluster>/<replica> (README.md).
  std::optional<TlsCredentials> tls = std::nullopt;
  // Without TLS, beyond the loopback interface.
  bool insecure = false;

  // ---- Limits ----
  // What waits to be sent to one peer. More is dropped, newest first.
  size_t queue_bytes_max = size_t{64} << 20;
  size_t queue_messages_max = 8192;
  // Accepted connections whose handshake is not over, and all of them.
  size_t strangers_max = 64;
  size_t connections_max = 256;
  // Of chunks of snapshots to all peers together, per second; 0: no limit.
  uint64_t bulk_bytes_per_second = 0;

  // ---- Time ----
  absl::Duration connect_timeout = absl::Seconds(2);
  absl::Duration handshake_timeout = absl::Seconds(2);
  // How often a connection asks whether the other side is there, and after what
  // silence it is not.
  absl::Duration ping_interval = absl::Milliseconds(100);
  absl::Duration silence_max = absl::Milliseconds(500);
  // Between attempts to connect: doubled each time, and drawn at random from
  // the upper half.
  absl::Duration backoff_min = absl::Milliseconds(10);
  absl::Duration backoff_max = absl::Seconds(1);
  // The same for who has been told that it has left the group, unless a member
  // dials it.
  absl::Duration backoff_removed = absl::Minutes(1);
  // A connection for bulk is closed when it has had nothing to do for longer.
  absl::Duration bulk_unused_max = absl::Seconds(10);

  Logger logger;
};

// What others are to dial: InvalidArgument, naming `field`, if that cannot be.
absl::Status ValidateDialable(std::string_view field,
                              const std::string& address);

// All but `listen`, `advertise`, `tls` and `insecure` may be missing:
// InvalidArgument, as ValidateTcpOptions.
absl::Status ValidateTcpAddresses(const TcpOptions& options);

// InvalidArgument, naming the field, its value and the limit; among them an
// address that is not on loopback without `tls` or `insecure`.
absl::Status ValidateTcpOptions(const TcpOptions& options);

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_TCP_OPTIONS_H_
