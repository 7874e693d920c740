#include "tools/trimaran/tcp_connection.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/clock.h"
#include "engine/base/status_macros.h"

namespace trimaran::tool {
namespace {

// Of what comes while something is sent.
constexpr size_t kInboxBytesMax = size_t{256} << 20;
// A signal reaches one thread only, so that the others have to look.
constexpr absl::Duration kLookInterval = absl::Milliseconds(100);

absl::Status Named(const HostPort& peer, std::string_view what) {
  return absl::InternalError(absl::StrCat(peer.ToString(), ": ", ToAbsl(what)));
}

absl::Status Failed(const HostPort& peer, std::string_view what, int error) {
  return Named(peer, absl::StrCat(ToAbsl(what), ": ",
                                  std::generic_category().message(error)));
}

// What is possible of `events` within `patience`: never nothing.
absl::StatusOr<short> Await(const HostPort& peer, const UniqueFd& socket,
                            short events, absl::Duration patience,
                            const std::atomic<bool>& interrupted) {
  const MonotonicClock clock;
  const MonotonicTime deadline = clock.Now() + patience;
  while (!interrupted.load(std::memory_order_relaxed)) {
    const absl::Duration left = deadline - clock.Now();
    if (left <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError(
          absl::StrCat(peer.ToString(), ": no answer within ",
                       absl::FormatDuration(patience)));
    }
    pollfd wait = {.fd = socket.get(), .events = events, .revents = 0};
    const auto milliseconds =
        absl::ToInt64Milliseconds(std::min(left, kLookInterval)) + 1;
    if (::poll(&wait, 1, static_cast<int>(milliseconds)) > 0) {
      return wait.revents;
    }
  }
  return absl::CancelledError("interrupted");
}

// The addresses of a host, for as long as it takes to try them.
class Addresses {
 public:
  static absl::StatusOr<Addresses> Of(const HostPort& peer) {
    addrinfo hints = {};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(
        peer.host.c_str(), absl::StrCat(peer.port).c_str(), &hints, &found);
    if (error != 0) return Named(peer, ::gai_strerror(error));
    return Addresses(found);
  }

  const addrinfo* first() const { return found_.get(); }

 private:
  struct Free {
    void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
  };
  explicit Addresses(addrinfo* found) : found_(found) {}

  std::unique_ptr<addrinfo, Free> found_;
};

absl::StatusOr<UniqueFd> ConnectTo(const HostPort& peer,
                                   const Endpoint& endpoint,
                                   absl::Duration patience,
                                   const std::atomic<bool>& interrupted) {
  TRIMARAN_ASSIGN_OR_RETURN(UniqueFd socket, BeginConnect(endpoint));
  TRIMARAN_RETURN_IF_ERROR(
      Await(peer, socket, POLLOUT, patience, interrupted).status());
  TRIMARAN_RETURN_IF_ERROR(FinishConnect(socket));
  const int at_once = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &at_once,
               sizeof(at_once));
  return socket;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TcpConnection>> TcpConnection::Connect(
    const HostPort& peer, absl::Duration patience,
    const std::atomic<bool>& interrupted) {
  TRIMARAN_ASSIGN_OR_RETURN(const Addresses addresses, Addresses::Of(peer));
  absl::Status last = Named(peer, "has no address");
  for (const addrinfo* each = addresses.first(); each != nullptr;
       each = each->ai_next) {
    auto socket = ConnectTo(peer, Endpoint(each->ai_addr, each->ai_addrlen),
                            patience, interrupted);
    if (socket.ok()) {
      return std::unique_ptr<TcpConnection>(
          new TcpConnection(peer, *std::move(socket), interrupted));
    }
    if (absl::IsCancelled(socket.status())) return socket.status();
    last = Named(peer, ToStd(socket.status().message()));
  }
  return last;
}

absl::Status TcpConnection::Send(std::string_view bytes,
                                 absl::Duration patience) {
  while (!bytes.empty()) {
    const ssize_t size = ::send(socket_.get(), bytes.data(), bytes.size(),
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size > 0) {
      bytes.remove_prefix(static_cast<size_t>(size));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      return Failed(peer_, "cannot ask", errno);
    }
    const short events =
        static_cast<short>(ended_ ? POLLOUT : POLLOUT | POLLIN);
    TRIMARAN_ASSIGN_OR_RETURN(const short ready, Await(peer_, socket_, events,
                                                       patience, interrupted_));
    if ((ready & POLLIN) != 0) TRIMARAN_RETURN_IF_ERROR(ReadIntoInbox());
    if (inbox_.size() > kInboxBytesMax) {
      return absl::ResourceExhaustedError(
          absl::StrCat(peer_.ToString(), ": more than ", kInboxBytesMax,
                       " bytes came before everything was asked"));
    }
  }
  return absl::OkStatus();
}

absl::Status TcpConnection::ReadIntoInbox() {
  std::array<char, 65536> buffer;
  const ssize_t size =
      ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size > 0) {
    inbox_.append(buffer.data(), static_cast<size_t>(size));
  } else if (size == 0) {
    ended_ = true;
  } else if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) {
    return Failed(peer_, "no answer", errno);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> TcpConnection::Receive(absl::Duration patience) {
  while (true) {
    TRIMARAN_RETURN_IF_ERROR(ReadIntoInbox());
    if (!inbox_.empty() || ended_) break;
    TRIMARAN_RETURN_IF_ERROR(
        Await(peer_, socket_, POLLIN, patience, interrupted_).status());
  }
  return std::exchange(inbox_, std::string());
}

}  // namespace trimaran::tool
