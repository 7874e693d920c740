#include "tests/net/attackers.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <utility>

#include "absl/time/time.h"
#include "tests/net/socket.h"
#include "tests/support/node/blocking.h"

namespace trimaran::net {
namespace {

// More than a replica lets in before they have said who they are.
constexpr size_t kDawdlers = 150;
constexpr int kAnswerMs = 300;

bool Write(const Socket& socket, const std::string& bytes) {
  return send(socket.file(), bytes.data(), bytes.size(),
              MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

// Whether the other side has ended it.
bool IsOver(const Socket& socket) {
  std::array<char, 256> buffer;
  const ssize_t count =
      recv(socket.file(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  return count == 0 || (count < 0 && errno != EAGAIN);
}

}  // namespace

Attackers::~Attackers() {
  enough_ = true;
  for (std::thread& thread : threads_) thread.join();
}

void Attackers::Start(uint64_t seed,
                      std::function<void(Random& random)> attack) {
  threads_.emplace_back([this, seed, attack = std::move(attack)] {
    SeededRandom random(seed);
    while (!enough_) attack(random);
  });
}

void Attackers::Scan() {
  Start(1, [this](Random& random) {
    auto socket = ConnectTo(DrawPort(random));
    if (socket.ok()) {
      ++connections_;
      if (random.OneIn(2)) socket->Reset();
    }
    Rest(absl::Milliseconds(2));
  });
}

void Attackers::Dawdle() {
  Start(2, [this](Random& random) {
    std::vector<Socket> sockets;
    while (!enough_) {
      if (sockets.size() < kDawdlers) {
        auto socket = ConnectTo(DrawPort(random));
        if (socket.ok()) {
          ++connections_;
          sockets.push_back(*std::move(socket));
        }
      } else {
        Rest(absl::Milliseconds(2));
      }
      if (sockets.empty()) continue;
      const size_t at = random.Uniform(sockets.size());
      constexpr std::string_view begin = "TRMN\x01";
      if (random.OneIn(2)) {
        Write(sockets[at], {begin[random.Uniform(begin.size())]});
      }
      if (!IsOver(sockets[at])) continue;
      sockets[at] = std::move(sockets.back());
      sockets.pop_back();
    }
  });
}

void Attackers::Flood() {
  Start(3, [this](Random& random) {
    auto socket = ConnectTo(DrawPort(random));
    if (!socket.ok()) return Rest(absl::Milliseconds(2));
    ++connections_;
    std::string bytes(4096, 'x');
    for (char& byte : bytes) byte = static_cast<char>(random.Next());
    for (int i = 0; i < 16 && !IsOver(*socket); ++i) Write(*socket, bytes);
    Rest(absl::Milliseconds(1));
  });
}

void Attackers::Say(const std::string& bytes) {
  Start(4, [this, bytes](Random& random) {
    auto socket = ConnectTo(DrawPort(random));
    if (!socket.ok()) return Rest(absl::Milliseconds(2));
    ++connections_;
    Write(*socket, bytes);
    pollfd file{socket->file(), POLLIN, 0};
    poll(&file, 1, kAnswerMs);
    Rest(absl::Milliseconds(2));
  });
}

}  // namespace trimaran::net
