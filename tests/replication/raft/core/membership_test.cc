#include "replication/raft/membership.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/printers.h"

// Configurations as values: which follows from which by a change (thesis
// chapter 4), and what a majority of one is.

namespace trimaran::raft {
namespace {

using Transition = ConfChangeTransition;

ConfChangeStep Add(uint64_t id) {
  return {ConfChangeType::kAddVoter, ReplicaId(id)};
}
ConfChangeStep Learn(uint64_t id) {
  return {ConfChangeType::kAddLearner, ReplicaId(id)};
}
ConfChangeStep Remove(uint64_t id) {
  return {ConfChangeType::kRemove, ReplicaId(id)};
}

ConfChange Change(std::vector<ConfChangeStep> steps,
                  Transition transition = Transition::kAuto) {
  return {transition, std::move(steps), ""};
}

ConfState Conf(const std::vector<uint64_t>& voters,
               const std::vector<uint64_t>& learners = {}) {
  ConfState conf;
  conf.voters = Replicas(voters);
  conf.learners = Replicas(learners);
  return conf;
}

ConfState Joint(const std::vector<uint64_t>& voters,
                const std::vector<uint64_t>& outgoing,
                const std::vector<uint64_t>& learners = {},
                const std::vector<uint64_t>& learners_next = {}) {
  ConfState conf = Conf(voters, learners);
  conf.voters_outgoing = Replicas(outgoing);
  conf.learners_next = Replicas(learners_next);
  return conf;
}

// The configuration after all changes; a failed change fails the test.
ConfState AfterAll(const ConfState& start,
                   const std::vector<ConfChange>& changes) {
  Membership members(start);
  for (const ConfChange& change : changes) {
    auto next = members.After(change);
    EXPECT_TRUE(next.ok()) << DebugString(change) << ": " << next.status();
    if (next.ok()) members = *std::move(next);
  }
  return members.conf();
}

// Covers: H14
TEST(MembershipTest, OneVoterAtATimeChangesInOneStep) {
  struct Row {
    std::string_view what;
    ConfState start;
    ConfChangeStep step;
    ConfState end;
  };
  const Row rows[] = {
      {"first voter", ConfState(), Add(1), Conf({1})},
      {"new voter", Conf({1}), Add(2), Conf({1, 2})},
      {"known voter", Conf({1, 2}), Add(2), Conf({1, 2})},
      {"voter of a lower name", Conf({4, 7}), Add(2), Conf({2, 4, 7})},
      {"new learner", Conf({1}), Learn(2), Conf({1}, {2})},
      {"known learner", Conf({1}, {2}), Learn(2), Conf({1}, {2})},
      {"promotion", Conf({1}, {2}), Add(2), Conf({1, 2})},
      {"demotion", Conf({1, 2}), Learn(2), Conf({1}, {2})},
      {"voter leaves", Conf({1, 2}), Remove(2), Conf({1})},
      {"learner leaves", Conf({1}, {2}), Remove(2), Conf({1})},
      {"stranger leaves", Conf({1, 2}), Remove(9), Conf({1, 2})},
      {"nobody added", Conf({1}), Add(0), Conf({1})},
      {"nobody demoted", Conf({1}), Learn(0), Conf({1})},
      {"nobody removed", Conf({1}), Remove(0), Conf({1})},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(AfterAll(row.start, {Change({row.step})}), row.end) << row.what;
  }
}

// Covers: H14
TEST(MembershipTest, LastVoterStays) {
  for (const ConfChangeStep& step : {Remove(1), Learn(1)}) {
    const Membership members(Conf({1}, {2}));
    EXPECT_TRUE(
        absl::IsInvalidArgument(members.After(Change({step})).status()));
    EXPECT_TRUE(absl::IsInvalidArgument(
        members.After(Change({step, Remove(2)})).status()));
    EXPECT_TRUE(absl::IsInvalidArgument(
        members.After(Change({step}, Transition::kJointExplicit)).status()));
    EXPECT_EQ(members.conf(), Conf({1}, {2}));
  }
}

// Covers: H14
TEST(MembershipTest, JointConfigurationDemotesOnlyWhenItEnds) {
  ConfState joint = Joint({2}, {1}, {3}, {1});
  joint.auto_leave = true;
  const ConfChange change = Change({Add(2), Learn(1), Learn(3)});
  EXPECT_EQ(AfterAll(Conf({1}), {change}), joint);
  EXPECT_EQ(AfterAll(Conf({1}), {change, Change({})}), Conf({2}, {1, 3}));
}

// Covers: H14
TEST(MembershipTest, TransitionDecidesWhetherTheGroupBecomesJoint) {
  ConfState joint = Joint({1, 2}, {1});
  EXPECT_EQ(AfterAll(Conf({1}), {Change({Add(2)}, Transition::kJointExplicit)}),
            joint);
  joint.auto_leave = true;
  EXPECT_EQ(AfterAll(Conf({1}), {Change({Add(2)}, Transition::kJointImplicit)}),
            joint);
  ConfState two = Joint({1, 2, 3}, {1});
  two.auto_leave = true;
  EXPECT_EQ(AfterAll(Conf({1}), {Change({Add(2), Add(3)})}), two);
  // Joint on request, without any change.
  EXPECT_EQ(AfterAll(Conf({1}), {Change({}, Transition::kJointExplicit)}),
            Joint({1}, {1}));
}

// Covers: H14
TEST(MembershipTest, StepsOfOneChangeApplyInOrder) {
  const auto joint = [](std::vector<ConfChangeStep> steps) {
    return Change(std::move(steps), Transition::kJointExplicit);
  };
  struct Row {
    std::string_view what;
    ConfChange change;
    ConfState end;
  };
  // From the voters 1, 2 and the learner 3.
  const Row rows[] = {
      {"added twice", joint({Add(4), Add(4)}), Joint({1, 2, 4}, {1, 2}, {3})},
      {"added and removed", joint({Add(4), Remove(4)}),
       Joint({1, 2}, {1, 2}, {3})},
      {"removed and added", joint({Remove(2), Add(2)}),
       Joint({1, 2}, {1, 2}, {3})},
      {"demoted and promoted", joint({Learn(2), Add(2)}),
       Joint({1, 2}, {1, 2}, {3})},
      {"demoted and removed", joint({Learn(2), Remove(2)}),
       Joint({1}, {1, 2}, {3})},
      {"removed and back as a learner", joint({Remove(2), Learn(2)}),
       Joint({1}, {1, 2}, {3}, {2})},
      {"promoted and demoted", joint({Add(3), Learn(3)}),
       Joint({1, 2}, {1, 2}, {3})},
      {"learner replaces voter", joint({Add(3), Remove(1)}),
       Joint({2, 3}, {1, 2})},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(AfterAll(Conf({1, 2}, {3}), {row.change}), row.end) << row.what;
  }
}

// Covers: H14
TEST(MembershipTest, ChangesThatDoNotFitAreRefused) {
  const Membership simple(Conf({1, 2}));
  const Membership joint(Joint({1, 2, 3}, {1, 2}));
  const ConfChange leave = Change({});
  const ConfChange enter = Change({Add(4)}, Transition::kJointExplicit);
  const ConfChange implicit = Change({Add(4)}, Transition::kJointImplicit);
  struct Row {
    std::string_view what;
    const Membership& members;
    ConfChange change;
  };
  const Row rows[] = {
      {"nothing to leave", simple, leave},
      {"joint already", joint, enter},
      {"joint already, implicit", joint, implicit},
      {"joint already, two steps", joint, Change({Add(4), Add(5)})},
      {"simple change while joint", joint, Change({Add(4)})},
      {"no-op while joint", joint, Change({Add(0)})},
      {"no voters to become joint", Membership(), enter},
  };
  for (const Row& row : rows) {
    EXPECT_TRUE(
        absl::IsFailedPrecondition(row.members.After(row.change).status()))
        << row.what << ": " << row.members.After(row.change).status();
  }
}

// A change of two voters can never be taken for a simple one: it makes the
// group joint whatever the transition.
// Covers: H14
TEST(MembershipTest, TwoVotersNeverChangeWithoutAJointConfiguration) {
  for (const Transition transition :
       {Transition::kAuto, Transition::kJointImplicit,
        Transition::kJointExplicit}) {
    for (const auto& steps :
         {std::vector{Add(4), Add(5)}, std::vector{Remove(1), Remove(2)},
          std::vector{Add(4), Remove(1)}}) {
      EXPECT_TRUE(
          AfterAll(Conf({1, 2, 3}), {Change(steps, transition)}).joint());
    }
  }
}

// Covers: H14, H0
TEST(MembershipTest, MajorityNeedsBothHalves) {
  const Membership members(Joint({1, 2, 3}, {1, 4, 5}, {6}));
  const auto reached = [&](const std::vector<uint64_t>& numbers) {
    return members.Reached(
        [&](ReplicaId id) { return numbers[id.value() - 1]; });
  };
  EXPECT_EQ(reached({9, 9, 9, 0, 0, 9}), 0u);
  EXPECT_EQ(reached({9, 8, 0, 7, 0, 9}), 7u);
  EXPECT_EQ(reached({0, 8, 9, 7, 6, 9}), 6u);
  const auto votes = [&](std::string_view answers) {
    return members.CountVotes([&](ReplicaId id) -> std::optional<bool> {
      const char answer = answers[id.value() - 1];
      if (answer == '-') return std::nullopt;
      return answer == 'y';
    });
  };
  EXPECT_EQ(votes("yyy---"), VoteResult::kPending);
  EXPECT_EQ(votes("yy-y--"), VoteResult::kWon);
  EXPECT_EQ(votes("-yyyy-"), VoteResult::kWon);
  EXPECT_EQ(votes("yyynn-"), VoteResult::kLost);
  EXPECT_EQ(votes("nn-yyy"), VoteResult::kLost);
}

TEST(MembershipTest, MembersAndVotersOfBothHalvesAreKnown) {
  const Membership members(Joint({2, 3}, {1, 2}, {5}, {1}));
  EXPECT_EQ(members.members(), Replicas({1, 2, 3, 5}));
  EXPECT_TRUE(members.IsVoter(ReplicaId(1)));
  EXPECT_TRUE(members.IsVoter(ReplicaId(3)));
  EXPECT_FALSE(members.IsVoter(ReplicaId(5)));
  EXPECT_TRUE(members.Contains(ReplicaId(5)));
  EXPECT_FALSE(members.Contains(ReplicaId(4)));
  EXPECT_FALSE(Membership().Contains(ReplicaId(1)));
}

std::vector<ConfChangeStep> RandomSteps(SeededRandom& random) {
  std::vector<ConfChangeStep> steps(1 + random.Uniform(5));
  for (ConfChangeStep& step : steps) {
    step = {static_cast<ConfChangeType>(random.Uniform(3)),
            ReplicaId(random.Uniform(8))};
  }
  return steps;
}

// What the steps mean, on two plain sets.
struct ModelMembers {
  std::set<ReplicaId> voters;
  std::set<ReplicaId> learners;

