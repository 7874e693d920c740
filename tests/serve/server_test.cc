// Goal: no client, however it behaves, harms the others, or makes the server
// hold more than it said it would; and nobody is left without an answer.
// Method: a server in this process, and sockets.

#include "tools/serve/server.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/serve/server_fixture.h"
#include "tests/serve/test_client.h"
#include "tools/serve/listening_port.h"

namespace trimaran::serve {
namespace {

TEST_F(ServerTest, AnswersAndKeepsWhatItAnswered) {
  Start();
  TestClient client(redis());
  EXPECT_EQ(client.Talk("SET a 1\r\nGET a\r\n", "+OK\r\n$1\r\n1\r\n"),
            "+OK\r\n$1\r\n1\r\n");
  EXPECT_TRUE(server_->Stop().ok());
  EXPECT_EQ(client.ReceiveAll(), "");
  server_.reset();
  Start();
  TestClient again(redis());
  EXPECT_EQ(again.Talk("GET a\r\n", "$1\r\n1\r\n"), "$1\r\n1\r\n");
}

TEST_F(ServerTest, PortThatIsTakenIsNamed) {
  Start();
  settings_.redis.listen = redis();
  settings_.directory = directory_.path("other");
  const auto second = Server::Start(settings_);
  EXPECT_TRUE(PortIsTaken(second.status())) << second.status();
  EXPECT_TRUE(
      Contains(std::string(second.status().message()), "redis.listen: "));
}

TEST_F(ServerTest, DirectoryThatIsOpenIsNoPort) {
  Start();
  const auto second = Server::Start(settings_);
  EXPECT_FALSE(second.ok());
  EXPECT_FALSE(PortIsTaken(second.status())) << second.status();
}

TEST_F(ServerTest, OneClientTooManyIsToldSo) {
  settings_.redis.clients_max = 2;
  Start();
  TestClient first(redis());
  auto second = std::make_unique<TestClient>(redis());
  EXPECT_EQ(first.Talk("PING\r\n", kPong), kPong);
  EXPECT_EQ(second->Talk("PING\r\n", kPong), kPong);
  TestClient third(redis());
  EXPECT_EQ(third.ReceiveAll(), "-ERR max number of clients reached\r\n");
  // There is room again when somebody has left.
  EXPECT_EQ(second->Talk("QUIT\r\n", "+OK\r\n"), "+OK\r\n");
  second->ReceiveAll();
  second.reset();
  bool room = false;
  for (int i = 0; i < 100 && !room; ++i) {
    TestClient next(redis());
    room = next.Talk("PING\r\n", kPong) == kPong;
  }
  EXPECT_TRUE(room);
}

TEST_F(ServerTest, NonsenseIsAnsweredAndEnds) {
  Start();
  TestClient client(redis());
  client.Send("PING\r\n*1\r\n$x\r\n" + std::string(100'000, 'z'));
  EXPECT_EQ(client.ReceiveAll(),
            "+PONG\r\n-ERR Protocol error: invalid bulk length\r\n");
  TestClient browser(redis());
  browser.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(Contains(browser.Receive(20), "-ERR"));
}

TEST_F(ServerTest, WhoEndsItsOutputStillGetsItsAnswers) {
  Start();
  TestClient client(redis());
  client.Send("SET a 1\r\nINCR a\r\nGET a\r\n");
  client.EndOutput();
  EXPECT_EQ(client.ReceiveAll(), "+OK\r\n:2\r\n$1\r\n2\r\n");
}

TEST_F(ServerTest, LargeValuesGoThrough) {
  Start();
  TestClient client(redis());
  const std::string value(10 << 20, 'v');
  client.Send("*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$" +
              std::to_string(value.size()) + "\r\n" + value + "\r\n");
  EXPECT_EQ(client.Receive(5), "+OK\r\n");
  client.Send("GET big\r\nSTRLEN big\r\n");
  const std::string expected =
      "$" + std::to_string(value.size()) + "\r\n" + value + "\r\n:10485760\r\n";
  EXPECT_TRUE(client.Receive(expected.size()) == expected);
}

TEST_F(ServerTest, WhoNeverReadsIsPausedAndThenClosed) {
  settings_.redis.stall_timeout = absl::Seconds(1);
  settings_.limits.output_bytes = 64 << 10;
  settings_.limits.pipeline_bytes = 64 << 10;
  Start();
  TestClient other(redis());
  EXPECT_EQ(
      other.Talk("SET big " + std::string(32 << 10, 'v') + "\r\n", "+OK\r\n"),
      "+OK\r\n");
  TestClient slow(redis(), 4096);
  std::string questions;
  for (int i = 0; i < 1'000'000; ++i) questions += "GET big\r\n";
  // It is not read from for ever.
  EXPECT_LT(slow.SendSome(questions), questions.size());
  // Nobody else notices.
  EXPECT_EQ(other.Talk("PING\r\n", kPong), kPong);
  const std::string info_begin = "$";
  other.Send("INFO memory\r\n");
  EXPECT_EQ(other.Receive(1), info_begin);
  // In the end it has gone, and what was kept for it.
  bool gone = false;
  for (int i = 0; i < 200 && !gone; ++i) {
    gone = Contains(Get("/metrics"),
                    "trimaran_serve_connections_timed_out_total 1");
    if (!gone) slow.SendSome("x");
  }
  EXPECT_TRUE(gone);
}

TEST_F(ServerTest, SilentClientIsClosed) {
  settings_.redis.idle_timeout = absl::Seconds(1);
  Start();
  TestClient client(redis());
  EXPECT_EQ(client.Talk("PING\r\n", kPong), kPong);
  EXPECT_EQ(client.ReceiveAll(), "");
}

TEST_F(ServerTest, WithoutThePasswordLittleIsRead) {
  settings_.redis.password = "secret";
  Start();
  TestClient stranger(redis());
  stranger.Send("*1\r\n$100000\r\n");
  EXPECT_EQ(stranger.ReceiveAll(),
            "-ERR Protocol error: invalid bulk length\r\n");
  // Both in one piece: the second one is read under the limits of a friend.
  TestClient client(redis());
  const std::string value(100'000, 'v');
  client.Send("AUTH secret\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$100000\r\n" +
              value + "\r\n");
  EXPECT_EQ(client.Receive(10), "+OK\r\n+OK\r\n");
}

TEST_F(ServerTest, LongPipelineOfMixedCommands) {
  settings_.limits.pipeline_bytes = 4096;
  settings_.limits.output_bytes = 4096;
  Start();
  std::string said;
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    said += "PING\r\nSET k" + std::to_string(i) + " v\r\nECHO abc\r\n";
    expected += "+PONG\r\n+OK\r\n$3\r\nabc\r\n";
    if (i % 100 == 0) {
      said += "INCR n\r\nGET k" + std::to_string(i) + "\r\n";
      expected += ":" + std::to_string(i / 100 + 1) + "\r\n$1\r\nv\r\n";
    }
  }
  TestClient client(redis());
  std::thread sender([&] { client.Send(said); });
  const std::string heard = client.Receive(expected.size());
  sender.join();
  EXPECT_TRUE(heard == expected);
}

// What was read while there was no room is not forgotten when all of what stood
// in its way leaves at once.
TEST_F(ServerTest, QuestionBehindALargeAnswerIsAnswered) {
  Start();
  TestClient client(redis());
  const std::string value(6 << 20, 'v');
  client.Send("*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$" +
              std::to_string(value.size()) + "\r\n" + value + "\r\n");
  EXPECT_EQ(client.Receive(5), "+OK\r\n");
  const size_t answer = value.size() + 12;
  for (int i = 0; i < 20; ++i) {
    client.Send("GET big\r\n");
    // The rest is on its way.
    EXPECT_EQ(client.Receive(100).size(), 100u);
    client.Send("PING\r\n");
    const std::string rest = client.Receive(answer - 100 + kPong.size());
    ASSERT_TRUE(Contains(rest.substr(answer - 100), kPong)) << i;
  }
}

TEST_F(ServerTest, LongPipelineFindsLittleRoom) {
  settings_.limits.pipeline_bytes = 1 << 10;
  Start();
  std::string said;
  std::string expected;
  for (int i = 0; i < 40'000; ++i) {
    said += "PING\r\n";
    expected += kPong;
  }
  TestClient client(redis());
  std::thread sender([&] { client.Send(said); });
  EXPECT_TRUE(client.Receive(expected.size()) == expected);
  sender.join();
}

// A page in a browser can send a form to any port of this machine. Its lines
// would be commands.
TEST_F(ServerTest, BrowserIsNoClient) {
  Start();
  for (const std::string_view head :
       {"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "Host: x\r\n",
        "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"}) {
    TestClient browser(redis());
    browser.Send(std::string(head) + "SET pwned yes\r\n");
    EXPECT_FALSE(Contains(browser.ReceiveAll(), "+OK")) << head;
  }
  TestClient client(redis());
  EXPECT_EQ(client.Talk("GET pwned\r\n", "$-1\r\n"), "$-1\r\n");
}

TEST_F(ServerTest, HundredsOfClientsOnOneThread) {
  Start();
  constexpr int clients_max = 300;
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < clients_max; ++i) {
    clients.push_back(std::make_unique<TestClient>(redis()));
  }
  for (int round = 0; round < 3; ++round) {
    for (const auto& client : clients) {
      client->Send("INCR n\r\nSET a b\r\n");
    }
    for (const auto& client : clients) {
      EXPECT_EQ(client->Receive(1), ":");
      std::string rest;
      while (!Contains(rest, "+OK\r\n")) {
        const std::string next = client->Receive(1);
        ASSERT_EQ(next.size(), 1u);
        rest += next;
      }
    }
  }
  TestClient last(redis());
  EXPECT_EQ(last.Talk("GET n\r\n", "$3\r\n900\r\n"), "$3\r\n900\r\n");
}

TEST_F(ServerTest, StopAnswersWhatWasAsked) {
  Start();
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<TestClient>(redis()));
    std::string said;
    for (int n = 0; n < 200; ++n) said += "SET a 1\r\nPING\r\n";
    clients.back()->Send(said);
  }
  EXPECT_TRUE(server_->Stop().ok());
  for (const auto& client : clients) {
    const std::string heard = client->ReceiveAll();
    // Whole answers, each of them one of three.
    for (size_t at = 0; at < heard.size();) {
      const std::string_view rest = std::string_view(heard).substr(at);
      EXPECT_TRUE(rest.substr(0, 3) == "+OK" || rest.substr(0, 5) == "+PONG" ||
                  rest.substr(0, 21) == "-TRYAGAIN not applied")
          << rest.substr(0, 80);
      const size_t end = rest.find("\r\n");
      ASSERT_NE(end, std::string_view::npos);
      at += end + 2;
    }
  }
}

// Those of all clients that come together are one write and one question; each
// client still has its own answers, in its own order.
TEST_F(ServerTest, EachOfManyClientsSeesItsOwnWritesInItsOrder) {
  Start();
  constexpr int clients_max = 40;
  constexpr int rounds = 5;
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < clients_max; ++i) {
    clients.push_back(std::make_unique<TestClient>(redis()));
  }
  for (int round = 0; round < rounds; ++round) {
    const std::string text = std::to_string(round);
    for (int i = 0; i < clients_max; ++i) {
      const std::string key = "k" + std::to_string(i);
      clients[static_cast<size_t>(i)]->Send(
          "SET " + key + " " + text + "\r\nGET " + key + "\r\nSET " + key +
          "\r\nSET " + key + " x EX 5\r\nAPPEND " + key + " y\r\nGET " + key +
          "\r\nPING\r\n");
    }
    const std::string expected =
        "+OK\r\n$1\r\n" + text +
        "\r\n-ERR wrong number of arguments for 'set' command\r\n"
        "-ERR rows do not expire: EX, PX, EXAT and PXAT are not "
        "supported\r\n:2\r\n$2\r\n" +
        text + "y\r\n+PONG\r\n";
    for (const auto& client : clients) {
      ASSERT_EQ(client->Receive(expected.size()), expected);
    }
  }
}

