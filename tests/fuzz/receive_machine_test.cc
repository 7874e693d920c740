// Goal: nothing that a peer sends of a snapshot makes a receiver take what is
// not true, or keeps it from what is. Method: the operations of
// receive_fuzz.cc, from random bytes of fixed seeds and from the inputs that
// are worth keeping. A failure aborts the program; the seed or the file is
// among the last printed.

#include "tests/fuzz/receive_machine.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <string>

#include "engine/base/random.h"
#include "tests/fuzz/kept_inputs.h"

namespace trimaran {
namespace {

// An abort leaves no more than the last block of seeds printed.
constexpr uint64_t kSeedsPerBlock = 100;

std::string RandomBytes(SeededRandom& random, size_t size) {
  std::string bytes;
  while (bytes.size() < size) {
    bytes.push_back(static_cast<char>(random.Next() & 0xff));
  }
  return bytes;
}

ReceiveReach RunRandomInputs(uint64_t seeds, size_t size) {
  ReceiveReach reach;
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    if (seed % kSeedsPerBlock == 0) {
      std::cout << size << " bytes of seeds from " << seed << '\n'
                << std::flush;
    }
    SeededRandom random(seed);
    const std::string bytes = RandomBytes(random, size);
    ReceiveMachine machine(bytes);
    machine.Run();
    reach.Add(machine.reach());
  }
  return reach;
}

TEST(ReceiveMachineTest, ShortRandomInputs) {
  const ReceiveReach reach = RunRandomInputs(300, 80);
  EXPECT_GT(reach.received, 300u);
  EXPECT_GT(reach.resumed, 300u);
}

TEST(ReceiveMachineTest, LongRandomInputs) {
  const ReceiveReach reach = RunRandomInputs(50, 800);
  EXPECT_GT(reach.offers_taken, 500u);
  EXPECT_GT(reach.offers_refused, 100u);
  EXPECT_GT(reach.chunks_stored, 500u);
  EXPECT_GT(reach.chunks_altered, 300u);
  EXPECT_GT(reach.received, 200u);
  EXPECT_GT(reach.restarts, 500u);
}

TEST(ReceiveMachineTest, KeptInputs) {
  const auto inputs = KeptInputs("receive");
  ASSERT_FALSE(inputs.empty());
  for (const auto& [name, input] : inputs) {
    std::cout << name << '\n' << std::flush;
    ReceiveMachine(input).Run();
  }
}

}  // namespace
}  // namespace trimaran
