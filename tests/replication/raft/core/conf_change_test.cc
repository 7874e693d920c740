#include "replication/raft/conf_change.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/random.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"

// How changes of membership are written into the log.

namespace trimaran::raft {
namespace {

using Transition = ConfChangeTransition;

ConfChangeStep Add(uint64_t id) {
  return {ConfChangeType::kAddVoter, ReplicaId(id)};
}

void ExpectRefused(const std::string& bytes) {
  const auto decoded = DecodeConfChange(bytes);
  EXPECT_TRUE(absl::IsInvalidArgument(decoded.status()))
      << "of " << bytes.size() << " bytes: " << decoded.status();
}

TEST(ConfChangeTest, EncodingIsFixed) {
  // On disk: transition, number of steps, (type, replica)..., context.
  const ConfChange change = {Transition::kJointExplicit,
                             {Add(1),
                              {ConfChangeType::kAddLearner, ReplicaId(2)},
                              {ConfChangeType::kRemove, ReplicaId(300)}},
                             "ab"};
  const std::string bytes = {2, 3, 0, 1, 1, 2, 2, '\xac', 2, 'a', 'b'};
  EXPECT_EQ(EncodeConfChange(change), bytes);
  const auto decoded = DecodeConfChange(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, change);
}

TEST(ConfChangeTest, EndOfJointConfigurationIsTheEmptyPayload) {
  EXPECT_EQ(EncodeConfChange(ConfChange()), "");
  const auto decoded = DecodeConfChange("");
  ASSERT_TRUE(decoded.ok());
  EXPECT_TRUE(decoded->leaves_joint());
  EXPECT_EQ(*decoded, ConfChange());
}

TEST(ConfChangeTest, RandomChangesComeBackAsTheyWere) {
  SeededRandom random(3);
  for (int round = 0; round < 3000; ++round) {
    ConfChange change;
    change.transition = static_cast<Transition>(random.Uniform(3));
    change.steps.resize(random.Uniform(6));
    for (ConfChangeStep& step : change.steps) {
      step.type = static_cast<ConfChangeType>(random.Uniform(3));
      step.replica = ReplicaId(random.Next() >> random.Uniform(64));
    }
    change.context.assign(random.Uniform(5), static_cast<char>(random.Next()));
    const auto decoded = DecodeConfChange(EncodeConfChange(change));
    ASSERT_TRUE(decoded.ok()) << DebugString(change) << decoded.status();
    ASSERT_EQ(*decoded, change) << DebugString(change);
  }
}

TEST(ConfChangeTest, MalformedBytesAreRefused) {
  ExpectRefused(std::string("\x03\x00x", 3));         // unknown transition
  ExpectRefused(std::string("\xff", 1));              // the same
  ExpectRefused(std::string("\x00", 1));              // no number of steps
  ExpectRefused(std::string("\x00\x80", 2));          // half a number of steps
  ExpectRefused(std::string("\x00\x02\x00\x01", 4));  // a step is missing
  ExpectRefused(std::string("\x00\x01\x00", 3));      // no replica
  ExpectRefused(std::string("\x00\x01\x03\x01", 4));  // unknown type of step
  ExpectRefused(std::string("\x00\x00", 2));  // a second form of nothing
  ExpectRefused(std::string(1, '\0') + std::string(10, '\xff'));
}

TEST(ConfChangeTest, NumberOfStepsIsLimited) {
  ConfChange change;
  change.steps.assign(kConfChangeStepsMax, Add(1));
  EXPECT_TRUE(DecodeConfChange(EncodeConfChange(change)).ok());
  change.steps.push_back(Add(1));
  ExpectRefused(EncodeConfChange(change));
}

TEST(ConfChangeTest, DamagedEncodingsNeverCrash) {
  SeededRandom random(4);
  const std::string good = EncodeConfChange(
      {Transition::kJointImplicit, {Add(1), Add(200)}, "context"});
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = good.substr(0, random.Uniform(good.size() + 1));
    if (!bytes.empty()) {
      bytes[random.Uniform(bytes.size())] = static_cast<char>(random.Next());
    }
    const auto decoded = DecodeConfChange(bytes);
    if (!decoded.ok()) continue;
    // What is accepted means one thing only.
    EXPECT_EQ(*DecodeConfChange(EncodeConfChange(*decoded)), *decoded);
  }
}

TEST(ConfChangeTest, TransitionDecidesWhatAChangeDoes) {
  EXPECT_TRUE(ConfChange().leaves_joint());
  EXPECT_FALSE(ConfChange().enters_joint());
  const ConfChange one = {Transition::kAuto, {Add(1)}, ""};
  EXPECT_FALSE(one.leaves_joint());
  EXPECT_FALSE(one.enters_joint());
  const ConfChange two = {Transition::kAuto, {Add(1), Add(2)}, ""};
  EXPECT_TRUE(two.enters_joint());
  EXPECT_TRUE(two.auto_leave());
  const ConfChange asked = {Transition::kJointExplicit, {}, ""};
  EXPECT_TRUE(asked.enters_joint());
  EXPECT_FALSE(asked.auto_leave());
  EXPECT_FALSE(asked.leaves_joint());
}

// Covers: H25a
TEST(ConfChangeTest, PrintsAsInTheScripts) {
  const ConfChange change = {Transition::kAuto,
                             {Add(1),
                              {ConfChangeType::kAddLearner, ReplicaId(2)},
                              {ConfChangeType::kRemove, ReplicaId(3)}},
                             ""};
  EXPECT_EQ(DebugString(change), "v1 l2 r3");
  EXPECT_EQ(DebugString(ConfChange()), "leave-joint");
  EXPECT_EQ(DebugString({Transition::kJointExplicit, {Add(1)}, ""}),
            "v1 explicit");
  EXPECT_EQ(DebugString({Transition::kJointImplicit, {Add(1)}, ""}),
            "v1 implicit");
}

}  // namespace
}  // namespace trimaran::raft
