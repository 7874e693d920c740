// Goal: whoever is asked over a connection, the asker is done within the time
// and the memory that he gives it, and says what became of it.

#include "tools/trimaran/resp_client.h"

#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "replication/tcp/socket.h"
#include "tests/tools/trimaran/socket_talk.h"
#include "tools/trimaran/http_client.h"

namespace trimaran::tool {
namespace {

constexpr absl::Duration kShort = absl::Milliseconds(300);
constexpr absl::Duration kLong = absl::Seconds(20);

// Serves one connection as it is told, and closes it.
class Server {
 public:
  // `serve` is given the connection; it ends when the other side does.
  explicit Server(std::function<void(int socket)> serve)
      : listener_(*ListenOn(*Endpoint::FromDigits({"127.0.0.1", 0}))),
        address_(*ParseHostPort(LocalEndpoint(listener_)->ToString())),
        thread_([this, serve = std::move(serve)] {
          pollfd wait = {.fd = listener_.get(), .events = POLLIN, .revents = 0};
          if (::poll(&wait, 1, kWaitMs) != 1) return;
          const Accepted accepted = AcceptOne(listener_);
          if (accepted.kind == Accepted::Kind::kSocket) {
            serve(accepted.socket.get());
          }
        }) {}

  const HostPort& address() const { return address_; }

 private:
  const UniqueFd listener_;
  const HostPort address_;
  const std::jthread thread_;
};

void ReceiveUntilEnd(int socket) {
  while (!Receive(socket).empty()) {
  }
}

// A server that answers the first thing that it is told with this, and goes.
std::function<void(int)> Answering(const std::string& answer) {
  return [answer](int socket) {
    Receive(socket);
    SendAll(socket, answer);
  };
}

class RespClientTest : public ::testing::Test {
 protected:
  absl::StatusOr<RespValue> Ask(const HostPort& server,
                                absl::Duration timeout = kLong,
                                size_t answer_bytes_max = 100'000) {
    auto client = RespClient::Connect(
        server, {.timeout = timeout, .answer_bytes_max = answer_bytes_max},
        interrupted_);
    if (!client.ok()) return client.status();
    auto answer = (*client)->Call({"GET", "key"});
    broken_ = (*client)->broken();
    return answer;
  }
  absl::StatusCode CodeOf(const std::string& answer) {
    const Server server(Answering(answer));
    return Ask(server.address()).status().code();
  }

  std::atomic<bool> interrupted_ = false;
  bool broken_ = false;
};

TEST_F(RespClientTest, AddressesAreThoseOfServe) {
  for (const char* text : {"redis://localhost:6379", "localhost:6379",
                           "redis://[::1]:6379/", "[::1]:6379"}) {
    EXPECT_TRUE(ParseRedisAddress(text).ok()) << text;
  }
  for (const char* text : {"", "redis://", "localhost", "http://localhost:1",
                           "rediss://localhost:1", "redis://u:p@localhost:1",
                           "localhost:0x1", "localhost:70000"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseRedisAddress(text).status()))
        << text;
  }
}

TEST_F(RespClientTest, TheFirstWordOfAnErrorSaysWhatItMeans) {
  using absl::StatusCode;
  EXPECT_EQ(CodeOf("$2\r\nhi\r\n"), StatusCode::kOk);
  EXPECT_EQ(CodeOf("-NOAUTH who are you?\r\n"), StatusCode::kPermissionDenied);
  EXPECT_EQ(CodeOf("-WRONGPASS no\r\n"), StatusCode::kPermissionDenied);
  EXPECT_EQ(CodeOf("-ERR what?\r\n"), StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf("-UNKNOWN perhaps\r\n"), StatusCode::kUnknown);
  EXPECT_EQ(CodeOf("-TRYAGAIN no leader\r\n"), StatusCode::kInternal);
  EXPECT_EQ(CodeOf("-\r\n"), StatusCode::kInternal);
  EXPECT_FALSE(broken_) << "an error is an answer";
}

TEST_F(RespClientTest, WhatIsNoAnswerBreaksTheConnection) {
  EXPECT_EQ(CodeOf("HTTP/1.1 400 Bad Request\r\n"),
            absl::StatusCode::kInternal);
  EXPECT_TRUE(broken_);
  EXPECT_EQ(CodeOf("$5\r\nhal"), absl::StatusCode::kInternal)
      << "it has ended within an answer";
  EXPECT_EQ(CodeOf(""), absl::StatusCode::kInternal);
}

TEST_F(RespClientTest, NobodyIsAnErrorAtOnce) {
  const UniqueFd unused = *ListenOn(*Endpoint::FromDigits({"127.0.0.1", 0}));
  const HostPort address = *ParseHostPort(LocalEndpoint(unused)->ToString());
  ::shutdown(unused.get(), SHUT_RDWR);
  EXPECT_EQ(Ask(address).status().code(), absl::StatusCode::kInternal);
}

TEST_F(RespClientTest, WhoSaysNothingIsGivenUpInTime) {
  const Server server(ReceiveUntilEnd);
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ask(server.address(), kShort).status()));
  EXPECT_TRUE(broken_);
}

