// Goal: what cannot work, or would be open to everybody, is refused before
// anything is opened.

#include "replication/tcp/tcp_options.h"

#include <functional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/replication/tcp/tcp_fixture.h"

namespace trimaran {
namespace {

using testing::HasSubstr;

std::string Refusal(const std::function<void(TcpOptions&)>& change) {
  TcpOptions options = TestOptions(ReplicaId(1));
  change(options);
  return std::string(ValidateTcpOptions(options).message());
}

TEST(TcpOptionsTest, TheDefaultsAreGood) {
  EXPECT_TRUE(ValidateTcpOptions(TestOptions(ReplicaId(1))).ok());
}

TEST(TcpOptionsTest, NamesWhatIsMissing) {
  EXPECT_THAT(Refusal([](auto& o) { o.cluster = ClusterId(); }),
              HasSubstr("cluster"));
  EXPECT_THAT(Refusal([](auto& o) { o.replica = kNoReplica; }),
              HasSubstr("replica"));
  EXPECT_THAT(Refusal([](auto& o) { o.store = StoreId(); }),
              HasSubstr("store"));
  EXPECT_THAT(Refusal([](auto& o) { o.listen = ""; }), HasSubstr("listen"));
  EXPECT_THAT(Refusal([](auto& o) { o.advertise = "x"; }),
              HasSubstr("advertise"));
  EXPECT_THAT(Refusal([](auto& o) {
                o.tls = TlsCredentials{"a", "b", ""};
              }),
              HasSubstr("tls.key"));
}

TEST(TcpOptionsTest, NamesTheLimit) {
  EXPECT_THAT(Refusal([](auto& o) { o.queue_messages_max = 0; }),
              HasSubstr("queue_messages_max is 0, and must be at least 1"));
  EXPECT_THAT(Refusal([](auto& o) { o.connections_max = o.strangers_max; }),
              HasSubstr("connections_max is 64"));
  EXPECT_THAT(Refusal([](auto& o) { o.silence_max = o.ping_interval; }),
              HasSubstr("silence_max"));
  EXPECT_THAT(Refusal([](auto& o) { o.backoff_max = absl::Milliseconds(1); }),
              HasSubstr("backoff_max is 1ms, and must be at least 10ms"));
  EXPECT_THAT(
      Refusal([](auto& o) { o.handshake_timeout = absl::ZeroDuration(); }),
      HasSubstr("handshake_timeout"));
  EXPECT_THAT(
      Refusal([](auto& o) { o.bulk_unused_max = absl::ZeroDuration(); }),
      HasSubstr("bulk_unused_max"));
}

TEST(TcpOptionsTest, BeyondLoopbackSomethingMustProtect) {
  const auto beyond = [](TcpOptions& o) {
    o.listen = "0.0.0.0:7000";
    o.advertise = "db1:7000";
  };
  EXPECT_THAT(Refusal(beyond), HasSubstr("set tls, or insecure"));
  EXPECT_EQ(Refusal([&](auto& o) { beyond(o), o.insecure = true; }), "");
  EXPECT_EQ(Refusal([&](auto& o) {
              beyond(o), o.tls = TlsCredentials{"ca.pem", "1.pem", "1.key"};
            }),
            "");
}

TEST(TcpOptionsTest, WhatNobodyCanDialIsNotAdvertised) {
  const auto wildcard = [](TcpOptions& o) {
    o.insecure = true;
    o.listen = "[::]:7000";
  };
  EXPECT_THAT(Refusal(wildcard), HasSubstr("set advertise"));
  EXPECT_THAT(Refusal([&](auto& o) { wildcard(o), o.advertise = "[::]:1"; }),
              HasSubstr("nobody can dial"));
  EXPECT_THAT(Refusal([&](auto& o) { wildcard(o), o.advertise = "db1:0"; }),
              HasSubstr("port 0"));
}

}  // namespace
}  // namespace trimaran
