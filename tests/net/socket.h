#ifndef TRIMARAN_TESTS_NET_SOCKET_H_
#define TRIMARAN_TESTS_NET_SOCKET_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace trimaran::net {

// A file descriptor with an owner.
//
// Thread: owner.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int file) : file_(file) {}
  Socket(Socket&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    if (this != &other) {
      Close();
      file_ = std::exchange(other.file_, -1);
    }
    return *this;
  }
  ~Socket() { Close(); }

  int file() const { return file_; }
  bool valid() const { return file_ >= 0; }
  void Close();
  // So that the other side is told of an error and not of an end.
  void Reset();

 private:
  int file_ = -1;
};

// All on 127.0.0.1, not inherited by children. Unavailable: the system says no.

// Does not block. Port 0: a free one.
absl::StatusOr<Socket> ListenOn(uint16_t port);
// Blocks, or has only begun where `wait` is false.
absl::StatusOr<Socket> ConnectTo(uint16_t port, bool wait = true);
// The next one that waits there, if any; it does not block.
Socket AcceptFrom(const Socket& listener);

uint16_t LocalPortOf(const Socket& socket);
uint16_t PeerPortOf(const Socket& socket);

// A port that nobody uses now, outside of those that the system hands out.
absl::StatusOr<uint16_t> FreePort();

// Which of `processes` holds the socket that is connected from port `from` to
// port `to`. Only the system can say it, where what is said is encrypted.
std::optional<pid_t> OwnerOf(uint16_t from, uint16_t to,
                             const std::vector<pid_t>& processes);

}  // namespace trimaran::net

#endif  // TRIMARAN_TESTS_NET_SOCKET_H_
