#ifndef TRIMARAN_TESTS_REPLICATION_TCP_RAW_PEER_H_
#define TRIMARAN_TESTS_REPLICATION_TCP_RAW_PEER_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "replication/tcp/socket.h"
#include "replication/wire/frame.h"
#include "replication/wire/handshake.h"
#include "tests/replication/tcp/tcp_fixture.h"

// The other side of a connection, played by a test: it can say whatever it
// likes, and nothing at all.

namespace trimaran {

// A frame with bytes of its own.
struct OwnedFrame {
  wire::FrameType type = wire::FrameType::kPing;
  std::string meta;
};

class RawConnection {
 public:
  // Dials `address`; the socket is connected when this returns.
  explicit RawConnection(const std::string& address);
  explicit RawConnection(UniqueFd socket) : socket_(std::move(socket)) {}

  // False where the other side has closed.
  bool Send(std::string_view bytes);
  bool SendFrame(wire::FrameType type, std::string_view meta);
  bool SendHello(const wire::Hello& hello);
  // The next one; empty if the other side closes first, or in kPatience.
  std::optional<OwnedFrame> ReadFrame();
  // Whatever comes is thrown away.
  bool ClosesWithin(absl::Duration duration);
  // Says Hello, and is welcomed.
  bool GreetAs(const wire::Hello& hello);
  // Nothing more is said; answers can still come.
  void EndWriting();
  void EnterMessages() { reader_.EnterMessages(); }

 private:
  bool WaitFor(short events, absl::Duration duration);

  UniqueFd socket_;
  wire::FrameReader reader_{wire::FrameReader::Stage::kHandshake};
};

// Listens on a port of its own.
class RawListener {
 public:
  RawListener();

  const std::string& address() const { return address_; }
  // Empty if nobody dials in kPatience.
  std::optional<RawConnection> Accept();
  // Accepts, and welcomes whoever it is as `identity`.
  std::optional<RawConnection> AcceptAndWelcome(const wire::Identity& identity);

 private:
  UniqueFd socket_;
  std::string address_;
};

// What `from` would say to `to`.
wire::Hello HelloFrom(const TcpOptions& from, const TcpOptions& to);

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_REPLICATION_TCP_RAW_PEER_H_
