// Goal: a group is restarted one by one, grown and moved to other machines
// while clients are at work, and there is no time at which nobody can write.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/net/cluster_fixture.h"
#include "tests/support/node/blocking.h"

namespace trimaran::net {
namespace {

// Several elections of half a second each, on a machine that does other things.
constexpr absl::Duration kGapMax = absl::Seconds(4);

class MembersTest : public ClusterFixture {
 protected:
  // The replica has applied what the leader knew to be committed.
  void AwaitCaughtUp(uint64_t id) {
    const uint64_t commit =
        cluster().StatusOf(cluster().AwaitLeader()).Number("commit");
    EXPECT_TRUE(Eventually([&] {
      return cluster().StatusOf(id).Number("applied") >= commit;
    })) << cluster().StatusOf(id).ToString();
  }
};

// Covers: E19
TEST_F(MembersTest, RollingRestartLeavesNoGap) {
  Make();
  StartClients(3);
  Rest(absl::Milliseconds(300));
  clients().RestartGap();
  for (uint64_t id = 1; id <= 3; ++id) {
    const absl::Status closed = cluster().Close(id);
    EXPECT_TRUE(closed.ok()) << closed;
    ASSERT_TRUE(cluster().Start(id).ok());
    AwaitCaughtUp(id);
  }
  EXPECT_LT(clients().longest_gap(), kGapMax);
  ExpectTrueAt({1, 2, 3});
}

TEST_F(MembersTest, RollingKillLeavesNoLongGap) {
  Make();
  StartClients(3);
  Rest(absl::Milliseconds(300));
  clients().RestartGap();
  for (uint64_t id = 1; id <= 3; ++id) {
    cluster().Kill(id);
    ASSERT_TRUE(cluster().Start(id).ok());
    AwaitCaughtUp(id);
  }
  EXPECT_LT(clients().longest_gap(), kGapMax);
  ExpectTrueAt({1, 2, 3});
}

// Long enough for the others to have given up its connections, for its clients'
// patience to be over, and for what they wrote meanwhile to be a history.
TEST_F(MembersTest, LeaderThatStandsStillForHalfAMinuteIsReplaced) {
  Make();
  // Six clients wait for a second after every two calls that are answered, on
  // average: three hundred answers in 26 seconds.
  StartClients(3, absl::Seconds(1));
  const uint64_t leader = cluster().AwaitLeader();
  const uint64_t term = cluster().StatusOf(leader).Number("term");
  cluster().Pause(leader);
  Rest(absl::Seconds(4));
  const uint64_t answered = clients().answered();
  clients().RestartGap();
  Rest(absl::Seconds(26));
  EXPECT_LT(clients().longest_gap(), 2 * kGapMax);
  EXPECT_GT(clients().answered(), answered + 200);
  cluster().Resume(leader);
  EXPECT_TRUE(Eventually([&] {
    const Answer status = cluster().StatusOf(leader);
    return status.Text("role") != "leader" && status.Number("term") > term;
  })) << cluster().StatusOf(leader).ToString();
  AwaitCaughtUp(leader);
  ExpectTrueAt({1, 2, 3});
}

TEST_F(MembersTest, GroupMovesToOtherReplicasUnderLoad) {
  Make();
  StartClients(6);
  clients().RestartGap();
  for (uint64_t id = 1; id <= 3; ++id) {
    ASSERT_NO_FATAL_FAILURE(AddVoter(id + 3));
    const auto removed = cluster().AskLeader("remove", {absl::StrCat(id)});
    EXPECT_TRUE(removed.ok() || removed.answer.Text("code") == "NOT_FOUND")
        << removed.ToString();
    // What it still has to say is answered.
    Rest(absl::Milliseconds(200));
    cluster().Kill(id);
  }
  EXPECT_LT(clients().longest_gap(), 2 * kGapMax);
  const Answer status = cluster().StatusOf(cluster().AwaitLeader());
  std::vector<std::string> voters;
  for (const auto& [name, value] : status.fields) {
    if (name == "voter") voters.push_back(value);
  }
  EXPECT_THAT(voters, testing::UnorderedElementsAre("4", "5", "6"));
  ExpectTrueAt({4, 5, 6});
}

TEST_F(MembersTest, LearnerIsPromotedOnceItHasCaughtUp) {
  Make();
  StartClients(4);
  ASSERT_TRUE(cluster().Prepare(4).ok());
  ASSERT_TRUE(cluster().Start(4).ok());
  const auto added =
      cluster().AskLeader("add-learner", {"4", cluster().AddressOf(4)});
  EXPECT_TRUE(added.ok() || added.answer.Text("code") == "ALREADY_EXISTS")
      << added.ToString();
  // Refused until it has.
  const auto promoted = cluster().AskLeader("promote", {"4"});
  EXPECT_TRUE(promoted.ok()) << promoted.ToString();
  ExpectTrueAt({1, 2, 3, 4});
}

TEST_F(MembersTest, MemberThatMovesIsFoundAtItsNewAddress) {
  Make();
  AwaitBound();
  StartClients(3);
  const uint64_t id = Follower();
  cluster().Kill(id);
  const std::string before = cluster().AddressOf(id);
  ASSERT_TRUE(cluster().Prepare(id).ok());
  ASSERT_NE(cluster().AddressOf(id), before);
  ASSERT_TRUE(cluster().Start(id).ok());
  const auto updated = cluster().AskLeader(
      "update", {absl::StrCat(id), cluster().AddressOf(id)});
  EXPECT_TRUE(updated.ok()) << updated.ToString();
  // The others have dialled it there, for it hears them.
  AwaitCaughtUp(id);
  ExpectTrueAt({1, 2, 3});
}

}  // namespace
}  // namespace trimaran::net
