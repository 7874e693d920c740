#include "tests/api/free_ports.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gtest/gtest.h"

namespace trimaran {
namespace {

constexpr uint16_t kFirst = 11'000;
constexpr uint16_t kCount = 20'000;

bool IsFree(uint16_t port) {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = bind(probe, reinterpret_cast<const sockaddr*>(&address),
                         sizeof(address)) == 0;
  close(probe);
  return free;
}

}  // namespace

std::vector<uint16_t> FreePorts(size_t count) {
  // Processes that run at the same time look in different places, and far
  // apart: the port of a replica that is just being restarted looks free.
  static uint32_t next = static_cast<uint32_t>(getpid()) * 1237;
  std::vector<uint16_t> ports;
  for (int tries = 0; ports.size() < count && tries < kCount; ++tries) {
    const auto port = static_cast<uint16_t>(kFirst + next++ % kCount);
    if (IsFree(port)) ports.push_back(port);
  }
  EXPECT_EQ(ports.size(), count) << "no free ports";
  return ports;
}

}  // namespace trimaran
