#ifndef TRIMARAN_REPLICATION_TCP_SOCKET_H_
#define TRIMARAN_REPLICATION_TCP_SOCKET_H_

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "replication/tcp/address.h"

// Sockets of the system's. None waits, and none is inherited by a program that
// this process starts.
//
// Thread: any, for values and free functions.

namespace trimaran {

// Owns a file descriptor.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd();

  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

// Unavailable: "<what>: <what errno means>".
absl::Status SocketError(std::string_view what, int error_number);

// Unavailable: somebody else listens there. PermissionDenied: a port that is
// not for everybody. InvalidArgument: no address of this machine.
absl::StatusOr<UniqueFd> ListenOn(const Endpoint& endpoint);
absl::StatusOr<Endpoint> LocalEndpoint(const UniqueFd& socket);

// Begins to connect. When the socket is writable, FinishConnect tells what has
// come of it.
absl::StatusOr<UniqueFd> BeginConnect(const Endpoint& endpoint);
absl::Status FinishConnect(const UniqueFd& socket);

struct Accepted {
  enum class Kind {
    kSocket,
    // Nobody is waiting any more.
    kNobody,
    // Whoever was waiting has left, or the like: try again at once.
    kGone,
    // The process or the machine has no room for it: try again later.
    kNoRoom,
  };
  Kind kind = Kind::kNobody;
  UniqueFd socket;
  absl::Status error;
};
Accepted AcceptOne(const UniqueFd& listener);

// What each connection gets: small messages leave at once; who does not
// acknowledge within `silence_max` is given up by the system, too; and no more
// is put into the system's buffers than leaves soon, so that what comes later
// and is urgent need not wait behind it.
absl::Status SetConnectionOptions(const UniqueFd& socket,
                                  absl::Duration silence_max);

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_SOCKET_H_
