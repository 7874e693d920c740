#ifndef TRIMARAN_REPLICATION_TCP_ADDRESS_H_
#define TRIMARAN_REPLICATION_TCP_ADDRESS_H_

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// Where a process can be reached: as people write it, and as the system wants
// it.
//
// Thread: values and pure functions; any.

namespace trimaran {

// A name, or the digits of an IPv4 or IPv6 address, and a port.
struct HostPort {
  // Without brackets.
  std::string host;
  uint16_t port = 0;

  // What ParseHostPort takes.
  std::string ToString() const;

  friend bool operator==(const HostPort&, const HostPort&) = default;
};

// "host:port" or "[v6]:port". InvalidArgument, naming what is wrong with
// `text`. That a host of that name exists is not known.
absl::StatusOr<HostPort> ParseHostPort(std::string_view text);

// An address of the system's, of IPv4 or IPv6.
class Endpoint {
 public:
  // Empty where `host` is a name and not digits.
  static std::optional<Endpoint> FromDigits(const HostPort& address);
  // Copies. `length` as the system gave it.
  Endpoint(const sockaddr* address, socklen_t length);

  const sockaddr* data() const {
    return reinterpret_cast<const sockaddr*>(&storage_);
  }
  socklen_t size() const { return size_; }
  int family() const { return storage_.ss_family; }
  uint16_t port() const;

  // What is sent there never leaves this machine.
  bool IsLoopback() const;
  // All interfaces; nothing that one could dial.
  bool IsWildcard() const;

  // "127.0.0.1:80" or "[::1]:80".
  std::string ToString() const;

  friend bool operator==(const Endpoint& a, const Endpoint& b);

 private:
  sockaddr_storage storage_ = {};
  socklen_t size_ = 0;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_ADDRESS_H_
