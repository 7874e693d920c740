#ifndef TRIMARAN_REPLICATION_TCP_STREAM_FACTORY_H_
#define TRIMARAN_REPLICATION_TCP_STREAM_FACTORY_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/cluster_id.h"
#include "engine/base/ids.h"
#include "replication/tcp/byte_stream.h"
#include "replication/tcp/socket.h"

namespace trimaran {

// Makes connections out of sockets: protected ones, or plain ones where there
// is nothing to protect them with.
//
// Thread: one at a time.
class StreamFactory {
 public:
  enum class Side { kDialler, kAcceptor };

  virtual ~StreamFactory() = default;

  virtual absl::StatusOr<std::unique_ptr<ByteStream>> Make(UniqueFd socket,
                                                           Side side) = 0;
  // Whether whoever has got through the handshake of a stream is certified.
  virtual bool certifies() const = 0;
  // Looks, from time to time, whether what it works with has changed.
  virtual void Refresh() {}
  // Of this side's own certificate, if there is one. Thread: any.
  virtual std::optional<absl::Time> certificate_expires() const {
    return std::nullopt;
  }
};

class PlainStreamFactory final : public StreamFactory {
 public:
  absl::StatusOr<std::unique_ptr<ByteStream>> Make(UniqueFd socket,
                                                   Side) override {
    return MakePlainStream(std::move(socket));
  }
  bool certifies() const override { return false; }
};

// The name in the certificate of a replica: "trimaran://<cluster>/<replica>".
std::string CertifiedName(const ClusterId& cluster, ReplicaId replica);

// Whether `stream`, secured, leads to that replica, as far as it can be known:
// always where nothing is certified.
bool LeadsTo(const StreamFactory& factory,
             const std::vector<std::string>& peer_names,
             const ClusterId& cluster, ReplicaId replica);

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_STREAM_FACTORY_H_
