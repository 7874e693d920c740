#include "tests/net/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace trimaran::net {
namespace {

constexpr int kBacklog = 64;
// What the system itself may keep on the way, so that little is lost with a
// connection and a throttle is felt soon.
constexpr int kReceiveBytes = 64 << 10;

sockaddr_in LoopbackAt(uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

absl::Status SystemError(const char* what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", strerror(errno)));
}

bool Set(int file, int level, int option, int value) {
  return setsockopt(file, level, option, &value, sizeof(value)) == 0;
}

// "0100007F:1F90": a port in hexadecimal digits behind the address.
uint16_t PortIn(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  uint32_t port = 0;
  if (parts.size() != 2 || !absl::SimpleHexAtoi(parts[1], &port)) return 0;
  return static_cast<uint16_t>(port);
}

// Of the connection, on its dialling side; empty if there is none (any more).
std::string InodeOf(uint16_t from, uint16_t to) {
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream lines(table);
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
      const std::vector<std::string> words =
          absl::StrSplit(line, ' ', absl::SkipEmpty());
      if (words.size() > 9 && PortIn(words[1]) == from &&
          PortIn(words[2]) == to && words[9] != "0") {
        return words[9];
      }
    }
  }
  return "";
}

bool Holds(pid_t process, const std::string& link) {
  std::error_code error;
  const std::string files = absl::StrCat("/proc/", process, "/fd");
  for (auto at = std::filesystem::directory_iterator(files, error);
       !error && at != std::filesystem::directory_iterator();
       at.increment(error)) {
    std::error_code gone;
    if (std::filesystem::read_symlink(at->path(), gone) == link) return true;
  }
  return false;
}

}  // namespace

// ---- Sockets ----

void Socket::Close() {
  if (file_ >= 0) close(file_);
  file_ = -1;
}

void Socket::Reset() {
  if (file_ < 0) return;
  const linger at_once = {.l_onoff = 1, .l_linger = 0};
  (void)setsockopt(file_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  Close();
}

absl::StatusOr<Socket> ListenOn(uint16_t port) {
  Socket socket(
      ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return SystemError("socket");
  const sockaddr_in address = LoopbackAt(port);
  if (!Set(socket.file(), SOL_SOCKET, SO_REUSEADDR, 1) ||
      !Set(socket.file(), SOL_SOCKET, SO_RCVBUF, kReceiveBytes) ||
      bind(socket.file(), reinterpret_cast<const sockaddr*>(&address),
           sizeof(address)) != 0 ||
      listen(socket.file(), kBacklog) != 0) {
    return SystemError("listen");
  }
  return socket;
}

absl::StatusOr<Socket> ConnectTo(uint16_t port, bool wait) {
  Socket socket(::socket(
      AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (wait ? 0 : SOCK_NONBLOCK), 0));
  if (!socket.valid()) return SystemError("socket");
  const sockaddr_in address = LoopbackAt(port);
  (void)Set(socket.file(), IPPROTO_TCP, TCP_NODELAY, 1);
  (void)Set(socket.file(), SOL_SOCKET, SO_RCVBUF, kReceiveBytes);
  if (connect(socket.file(), reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) != 0 &&
      errno != EINPROGRESS) {
    return SystemError("connect");
  }
  return socket;
}

Socket AcceptFrom(const Socket& listener) {
  Socket socket(
      accept4(listener.file(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (socket.valid()) (void)Set(socket.file(), IPPROTO_TCP, TCP_NODELAY, 1);
  return socket;
}

uint16_t LocalPortOf(const Socket& socket) {
  sockaddr_in address = {};
  socklen_t size = sizeof(address);
  getsockname(socket.file(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

uint16_t PeerPortOf(const Socket& socket) {
  sockaddr_in address = {};
  socklen_t size = sizeof(address);
  getpeername(socket.file(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

// ---- Ports ----

absl::StatusOr<uint16_t> FreePort() {
  // Below what the system hands out to those who dial, so that none of them
  // sits there while a replica is away. Several tests run at a time.
  constexpr uint32_t kFirst = 11000;
  constexpr uint32_t kCount = 20000;
  static std::atomic<uint32_t> next = static_cast<uint32_t>(getpid()) * 97;
  for (uint32_t attempt = 0; attempt < kCount; ++attempt) {
    const auto port = static_cast<uint16_t>(kFirst + next++ % kCount);
    if (ListenOn(port).ok()) return port;
  }
  return absl::UnavailableError("no port is free");
}

std::optional<pid_t> OwnerOf(uint16_t from, uint16_t to,
                             const std::vector<pid_t>& processes) {
  const std::string inode = InodeOf(from, to);
  if (inode.empty()) return std::nullopt;
  const std::string link = absl::StrCat("socket:[", inode, "]");
  for (const pid_t process : processes) {
    if (Holds(process, link)) return process;
  }
  return std::nullopt;
}

}  // namespace trimaran::net
