// Goal: disks that are lost, set back or copied, and members that come back
// when they are gone, do no harm to those who are in order, and the way back is
// the documented one.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/net/cluster_fixture.h"
#include "tests/net/socket.h"
#include "tests/support/node/blocking.h"

namespace trimaran::net {
namespace {

using OperatorTest = ClusterFixture;

TEST_F(OperatorTest, LostDiskIsRefusedAndReplaced) {
  Make();
  AwaitBound();
  StartClients(4);
  const uint64_t lost = Follower();
  cluster().Kill(lost);
  cluster().Wipe(lost);
  const absl::Status started = cluster().Start(lost);
  ASSERT_TRUE(started.ok()) << started;
  EXPECT_TRUE(Eventually([&] {
    return cluster().StatusOf(lost).Number("refused_by") != 0;
  })) << cluster().StatusOf(lost).ToString();
  EXPECT_EQ(cluster().StatusOf(lost).Number("applied"),
            cluster().StatusOf(lost).Number("truncated"))
      << "it was told something";
  Put("goes on", "yes");
  cluster().Kill(lost);

  ASSERT_TRUE(cluster().Prepare(4).ok());
  ASSERT_TRUE(cluster().Start(4).ok());
  const auto replaced = cluster().AskLeader(
      "replace", {absl::StrCat(lost), "4", cluster().AddressOf(4)});
  EXPECT_TRUE(replaced.ok() || replaced.answer.Text("code") == "ALREADY_EXISTS")
      << replaced.ToString();
  // It counts: again one of three can be away.
  uint64_t other = 1;
  while (other == lost || other == cluster().AwaitLeader()) ++other;
  cluster().Kill(other);
  Put("again", "yes");
  ASSERT_TRUE(cluster().Start(other).ok());
  std::vector<uint64_t> members = {4};
  for (uint64_t id = 1; id <= 3; ++id) {
    if (id != lost) members.push_back(id);
  }
  ExpectTrueAt(members);
}

TEST_F(OperatorTest, SecondProcessOnACopyIsRefused) {
  Make();
  AwaitBound();
  const uint64_t copied = Follower();
  ASSERT_TRUE(cluster().Close(copied).ok());
  cluster().SaveDirectory(copied, "copy");
  ASSERT_TRUE(cluster().Start(copied).ok());
  StartClients(3);
  EXPECT_TRUE(Eventually([&] {
    const Answer leader = cluster().StatusOf(cluster().AwaitLeader());
    return leader.Number(absl::StrCat("durable.", copied)) > 0 &&
           leader.Number(absl::StrCat("active.", copied)) == 1;
  }));

  ReplicaSettings settings = cluster().settings(copied);
  settings.directory = absl::StrCat(cluster().root(), "/copy");
  const auto port = FreePort();
  ASSERT_TRUE(port.ok());
  settings.listen = absl::StrCat("127.0.0.1:", *port);
  const auto copy = cluster().StartAnother(copied, settings);
  ASSERT_TRUE(copy.ok()) << copy.status();
  const uint64_t term = cluster().StatusOf(copied).Number("term");
  Rest(absl::Seconds(3));
  const auto status = (*copy)->Call("status", {}, absl::Seconds(5));
  ASSERT_TRUE(status.ok());
  EXPECT_NE(status.answer.Text("role"), "leader");
  EXPECT_THAT(status.ToString(), testing::HasSubstr("refused=1"));
  // Nobody notices.
  EXPECT_EQ(cluster().StatusOf(copied).Number("term"), term);
  EXPECT_LT(clients().longest_gap(), absl::Seconds(2));
  (*copy)->Kill();
  ExpectTrueAt({1, 2, 3});
}

TEST_F(OperatorTest, OldImageCatchesUp) {
  Make();
  AwaitBound();
  const uint64_t old = Follower();
  ASSERT_TRUE(cluster().Close(old).ok());
  cluster().SaveDirectory(old, "image");
  ASSERT_TRUE(cluster().Start(old).ok());
  StartClients(3);
  Rest(absl::Seconds(3));
  const uint64_t before = cluster().StatusOf(old).Number("applied");
  EXPECT_GT(before, 0u);
  cluster().Kill(old);
  cluster().RestoreDirectory(old, "image");
  ASSERT_TRUE(cluster().Start(old).ok());
  EXPECT_TRUE(Eventually([&] {
    const Answer status = cluster().StatusOf(old);
    return status.Number("applied") >= before &&
           status.Number("missing_up_to") == 0;
  })) << cluster().StatusOf(old).ToString();
  ExpectTrueAt({1, 2, 3});
}

TEST_F(OperatorTest, RemovedMemberThatReturnsDisturbsNobody) {
  Make({.replicas = 4});
  AwaitBound();
  StartClients(4);
  const uint64_t gone = Follower();
  Avoid(gone);
  cluster().Kill(gone);
  const auto removed = cluster().AskLeader("remove", {absl::StrCat(gone)});
  EXPECT_TRUE(removed.ok() || removed.answer.Text("code") == "NOT_FOUND")
      << removed.ToString();
  ASSERT_TRUE(cluster().Start(gone).ok());
  std::vector<uint64_t> members;
  for (uint64_t id = 1; id <= 4; ++id) {
    if (id != gone) members.push_back(id);
  }
  const uint64_t leader = cluster().AwaitLeader();
  const uint64_t term = cluster().StatusOf(leader).Number("term");
  clients().RestartGap();
  Rest(absl::Seconds(4));
  EXPECT_LT(clients().longest_gap(), absl::Seconds(2));
  EXPECT_EQ(cluster().StatusOf(leader).Number("term"), term);
  EXPECT_NE(cluster().StatusOf(gone).Text("role"), "leader");
  cluster().Kill(gone);
  ExpectTrueAt(members);
}

TEST_F(OperatorTest, ReplicaOfAnotherClusterIsNotHeard) {
  Make();
  AwaitBound();
  StartClients(3);
  const uint64_t id = Follower();
  cluster().Kill(id);
  cluster().SaveDirectory(id, "image");
  cluster().Wipe(id);
  const std::string cluster_name = cluster().settings(id).cluster;
  cluster().settings(id).cluster = "another one";
  ASSERT_TRUE(cluster().Start(id).ok());
  const uint64_t term =
      cluster().StatusOf(cluster().AwaitLeader()).Number("term");
  Rest(absl::Seconds(2));
  EXPECT_NE(cluster().StatusOf(id).Text("role"), "leader");
  EXPECT_EQ(cluster().StatusOf(id).Number("leader"), 0u);
  EXPECT_EQ(cluster().StatusOf(cluster().AwaitLeader()).Number("term"), term);
  cluster().Kill(id);
  cluster().settings(id).cluster = cluster_name;
  cluster().RestoreDirectory(id, "image");
  ASSERT_TRUE(cluster().Start(id).ok());
  ExpectTrueAt({1, 2, 3});
}

}  // namespace
}  // namespace trimaran::net
