#include "tests/serve/test_client.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>

#include "replication/tcp/address.h"

namespace trimaran::serve {
namespace {

constexpr int kPatienceSeconds = 10;

}  // namespace

TestClient::TestClient(const std::string& address, int receive_bytes) {
  const auto endpoint = Endpoint::FromDigits(*ParseHostPort(address));
  socket_ =
      UniqueFd(::socket(endpoint->family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval patience = {.tv_sec = kPatienceSeconds, .tv_usec = 0};
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    ::setsockopt(socket_.get(), SOL_SOCKET, option, &patience,
                 sizeof(patience));
  }
  if (receive_bytes > 0) {
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_bytes,
                 sizeof(receive_bytes));
  }
  EXPECT_EQ(::connect(socket_.get(), endpoint->data(), endpoint->size()), 0);
}

bool TestClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size =
        ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(size));
  }
  return true;
}

size_t TestClient::SendSome(std::string_view bytes) {
  constexpr int wait_ms = 300;
  size_t sent = 0;
  while (sent < bytes.size()) {
    pollfd waiting = {.fd = socket_.get(), .events = POLLOUT, .revents = 0};
    if (::poll(&waiting, 1, wait_ms) <= 0) break;
    const ssize_t size =
        ::send(socket_.get(), bytes.data() + sent, bytes.size() - sent,
               MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size <= 0) break;
    sent += static_cast<size_t>(size);
  }
  return sent;
}

std::string TestClient::Receive(size_t size) {
  std::string received;
  std::array<char, 65536> buffer;
  while (received.size() < size) {
    const ssize_t part =
        ::recv(socket_.get(), buffer.data(),
               std::min(buffer.size(), size - received.size()), 0);
    if (part <= 0) break;
    received.append(buffer.data(), static_cast<size_t>(part));
  }
  return received;
}

std::string TestClient::ReceiveAll() {
  constexpr size_t everything = size_t{1} << 30;
  return Receive(everything);
}

void TestClient::EndOutput() { ::shutdown(socket_.get(), SHUT_WR); }

}  // namespace trimaran::serve
