// Goal: no bytes of a client mean two things, or are believed beyond a limit.
// Method: random ones and changed ones are given to the checks of resp_fuzz.cc,
// which abort, and so are the inputs that are worth keeping. The seed or the
// file is among the last printed.

#include "tests/fuzz/resp_round_trip.h"

#include <gtest/gtest.h>

#include <iostream>
#include <string>

#include "engine/base/random.h"
#include "tests/fuzz/kept_inputs.h"

namespace trimaran::serve {
namespace {

// Pieces of what is meant, in an order that is not.
std::string RandomInput(SeededRandom& random) {
  const std::string pieces[] = {
      "*1\r\n",  "*2\r\n",   "$1\r\n",  "$3\r\n",   "a\r\n",       "abc\r\n",
      "\r\n",    "PING\r\n", "*-1\r\n", "$0\r\n",   "\"a\\x41\" ", "'",
      "[a-c]*?", "\\",       " ",       "*9999\r\n"};
  std::string input(1, static_cast<char>(random.Uniform(256)));
  const uint64_t count = random.Uniform(12);
  for (uint64_t i = 0; i < count; ++i) {
    if (random.OneIn(6)) {
      input += static_cast<char>(random.Uniform(256));
    } else {
      input += pieces[random.Uniform(std::size(pieces))];
    }
  }
  return input;
}

TEST(RespRoundTripTest, KeptInputs) {
  const auto inputs = KeptInputs("resp");
  ASSERT_FALSE(inputs.empty());
  for (const auto& [name, input] : inputs) {
    std::cout << name << '\n' << std::flush;
    CheckRespInput(input);
  }
}

TEST(RespRoundTripTest, RandomInputs) {
  size_t commands = 0;
  for (uint64_t seed = 0; seed < 30'000; ++seed) {
    if (seed % 1000 == 0) std::cout << "seeds from " << seed << '\n';
    SeededRandom random(seed);
    commands += CheckRespInput(RandomInput(random));
  }
  // Not all of it is turned away at the door.
  EXPECT_GT(commands, 10'000u);
}

}  // namespace
}  // namespace trimaran::serve
