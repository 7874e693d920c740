#include "replication/tcp/listening.h"

#include <netdb.h>
#include <sys/socket.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "replication/tcp/address.h"

namespace trimaran {
namespace {

absl::StatusOr<Endpoint> LookUp(const HostPort& address) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(
      address.host.c_str(), absl::StrCat(address.port).c_str(), &hints, &found);
  if (error != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cannot look up ", address.host, ": ", ::gai_strerror(error)));
  }
  const Endpoint endpoint(found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  return endpoint;
}

}  // namespace

absl::StatusOr<Listening> OpenListening(const TcpOptions& options) {
  TRIMARAN_ASSIGN_OR_RETURN(HostPort address, ParseHostPort(options.listen));
  TRIMARAN_ASSIGN_OR_RETURN(const Endpoint endpoint, LookUp(address));
  // Of a name this is known only now.
  if (!endpoint.IsLoopback() && !options.tls.has_value() && !options.insecure) {
    return absl::InvalidArgumentError(
        absl::StrCat("options: listen is ", options.listen, ", that is ",
                     endpoint.ToString(),
                     ", which others can reach, and nothing protects "
                     "the connections: set tls, or insecure"));
  }
  TRIMARAN_ASSIGN_OR_RETURN(UniqueFd socket, ListenOn(endpoint));
  TRIMARAN_ASSIGN_OR_RETURN(const Endpoint taken, LocalEndpoint(socket));
  address.port = taken.port();
  return Listening{.socket = std::move(socket), .address = address.ToString()};
}

}  // namespace trimaran
