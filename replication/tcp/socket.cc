#include "replication/tcp/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"

namespace trimaran {
namespace {

constexpr int kBacklog = 128;
// Not sent yet, in the system's buffers: what a fast network carries in less
// than a millisecond.
constexpr int kUnsentBytesMax = 256 * 1024;

std::string Describe(std::string_view what, int error_number) {
  return absl::StrCat(ToAbsl(what), ": ",
                      std::system_category().message(error_number));
}

absl::StatusOr<UniqueFd> NewSocket(const Endpoint& endpoint) {
  UniqueFd socket(::socket(endpoint.family(),
                           SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return SocketError("no socket", errno);
  return socket;
}

absl::Status SetOption(const UniqueFd& socket, int level, int option,
                       int value) {
  if (::setsockopt(socket.get(), level, option, &value, sizeof(value)) != 0) {
    return SocketError("an option of a socket was refused", errno);
  }
  return absl::OkStatus();
}

}  // namespace

UniqueFd::~UniqueFd() {
  if (fd_ >= 0) ::close(fd_);
}

absl::Status SocketError(std::string_view what, int error_number) {
  return absl::UnavailableError(Describe(what, error_number));
}

absl::StatusOr<UniqueFd> ListenOn(const Endpoint& endpoint) {
  TRIMARAN_ASSIGN_OR_RETURN(UniqueFd socket, NewSocket(endpoint));
  // Else the connections of the process before this one would keep the port.
  TRIMARAN_RETURN_IF_ERROR(SetOption(socket, SOL_SOCKET, SO_REUSEADDR, 1));
  if (::bind(socket.get(), endpoint.data(), endpoint.size()) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    const int error = errno;
    const std::string text =
        Describe(absl::StrCat("cannot listen on ", endpoint.ToString()), error);
    if (error == EACCES) return absl::PermissionDeniedError(text);
    if (error == EADDRNOTAVAIL) return absl::InvalidArgumentError(text);
    return absl::UnavailableError(text);
  }
  return socket;
}

absl::StatusOr<Endpoint> LocalEndpoint(const UniqueFd& socket) {
  sockaddr_storage storage = {};
  socklen_t size = sizeof(storage);
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (::getsockname(socket.get(), address, &size) != 0) {
    return SocketError("a socket has no address", errno);
  }
  return Endpoint(address, size);
}

absl::StatusOr<UniqueFd> BeginConnect(const Endpoint& endpoint) {
  TRIMARAN_ASSIGN_OR_RETURN(UniqueFd socket, NewSocket(endpoint));
  if (::connect(socket.get(), endpoint.data(), endpoint.size()) != 0 &&
      errno != EINPROGRESS && errno != EINTR) {
    return SocketError(absl::StrCat("cannot reach ", endpoint.ToString()),
                       errno);
  }
  return socket;
}

absl::Status FinishConnect(const UniqueFd& socket) {
  int error = 0;
  socklen_t size = sizeof(error);
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
    error = errno;
  }
  if (error != 0) return SocketError("cannot connect", error);
  sockaddr_storage storage = {};
  size = sizeof(storage);
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (::getpeername(socket.get(), address, &size) != 0) {
    return SocketError("cannot connect", errno);
  }
  TRIMARAN_ASSIGN_OR_RETURN(const Endpoint local, LocalEndpoint(socket));
  // Where nobody listens, a port that the system picks for the near end may be
  // the one that is dialled at the far end.
  if (local == Endpoint(address, size)) {
    return SocketError("cannot connect", ECONNREFUSED);
  }
  return absl::OkStatus();
}

Accepted AcceptOne(const UniqueFd& listener) {
  Accepted result;
  result.socket = UniqueFd(::accept4(listener.get(), nullptr, nullptr,
                                     SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (result.socket.get() >= 0) {
    result.kind = Accepted::Kind::kSocket;
    return result;
  }
  switch (errno) {
    case EAGAIN:
      result.kind = Accepted::Kind::kNobody;
      return result;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      result.kind = Accepted::Kind::kNoRoom;
      break;
    default:
      // What has happened to a connection before it was taken is reported by
      // this call.
      result.kind = Accepted::Kind::kGone;
      break;
  }
  result.error = SocketError("cannot accept a connection", errno);
  return result;
}

absl::Status SetConnectionOptions(const UniqueFd& socket,
                                  absl::Duration silence_max) {
  const auto timeout = static_cast<int>(
      std::clamp<int64_t>(absl::ToInt64Milliseconds(silence_max), 1, 60'000));
  TRIMARAN_RETURN_IF_ERROR(SetOption(socket, IPPROTO_TCP, TCP_NODELAY, 1));
  TRIMARAN_RETURN_IF_ERROR(SetOption(socket, SOL_SOCKET, SO_KEEPALIVE, 1));
  TRIMARAN_RETURN_IF_ERROR(
      SetOption(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, timeout));
  return SetOption(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentBytesMax);
}

}  // namespace trimaran
