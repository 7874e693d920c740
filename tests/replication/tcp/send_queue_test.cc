// Goal: what waits for a peer takes bounded room, and what is dropped is known.

#include "replication/tcp/send_queue.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace trimaran {
namespace {

wire::OutgoingFrame FrameOf(size_t bytes) {
  wire::OutgoingFrame frame;
  frame.head = std::string(bytes, 'h');
  return frame;
}

SendQueue::PutResult Put(SendQueue& queue, std::vector<size_t> sizes) {
  std::vector<wire::OutgoingFrame> frames;
  for (const size_t size : sizes) frames.push_back(FrameOf(size));
  return queue.Put(std::move(frames));
}

std::vector<size_t> Take(SendQueue& queue, size_t bytes_max) {
  std::deque<wire::OutgoingFrame> frames;
  queue.Take(bytes_max, frames);
  std::vector<size_t> sizes;
  for (const auto& frame : frames) sizes.push_back(frame.size_bytes());
  return sizes;
}

TEST(SendQueueTest, KeepsTheOrder) {
  SendQueue queue(10, 1000);
  EXPECT_TRUE(Put(queue, {1, 2}).woken);
  EXPECT_FALSE(Put(queue, {3}).woken);
  EXPECT_EQ(Take(queue, 1000), (std::vector<size_t>{1, 2, 3}));
  EXPECT_TRUE(queue.empty());
  EXPECT_TRUE(Put(queue, {4}).woken);
}

TEST(SendQueueTest, TakesABatchAtATime) {
  SendQueue queue(10, 1000);
  Put(queue, {10, 10, 10});
  EXPECT_EQ(Take(queue, 15), (std::vector<size_t>{10, 10}));
  // One at least.
  EXPECT_EQ(Take(queue, 1), (std::vector<size_t>{10}));
  EXPECT_EQ(Take(queue, 1), std::vector<size_t>{});
}

TEST(SendQueueTest, DropsTheNewestInNumber) {
  SendQueue queue(2, 1000);
  EXPECT_TRUE(Put(queue, {1, 2, 3}).overflowed);
  EXPECT_EQ(queue.dropped(), 1u);
  EXPECT_EQ(Take(queue, 1000), (std::vector<size_t>{1, 2}));
}

TEST(SendQueueTest, DropsTheNewestInBytes) {
  SendQueue queue(100, 1000);
  // One of any size fits.
  EXPECT_FALSE(Put(queue, {5000}).overflowed);
  EXPECT_TRUE(Put(queue, {1}).overflowed);
  EXPECT_EQ(Take(queue, 1), (std::vector<size_t>{5000}));
  EXPECT_FALSE(Put(queue, {600, 400}).overflowed);
  EXPECT_TRUE(Put(queue, {1}).overflowed);
  EXPECT_EQ(queue.dropped(), 2u);
}

TEST(SendQueueTest, SaysOnceThatItIsFull) {
  SendQueue queue(1, 1000);
  EXPECT_TRUE(Put(queue, {1, 1}).overflowed);
  EXPECT_FALSE(Put(queue, {1}).overflowed);
  Take(queue, 1);
  EXPECT_TRUE(Put(queue, {1, 1}).overflowed);
}

TEST(SendQueueTest, CountsWhatIsCleared) {
  SendQueue queue(10, 1000);
  Put(queue, {1, 2, 3});
  EXPECT_EQ(queue.Clear(), 3u);
  EXPECT_EQ(queue.dropped(), 3u);
  EXPECT_EQ(queue.Clear(), 0u);
  Put(queue, {1000});
  EXPECT_EQ(queue.dropped(), 3u);
}

}  // namespace
}  // namespace trimaran
