#ifndef TRIMARAN_API_SRC_NETWORK_PLACE_H_
#define TRIMARAN_API_SRC_NETWORK_PLACE_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "engine/base/ids.h"
#include "engine/base/logging.h"
#include "engine/home/store_identity.h"
#include "replication/tcp/tcp_transport.h"
#include "replication/transport/transport.h"
#include "trimaran/network.h"
#include "trimaran/options.h"
#include "trimaran/status.h"

namespace trimaran {

// Whether a port can be opened as `options.listen` and what belongs to it say;
// nothing is looked up, and no file is read. InvalidArgument, naming the field.
absl::Status ValidateAddresses(const Options& options);

// A replica's place among others, until it is destroyed: in a network within
// the process, or behind a port; empty without either.
//
// Thread: one; status() any, between Take and Leave.
class NetworkPlace {
 public:
  NetworkPlace() = default;
  ~NetworkPlace() { Leave(); }
  NetworkPlace(const NetworkPlace&) = delete;
  NetworkPlace& operator=(const NetworkPlace&) = delete;

  // `nonce` is of this opening. Once. Errors: FailedPrecondition, as
  // Switchboard::Connect; those of TcpTransport::Start.
  absl::Status Take(const Options& options,
                    const engine::StoreIdentity& identity, uint64_t nonce,
                    const Logger& logger);
  void Leave();

  // Null without a network.
  Transport* transport() const;
  NetworkStatus status() const;

 private:
  // Shared with the application and the other replicas.
  std::shared_ptr<InProcessNetwork> network_;
  ReplicaId replica_;
  std::unique_ptr<TcpTransport> tcp_;
};

}  // namespace trimaran

#endif  // TRIMARAN_API_SRC_NETWORK_PLACE_H_
