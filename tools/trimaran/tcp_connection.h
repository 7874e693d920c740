#ifndef TRIMARAN_TOOLS_TRIMARAN_TCP_CONNECTION_H_
#define TRIMARAN_TOOLS_TRIMARAN_TCP_CONNECTION_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "replication/tcp/address.h"
#include "replication/tcp/socket.h"

namespace trimaran::tool {

// A connection to somebody of whom nothing is expected but what he sends in
// time. Each call is given how long the other side may do nothing; every error
// names it. Cancelled: the program is to stop. DeadlineExceeded: nothing has
// happened for that long. Internal: the system has an error, or the other side
// has closed. After an error, but for Cancelled, the connection is of no use.
//
// Thread: owner.
class TcpConnection {
 public:
  // Tries all addresses of the host, each for `patience`; how long it takes to
  // look them up is the system's business. `interrupted` outlives the result.
  static absl::StatusOr<std::unique_ptr<TcpConnection>> Connect(
      const HostPort& peer, absl::Duration patience,
      const std::atomic<bool>& interrupted);

  // Sends all of it. What comes meanwhile is kept for Receive, lest both sides
  // wait for each other: ResourceExhausted if that is more than 256 MiB.
  absl::Status Send(std::string_view bytes, absl::Duration patience);
  // What has come, and one byte at least; nothing when the other side has sent
  // its last.
  absl::StatusOr<std::string> Receive(absl::Duration patience);

  const HostPort& peer() const { return peer_; }

 private:
  TcpConnection(HostPort peer, UniqueFd socket,
                const std::atomic<bool>& interrupted)
      : peer_(std::move(peer)),
        socket_(std::move(socket)),
        interrupted_(interrupted) {}

  // What has come, if anything has; nothing to be read is no error.
  absl::Status ReadIntoInbox();

  const HostPort peer_;
  const UniqueFd socket_;
  const std::atomic<bool>& interrupted_;
  std::string inbox_;
  // The other side has sent its last.
  bool ended_ = false;
};

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_TCP_CONNECTION_H_
