#ifndef TRIMARAN_TOOLS_SERVE_HTTP_REQUEST_H_
#define TRIMARAN_TOOLS_SERVE_HTTP_REQUEST_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace trimaran::serve {

struct HttpRequest {
  std::string method = {};
  // Without what stands behind "?".
  std::string path = {};
  // Decoded.
  std::map<std::string, std::string, std::less<>> query = {};
  // Names in lower case.
  std::map<std::string, std::string, std::less<>> headers = {};

  // Empty if there is none.
  std::string_view Header(std::string_view name) const;
  std::optional<std::string_view> Query(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string_view type = "text/plain; charset=utf-8";
  std::string body = {};
};

// Reads the head of one request of HTTP/1.x. A body is not read: nothing here
// needs one. No I/O, no clock; at most 8 KiB are kept.
//
// Thread: owner.
class HttpParser {
 public:
  enum class Result : uint8_t { kNeedMore, kRequest, kError };

  Result Feed(std::string_view bytes);

  // After kRequest.
  const HttpRequest& request() const { return request_; }
  // After kError.
  const HttpResponse& refusal() const { return refusal_; }

 private:
  Result ReadHead(std::string_view head);
  bool ReadTarget(std::string_view target);
  Result Refuse(int status, std::string_view why);

  std::string head_;
  HttpRequest request_;
  HttpResponse refusal_;
};

// The response as it is sent, behind which the connection ends. Without its
// body for HEAD.
//
// Thread: any.
std::string HttpText(const HttpResponse& response, bool with_body);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_HTTP_REQUEST_H_
