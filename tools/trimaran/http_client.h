#ifndef TRIMARAN_TOOLS_TRIMARAN_HTTP_CLIENT_H_
#define TRIMARAN_TOOLS_TRIMARAN_HTTP_CLIENT_H_

#include <atomic>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace trimaran::tool {

struct HttpQuestion {
  std::string_view method = "GET";
  // "/admin/add"
  std::string path = {};
  // Names, and values of any bytes.
  std::vector<std::pair<std::string, std::string>> query = {};
  // Empty if none is shown.
  std::string token = {};
};

struct HttpAnswer {
  int status = 0;
  std::string body;
};

// Asks `trimaran serve` at "http://HOST:PORT", and waits for the answer, as
// long as it takes. InvalidArgument: that is no such address. Cancelled:
// interrupted. Any other error: nobody answered, or not in HTTP, or not to the
// end; of a POST, IsOutcomeUnknown unless nothing was asked, or what answered
// is no server of that kind.
//
// Thread: any.
absl::StatusOr<HttpAnswer> Ask(std::string_view at,
                               const HttpQuestion& question,
                               const std::atomic<bool>& interrupted);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_HTTP_CLIENT_H_
