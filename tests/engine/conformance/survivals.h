#ifndef TRIMARAN_TESTS_ENGINE_CONFORMANCE_SURVIVALS_H_
#define TRIMARAN_TESTS_ENGINE_CONFORMANCE_SURVIVALS_H_

#include "engine/base/random.h"
#include "tests/support/disk/survival.h"

namespace trimaran::engine {

// One of all the ways in which a crash treats what was not synced.
inline disk::Survival AnySurvival(Random& random) {
  const uint64_t choice = random.Uniform(disk::kFixedSurvivals.size() +
                                         disk::kSeededSurvivals.size());
  if (choice < disk::kFixedSurvivals.size()) {
    return disk::kFixedSurvivals[choice];
  }
  return disk::kSeededSurvivals[choice - disk::kFixedSurvivals.size()];
}

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_ENGINE_CONFORMANCE_SURVIVALS_H_
