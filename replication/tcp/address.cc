#include "replication/tcp/address.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/logging.h"

namespace trimaran {
namespace {

// The longest name that DNS has.
constexpr size_t kHostBytesMax = 253;

absl::Status NoAddress(std::string_view text, std::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat(
      "'", EscapeForLog(text), "' is no address: ", ToAbsl(reason)));
}

bool IsHostCharacter(char c) {
  // Colons for IPv6; a percent sign for its zones; underscores, which some
  // name their machines with.
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' ||
         c == '-' || c == '_' || c == ':' || c == '%';
}

std::string Digits(const sockaddr* address, socklen_t size) {
  std::array<char, NI_MAXHOST> host = {};
  if (::getnameinfo(address, size, host.data(), host.size(), nullptr, 0,
                    NI_NUMERICHOST) != 0) {
    return "?";
  }
  return host.data();
}

}  // namespace

std::string HostPort::ToString() const {
  const bool brackets = host.find(':') != std::string::npos;
  return absl::StrCat(brackets ? "[" : "", host, brackets ? "]:" : ":", port);
}

absl::StatusOr<HostPort> ParseHostPort(std::string_view text) {
  HostPort result;
  std::string_view rest = text;
  if (rest.starts_with('[')) {
    const size_t end = rest.find(']');
    if (end == std::string_view::npos) return NoAddress(text, "']' is missing");
    result.host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    if (result.host.find(':') == std::string::npos) {
      return NoAddress(text, "brackets hold an IPv6 address");
    }
  } else {
    result.host = rest.substr(0, rest.find(':'));
    rest.remove_prefix(result.host.size());
  }
  if (result.host.empty()) return NoAddress(text, "the host is missing");
  if (result.host.size() > kHostBytesMax) {
    return NoAddress(text, "the host is longer than 253 bytes");
  }
  if (!std::all_of(result.host.begin(), result.host.end(), IsHostCharacter)) {
    return NoAddress(text, "a host has letters, digits, '.', '-' and '_'");
  }
  if (!rest.starts_with(':')) return NoAddress(text, "':port' is missing");
  rest.remove_prefix(1);
  uint32_t port = 0;
  if (rest.empty() || rest.size() > 5 ||
      !std::all_of(rest.begin(), rest.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(ToAbsl(rest), &port) || port > 65535) {
    return NoAddress(text,
                     "a port is a number up to 65535, and an IPv6 address "
                     "stands in brackets");
  }
  result.port = static_cast<uint16_t>(port);
  return result;
}

Endpoint::Endpoint(const sockaddr* address, socklen_t length)
    : size_(std::min<socklen_t>(length, sizeof(storage_))) {
  std::memcpy(&storage_, address, size_);
}

std::optional<Endpoint> Endpoint::FromDigits(const HostPort& address) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  // With these two nothing is looked up anywhere.
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = absl::StrCat(address.port);
  if (::getaddrinfo(address.host.c_str(), port.c_str(), &hints, &found) != 0) {
    return std::nullopt;
  }
  const Endpoint result(found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  return result;
}

uint16_t Endpoint::port() const {
  if (family() == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in*>(&storage_)->sin_port);
}

bool Endpoint::IsLoopback() const {
  constexpr uint32_t loopback_net = 127;
  if (family() == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&storage_);
    return ntohl(v4->sin_addr.s_addr) >> 24 == loopback_net;
  }
  if (family() != AF_INET6) return false;
  const in6_addr& v6 =
      reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) return v6.s6_addr[12] == loopback_net;
  return IN6_IS_ADDR_LOOPBACK(&v6);
}

bool Endpoint::IsWildcard() const {
  if (family() == AF_INET) {
    return reinterpret_cast<const sockaddr_in*>(&storage_)->sin_addr.s_addr ==
           INADDR_ANY;
  }
  return family() == AF_INET6 &&
         IN6_IS_ADDR_UNSPECIFIED(
             &reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr);
}

std::string Endpoint::ToString() const {
  return HostPort{.host = Digits(data(), size_), .port = port()}.ToString();
}

bool operator==(const Endpoint& a, const Endpoint& b) {
  return a.size_ == b.size_ &&
         std::memcmp(&a.storage_, &b.storage_, a.size_) == 0;
}

}  // namespace trimaran
