#include "tests/api/public_outcomes.h"

#include "trimaran/errors.h"

namespace trimaran {

std::array<int, 3> PublicOutcomeValues() {
  return {static_cast<int>(WriteOutcome::kApplied),
          static_cast<int>(WriteOutcome::kNotApplied),
          static_cast<int>(WriteOutcome::kUnknown)};
}

int PublicOutcomeOf(const absl::Status& status) {
  return static_cast<int>(OutcomeOf(status));
}

PublicTraits PublicTraitsOf(const absl::Status& status) {
  return {.not_leader = IsNotLeader(status),
          .leader = LeaderIdOf(status),
          .outcome_unknown = IsOutcomeUnknown(status),
          .corruption = IsCorruption(status),
          .newer_format = IsNewerFormat(status),
          .compacted = IsCompacted(status)};
}

}  // namespace trimaran
