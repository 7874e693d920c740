// Goal: what is published together is read together, whoever switches
// meanwhile.

#include "engine/kv/published_state.h"

#include <atomic>
#include <memory>
#include <thread>

#include "gtest/gtest.h"

namespace trimaran::engine {
namespace {

// A state at an index that is ten times the number of its generation.
ReplicatedState StateOf(uint64_t generation) {
  ReplicatedState state;
  state.applied.applied.id = {LogIndex(10 * generation), Term(1)};
  return state;
}
SharedGeneration NumberOf(uint64_t generation) {
  return std::make_shared<const Generation>(
      Generation{generation, GenerationTable(generation)});
}

TEST(PublishedStateTest, PresentStateIsOfOneMoment) {
  constexpr uint64_t kSwitches = 20000;
  PublishedState published(StateOf(1), NumberOf(1));
  std::atomic<bool> started = false;
  std::thread switching([&] {
    while (!started) std::this_thread::yield();
    for (uint64_t number = 2; number <= kSwitches; ++number) {
      published.Switch(StateOf(number), NumberOf(number));
    }
  });
  uint64_t seen = 0;
  started = true;
  while (seen < kSwitches) {
    const PresentState present = published.present();
    seen = present.generation->number;
    ASSERT_EQ(present.applied.applied.id.index, LogIndex(10 * seen));
  }
  switching.join();
}

TEST(PublishedStateTest, BasisHoldsUntilACommitBegins) {
  PublishedState published(StateOf(1), NumberOf(1));
  const ViewBasis before = published.view_basis();
  EXPECT_EQ(before.applied.id.index, LogIndex(10));
  EXPECT_EQ(before.generation->number, 1u);
  EXPECT_TRUE(published.IsStill(before));

  published.CommitBegins();
  EXPECT_FALSE(published.IsStill(before));
  EXPECT_FALSE(published.IsStill(published.view_basis()));
  published.Publish(StateOf(2));
  EXPECT_FALSE(published.IsStill(before));

  const ViewBasis after = published.view_basis();
  EXPECT_EQ(after.applied.id.index, LogIndex(20));
  EXPECT_TRUE(published.IsStill(after));
}

// Rows are removed that nobody can see any more.
TEST(PublishedStateTest, BasisHoldsAgainAfterACommitThatAppliesNothing) {
  PublishedState published(StateOf(1), NumberOf(1));
  const ViewBasis before = published.view_basis();
  published.CommitBegins();
  published.Publish(StateOf(1));
  EXPECT_TRUE(published.IsStill(before));
}

}  // namespace
}  // namespace trimaran::engine
