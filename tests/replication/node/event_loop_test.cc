// Goal: tasks run one at a time and in order, whoever runs them, and nobody
// sleeps while there is something to do.

#include "replication/node/event_loop.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/node/blocking.h"

namespace trimaran {
namespace {

class EventLoopTest : public testing::Test {
 protected:
  // Returns when everything posted so far has run.
  void Drain() {
    Later<bool> done;
    loop_.Post([&done] { done.Set(true); });
    done.Wait();
  }

  MonotonicClock clock_;
  EventLoop loop_{clock_};
};

TEST_F(EventLoopTest, RunsInTheOrderOfPosting) {
  std::vector<int> ran;
  for (int i = 0; i < 100; ++i) {
    loop_.Post([&ran, i] { ran.push_back(i); });
  }
  Drain();
  ASSERT_EQ(ran.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ran[static_cast<size_t>(i)], i);
}

TEST_F(EventLoopTest, TaskThatIsPostedByATaskRunsAfterIt) {
  std::string order;
  Later<bool> done;
  loop_.Post([&] {
    loop_.Post([&] {
      order += "b";
      done.Set(true);
    });
    order += "a";
  });
  done.Wait();
  EXPECT_EQ(order, "ab");
}

TEST_F(EventLoopTest, TimedTasksRunInTheOrderOfTheirTimes) {
  std::string order;
  Later<bool> done;
  const MonotonicTime now = clock_.Now();
  loop_.PostAt(now + absl::Milliseconds(20), [&] {
    order += "c";
    done.Set(true);
  });
  loop_.PostAt(now + absl::Milliseconds(5), [&] { order += "b"; });
  loop_.PostAt(now, [&] { order += "a"; });
  done.Wait();
  EXPECT_EQ(order, "abc");
  EXPECT_GE(clock_.Now() - now, absl::Milliseconds(20));
}

TEST_F(EventLoopTest, CallerDoesTheWorkOfAnIdleLoop) {
  Drain();
  std::thread::id runner;
  bool ran = false;
  // The loop's thread may get there first; then there is nothing to do here.
  loop_.Post([&] {
    runner = std::this_thread::get_id();
    ran = true;
  });
  loop_.RunHere([&ran] { return ran; });
  Drain();
  EXPECT_NE(runner, std::thread::id());
}

TEST_F(EventLoopTest, CallerLeavesTheRestWhenItIsDone) {
  Drain();
  std::atomic<int> ran = 0;
  for (int i = 0; i < 10; ++i) loop_.Post([&ran] { ++ran; });
  loop_.RunHere([&ran] { return ran >= 1; });
  Drain();
  EXPECT_EQ(ran, 10);
}

TEST_F(EventLoopTest, TaskThatHelpsItsOwnLoopIsSentAway) {
  Later<bool> done;
  loop_.Post([&] {
    EXPECT_TRUE(loop_.IsCurrent());
    loop_.RunHere([] { return false; });
    done.Set(true);
  });
  EXPECT_TRUE(done.Wait());
  EXPECT_FALSE(loop_.IsCurrent());
}

TEST_F(EventLoopTest, TasksNeverOverlapWhoeverRunsThem) {
  std::atomic<int> inside = 0;
  int64_t sum = 0;
  std::vector<std::thread> helpers;
  for (int helper = 0; helper < 4; ++helper) {
    helpers.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        std::atomic<bool> done = false;
        loop_.Post([&] {
          EXPECT_EQ(inside.fetch_add(1), 0);
          ++sum;
          inside.fetch_sub(1);
          done = true;
        });
        loop_.RunHere([&done] { return done.load(); });
        while (!done) std::this_thread::yield();
      }
    });
  }
  for (std::thread& helper : helpers) helper.join();
  EXPECT_EQ(sum, 2000);
}

TEST_F(EventLoopTest, WhatStillWaitsAtTheEndIsDropped) {
  const auto witness = std::make_shared<int>(1);
  {
    EventLoop other(clock_);
    other.PostAt(MonotonicTime::Infinite(), [witness] { FAIL(); });
  }
  EXPECT_EQ(witness.use_count(), 1);
}

}  // namespace
}  // namespace trimaran
