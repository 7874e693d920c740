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

}  // namespace
}  // namespace trimaran::engine
