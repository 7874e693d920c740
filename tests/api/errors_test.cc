// Goal: trimaran/errors.h tells users what the engine's errors say. The two
// headers define one enumeration twice, in different sources; here both sides
// are compared.

#include "engine/base/errors.h"

#include "engine/log/log_store.h"
#include "gtest/gtest.h"
#include "tests/api/public_outcomes.h"

namespace trimaran {
namespace {

TEST(ErrorsTest, OutcomesAreTheSameOnBothSides) {
  EXPECT_EQ(PublicOutcomeValues(),
            (std::array<int, 3>{static_cast<int>(WriteOutcome::kApplied),
                                static_cast<int>(WriteOutcome::kNotApplied),
                                static_cast<int>(WriteOutcome::kUnknown)}));
  for (const WriteOutcome outcome :
       {WriteOutcome::kApplied, WriteOutcome::kNotApplied,
        WriteOutcome::kUnknown}) {
    EXPECT_EQ(PublicOutcomeOf(WithOutcome(absl::AbortedError(""), outcome)),
              static_cast<int>(outcome));
  }
  EXPECT_EQ(PublicOutcomeOf(absl::OkStatus()),
            static_cast<int>(WriteOutcome::kApplied));
}

// Covers: E14
TEST(ErrorsTest, KindsAreToldApart) {
  EXPECT_EQ(PublicTraitsOf(NotLeaderError(ReplicaId(3))),
            (PublicTraits{.not_leader = true, .leader = 3}));
  EXPECT_EQ(PublicTraitsOf(NotLeaderError(kNoReplica)),
            (PublicTraits{.not_leader = true}));
  EXPECT_EQ(PublicTraitsOf(OutcomeUnknownError("")),
            (PublicTraits{.outcome_unknown = true}));
  EXPECT_EQ(PublicTraitsOf(CorruptionError("")),
            (PublicTraits{.corruption = true}));
  EXPECT_EQ(PublicTraitsOf(NewerFormatError("")),
            (PublicTraits{.newer_format = true}));
  EXPECT_EQ(PublicTraitsOf(engine::CompactedError(LogIndex(3), LogIndex(7))),
            (PublicTraits{.compacted = true}));
  EXPECT_EQ(PublicTraitsOf(absl::OutOfRangeError("")), PublicTraits());
  EXPECT_EQ(PublicTraitsOf(absl::UnavailableError("")), PublicTraits());
  EXPECT_EQ(PublicTraitsOf(absl::OkStatus()), PublicTraits());
}

}  // namespace
}  // namespace trimaran
