// Goal: a scope holds the lock from its begin to its end, and keeps threads
// apart in a way that the thread sanitizer can see.

#include "engine/base/mutex.h"

#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "gtest/gtest.h"

namespace trimaran {
namespace {

class Counter {
 public:
  void Increment() {
    MutexLock lock(mutex_);
    ++count_;
  }
  int count() {
    MutexLock lock(mutex_);
    return count_;
  }

 private:
  Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST(MutexTest, KeepsThreadsApart) {
  Counter counter;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&counter] {
      for (int round = 0; round < 1000; ++round) counter.Increment();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter.count(), 4000);
}

// Hangs, and so fails by its time-out, if the first scope keeps the lock.
TEST(MutexTest, AScopeReleasesAtItsEnd) {
  Mutex mutex;
  { MutexLock lock(mutex); }
  { MutexLock lock(mutex); }
}

}  // namespace
}  // namespace trimaran
