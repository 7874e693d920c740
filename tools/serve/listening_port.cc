#include "tools/serve/listening_port.h"

#include <sys/socket.h>

#include <optional>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "replication/tcp/address.h"
#include "replication/tcp/listening.h"
#include "replication/tcp/tcp_options.h"

namespace trimaran::serve {
namespace {

constexpr char kPortIsTaken[] = "trimaran.serve/port-is-taken";

using NameCall = int (*)(int, sockaddr*, socklen_t*);

std::optional<Endpoint> AddressBy(NameCall call, const UniqueFd& socket) {
  sockaddr_storage storage = {};
  socklen_t size = sizeof(storage);
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (call(socket.get(), address, &size) != 0) return std::nullopt;
  return Endpoint(address, size);
}

std::string TextOf(const std::optional<Endpoint>& endpoint) {
  return endpoint ? endpoint->ToString() : std::string("?:0");
}

}  // namespace

absl::StatusOr<OpenPort> ListenAt(std::string_view setting,
                                  const std::string& listen) {
  TcpOptions options;
  options.listen = listen;
  // Who may listen where is decided by ValidateSettings.
  options.insecure = true;
  auto opened = OpenListening(options);
  if (!opened.ok()) {
    absl::Status status(
        opened.status().code(),
        absl::StrCat(ToAbsl(setting), ": ", opened.status().message()));
    if (absl::IsUnavailable(status)) {
      status.SetPayload(kPortIsTaken, absl::Cord());
    }
    return status;
  }
  return OpenPort{.socket = std::move(opened->socket),
                  .address = std::move(opened->address)};
}

bool PortIsTaken(const absl::Status& status) {
  return status.GetPayload(kPortIsTaken).has_value();
}

std::string PeerAddress(const UniqueFd& socket) {
  return TextOf(AddressBy(::getpeername, socket));
}

std::string LocalAddress(const UniqueFd& socket) {
  return TextOf(AddressBy(::getsockname, socket));
}

bool PeerIsLoopback(const UniqueFd& socket) {
  const auto peer = AddressBy(::getpeername, socket);
  return peer.has_value() && peer->IsLoopback();
}

}  // namespace trimaran::serve
