#include "tools/trimaran/http_client.h"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "replication/tcp/address.h"
#include "replication/tcp/socket.h"

namespace trimaran::tool {
namespace {

constexpr size_t kAnswerBytesMax = size_t{64} << 20;

absl::StatusOr<HostPort> ParseAt(std::string_view at) {
  constexpr std::string_view scheme = "http://";
  if (at.rfind(scheme, 0) != 0) {
    return absl::InvalidArgumentError("--at is http://HOST:PORT");
  }
  at.remove_prefix(scheme.size());
  if (!at.empty() && at.back() == '/') at.remove_suffix(1);
  auto address = ParseHostPort(at);
  if (address.ok()) return address;
  return absl::InvalidArgumentError(
      absl::StrCat("--at: ", address.status().message()));
}

absl::Status Failed(const HostPort& at, std::string_view what, int error) {
  return absl::InternalError(
      absl::StrCat(at.ToString(), ": ", ToAbsl(what), ": ",
                   std::generic_category().message(error)));
}

absl::StatusOr<UniqueFd> Connect(const HostPort& at) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(
      at.host.c_str(), absl::StrCat(at.port).c_str(), &hints, &found);
  if (error != 0) {
    return absl::InternalError(
        absl::StrCat(at.ToString(), ": ", ::gai_strerror(error)));
  }
  int last_error = 0;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    UniqueFd socket(::socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (socket.get() >= 0 &&
        ::connect(socket.get(), each->ai_addr, each->ai_addrlen) == 0) {
      ::freeaddrinfo(found);
      return socket;
    }
    last_error = errno;
  }
  ::freeaddrinfo(found);
  return Failed(at, "cannot connect", last_error);
}

std::string Encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                       c == '.';
    if (plain) {
      encoded.push_back(c);
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::string TextOf(const HttpQuestion& question, const HostPort& at) {
  std::string target = question.path;
  char mark = '?';
  for (const auto& [name, value] : question.query) {
    absl::StrAppend(&target, std::string(1, mark), Encode(name), "=",
                    Encode(value));
    mark = '&';
  }
  std::string text = absl::StrCat(ToAbsl(question.method), " ", target,
                                  " HTTP/1.1\r\nHost: ", at.ToString(),
                                  "\r\nX-Trimaran-Admin: 1\r\n");
  if (!question.token.empty()) {
    absl::StrAppend(&text, "Authorization: Bearer ", question.token, "\r\n");
  }
  absl::StrAppend(&text, "Content-Length: 0\r\nConnection: close\r\n\r\n");
  return text;
}

absl::StatusOr<HttpAnswer> Parse(const HostPort& at, std::string_view text) {
  HttpAnswer answer;
  const size_t space = text.find(' ');
  const size_t end = text.find("\r\n\r\n");
  if (text.rfind("HTTP/1.", 0) != 0 || end == std::string_view::npos ||
      !absl::SimpleAtoi(ToAbsl(text.substr(space + 1, 3)), &answer.status)) {
    return absl::InternalError(
        absl::StrCat(at.ToString(), ": the answer is not HTTP"));
  }
  answer.body = std::string(text.substr(end + 4));
  return answer;
}

}  // namespace

absl::StatusOr<HttpAnswer> Ask(std::string_view at,
                               const HttpQuestion& question,
                               const std::atomic<bool>& interrupted) {
  TRIMARAN_ASSIGN_OR_RETURN(const HostPort address, ParseAt(at));
  TRIMARAN_ASSIGN_OR_RETURN(const UniqueFd socket, Connect(address));
  std::string_view rest;
  const std::string text = TextOf(question, address);
  for (rest = text; !rest.empty();) {
    const ssize_t size =
        ::send(socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (size < 0) return Failed(address, "cannot ask", errno);
    rest.remove_prefix(static_cast<size_t>(size));
  }
  std::string received;
  std::array<char, 16384> buffer;
  while (received.size() < kAnswerBytesMax) {
    const ssize_t size = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (size == 0) return Parse(address, received);
    if (size < 0) {
      if (interrupted.load()) {
        return absl::CancelledError(
            "interrupted; what was begun there goes on");
      }
      if (errno == EINTR) continue;
      return Failed(address, "no answer", errno);
    }
    received.append(buffer.data(), static_cast<size_t>(size));
  }
  return absl::InternalError(
      absl::StrCat(address.ToString(), ": the answer is too long"));
}

}  // namespace trimaran::tool
