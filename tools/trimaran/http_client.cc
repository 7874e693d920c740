#include "tools/trimaran/http_client.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "replication/tcp/address.h"
#include "tools/trimaran/tcp_connection.h"

namespace trimaran::tool {
namespace {

constexpr size_t kAnswerBytesMax = size_t{64} << 20;
// Until it is connected, and until it has been asked.
constexpr absl::Duration kPatience = absl::Seconds(20);

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

// Of the line of `head` that has this name; empty if there is none.
std::optional<std::string_view> HeaderIn(std::string_view head,
                                         std::string_view name) {
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos &&
        absl::EqualsIgnoreCase(ToAbsl(line.substr(0, colon)), ToAbsl(name))) {
      return ToStd(absl::StripAsciiWhitespace(ToAbsl(line.substr(colon + 1))));
    }
    head.remove_prefix(std::min(head.size(), line.size() + 2));
  }
  return std::nullopt;
}

// Who names no length ends his answer with the connection.
bool HasItsLength(std::string_view head, std::string_view body) {
  const auto length = HeaderIn(head, "content-length");
  uint64_t bytes = 0;
  return !length ||
         (absl::SimpleAtoi(ToAbsl(*length), &bytes) && bytes == body.size());
}

// Nothing that speaks HTTP begins with another word.
bool BeginsLikeHttp(std::string_view text) {
  constexpr std::string_view word = "HTTP/";
  const size_t size = std::min(text.size(), word.size());
  return text.substr(0, size) == word.substr(0, size);
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
  // The end of a connection does not tell an answer that is whole from one that
  // was cut off.
  if (!HasItsLength(text.substr(0, end), answer.body)) {
    return absl::InternalError(absl::StrCat(
        at.ToString(), ": the answer is not as long as it says that it is"));
  }
  return answer;
}

absl::StatusOr<HttpAnswer> AskOver(TcpConnection& connection,
                                   const HttpQuestion& question,
                                   const HostPort& address) {
  TRIMARAN_RETURN_IF_ERROR(
      connection.Send(TextOf(question, address), kPatience));
  std::string received;
  while (received.size() < kAnswerBytesMax) {
    // Such a server has understood nothing, and may wait for more.
    if (!BeginsLikeHttp(received)) {
      return WithOutcome(
          absl::InternalError(absl::StrCat(
              address.ToString(), ": what answers there does not speak HTTP")),
          WriteOutcome::kNotApplied);
    }
    // What is asked for may take long, and says itself for how long.
    const auto part = connection.Receive(absl::InfiniteDuration());
    if (absl::IsCancelled(part.status())) {
      return absl::CancelledError("interrupted; what was begun there goes on");
    }
    TRIMARAN_RETURN_IF_ERROR(part.status());
    if (part->empty()) return Parse(address, received);
    received += *part;
  }
  return absl::InternalError(
      absl::StrCat(address.ToString(), ": the answer is too long"));
}

}  // namespace

absl::StatusOr<HttpAnswer> Ask(std::string_view at,
                               const HttpQuestion& question,
                               const std::atomic<bool>& interrupted) {
  TRIMARAN_ASSIGN_OR_RETURN(const HostPort address, ParseAt(at));
  TRIMARAN_ASSIGN_OR_RETURN(
      const auto connection,
      TcpConnection::Connect(address, kPatience, interrupted));
  auto answer = AskOver(*connection, question, address);
  if (answer.ok() || absl::IsCancelled(answer.status()) ||
      question.method != "POST" ||
      OutcomeOf(answer.status()) == WriteOutcome::kNotApplied) {
    return answer;
  }
  return OutcomeUnknownError(
      absl::StrCat("outcome unknown: ", answer.status().message()));
}

}  // namespace trimaran::tool
