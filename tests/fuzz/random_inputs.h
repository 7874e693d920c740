#ifndef TRIMARAN_TESTS_FUZZ_RANDOM_INPUTS_H_
#define TRIMARAN_TESTS_FUZZ_RANDOM_INPUTS_H_

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <string>

#include "engine/base/random.h"

// What ctest feeds to the machines of the fuzzers.

namespace trimaran {

inline std::string RandomBytes(SeededRandom& random, size_t size) {
  std::string bytes;
  bytes.reserve(size);
  while (bytes.size() < size) {
    bytes.push_back(static_cast<char>(random.Next() & 0xff));
  }
  return bytes;
}

// Runs a Machine on `size` bytes of each of `seeds` seeds; adds up what they
// got to. An abort leaves no more than the last block of seeds printed.
template <typename Machine, typename Reach>
Reach RunRandomInputs(uint64_t seeds, size_t size) {
  constexpr uint64_t kSeedsPerBlock = 100;
  Reach reach;
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    if (seed % kSeedsPerBlock == 0) {
      std::cout << size << " bytes of seeds from " << seed << '\n'
                << std::flush;
    }
    SeededRandom random(seed);
    const std::string bytes = RandomBytes(random, size);
    Machine machine(bytes);
    machine.Run();
    reach.Add(machine.reach());
  }
  return reach;
}

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_FUZZ_RANDOM_INPUTS_H_
