#ifndef TRIMARAN_TESTS_API_MEMORY_STORY_H_
#define TRIMARAN_TESTS_API_MEMORY_STORY_H_

#include <atomic>
#include <cstdint>
#include <new>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "tests/api/failing_new.h"
#include "tests/api/mortal_child.h"

namespace trimaran {

// What the children of one story share.
struct MemoryBoard {
  // Which allocation of a call is to fail next.
  std::atomic<uint64_t> nth = 1;
  // Calls that std::bad_alloc has left, and children that it has ended.
  std::atomic<uint64_t> thrown = 0;
  std::atomic<uint64_t> deaths = 0;
};

// The next one: all of the first `dense`, and fewer the further it goes on, so
// that a call that allocates thousands of times comes to its end as well.
inline uint64_t NextNth(uint64_t nth, uint64_t dense) {
  return nth + 1 + nth / dense;
}

// Makes `call` while there is no memory from its board.nth-th allocation on.
// True if that was noticed; `thrown` says whether the call was left for it.
inline bool CallWithoutMemory(MemoryBoard& board, Lack lack, bool& thrown,
                              absl::FunctionRef<void()> call) {
  thrown = false;
  bool failed = false;
  {
    const FailingNew failing(board.nth, lack);
    try {
      call();
    } catch (const std::bad_alloc&) {
      thrown = true;
    }
    failed = failing.failed();
  }
  if (thrown) ++board.thrown;
  return failed;
}

// Calls `life` in children until one comes to its end by itself. Each goes on
// where the last one died: it makes attempts with board.nth, and with NextNth
// of that, until there is none that fails.
inline void LiveUntilItSucceeds(MemoryBoard& board, uint64_t dense,
                                absl::FunctionRef<void()> life) {
  constexpr int kSecondsMax = 120;
  while (true) {
    const absl::StatusOr<ChildEnd> end = RunMortal(kSecondsMax, life);
    ASSERT_TRUE(end.ok()) << end.status() << "; at allocation " << board.nth;
    // There it has memory.
    ASSERT_NE(*end, ChildEnd::kInWiredTiger) << "at allocation " << board.nth;
    if (*end == ChildEnd::kDone) break;
    ++board.deaths;
    board.nth = NextNth(board.nth, dense);
  }
  testing::Test::RecordProperty("thrown", std::to_string(board.thrown));
  testing::Test::RecordProperty("deaths", std::to_string(board.deaths));
  testing::Test::RecordProperty("allocations", std::to_string(board.nth));
}

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_API_MEMORY_STORY_H_
