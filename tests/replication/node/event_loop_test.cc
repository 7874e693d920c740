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
  {
    EventLoop::Visit visit(loop_);
    // The loop's thread may get there first; then there is nothing to do here.
    loop_.Post([&] {
      runner = std::this_thread::get_id();
      ran = true;
    });
    visit.Run([&ran] { return ran; });
  }
  Drain();
  EXPECT_NE(runner, std::thread::id());
}

TEST_F(EventLoopTest, CallerLeavesTheRestWhenItIsDone) {
  Drain();
  std::atomic<int> ran = 0;
  {
    EventLoop::Visit visit(loop_);
    for (int i = 0; i < 10; ++i) loop_.Post([&ran] { ++ran; });
    visit.Run([&ran] { return ran >= 1; });
  }
  // Nobody is asked to, and the others are run all the same.
  EXPECT_TRUE(Eventually([&ran] { return ran == 10; }));
}

TEST_F(EventLoopTest, VisitorWhoRunsNothingLeavesItToTheThread) {
  std::atomic<bool> ran = false;
  {
    const EventLoop::Visit visit(loop_);
    loop_.Post([&ran] { ran = true; });
  }
  EXPECT_TRUE(Eventually([&ran] { return ran.load(); }));
}

TEST_F(EventLoopTest, VisitorDoesNotWakeTheThread) {
  Drain();
  const uint64_t before = loop_.wakeups();
  for (int i = 0; i < 1000; ++i) {
    std::atomic<bool> ran = false;
    EventLoop::Visit visit(loop_);
    loop_.Post([&ran] { ran = true; });
    visit.Run([&ran] { return ran.load(); });
    // The thread has not gone to sleep yet.
    while (!ran) std::this_thread::yield();
  }
  EXPECT_LT(loop_.wakeups() - before, 20u);
}

// What is due much later is no reason to.
TEST_F(EventLoopTest, VisitorDoesNotWakeTheThreadForALaterTime) {
  const MonotonicTime far = clock_.Now() + absl::Seconds(30);
  loop_.PostAt(far, [] {});
  Drain();
  const uint64_t before = loop_.wakeups();
  for (int i = 0; i < 1000; ++i) {
    EventLoop::Visit visit(loop_);
    loop_.Post([&, i] { loop_.PostAt(far + absl::Seconds(i), [] {}); });
    visit.Run([] { return false; });
    visit.Await([] { return false; }, clock_.Now() + absl::Microseconds(1));
  }
  EXPECT_LT(loop_.wakeups() - before, 20u);
}

// Who is slow to do what he has come for.
TEST_F(EventLoopTest, TimesAreKeptBesideAVisitorWhoDoesNothing) {
  Drain();
  const EventLoop::Visit slow(loop_);
  Later<bool> due;
  {
    EventLoop::Visit visit(loop_);
    loop_.Post([&] {
      loop_.PostAt(clock_.Now() + absl::Milliseconds(20),
                   [&due] { due.Set(true); });
      Rest(absl::Milliseconds(5));
    });
    visit.Run([] { return false; });
  }
  const MonotonicTime begun = clock_.Now();
  EXPECT_TRUE(due.Wait());
  EXPECT_LT(clock_.Now() - begun, absl::Milliseconds(700));
}

// Its thread goes to sleep without an end while somebody else runs tasks.
TEST_F(EventLoopTest, TimesAreKeptBehindAVisitor) {
  Drain();
  Later<bool> due;
  {
    EventLoop::Visit visit(loop_);
    loop_.Post([&] {
      // Whatever wakes the thread meanwhile finds it relieved.
      loop_.PostAt(clock_.Now() + absl::Milliseconds(20),
                   [&due] { due.Set(true); });
      Rest(absl::Milliseconds(5));
    });
    visit.Run([] { return false; });
  }
  EXPECT_TRUE(due.Wait());
  // Nobody waits for it, as Drain would.
  EXPECT_FALSE(loop_.IsCurrent());
}

// Waits for something that a task is to bring about, on a thread of its own.
class WaitingVisitor {
 public:
  WaitingVisitor(EventLoop& loop, MonotonicTime deadline)
      : thread_([this, &loop, deadline] {
          EventLoop::Visit visit(loop);
          loop.Post([this] { came_.Set(true); });
          visit.Await([this] { return done_.load(); }, deadline);
          returned_ = true;
        }) {
    came_.Wait();
  }
  ~WaitingVisitor() { thread_.join(); }

  void SetDone() { done_ = true; }
  bool returned() const { return returned_; }
  std::thread::id thread() const { return thread_.get_id(); }

 private:
  Later<bool> came_;
  std::atomic<bool> done_ = false;
  std::atomic<bool> returned_ = false;
  std::thread thread_;
};

