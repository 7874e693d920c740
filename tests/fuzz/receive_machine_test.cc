// Goal: nothing that a peer sends of a snapshot makes a receiver take what is
// not true, or keeps it from what is. Method: the operations of
// receive_fuzz.cc, from random bytes of fixed seeds and from the inputs that
// are worth keeping. A failure aborts the program; the seed or the file is
// among the last printed.

#include "tests/fuzz/receive_machine.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <iostream>

#include "tests/fuzz/kept_inputs.h"
#include "tests/fuzz/random_inputs.h"

namespace trimaran {
namespace {

ReceiveReach RunSeeds(uint64_t seeds, size_t size) {
  return RunRandomInputs<ReceiveMachine, ReceiveReach>(seeds, size);
}

TEST(ReceiveMachineTest, ShortRandomInputs) {
  const ReceiveReach reach = RunSeeds(300, 80);
  EXPECT_GT(reach.received, 300u);
  EXPECT_GT(reach.resumed, 300u);
}

TEST(ReceiveMachineTest, LongRandomInputs) {
  const ReceiveReach reach = RunSeeds(50, 800);
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
