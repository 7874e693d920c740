#ifndef TRIMARAN_TESTS_API_PUBLIC_OUTCOMES_H_
#define TRIMARAN_TESTS_API_PUBLIC_OUTCOMES_H_

#include <array>
#include <cstdint>

#include "absl/status/status.h"

namespace trimaran {

// What trimaran/errors.h says, for a source that includes the engine's header
// of the same names.
std::array<int, 3> PublicOutcomeValues();
int PublicOutcomeOf(const absl::Status& status);

struct PublicTraits {
  bool not_leader = false;
  uint64_t leader = 0;
  bool outcome_unknown = false;
  bool corruption = false;
  bool newer_format = false;
  bool compacted = false;

  friend bool operator==(const PublicTraits&, const PublicTraits&) = default;
};
PublicTraits PublicTraitsOf(const absl::Status& status);

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_API_PUBLIC_OUTCOMES_H_
