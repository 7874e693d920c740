// Goal: a replica whose disk is full harms nobody else, takes part again once
// there is room, and nothing that was acknowledged is lost. Its disk is a small
// tmpfs in a mount namespace of the test, which needs root.

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/net/cluster_fixture.h"
#include "tests/support/node/blocking.h"

namespace trimaran::net {
namespace {

constexpr const char* kDiskBytes = "size=48m,mode=0755";

class DiskFullTest : public ClusterFixture {
 protected:
  void SetUp() override {
    // Of this thread and of the processes that it starts.
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      GTEST_SKIP() << "needs the right to make a mount namespace";
    }
    MakeIdle({.settings = {.free_bytes_min = uint64_t{4} << 20}});
    for (const uint64_t id : cluster().ids()) {
      const std::string disk = DiskOf(id);
      ASSERT_EQ(mkdir(disk.c_str(), 0755), 0);
      if (mount("tmpfs", disk.c_str(), "tmpfs", 0, kDiskBytes) != 0) {
        GTEST_SKIP() << "needs the right to mount a tmpfs";
      }
      cluster().settings(id).directory = disk + "/db";
    }
    StartAll();
  }
  void TearDown() override {
    if (IsSkipped()) return;
    cluster().KillAll();
    for (const uint64_t id : cluster().ids()) {
      umount2(DiskOf(id).c_str(), MNT_DETACH);
    }
  }

  std::string DiskOf(uint64_t id) {
    return absl::StrCat(cluster().root(), "/disk", id);
  }

  // Takes whatever room there is.
  void FillDisk(uint64_t id) {
    const std::string path = DiskOf(id) + "/ballast";
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ASSERT_GE(file, 0);
    const std::string block(64 << 10, 'b');
    // The log takes what it gives back meanwhile.
    for (int round = 0; round < 3; ++round) {
      while (write(file, block.data(), block.size()) > 0) {
      }
      Rest(absl::Milliseconds(50));
    }
    close(file);
  }
  void FreeDisk(uint64_t id) {
    std::error_code error;
    EXPECT_TRUE(std::filesystem::remove(DiskOf(id) + "/ballast", error));
  }

  // Every replica works, or is started again where it has given up.
  void RestartWhoFailed() {
    for (const uint64_t id : cluster().ids()) {
      const Answer status = cluster().StatusOf(id);
      if (status.ok && status.Text("failure") == "OK") continue;
      cluster().Kill(id);
      const absl::Status started = cluster().Start(id);
      EXPECT_TRUE(started.ok()) << started;
    }
  }
};

TEST_F(DiskFullTest, FullFollowerHoldsNobodyUp) {
  StartClients(3);
  const uint64_t full = Follower();
  Avoid(full);
  FillDisk(full);
  clients().RestartGap();
  Rest(absl::Seconds(3));
  EXPECT_LT(clients().longest_gap(), absl::Seconds(2));
  FreeDisk(full);
  RestartWhoFailed();
  ExpectTrueAt({1, 2, 3});
}

TEST_F(DiskFullTest, FullLeaderRefusesOrHandsOver) {
  StartClients(3);
  const uint64_t full = cluster().AwaitLeader();
  FillDisk(full);
  Rest(absl::Seconds(3));
  FreeDisk(full);
  RestartWhoFailed();
  Put("there is room", "again");
  ExpectTrueAt({1, 2, 3});
}

TEST_F(DiskFullTest, AllFullAndFreedAgainGoOn) {
  StartClients(3);
  for (const uint64_t id : cluster().ids()) FillDisk(id);
  Rest(absl::Seconds(2));
  const auto refused = Call(cluster().AwaitLeader(), "put", {"no", "room"});
  EXPECT_EQ(refused.answer.Text("code"), "RESOURCE_EXHAUSTED")
      << refused.ToString();
  for (const uint64_t id : cluster().ids()) FreeDisk(id);
  RestartWhoFailed();
  Put("there is room", "again");
  ExpectTrueAt({1, 2, 3});
}

}  // namespace
}  // namespace trimaran::net
