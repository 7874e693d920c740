// Goal: whoever can reach the ports of a group, and does not belong to it, can
// neither stop it nor make it grow: port scanners, dawdlers, floods, and those
// who speak the protocol well and are somebody else.

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "gtest/gtest.h"
#include "replication/wire/frame.h"
#include "replication/wire/handshake.h"
#include "tests/net/attackers.h"
#include "tests/net/cluster_fixture.h"
#include "tests/support/node/blocking.h"
#include "tests/support/sanitized.h"

namespace trimaran::net {
namespace {

constexpr absl::Duration kGapMax = absl::Seconds(3);
constexpr uint64_t kGrowthMaxKib = uint64_t{32} << 10;
constexpr uint64_t kFilesMax = 400;
// Of one processor: three times what the clients cost. A thread that does not
// rest takes the whole of one, if there is one for it.
constexpr double kCpuShareMax = 0.6;

class HostilePortsTest : public ClusterFixture {
 protected:
  void SetUp() override {
    Make({.settings = {.cluster = "0123456789abcdef0123456789abcdef"}});
    StartClients(3);
    Rest(absl::Seconds(1));
    for (const uint64_t id : cluster().ids()) {
      ports_.push_back(cluster().PortOf(id));
      memory_[id] = Call(id, "memory").answer.Number("resident");
      files_[id] = FilesOf(id);
    }
    clients().RestartGap();
  }

  uint64_t FilesOf(uint64_t id) {
    std::error_code error;
    const auto process = cluster().Find(id);
    const auto files = std::filesystem::directory_iterator(
        absl::StrCat("/proc/", process->pid(), "/fd"), error);
    return static_cast<uint64_t>(
        std::distance(files, std::filesystem::directory_iterator()));
  }

  // The time of a processor that it has taken.
  absl::Duration CpuOf(uint64_t id) {
    std::ifstream file(
        absl::StrCat("/proc/", cluster().Find(id)->pid(), "/stat"));
    std::string stat(std::istreambuf_iterator<char>(file), {});
    // Behind the name: the state is the first field, user and system time are
    // the 12th and the 13th.
    std::istringstream fields(stat.substr(stat.rfind(')') + 1));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    int64_t user = 0;
    int64_t system = 0;
    fields >> user >> system;
    EXPECT_TRUE(fields) << stat;
    return absl::Seconds(1) * (user + system) / sysconf(_SC_CLK_TCK);
  }

  // The group works while they are at it, even when all of its own connections
  // have to be made anew, and has forgotten them soon afterwards.
  void Endure(Attackers& attackers) {
    uint64_t files_most = 0;
    std::map<uint64_t, absl::Duration> cpu;
    for (const uint64_t id : cluster().ids()) cpu[id] = CpuOf(id);
    const MonotonicClock clock;
    const MonotonicTime begun = clock.Now();
    for (int round = 0; round < 8; ++round) {
      Rest(absl::Milliseconds(500));
      for (const uint64_t id : cluster().ids()) {
        files_most = std::max(files_most, FilesOf(id));
      }
      if (round != 3) continue;
      for (const uint64_t from : cluster().ids()) {
        for (const uint64_t to : cluster().ids()) {
          if (from != to) cluster().proxy().Drop(from, to);
        }
      }
    }
    const absl::Duration took = clock.Now() - begun;
    for (const uint64_t id : cluster().ids()) {
      if (kSanitized) continue;
      EXPECT_LT(CpuOf(id) - cpu[id], took * kCpuShareMax)
          << "replica " << id << ", in " << took;
    }
    EXPECT_GT(attackers.connections(), 100u);
    EXPECT_LT(files_most, kFilesMax);
    EXPECT_LT(clients().longest_gap(), kGapMax);
  }
  void ExpectForgotten() {
    for (const uint64_t id : cluster().ids()) {
      if (!kSanitized) {
        EXPECT_LT(Call(id, "memory").answer.Number("resident"),
                  memory_[id] + kGrowthMaxKib);
      }
      EXPECT_TRUE(Eventually([&] { return FilesOf(id) < files_[id] + 10; }))
          << FilesOf(id) << " files, and " << files_[id] << " before";
    }
    ExpectTrueAt({1, 2, 3});
  }

  std::vector<uint16_t> ports_;
  std::map<uint64_t, uint64_t> memory_;
  std::map<uint64_t, uint64_t> files_;
};

TEST_F(HostilePortsTest, ScannersAreNothing) {
  {
    Attackers attackers(ports_);
    attackers.Scan();
    Endure(attackers);
  }
  ExpectForgotten();
}

TEST_F(HostilePortsTest, DawdlersKeepNobodyOut) {
  {
    Attackers attackers(ports_);
    attackers.Dawdle();
    Endure(attackers);
  }
  ExpectForgotten();
}

TEST_F(HostilePortsTest, FloodsAreCutShort) {
  {
    Attackers attackers(ports_);
    attackers.Flood();
    Endure(attackers);
  }
  ExpectForgotten();
}

TEST_F(HostilePortsTest, StrangersWithManners) {
  // Of another cluster; and who says that he is a member, of another store.
  wire::Hello stranger;
  stranger.from.cluster = {.high = 1, .low = 2};
  stranger.from.replica = ReplicaId(1);
  stranger.from.store = StoreId(7);
  stranger.to = ReplicaId(2);
  wire::Hello impostor = stranger;
  impostor.from.cluster = {.high = 0x0123456789abcdef,
                           .low = 0x0123456789abcdef};
  {
    Attackers attackers(ports_);
    for (const wire::Hello& hello : {stranger, impostor}) {
      attackers.Say(
          wire::MakeFrame(wire::FrameType::kHello, wire::Encode(hello)).head);
    }
    Endure(attackers);
  }
  ExpectForgotten();
}

}  // namespace
}  // namespace trimaran::net
