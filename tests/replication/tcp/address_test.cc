// Goal: an address is understood as people write it, or refused with a reason.

#include "replication/tcp/address.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran {
namespace {

using testing::HasSubstr;

TEST(AddressTest, ReadsNamesAndDigits) {
  EXPECT_EQ(*ParseHostPort("db-1.example:7001"),
            (HostPort{"db-1.example", 7001}));
  EXPECT_EQ(*ParseHostPort("127.0.0.1:0"), (HostPort{"127.0.0.1", 0}));
  EXPECT_EQ(*ParseHostPort("[::1]:65535"), (HostPort{"::1", 65535}));
  EXPECT_EQ(*ParseHostPort("[fe80::1%eth0]:1"), (HostPort{"fe80::1%eth0", 1}));
}

TEST(AddressTest, WritesWhatItReads) {
  for (const char* text : {"a:1", "127.0.0.1:80", "[::1]:80"}) {
    EXPECT_EQ(ParseHostPort(text)->ToString(), text);
  }
}

TEST(AddressTest, RefusesWhatIsNone) {
  for (const char* text :
       {"", "host", ":80", "host:", "host:x", "host:65536", "host:-1",
        "host: 80", "ho st:80", "::1:80", "[::1]", "[::1", "[]:80", "[host]:80",
        "[::1]80", "host:80:81", "host\n:80", "host:000080"}) {
    EXPECT_FALSE(ParseHostPort(text).ok()) << text;
  }
  std::string long_host(254, 'a');
  long_host.append(":80");
  EXPECT_FALSE(ParseHostPort(long_host).ok());
}

TEST(AddressTest, ShowsWhatItRefusesOnOneLine) {
  EXPECT_THAT(std::string(ParseHostPort("a\nb").status().message()),
              HasSubstr("'a\\nb' is no address"));
}

TEST(EndpointTest, TellsDigitsFromNames) {
  EXPECT_FALSE(Endpoint::FromDigits({"localhost", 1}).has_value());
  EXPECT_EQ(Endpoint::FromDigits({"10.1.2.3", 7})->ToString(), "10.1.2.3:7");
  EXPECT_EQ(Endpoint::FromDigits({"::1", 7})->ToString(), "[::1]:7");
}

TEST(EndpointTest, KnowsWhatStaysOnThisMachine) {
  for (const char* host :
       {"127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(Endpoint::FromDigits({host, 1})->IsLoopback()) << host;
  }
  for (const char* host : {"0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "fe80::1",
                           "::ffff:10.0.0.1"}) {
    EXPECT_FALSE(Endpoint::FromDigits({host, 1})->IsLoopback()) << host;
  }
}

TEST(EndpointTest, KnowsTheWildcards) {
  EXPECT_TRUE(Endpoint::FromDigits({"0.0.0.0", 1})->IsWildcard());
  EXPECT_TRUE(Endpoint::FromDigits({"::", 1})->IsWildcard());
  EXPECT_FALSE(Endpoint::FromDigits({"127.0.0.1", 1})->IsWildcard());
}

}  // namespace
}  // namespace trimaran
