// Goal: no sequence of messages, true or not, makes a live node fail, promise
// what is not durable, change what it has applied, leave somebody without an
// answer, or deaf to an honest leader. Method: the operations of node_fuzz.cc,
// from random bytes of fixed seeds and from the inputs that are worth keeping.
// A failure aborts the program; the seed or the file is among the last printed.

#include "tests/fuzz/node_machine.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <iostream>

#include "tests/fuzz/kept_inputs.h"
#include "tests/fuzz/random_inputs.h"
#include "tests/support/sanitized.h"

namespace trimaran {
namespace {

// A sanitizer makes it fifty times as slow.
constexpr uint64_t kFewer = kSanitized ? 10 : 1;

NodeReach RunSeeds(uint64_t seeds, size_t size) {
  return RunRandomInputs<NodeMachine, NodeReach>(seeds, size);
}

void ExpectSomeOfEach(const NodeReach& reach, uint64_t seeds) {
  EXPECT_GT(reach.elections_won, 1000u / kFewer);
  EXPECT_GT(reach.applied, 10000u / kFewer);
  EXPECT_GT(reach.writes_done, 2000u / kFewer);
  EXPECT_GT(reach.reads_done, 2000u / kFewer);
  EXPECT_GT(reach.others_done, 3000u / kFewer);
  EXPECT_GT(reach.refused, 4000u / kFewer);
  EXPECT_GT(reach.checkpoints, 2000u / kFewer);
  EXPECT_GT(reach.snapshots_offered, 500u / kFewer);
  EXPECT_GT(reach.restarts, 500u / kFewer);
  EXPECT_GT(reach.failures, 100u / kFewer);
  // The others are alone in their group, or have an entry that means nothing.
  EXPECT_GT(reach.recovered, seeds / 10 * 9);
}

TEST(NodeMachineTest, ShortRandomInputs) {
  constexpr uint64_t kSeeds = 5000 / kFewer;
  ExpectSomeOfEach(RunSeeds(kSeeds, 200), kSeeds);
}

TEST(NodeMachineTest, LongRandomInputs) {
  constexpr uint64_t kSeeds = 500 / kFewer;
  const NodeReach reach = RunSeeds(kSeeds, 2000);
  ExpectSomeOfEach(reach, kSeeds);
  EXPECT_GT(reach.strangers, 500u / kFewer);
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
