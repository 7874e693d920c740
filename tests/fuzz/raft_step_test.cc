#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <string>

#include "engine/base/random.h"
#include "replication/raft/debug_string.h"
#include "tests/fuzz/conf_change_round_trip.h"
#include "tests/fuzz/kept_inputs.h"
#include "tests/fuzz/random_inputs.h"
#include "tests/fuzz/step_machine.h"

// Goal: no sequence of inputs breaks an invariant of the core or its contract.
// Method: the operations of raft_step_fuzz.cc, from random bytes of fixed seeds
// and from the inputs that the fuzzer has found worth keeping. A failure aborts
// the program; the seed or the file is among the last printed.

namespace trimaran::raft {
namespace {

// An abort leaves no more than the last block of seeds printed.
constexpr uint64_t kSeedsPerBlock = 200;

// Runs inputs of `size` bytes until `operations` have been performed.
FuzzReach RunRandomInputs(uint64_t first_seed, size_t size, size_t operations) {
  FuzzReach reach;
  size_t performed = 0;
  uint64_t seed = first_seed;
  for (; performed < operations; ++seed) {
    if ((seed - first_seed) % kSeedsPerBlock == 0) {
      std::cout << size << " bytes of seeds " << seed << " to "
                << seed + kSeedsPerBlock - 1 << '\n'
                << std::flush;
    }
    SeededRandom random(seed);
    const std::string bytes = RandomBytes(random, size);
    StepMachine machine(bytes);
    performed += machine.Run();
    reach.Add(machine.reach());
  }
  return reach;
}

void ExpectSomeOfEach(const FuzzReach& reach) {
  EXPECT_GT(reach.leaderships, 100u);
  EXPECT_GT(reach.applied, 100u);
  EXPECT_GT(reach.conf_changes, 10u);
  EXPECT_GT(reach.snapshots_taken, 10u);
  EXPECT_GT(reach.snapshots_sent, 5u);
  EXPECT_GT(reach.fetches, 10u);
  EXPECT_GT(reach.reads, 10u);
  EXPECT_GT(reach.refused, 100u);
}

TEST(RaftStepTest, ShortRandomInputsBreakNothing) {
  ExpectSomeOfEach(RunRandomInputs(1, 200, 200000));
}

TEST(RaftStepTest, LongRandomInputsBreakNothing) {
  ExpectSomeOfEach(RunRandomInputs(1000000, 3000, 200000));
}

TEST(RaftStepTest, KeptInputsBreakNothing) {
  const auto inputs = KeptInputs("raft_step");
  ASSERT_FALSE(inputs.empty());
  for (const auto& [name, input] : inputs) {
    std::cout << name << '\n' << std::flush;
    StepMachine(input).Run();
  }
}

TEST(RaftStepTest, SameInputGivesSameState) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SeededRandom random(seed);
    const std::string bytes = RandomBytes(random, 500);
    StepMachine first(bytes);
    StepMachine second(bytes);
    EXPECT_EQ(first.Run(), second.Run());
    EXPECT_EQ(DebugString(first.status()), DebugString(second.status()))
        << "seed " << seed;
  }
}

TEST(ConfChangeBytesTest, KeptInputs) {
  const auto inputs = KeptInputs("conf_change");
  ASSERT_FALSE(inputs.empty());
  for (const auto& [name, input] : inputs) {
    std::cout << name << '\n' << std::flush;
    CheckConfChangeRoundTrip(input);
  }
}

TEST(ConfChangeBytesTest, WhatIsDecodedIsEncodedTheSame) {
  SeededRandom random(1);
  size_t decoded = 0;
  for (int i = 0; i < 100000; ++i) {
    std::string bytes = RandomBytes(random, random.Uniform(12));
    // Small numbers are the interesting ones.
    for (char& byte : bytes) {
      if (random.OneIn(2)) byte &= 3;
    }
    decoded += CheckConfChangeRoundTrip(bytes) ? 1 : 0;
  }
  EXPECT_GT(decoded, 1000u);
}

}  // namespace
}  // namespace trimaran::raft