TEST_F(ServerTest, WriteOfAnotherClientStopsAnExecThatWatches) {
  Start();
  TestClient watcher(redis());
  TestClient other(redis());
  constexpr std::string_view queued = "+OK\r\n+OK\r\n+QUEUED\r\n";
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(watcher.Talk("WATCH a\r\nMULTI\r\nSET a mine\r\n", queued),
              queued);
    // What is acknowledged before EXEC is asked is seen by it.
    EXPECT_EQ(other.Talk("SET a theirs\r\n", "+OK\r\n"), "+OK\r\n");
    EXPECT_EQ(watcher.Talk("EXEC\r\n", "*-1\r\n"), "*-1\r\n");
    EXPECT_EQ(watcher.Talk("WATCH a\r\nMULTI\r\nSET a mine\r\n", queued),
              queued);
    EXPECT_EQ(watcher.Talk("EXEC\r\n", "*1\r\n+OK\r\n"), "*1\r\n+OK\r\n");
  }
}

// Whoever is reset while it is not read from, and while commands of it are
// under way, goes, and nobody else notices.
TEST_F(ServerTest, ClientThatIsResetGoes) {
  settings_.limits.output_bytes = 64 << 10;
  settings_.limits.pipeline_bytes = 64 << 10;
  Start();
  TestClient other(redis());
  EXPECT_EQ(
      other.Talk("SET big " + std::string(32 << 10, 'v') + "\r\n", "+OK\r\n"),
      "+OK\r\n");
  std::string questions;
  for (int i = 0; i < 1'000'000; ++i) questions += "GET big\r\n";
  {
    // Its socket is closed with answers in it that it has not read.
    TestClient reset(redis(), 4096);
    EXPECT_LT(reset.SendSome(questions), questions.size());
    EXPECT_TRUE(Contains(Get("/metrics"), "trimaran_serve_clients 2"));
  }
  bool gone = false;
  for (int i = 0; i < 200 && !gone; ++i) {
    gone = Contains(Get("/metrics"), "trimaran_serve_clients 1");
  }
  EXPECT_TRUE(gone);
  EXPECT_EQ(other.Talk("PING\r\n", kPong), kPong);
}

}  // namespace
}  // namespace trimaran::serve
