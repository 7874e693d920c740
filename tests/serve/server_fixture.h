#ifndef TRIMARAN_TESTS_SERVE_SERVER_FIXTURE_H_
#define TRIMARAN_TESTS_SERVE_SERVER_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "tests/api/test_directory.h"
#include "tests/serve/test_client.h"
#include "tools/serve/server.h"

namespace trimaran::serve {

// A server in this process, with a replica of its own, at ports that are free.
class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    settings_ = DefaultSettings();
    settings_.directory = directory_.path();
    settings_.redis.listen = "127.0.0.1:0";
    settings_.http.listen = "127.0.0.1:0";
    settings_.options.cache_bytes = 8 << 20;
    settings_.options.log_severity_min = LogSeverity::kError;
  }

  void Start() {
    auto server = Server::Start(settings_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  std::string redis() const { return server_->redis_address(); }

  std::string Http(std::string_view request) const {
    TestClient client(server_->http_address());
    client.Send(request);
    return client.ReceiveAll();
  }
  std::string Get(std::string_view path) const {
    return Http("GET " + std::string(path) +
                " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  }

  TestDirectory directory_;
  Settings settings_;
  std::unique_ptr<Server> server_;
};

inline constexpr std::string_view kPong = "+PONG\r\n";

inline bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace trimaran::serve

#endif  // TRIMARAN_TESTS_SERVE_SERVER_FIXTURE_H_
