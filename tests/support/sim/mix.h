#ifndef TRIMARAN_TESTS_SUPPORT_SIM_MIX_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_MIX_H_

#include <cstdint>

namespace trimaran::sim {

// Folds `value` into `hash`, so that every bit of both counts and the order
// matters. Fixed for ever: trace hashes are compared between builds.
constexpr uint64_t Mix(uint64_t hash, uint64_t value) {
  uint64_t mixed = (hash ^ value) * 0x9fb21c651e98df25;
  mixed ^= mixed >> 32;
  return (mixed + 0x632be59bd9b4e019) * 0xd6e8feb86659fd93;
}

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_MIX_H_
