// Goal: no sequence of messages, true or not, makes a live node fail, promise
// what is not durable, change what it has applied, leave somebody without an
// answer, or deaf to an honest leader. Method: the operations of node_fuzz.cc,
// from random bytes of fixed seeds and from the inputs that are worth keeping.
// A failure aborts the program; the seed or the file is among the last printed.

#include "tests/fuzz/node_machine.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <string>

#include "engine/base/random.h"
#include "tests/fuzz/kept_inputs.h"

namespace trimaran {
namespace {

std::string RandomBytes(SeededRandom& random, size_t size) {
  std::string bytes;
  while (bytes.size() < size) {
    bytes.push_back(static_cast<char>(random.Next() & 0xff));
  }
  return bytes;
}

// An abort leaves no more than the last block of seeds printed.
constexpr uint64_t kSeedsPerBlock = 250;

NodeReach RunRandomInputs(uint64_t seeds, size_t size) {
  NodeReach reach;
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    if (seed % kSeedsPerBlock == 0) {
      std::cout << size << " bytes of seeds from " << seed << '\n'
                << std::flush;
    }
    SeededRandom random(seed);
    const std::string bytes = RandomBytes(random, size);
    NodeMachine machine(bytes);
    machine.Run();
    reach.Add(machine.reach());
  }
  return reach;
}

void ExpectSomeOfEach(const NodeReach& reach, uint64_t seeds) {
  EXPECT_GT(reach.elections_won, 1000u);
  EXPECT_GT(reach.applied, 10000u);
  EXPECT_GT(reach.writes_done, 2000u);
  EXPECT_GT(reach.reads_done, 2000u);
  EXPECT_GT(reach.others_done, 3000u);
  EXPECT_GT(reach.refused, 4000u);
  EXPECT_GT(reach.checkpoints, 2000u);
  EXPECT_GT(reach.snapshots_offered, 500u);
  EXPECT_GT(reach.restarts, 500u);
  EXPECT_GT(reach.failures, 100u);
  // The others are alone in their group, or have an entry that means nothing.
  EXPECT_GT(reach.recovered, seeds / 10 * 9);
}

TEST(NodeMachineTest, ShortRandomInputs) {
  constexpr uint64_t kSeeds = 5000;
  ExpectSomeOfEach(RunRandomInputs(kSeeds, 200), kSeeds);
}

TEST(NodeMachineTest, LongRandomInputs) {
  constexpr uint64_t kSeeds = 500;
  const NodeReach reach = RunRandomInputs(kSeeds, 2000);
  ExpectSomeOfEach(reach, kSeeds);
  EXPECT_GT(reach.strangers, 500u);
}

TEST(NodeMachineTest, KeptInputs) {
  const auto inputs = KeptInputs("node");
  ASSERT_FALSE(inputs.empty());
  for (const auto& [name, input] : inputs) {
    std::cout << name << '\n' << std::flush;
    NodeMachine(input).Run();
  }
}

}  // namespace
}  // namespace trimaran
