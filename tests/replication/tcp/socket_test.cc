// Goal: what is asked of the system for a connection is what the system does.

#include "replication/tcp/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "gtest/gtest.h"

namespace trimaran {
namespace {

int OptionOf(const UniqueFd& socket, int level, int name) {
  int value = -1;
  socklen_t size = sizeof(value);
  EXPECT_EQ(getsockopt(socket.get(), level, name, &value, &size), 0);
  return value;
}

TEST(SocketTest, ConnectionGetsItsOptions) {
  struct Case {
    absl::Duration silence_max;
    int milliseconds;
  };
  for (const Case& expected :
       {Case{absl::Milliseconds(1700), 1700},
        // Not 0, which is for ever.
        Case{absl::Microseconds(1), 1}, Case{absl::Hours(1), 60'000}}) {
    const UniqueFd tcp(socket(AF_INET, SOCK_STREAM, 0));
    ASSERT_GE(tcp.get(), 0);
    EXPECT_EQ(OptionOf(tcp, IPPROTO_TCP, TCP_NODELAY), 0);
    const absl::Status set = SetConnectionOptions(tcp, expected.silence_max);
    ASSERT_TRUE(set.ok()) << set;
    EXPECT_NE(OptionOf(tcp, IPPROTO_TCP, TCP_NODELAY), 0);
    EXPECT_NE(OptionOf(tcp, SOL_SOCKET, SO_KEEPALIVE), 0);
    EXPECT_EQ(OptionOf(tcp, IPPROTO_TCP, TCP_USER_TIMEOUT),
              expected.milliseconds);
    EXPECT_GT(OptionOf(tcp, IPPROTO_TCP, TCP_NOTSENT_LOWAT), 0);
    EXPECT_LE(OptionOf(tcp, IPPROTO_TCP, TCP_NOTSENT_LOWAT), 256 << 10);
  }
}

TEST(SocketTest, WhatIsNoConnectionIsAnError) {
  EXPECT_FALSE(SetConnectionOptions(UniqueFd(), absl::Seconds(1)).ok());
}

}  // namespace
}  // namespace trimaran
