#ifndef TRIMARAN_REPLICATION_TCP_TLS_STREAM_H_
#define TRIMARAN_REPLICATION_TCP_TLS_STREAM_H_

#include <memory>

#include "absl/status/statusor.h"
#include "replication/tcp/byte_stream.h"
#include "replication/tcp/socket.h"
#include "replication/tcp/stream_factory.h"
#include "replication/tcp/tls_context.h"

namespace trimaran {

// A socket whose bytes are encrypted, and whose other side is certified by an
// authority of `context` once the handshake is done; for what, PeerNames says.
absl::StatusOr<std::unique_ptr<ByteStream>> MakeTlsStream(
    std::shared_ptr<const TlsContext> context, UniqueFd socket,
    StreamFactory::Side side);

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_TLS_STREAM_H_