TEST_F(EventLoopTest, PostWakesWhoWaitsAndNotTheThread) {
  Drain();
  WaitingVisitor visitor(loop_, MonotonicTime::Infinite());
  const uint64_t before = loop_.wakeups();
  int by_visitor = 0;
  // The thread may be awake for a while yet, and take some of them.
  for (int i = 0; by_visitor < 100 && i < 100'000; ++i) {
    Later<std::thread::id> runner;
    loop_.Post([&runner] { runner.Set(std::this_thread::get_id()); });
    if (runner.Wait() == visitor.thread()) ++by_visitor;
  }
  EXPECT_EQ(by_visitor, 100);
  EXPECT_LT(loop_.wakeups() - before, 20u);
  loop_.Post([&visitor] { visitor.SetDone(); });
}

// The loop's thread keeps the times, and runs what is due.
TEST_F(EventLoopTest, WaitEndsWithATaskThatSomebodyElseRuns) {
  WaitingVisitor visitor(loop_, MonotonicTime::Infinite());
  loop_.PostAt(clock_.Now() + absl::Milliseconds(5),
               [&visitor] { visitor.SetDone(); });
}

TEST_F(EventLoopTest, WaitEndsAtItsDeadline) {
  const MonotonicTime begun = clock_.Now();
  { const WaitingVisitor visitor(loop_, begun + absl::Milliseconds(5)); }
  EXPECT_GE(clock_.Now() - begun, absl::Milliseconds(5));
  // The thread is woken again.
  Drain();
}

TEST_F(EventLoopTest, OnlyOneVisitorWaits) {
  WaitingVisitor one(loop_, MonotonicTime::Infinite());
  WaitingVisitor other(loop_, MonotonicTime::Infinite());
  EXPECT_TRUE(Eventually([&] { return one.returned() || other.returned(); }));
  EXPECT_FALSE(one.returned() && other.returned());
  loop_.Post([&] {
    one.SetDone();
    other.SetDone();
  });
}

// Callers who wait for answers that another thread brings.
class Callers {
 public:
  explicit Callers(EventLoop& loop) : loop_(loop) {}

  // Waits for an answer, as a call of the database does.
  void Call() {
    const auto call = std::make_shared<Pending>();
    {
      EventLoop::Visit visit(loop_);
      loop_.Post([this, call] {
        const MutexLock lock(mutex_);
        asked_.push_back(call);
      });
      visit.Await([&call] { return call->done.load(); },
                  MonotonicTime::Infinite());
    }
    call->answer.Wait();
  }

  // Answers whoever has asked until now.
  void AnswerAll() {
    std::vector<std::shared_ptr<Pending>> asked;
    {
      const MutexLock lock(mutex_);
      asked.swap(asked_);
    }
    if (asked.empty()) return std::this_thread::yield();
    loop_.Post([asked = std::move(asked)] {
      for (const auto& call : asked) {
        call->done = true;
        call->answer.Set(true);
      }
    });
  }

 private:
  struct Pending {
    std::atomic<bool> done = false;
    Later<bool> answer;
  };

  EventLoop& loop_;
  Mutex mutex_;
  std::vector<std::shared_ptr<Pending>> asked_ ABSL_GUARDED_BY(mutex_);
};

// Who is called is asleep for a moment yet. Somebody who comes to wait
// meanwhile must not be woken in his place, for all rely on it that he looks.
TEST_F(EventLoopTest, NobodyWhoWasCalledIsForgotten) {
  Callers callers(loop_);
  std::atomic<int> running = 16;
  std::atomic<int64_t> longest_ms = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int call = 0; call < 1000; ++call) {
        const MonotonicTime begun = clock_.Now();
        callers.Call();
        const int64_t taken = absl::ToInt64Milliseconds(clock_.Now() - begun);
        if (taken > longest_ms) longest_ms = taken;
      }
      --running;
    });
  }
  while (running > 0) callers.AnswerAll();
  for (std::thread& thread : threads) thread.join();
  EXPECT_LT(longest_ms, 700);
}

TEST_F(EventLoopTest, TaskThatHelpsItsOwnLoopIsSentAway) {
  Later<bool> done;
  loop_.Post([&] {
    EXPECT_TRUE(loop_.IsCurrent());
    EventLoop::Visit visit(loop_);
    visit.Run([] { return false; });
    visit.Await([] { return false; }, MonotonicTime::Infinite());
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
        {
          EventLoop::Visit visit(loop_);
          loop_.Post([&] {
            EXPECT_EQ(inside.fetch_add(1), 0);
            ++sum;
            inside.fetch_sub(1);
            done = true;
          });
          if (i % 2 == 0) {
            visit.Run([&done] { return done.load(); });
          } else {
            visit.Await([&done] { return done.load(); },
                        MonotonicTime::Infinite());
          }
        }
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
