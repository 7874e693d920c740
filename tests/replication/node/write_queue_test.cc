// Goal: the queue is bounded in bytes, and whoever waits for room gets exactly
// what it needs, or is told in time.

#include "replication/node/write_queue.h"

#include <memory>
#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "tests/support/manual_clock.h"

namespace trimaran {
namespace {

PendingWritePtr WriteOf(size_t bytes) {
  return std::make_shared<PendingWrite>(
      std::string(bytes, 'c'), MonotonicTime::Infinite(), [](const auto&) {});
}

TEST(WriteQueueTest, TakesWritesUpToItsBoundAndOneOfAnySize) {
  WriteQueue queue(100);
  EXPECT_EQ(queue.Push(WriteOf(500)), WriteQueue::Pushed::kFirst);
  EXPECT_EQ(queue.Push(WriteOf(1)), WriteQueue::Pushed::kFull);
  EXPECT_EQ(queue.TakeAll().size(), 1U);
  // It still waits, somewhere else.
  EXPECT_EQ(queue.Push(WriteOf(1)), WriteQueue::Pushed::kFull);
  queue.MakeRoom(500);
  EXPECT_EQ(queue.Push(WriteOf(60)), WriteQueue::Pushed::kFirst);
  EXPECT_EQ(queue.Push(WriteOf(40)), WriteQueue::Pushed::kBehindOthers);
  EXPECT_EQ(queue.Push(WriteOf(1)), WriteQueue::Pushed::kFull);
}

TEST(WriteQueueTest, RoomForALittleIsNoRoomForMuch) {
  const ManualClock clock;
  WriteQueue queue(100);
  (void)queue.Push(WriteOf(60));
  EXPECT_TRUE(queue.WaitForRoom(40, clock, clock.Now()));
  EXPECT_FALSE(queue.WaitForRoom(41, clock, clock.Now()));
  EXPECT_EQ(queue.TakeAll().front()->TakeQueuedBytes(), 60u);
  queue.MakeRoom(60);
  EXPECT_TRUE(queue.WaitForRoom(500, clock, clock.Now()));
}

TEST(WriteQueueTest, WhoeverWaitsIsWokenByRoom) {
  const ManualClock clock;
  WriteQueue queue(100);
  (void)queue.Push(WriteOf(60));
  std::thread waiter([&] {
    EXPECT_TRUE(queue.WaitForRoom(60, clock, MonotonicTime::Infinite()));
  });
  queue.MakeRoom(60);
  waiter.join();
}

TEST(WriteQueueTest, CloseEndsTheWaiting) {
  const ManualClock clock;
  WriteQueue queue(100);
  (void)queue.Push(WriteOf(100));
  queue.Close();
  EXPECT_TRUE(queue.WaitForRoom(100, clock, MonotonicTime::Infinite()));
  EXPECT_EQ(queue.Push(WriteOf(1)), WriteQueue::Pushed::kClosed);
}

}  // namespace
}  // namespace trimaran
