// Goal: operators see how a replica is, and whoever may not act on it is
// refused, and told why.
// Method: a server in this process, and sockets.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/serve/server_fixture.h"
#include "tests/serve/test_client.h"

namespace trimaran::serve {
namespace {

class OperatorsPortTest : public ServerTest {};

TEST_F(OperatorsPortTest, OperatorsSeeHowItIs) {
  Start();
  TestClient client(redis());
  EXPECT_EQ(client.Talk("SET a 1\r\n", "+OK\r\n"), "+OK\r\n");
  EXPECT_TRUE(Contains(Get("/healthz"), "200 OK"));
  const std::string metrics = Get("/metrics");
  EXPECT_TRUE(Contains(metrics, "trimaran_serve_clients 1"));
  EXPECT_TRUE(Contains(metrics, "trimaran_serve_write_duration_seconds_count"));
  EXPECT_TRUE(Contains(metrics, "trimaran_term"));
  const std::string json = Get("/status.json");
  EXPECT_TRUE(Contains(json, "\"role\":\"leader\""));
  EXPECT_TRUE(Contains(json, "\"unhealthy\":\"\""));
  EXPECT_TRUE(Contains(Get("/status.txt"), "leader of term"));
  EXPECT_TRUE(Contains(Get("/"), "<!doctype html>"));
  EXPECT_TRUE(Contains(Get("/nothing"), "404"));
  EXPECT_TRUE(Contains(Http("HEAD / HTTP/1.1\r\n\r\n"), "\r\n\r\n"));
  EXPECT_FALSE(Contains(Http("HEAD / HTTP/1.1\r\n\r\n"), "<html"));
  EXPECT_TRUE(Contains(Http("POST / HTTP/1.1\r\n\r\n"), "405"));
}

// Its id is what the replica knows, and its name what people know.
TEST_F(OperatorsPortTest, ClusterIsCalledByTheNameThatItWasGiven) {
  settings_.options.cluster = "orders\r\n\"1\"";
  Start();
  TestClient client(redis());
  EXPECT_EQ(client.Talk("SET a 1\r\n", "+OK\r\n"), "+OK\r\n");
  const std::string json = Get("/status.json");
  EXPECT_TRUE(Contains(json, R"("cluster_name":"orders\r\n\"1\"")")) << json;
  const size_t at = json.find(R"("cluster":")");
  ASSERT_NE(at, std::string::npos);
  const std::string id = json.substr(at + 11, 32);
  const std::string text = Get("/status.txt");
  EXPECT_TRUE(
      Contains(text, R"(of cluster orders\x0d\n"1" ()" + id + "): leader"))
      << text;
  client.Send("INFO replication\r\nQUIT\r\n");
  const std::string info = client.ReceiveAll();
  EXPECT_TRUE(Contains(info, "\r\ntrimaran_cluster:" + id + "\r\n" +
                                 R"(trimaran_cluster_name:orders\x0d\n"1")" +
                                 "\r\n"))
      << info;
}

TEST_F(OperatorsPortTest, ClusterWithoutANameIsCalledByItsId) {
  settings_.options.cluster = "00112233445566778899AABBCCDDEEFF";
  Start();
  const std::string json = Get("/status.json");
  EXPECT_TRUE(Contains(json, R"("cluster_name":"")")) << json;
  const std::string text = Get("/status.txt");
  EXPECT_TRUE(Contains(text, "of cluster 00112233445566778899aabbccddeeff: "))
      << text;
}

TEST_F(OperatorsPortTest, NonsenseToOperatorsPortIsRefused) {
  Start();
  for (const std::string_view request :
       {"x\r\n\r\n", "GET /\r\n\r\n", "GET x HTTP/1.1\r\n\r\n",
        "GET /%zz HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nnothing\r\n\r\n",
        "GET / HTTP/1.1\r\na: 1\r\nA: 2\r\n\r\n",
        "GET /?a=1&a=2 HTTP/1.1\r\n\r\n"}) {
    EXPECT_TRUE(Contains(Http(request), "HTTP/1.1 400 ")) << request;
  }
  EXPECT_TRUE(
      Contains(Http("GET /" + std::string(9000, 'a')), "HTTP/1.1 431 "));
}

TEST_F(OperatorsPortTest, ActionsAreForThoseOfThisMachine) {
  Start();
  const std::string post = "POST /admin/checkpoint HTTP/1.1\r\n";
  EXPECT_TRUE(Contains(Http(post + "Host: localhost\r\n\r\n"), "403"));
  EXPECT_TRUE(Contains(
      Http(post + "Host: evil.example\r\nX-Trimaran-Admin: 1\r\n\r\n"), "403"));
  // Names that were made to mean this machine.
  for (const std::string_view host :
       {"127.evil.example", "127.0.0.1.evil.example:80", "127.1", "[::1].x"}) {
    EXPECT_TRUE(Contains(Http(post + "Host: " + std::string(host) +
                              "\r\nX-Trimaran-Admin: 1\r\n\r\n"),
                         "403"))
        << host;
  }
  EXPECT_TRUE(Contains(
      Http(post + "Host: [::1]:80\r\nX-Trimaran-Admin: 1\r\n\r\n"), "200"));
  EXPECT_TRUE(
      Contains(Http(post + "Host: 127.0.0.1:80\r\nX-Trimaran-Admin: 1\r\n\r\n"),
               "{\"ok\":true,\"index\":"));
  EXPECT_TRUE(Contains(Get("/admin/checkpoint"), "405"));
  const std::string end =
      " HTTP/1.1\r\nHost: localhost\r\nX-Trimaran-Admin: 1\r\n\r\n";
  const std::string not_applied = "\"outcome\":\"not applied\"";
  const std::string nothing = Http("POST /admin/nothing" + end);
  EXPECT_TRUE(Contains(nothing, "404"));
  EXPECT_TRUE(Contains(nothing, not_applied));
  EXPECT_TRUE(Contains(Http("POST /admin/remove" + end),
                       "{\"error\":\"id is needed, a number from 1\""));
  EXPECT_TRUE(Contains(Http("POST /admin/remove?id=1" + end), "409"));
  EXPECT_TRUE(Contains(Http("POST /admin/backup?directory=x" + end), "400"));
  const std::string backup = directory_.path("backup");
  const std::string make = "POST /admin/backup?directory=" + backup + end;
  EXPECT_TRUE(Contains(Http(make), "\"rows\":"));
  const std::string again = Http(make);
  EXPECT_TRUE(Contains(again, "409"));
  EXPECT_TRUE(Contains(again, not_applied));
}

TEST_F(OperatorsPortTest, OperatorWhoEndsItsOutputStillGetsItsAnswer) {
  Start();
  TestClient client(server_->http_address());
  client.Send(
      "POST /admin/checkpoint HTTP/1.1\r\nHost: localhost\r\n"
      "X-Trimaran-Admin: 1\r\n\r\n");
  client.EndOutput();
  EXPECT_TRUE(Contains(client.ReceiveAll(), "{\"ok\":true,\"index\":"));
}

TEST_F(OperatorsPortTest, ActionsAreForThoseWithTheToken) {
  settings_.http.admin_token = "secret";
  Start();
  const std::string post =
      "POST /admin/checkpoint HTTP/1.1\r\nX-Trimaran-Admin: 1\r\n";
  EXPECT_TRUE(Contains(Http(post + "Host: localhost\r\n\r\n"), "403"));
  EXPECT_TRUE(
      Contains(Http(post + "Authorization: Bearer guess\r\n\r\n"), "403"));
  EXPECT_TRUE(
      Contains(Http(post + "Authorization: Bearer secret\r\n\r\n"), "200"));
}

}  // namespace
}  // namespace trimaran::serve
