#include "tests/replication/tcp/raw_peer.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>

#include "engine/base/check.h"
#include "engine/base/clock.h"
#include "replication/tcp/address.h"

namespace trimaran {
namespace {

bool Poll(int fd, short events, absl::Duration duration) {
  pollfd wanted = {.fd = fd, .events = events, .revents = 0};
  const auto millis = static_cast<int>(absl::ToInt64Milliseconds(duration));
  return ::poll(&wanted, 1, millis < 0 ? 0 : millis) > 0;
}

}  // namespace

RawConnection::RawConnection(const std::string& address) {
  const auto parsed = ParseHostPort(address);
  TRIMARAN_CHECK(parsed.ok()) << parsed.status();
  auto socket = BeginConnect(Endpoint::FromDigits(*parsed).value());
  TRIMARAN_CHECK(socket.ok()) << socket.status();
  socket_ = *std::move(socket);
  TRIMARAN_CHECK(WaitFor(POLLOUT, kPatience));
}

bool RawConnection::WaitFor(short events, absl::Duration duration) {
  return Poll(socket_.get(), events, duration);
}

bool RawConnection::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count =
        ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count > 0) {
      bytes.remove_prefix(static_cast<size_t>(count));
    } else if (errno != EAGAIN || !WaitFor(POLLOUT, kPatience)) {
      return false;
    }
  }
  return true;
}

bool RawConnection::SendFrame(wire::FrameType type, std::string_view meta) {
  return Send(wire::MakeFrame(type, meta).head);
}

bool RawConnection::SendHello(const wire::Hello& hello) {
  return SendFrame(wire::FrameType::kHello, wire::Encode(hello));
}

std::optional<OwnedFrame> RawConnection::ReadFrame() {
  while (true) {
    const auto frame = reader_.Next();
    if (!frame.ok()) return std::nullopt;
    if (frame->has_value()) {
      return OwnedFrame{(*frame)->type, std::string((*frame)->meta)};
    }
    if (!WaitFor(POLLIN, kPatience)) return std::nullopt;
    const absl::Span<char> space = reader_.Space();
    const ssize_t count = ::recv(socket_.get(), space.data(), space.size(), 0);
    if (count <= 0) return std::nullopt;
    reader_.Filled(static_cast<size_t>(count));
  }
}

bool RawConnection::ClosesWithin(absl::Duration duration) {
  const MonotonicClock clock;
  const MonotonicTime deadline = clock.Now() + duration;
  std::array<char, 4096> buffer;
  while (WaitFor(POLLIN, deadline - clock.Now())) {
    const ssize_t count =
        ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (count == 0 || (count < 0 && errno != EAGAIN)) return true;
  }
  return false;
}

void RawConnection::EndWriting() { ::shutdown(socket_.get(), SHUT_WR); }

bool RawConnection::GreetAs(const wire::Hello& hello) {
  if (!SendHello(hello)) return false;
  const auto answer = ReadFrame();
  if (!answer.has_value() || answer->type != wire::FrameType::kWelcome) {
    return false;
  }
  EnterMessages();
  return true;
}

RawListener::RawListener() {
  auto socket = ListenOn(Endpoint::FromDigits({"127.0.0.1", 0}).value());
  TRIMARAN_CHECK(socket.ok()) << socket.status();
  socket_ = *std::move(socket);
  address_ = LocalEndpoint(socket_)->ToString();
}

std::optional<RawConnection> RawListener::Accept() {
  if (!Poll(socket_.get(), POLLIN, kPatience)) return std::nullopt;
  Accepted accepted = AcceptOne(socket_);
  if (accepted.kind != Accepted::Kind::kSocket) return std::nullopt;
  return RawConnection(std::move(accepted.socket));
}

std::optional<RawConnection> RawListener::AcceptAndWelcome(
    const wire::Identity& identity) {
  auto connection = Accept();
  if (!connection.has_value()) return std::nullopt;
  const auto frame = connection->ReadFrame();
  if (!frame.has_value() || frame->type != wire::FrameType::kHello) {
    return std::nullopt;
  }
  const auto hello = wire::DecodeHello(frame->meta);
  TRIMARAN_CHECK(hello.ok()) << hello.status();
  connection->SendFrame(wire::FrameType::kWelcome,
                        wire::Encode(wire::MakeWelcome(*hello, identity)));
  connection->EnterMessages();
  return connection;
}

wire::Hello HelloFrom(const TcpOptions& from, const TcpOptions& to) {
  wire::Hello hello;
  hello.from = IdentityOf(from);
  hello.to = to.replica;
  hello.to_store = to.store;
  return hello;
}

}  // namespace trimaran
