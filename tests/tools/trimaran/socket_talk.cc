#include "tests/tools/trimaran/socket_talk.h"

#include <poll.h>
#include <sys/socket.h>

namespace trimaran::tool {
namespace {

bool Await(int socket, short events) {
  pollfd wait = {.fd = socket, .events = events, .revents = 0};
  return ::poll(&wait, 1, kWaitMs) == 1;
}

}  // namespace

bool SendAll(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    if (!Await(socket, POLLOUT)) return false;
    const ssize_t size =
        ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(size));
  }
  return true;
}

std::string Receive(int socket) {
  std::string bytes(65536, '\0');
  if (!Await(socket, POLLIN)) return {};
  const ssize_t size = ::recv(socket, bytes.data(), bytes.size(), 0);
  bytes.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return bytes;
}

}  // namespace trimaran::tool