  void Apply(const ConfChangeStep& step) {
    if (step.replica == kNoReplica) return;
    voters.erase(step.replica);
    learners.erase(step.replica);
    if (step.type == ConfChangeType::kAddVoter) voters.insert(step.replica);
    if (step.type == ConfChangeType::kAddLearner) learners.insert(step.replica);
  }
  ConfState conf() const {
    ConfState conf;
    conf.voters.assign(voters.begin(), voters.end());
    conf.learners.assign(learners.begin(), learners.end());
    return conf;
  }
};

// Covers: H14
TEST(MembershipTest, SimpleAndJointChangesReachTheSameEnd) {
  SeededRandom random(7);
  int compared = 0;
  for (int round = 0; round < 20000; ++round) {
    ModelMembers model{{ReplicaId(1), ReplicaId(2), ReplicaId(3)}, {}};
    const Membership start(model.conf());
    const std::vector<ConfChangeStep> steps = RandomSteps(random);
    Membership one_by_one = start;
    bool possible = true;
    for (const ConfChangeStep& step : steps) {
      auto next = one_by_one.After(Change({step}));
      // Without voters in between there is no way in single steps.
      possible = possible && next.ok();
      if (next.ok()) one_by_one = *std::move(next);
      model.Apply(step);
    }
    if (!possible) continue;
    ++compared;
    const ConfState joint = AfterAll(
        start.conf(), {Change(steps, Transition::kJointExplicit), Change({})});
    ASSERT_EQ(one_by_one.conf(), model.conf()) << DebugString(Change(steps));
    ASSERT_EQ(joint, model.conf()) << DebugString(Change(steps));
  }
  EXPECT_GT(compared, 10000);
}

// Covers: H14
TEST(MembershipTest, EveryReachableConfigurationIsValid) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    SeededRandom random(seed);
    Membership members(Conf({1, 2, 3}));
    for (int step = 0; step < 200; ++step) {
      ConfChange change =
          random.OneIn(3) ? Change({}) : Change(RandomSteps(random));
      if (!change.steps.empty()) {
        change.transition = static_cast<Transition>(random.Uniform(3));
      }
      const auto next = members.After(change);
      if (!next.ok()) continue;
      ASSERT_TRUE(next->conf().Validate().ok())
          << next->conf().DebugString() << " after " << DebugString(change);
      ASSERT_FALSE(next->conf().voters.empty());
      // A configuration and the next always share a deciding majority.
      ASSERT_TRUE(members.joint() || next->joint() ||
                  std::abs(static_cast<int>(members.conf().voters.size()) -
                           static_cast<int>(next->conf().voters.size())) <= 1);
      members = *next;
    }
  }
}

}  // namespace
}  // namespace trimaran::raft
