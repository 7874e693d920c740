// Goal: Validate() accepts every configuration that a group can reach and
// names the rule that any other one breaks.

#include "engine/base/conf_state.h"

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "engine/base/absl_compat.h"
#include "gtest/gtest.h"

namespace trimaran {
namespace {

std::vector<ReplicaId> Ids(std::initializer_list<uint64_t> numbers) {
  std::vector<ReplicaId> ids;
  for (const uint64_t number : numbers) ids.emplace_back(number);
  return ids;
}

// 1 and 2 stay, 3 leaves and becomes a learner, 4 comes, 5 learns.
ConfState Joint() {
  return {.voters = Ids({1, 2, 4}),
          .voters_outgoing = Ids({1, 2, 3}),
          .learners = Ids({5}),
          .learners_next = Ids({3}),
          .auto_leave = true};
}

void ExpectInvalid(const ConfState& conf, std::string_view rule) {
  const absl::Status status = conf.Validate();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument)
      << conf.DebugString();
  EXPECT_TRUE(absl::StrContains(status.message(), ToAbsl(rule))) << status;
}

ConfState Voters(std::initializer_list<uint64_t> numbers) {
  ConfState conf;
  conf.voters = Ids(numbers);
  return conf;
}

TEST(ConfStateTest, AcceptsWhatAGroupCanReach) {
  EXPECT_TRUE(ConfState().Validate().ok());
  EXPECT_TRUE(Voters({1}).Validate().ok());
  EXPECT_TRUE(Voters({1, 2, 3}).Validate().ok());
  ConfState with_learner = Voters({1, 2});
  with_learner.learners = Ids({3, 4});
  EXPECT_TRUE(with_learner.Validate().ok());
  EXPECT_TRUE(Joint().Validate().ok());
  ConfState manual_leave = Joint();
  manual_leave.auto_leave = false;
  EXPECT_TRUE(manual_leave.Validate().ok());
}

TEST(ConfStateTest, IsJointWhileVotersLeave) {
  EXPECT_TRUE(Joint().joint());
  EXPECT_FALSE(Voters({1}).joint());
}

TEST(ConfStateTest, ContainsEveryMember) {
  const ConfState conf = Joint();
  for (const uint64_t member : {1u, 2u, 3u, 4u, 5u}) {
    EXPECT_TRUE(conf.Contains(ReplicaId(member))) << member;
  }
  EXPECT_FALSE(conf.Contains(ReplicaId(6)));
  EXPECT_FALSE(conf.Contains(kNoReplica));
}

TEST(ConfStateTest, ListsMustBeCanonical) {
  ExpectInvalid(Voters({2, 1}), "sorted");
  ExpectInvalid(Voters({1, 1}), "sorted");
  ExpectInvalid(Voters({0, 1}), "sorted");
  ConfState conf = Joint();
  conf.voters_outgoing = Ids({3, 2, 1});
  ExpectInvalid(conf, "sorted");
  conf = Joint();
  conf.learners = Ids({5, 5});
  ExpectInvalid(conf, "sorted");
  conf = Joint();
  conf.learners_next = Ids({0});
  ExpectInvalid(conf, "sorted");
}

TEST(ConfStateTest, ALearnerVotesInNeitherHalf) {
  ConfState conf = Joint();
  conf.learners = Ids({4});
  ExpectInvalid(conf, "a learner is also a voter");
  conf.learners = Ids({3});
  ExpectInvalid(conf, "a learner is also a voter");
}

TEST(ConfStateTest, ANextLearnerIsAnOutgoingVoterOnly) {
  ConfState conf = Joint();
  conf.learners_next = Ids({1});
  ExpectInvalid(conf, "next learner");
  conf.learners_next = Ids({6});
  ExpectInvalid(conf, "next learner");
  ConfState simple = Voters({1});
  simple.learners_next = Ids({2});
  ExpectInvalid(simple, "next learner");
}

TEST(ConfStateTest, OnlyAJointConfigurationLeavesByItself) {
  ConfState conf = Voters({1});
  conf.auto_leave = true;
  ExpectInvalid(conf, "auto-leave");
}

TEST(ConfStateTest, NobodyIsAMemberWithoutVoters) {
  ConfState learners;
  learners.learners = Ids({1});
  ExpectInvalid(learners, "without voters");
  ConfState outgoing;
  outgoing.voters_outgoing = Ids({1});
  ExpectInvalid(outgoing, "without voters");
}

TEST(ConfStateTest, PrintsWhatIsThere) {
  EXPECT_EQ(ConfState().DebugString(), "empty");
  EXPECT_EQ(Voters({1, 2}).DebugString(), "voters=(1 2)");
  EXPECT_EQ(Joint().DebugString(),
            "voters=(1 2 4) outgoing=(1 2 3) learners=(5) learners-next=(3) "
            "auto-leave");
}

TEST(ConfStateTest, ComparesEveryField) {
  EXPECT_EQ(Joint(), Joint());
  ConfState other = Joint();
  other.auto_leave = false;
  EXPECT_FALSE(Joint() == other);
}

}  // namespace
}  // namespace trimaran
