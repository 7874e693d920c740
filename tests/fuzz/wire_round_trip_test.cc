// Goal: no bytes on a connection are taken for what nobody has sent. Method:
// random ones and changed ones are given to the checks of wire_fuzz.cc, which
// abort, and so are the inputs that the fuzzer has found worth keeping. The
// seed or the file is among the last printed.

#include "tests/fuzz/wire_round_trip.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <string>

#include "engine/base/random.h"
#include "tests/fuzz/kept_inputs.h"

namespace trimaran::wire {
namespace {

// An abort leaves no more than the last block of seeds printed.
constexpr uint64_t kSeedsPerBlock = 1000;

std::string RandomBytes(SeededRandom& random, uint64_t size) {
  std::string bytes;
  while (bytes.size() < size) {
    bytes += static_cast<char>(random.Uniform(256));
  }
  return bytes;
}

// A byte, or a piece cut out or doubled.
void Change(SeededRandom& random, std::string& bytes) {
  if (bytes.size() < 2) return;
  const size_t at = 1 + random.Uniform(bytes.size() - 1);
  switch (random.Uniform(3)) {
    case 0:
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.Uniform(8)));
      return;
    case 1:
      bytes.erase(at, 1 + random.Uniform(4));
      return;
    default:
      bytes.insert(at, bytes.substr(at, 1 + random.Uniform(8)));
  }
}

// How many of `seeds` inputs are taken.
template <typename Make>
uint64_t RunSeeds(uint64_t seeds, const Make& make) {
  uint64_t taken = 0;
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    if (seed % kSeedsPerBlock == 0) {
      std::cout << "seeds from " << seed << '\n' << std::flush;
    }
    SeededRandom random(seed);
    taken += CheckWireInput(make(random)) ? 1 : 0;
  }
  return taken;
}

TEST(WireRoundTripTest, KeptInputs) {
  const auto inputs = KeptInputs("wire");
  ASSERT_FALSE(inputs.empty());
  for (const auto& [name, input] : inputs) {
    std::cout << name << '\n' << std::flush;
    EXPECT_TRUE(CheckWireInput(input)) << name;
  }
}

TEST(WireRoundTripTest, ChangedInputs) {
  uint64_t taken = 0;
  const auto inputs = KeptInputs("wire");
  for (const auto& [name, input] : inputs) {
    std::cout << name << '\n' << std::flush;
    for (uint64_t seed = 0; seed < 200; ++seed) {
      SeededRandom random(seed);
      std::string changed = input;
      Change(random, changed);
      if (random.OneIn(2)) Change(random, changed);
      taken += CheckWireInput(changed) ? 1 : 0;
    }
  }
  // Not all of it is turned away at the door.
  EXPECT_GT(taken, inputs.size() * 20);
}

TEST(WireRoundTripTest, Connections) {
  EXPECT_GT(RunSeeds(2000,
                     [](SeededRandom& random) {
                       return "c" + RandomBytes(random, random.Uniform(100));
                     }),
            1900u);
}

TEST(WireRoundTripTest, RandomBytes) {
  RunSeeds(5000, [](SeededRandom& random) {
    const std::string kinds = "hrm";
    std::string input(1, kinds[random.Uniform(kinds.size())]);
    if (input == "m") input += static_cast<char>(16 + random.Uniform(9));
    return input + RandomBytes(random, random.Uniform(100));
  });
}

}  // namespace
}  // namespace trimaran::wire