TEST_F(RespClientTest, WhoDripsIsGivenUpInTime) {
  const Server server([](int socket) {
    SendAll(socket, "$90000\r\n");
    // A byte now and then would keep it alive for an hour.
    pollfd gone = {.fd = socket, .events = POLLRDHUP, .revents = 0};
    while (::poll(&gone, 1, 20) == 0 && SendAll(socket, "v")) {
    }
  });
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ask(server.address(), kShort).status()));
}

TEST_F(RespClientTest, WhoSendsWithoutEndIsGivenUpAtTheLimit) {
  const Server server([](int socket) {
    SendAll(socket, "*1000000000\r\n");
    while (SendAll(socket, "$3\r\nabc\r\n")) {
    }
  });
  EXPECT_TRUE(absl::IsResourceExhausted(Ask(server.address()).status()));
}

TEST_F(RespClientTest, AnswersThatNobodyAskedForAreNotTakenForOthers) {
  const Server server([](int socket) {
    while (!Receive(socket).empty()) SendAll(socket, "+one\r\n+two\r\n");
  });
  auto client = RespClient::Connect(server.address(), {}, interrupted_);
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_FALSE((*client)->Call({"GET", "a"}).ok());
  EXPECT_TRUE((*client)->broken());
}

TEST_F(RespClientTest, PipelineDoesNotWaitForWhoWaitsForIt) {
  // Answers as it reads, without looking ahead: its answers fill the way back
  // while most of the commands are still to come.
  constexpr size_t count = 20'000;
  const std::string value(1000, 'v');
  const std::string answer = absl::StrCat("$1000\r\n", value, "\r\n");
  const Server server([&](int socket) {
    size_t commands = 0;
    while (commands < count) {
      const std::string bytes = Receive(socket);
      if (bytes.empty()) return;
      for (const char byte : bytes) {
        if (byte != '*') continue;
        ++commands;
        if (!SendAll(socket, answer)) return;
      }
    }
    ReceiveUntilEnd(socket);
  });
  auto client = RespClient::Connect(server.address(), {}, interrupted_);
  ASSERT_TRUE(client.ok()) << client.status();
  const std::vector<RespClient::Words> all(count, {"ECHO", value});
  const auto answers = (*client)->CallAll(all);
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_EQ(answers->size(), count);
  EXPECT_EQ(answers->back().text, value);
}

TEST_F(RespClientTest, InterruptionIsNoticedWithoutASignal) {
  const Server server(ReceiveUntilEnd);
  std::jthread interrupter([this] { interrupted_ = true; });
  EXPECT_TRUE(absl::IsCancelled(Ask(server.address()).status()));
}

// ---- The port for operators is asked over the same connection ----

class HttpClientTest : public RespClientTest {
 protected:
  absl::StatusOr<HttpAnswer> Get(const Server& server) {
    return tool::Ask(absl::StrCat("http://", server.address().ToString()),
                     {.path = "/status.txt"}, interrupted_);
  }
};

TEST_F(HttpClientTest, AnswerIsWhatStandsBehindTheHead) {
  const Server server(
      Answering("HTTP/1.1 503 Down\r\nA: b\r\n\r\nno leader\n"));
  const auto answer = Get(server);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->body, "no leader\n");
}

TEST_F(HttpClientTest, AnswerThatEndsBeforeItsLengthIsAnError) {
  const std::string head = "HTTP/1.1 200 OK\r\ncontent-length:  10 \r\n\r\n";
  {
    const Server server(Answering(head + "0123456789"));
    const auto answer = Get(server);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->body, "0123456789");
  }
  for (const char* const body : {"012345678", "", "0123456789a"}) {
    const Server server(Answering(head + body));
    EXPECT_TRUE(absl::IsInternal(Get(server).status())) << body;
  }
}

TEST_F(HttpClientTest, LengthThatIsNoneIsAnError) {
  for (const char* const length : {"", "ten", "-1", "99999999999999999999"}) {
    const Server server(Answering(absl::StrCat(
        "HTTP/1.1 200 OK\r\nContent-Length: ", length, "\r\n\r\n")));
    EXPECT_TRUE(absl::IsInternal(Get(server).status())) << length;
  }
}

TEST_F(HttpClientTest, WhatIsNoHttpIsAnError) {
  for (const char* const text : {"+OK\r\n", "HTTP/1.1 200\r\n", ""}) {
    const Server server(Answering(text));
    EXPECT_TRUE(absl::IsInternal(Get(server).status())) << text;
  }
}

TEST_F(HttpClientTest, WhoSendsWithoutEndIsGivenUpAtTheLimit) {
  const Server server([](int socket) {
    const std::string much(1 << 20, 'x');
    while (SendAll(socket, much)) {
    }
  });
  EXPECT_TRUE(absl::IsInternal(Get(server).status()));
}

TEST_F(HttpClientTest, InterruptionSaysThatTheActionGoesOn) {
  const Server server(ReceiveUntilEnd);
  std::jthread interrupter([this] { interrupted_ = true; });
  EXPECT_TRUE(absl::IsCancelled(Get(server).status()));
}

}  // namespace
}  // namespace trimaran::tool
