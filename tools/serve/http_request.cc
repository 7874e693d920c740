#include "tools/serve/http_request.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/absl_compat.h"

namespace trimaran::serve {
namespace {

constexpr size_t kHeadBytesMax = 8192;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<std::string> Decode(std::string_view text) {
  std::string decoded;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded.push_back(text[at] == '+' ? ' ' : text[at]);
      continue;
    }
    if (at + 2 >= text.size()) return std::nullopt;
    const auto high = HexDigit(text[at + 1]);
    const auto low = HexDigit(text[at + 2]);
    if (!high || !low) return std::nullopt;
    decoded.push_back(static_cast<char>(*high * 16 + *low));
    at += 2;
  }
  return decoded;
}

std::string_view ReasonOf(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Error";
  }
}

}  // namespace

std::string_view HttpRequest::Header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : found->second;
}

std::optional<std::string_view> HttpRequest::Query(
    std::string_view name) const {
  const auto found = query.find(name);
  if (found == query.end()) return std::nullopt;
  return found->second;
}

HttpParser::Result HttpParser::Feed(std::string_view bytes) {
  head_.append(bytes.substr(0, kHeadBytesMax + 1 - head_.size()));
  const size_t end = head_.find(kHeadEnd);
  if (end == std::string::npos) {
    if (head_.size() > kHeadBytesMax) return Refuse(431, "too long");
    return Result::kNeedMore;
  }
  const std::string_view head = head_;
  return ReadHead(head.substr(0, end));
}

HttpParser::Result HttpParser::ReadHead(std::string_view head) {
  const std::vector<std::string> lines =
      absl::StrSplit(ToAbsl(head), absl::ByString("\r\n"));
  const std::vector<std::string> words = absl::StrSplit(lines.front(), ' ');
  if (words.size() != 3 || words[2].rfind("HTTP/1.", 0) != 0) {
    return Refuse(400, "no request of HTTP/1.1");
  }
  request_.method = words[0];
  if (!ReadTarget(words[1])) return Refuse(400, "the target is malformed");
  for (size_t at = 1; at < lines.size(); ++at) {
    const size_t colon = lines[at].find(':');
    if (colon == std::string::npos || colon == 0) {
      return Refuse(400, "a header is malformed");
    }
    std::string name = absl::AsciiStrToLower(lines[at].substr(0, colon));
    // Two of them could mean different things to different readers.
    const auto [place, added] = request_.headers.emplace(
        std::move(name),
        std::string(absl::StripAsciiWhitespace(lines[at].substr(colon + 1))));
    if (!added) return Refuse(400, "a header is given twice");
  }
  return Result::kRequest;
}

bool HttpParser::ReadTarget(std::string_view target) {
  const size_t mark = target.find('?');
  const auto path = Decode(target.substr(0, mark));
  if (!path || path->empty() || path->front() != '/') return false;
  request_.path = *path;
  if (mark == std::string_view::npos) return true;
  const std::vector<std::string> pairs =
      absl::StrSplit(ToAbsl(target.substr(mark + 1)), '&', absl::SkipEmpty());
  for (const std::string& pair : pairs) {
    const size_t equals = pair.find('=');
    const auto name = Decode(pair.substr(0, equals));
    const auto value =
        Decode(equals == std::string::npos ? "" : pair.substr(equals + 1));
    if (!name || !value) return false;
    if (!request_.query.emplace(*name, *value).second) return false;
  }
  return true;
}

HttpParser::Result HttpParser::Refuse(int status, std::string_view why) {
  refusal_.status = status;
  refusal_.body = absl::StrCat(ToAbsl(why), "\n");
  return Result::kError;
}

std::string HttpText(const HttpResponse& response, bool with_body) {
  return absl::StrCat(
      "HTTP/1.1 ", response.status, " ", ToAbsl(ReasonOf(response.status)),
      "\r\nContent-Type: ", ToAbsl(response.type),
      "\r\nContent-Length: ", response.body.size(),
      "\r\nConnection: close\r\nCache-Control: no-store"
      "\r\nX-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY"
      "\r\nContent-Security-Policy: default-src 'none'; style-src "
      "'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'"
      "\r\n\r\n",
      with_body ? response.body : std::string());
}

}  // namespace trimaran::serve
