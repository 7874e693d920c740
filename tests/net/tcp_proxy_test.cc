// Goal: the proxy does to bytes what its rules say and nothing else: what these
// tests rely on when they blame a replica.

#include "tests/net/tcp_proxy.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "gtest/gtest.h"
#include "tests/net/socket.h"
#include "tests/support/node/blocking.h"

namespace trimaran::net {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);

// What comes within `patience`: "" for nothing, "end" and "reset" for that.
std::string Receive(const Socket& socket, absl::Duration patience = kPatience) {
  pollfd file{socket.file(), POLLIN, 0};
  const auto ms = static_cast<int>(absl::ToInt64Milliseconds(patience));
  if (poll(&file, 1, ms) <= 0) return "";
  std::array<char, 4096> buffer;
  const ssize_t count = recv(socket.file(), buffer.data(), buffer.size(), 0);
  if (count < 0) return "reset";
  if (count == 0) return "end";
  return {buffer.data(), static_cast<size_t>(count)};
}

void Send(const Socket& socket, const std::string& text) {
  EXPECT_EQ(send(socket.file(), text.data(), text.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(text.size()));
}

// Replica 1 dials replica 2, which is a socket of the test.
class TcpProxyTest : public testing::Test {
 protected:
  TcpProxyTest() {
    auto proxy = TcpProxy::Start(/*seed=*/1,
                                 [this](uint16_t, uint16_t) { return who_; });
    EXPECT_TRUE(proxy.ok());
    proxy_ = *std::move(proxy);
    auto target = ListenOn(0);
    EXPECT_TRUE(target.ok());
    target_ = *std::move(target);
    const auto address = proxy_->Open(2, LocalPortOf(target_));
    EXPECT_TRUE(address.ok());
    uint32_t port = 0;
    EXPECT_TRUE(
        absl::SimpleAtoi(address->substr(address->find(':') + 1), &port));
    port_ = static_cast<uint16_t>(port);
  }

  void Dial() {
    auto near = ConnectTo(port_);
    ASSERT_TRUE(near.ok()) << near.status();
    near_ = *std::move(near);
  }
  void Connect() {
    Dial();
    ASSERT_TRUE(Eventually(
        [this] {
          far_ = AcceptFrom(target_);
          return far_.valid();
        },
        kPatience));
  }

  std::unique_ptr<TcpProxy> proxy_;
  uint64_t who_ = 1;
  Socket target_;
  uint16_t port_ = 0;
  Socket near_;
  Socket far_;
};

TEST_F(TcpProxyTest, BytesAndTheirEndPassBothWays) {
  Connect();
  Send(near_, "there");
  EXPECT_EQ(Receive(far_), "there");
  Send(far_, "and back");
  EXPECT_EQ(Receive(near_), "and back");
  shutdown(near_.file(), SHUT_WR);
  EXPECT_EQ(Receive(far_), "end");
  Send(far_, "still");
  EXPECT_EQ(Receive(near_), "still");
  far_.Close();
  EXPECT_EQ(Receive(near_), "end");
  EXPECT_EQ(proxy_->counts(1, 2).bytes, 5u);
  EXPECT_EQ(proxy_->counts(2, 1).bytes, 13u);
  EXPECT_EQ(proxy_->counts(1, 2).connections, 1u);
  EXPECT_TRUE(
      Eventually([this] { return proxy_->counts(1, 2).connections_open == 0; },
                 kPatience));
}

TEST_F(TcpProxyTest, CutOneWayHoldsBytesBackAndLosesNone) {
  Connect();
  proxy_->SetRules(1, 2, {.cut = true});
  Send(near_, "held");
  EXPECT_EQ(Receive(far_, absl::Milliseconds(50)), "");
  Send(far_, "not held");
  EXPECT_EQ(Receive(near_), "not held");
  near_.Close();
  EXPECT_EQ(Receive(far_, absl::Milliseconds(50)), "");
  proxy_->Heal();
  EXPECT_EQ(Receive(far_), "held");
}

TEST_F(TcpProxyTest, DelayIsKeptAndOrderToo) {
  Connect();
  const MonotonicClock clock;
  const MonotonicTime begun = clock.Now();
  proxy_->SetRules(1, 2, {.delay = absl::Milliseconds(40)});
  Send(near_, "first ");
  EXPECT_EQ(Receive(far_), "first ");
  EXPECT_GE(clock.Now() - begun, absl::Milliseconds(40));
  proxy_->SetRules(
      1, 2,
      {.delay = absl::Milliseconds(20), .jitter = absl::Milliseconds(20)});
  std::string sent;
  std::string received;
  for (char c = 'a'; c <= 'z'; ++c) {
    Send(near_, {c});
    sent.push_back(c);
  }
  while (received.size() < sent.size()) {
    const std::string more = Receive(far_);
    ASSERT_NE(more, "");
    received += more;
  }
  EXPECT_EQ(received, sent);
}

TEST_F(TcpProxyTest, ThrottleLimitsAllConnectionsTogether) {
  Connect();
  proxy_->SetRules(1, 2, {.bytes_per_second = 400'000});
  const MonotonicClock clock;
  const MonotonicTime begun = clock.Now();
  const std::string much(100'000, 'x');
  Send(near_, much);
  size_t received = 0;
  while (received < much.size()) {
    const std::string more = Receive(far_);
    ASSERT_NE(more, "");
    received += more.size();
  }
  // The first and the last piece cost nothing.
  EXPECT_GE(clock.Now() - begun, absl::Milliseconds(150));
}

TEST_F(TcpProxyTest, CorruptionTurnsOneBit) {
  Connect();
  proxy_->SetRules(1, 2, {.corrupt_per_million = 1'000'000});
  const std::string sent(100, 'x');
  Send(near_, sent);
  const std::string received = Receive(far_);
  ASSERT_EQ(received.size(), sent.size());
  int bits = 0;
  for (size_t at = 0; at < sent.size(); ++at) {
    bits += __builtin_popcount(static_cast<uint8_t>(sent[at] ^ received[at]));
  }
  EXPECT_EQ(bits, 1);
  EXPECT_EQ(proxy_->counts(1, 2).pieces_corrupted, 1u);
}

TEST_F(TcpProxyTest, DroppedConnectionIsResetOnBothSides) {
  Connect();
  proxy_->Drop(1, 2);
  EXPECT_EQ(Receive(near_), "reset");
  EXPECT_EQ(Receive(far_), "reset");
  Connect();
  Send(near_, "anew");
  EXPECT_EQ(Receive(far_), "anew");
}

TEST_F(TcpProxyTest, ConnectionIsResetAfterSoManyBytes) {
  Connect();
  proxy_->DropAfter(1, 2, 10);
  Send(near_, "123456");
  EXPECT_EQ(Receive(far_), "123456");
  Send(near_, "789012");
  EXPECT_EQ(Receive(near_), "reset");
  Connect();
  Send(near_, "and no other");
  EXPECT_EQ(Receive(far_), "and no other");
}

TEST_F(TcpProxyTest, HalfClosedConnectionStillAnswers) {
  Connect();
  proxy_->HalfClose(1, 2);
  EXPECT_EQ(Receive(far_), "end");
  Send(near_, "lost");
  Send(far_, "heard");
  EXPECT_EQ(Receive(near_), "heard");
}

TEST_F(TcpProxyTest, RefusedAndUnknownDiallersAreTurnedAway) {
  proxy_->Refuse(1, 2);
  Dial();
  EXPECT_EQ(Receive(near_), "reset");
  EXPECT_EQ(proxy_->turned_away(), 0u);
  proxy_->Heal();
  Connect();
  who_ = 0;
  Dial();
  EXPECT_EQ(Receive(near_), "reset");
  EXPECT_EQ(proxy_->turned_away(), 1u);
}

TEST_F(TcpProxyTest, DiallerIsResetWhereNobodyListens) {
  target_.Close();
  Dial();
  EXPECT_EQ(Receive(near_), "reset");
}

TEST(SocketTest, OwnerOfAConnectionIsFound) {
  const auto listener = ListenOn(0);
  ASSERT_TRUE(listener.ok());
  const uint16_t port = LocalPortOf(*listener);
  const auto near = ConnectTo(port);
  ASSERT_TRUE(near.ok());
  const uint16_t from = LocalPortOf(*near);
  EXPECT_EQ(OwnerOf(from, port, {1, getpid()}), getpid());
  EXPECT_EQ(OwnerOf(from, port, {}), std::nullopt);
  // A port on which nobody has dialled.
  EXPECT_EQ(OwnerOf(1, port, {getpid()}), std::nullopt);
}

}  // namespace
}  // namespace trimaran::net
