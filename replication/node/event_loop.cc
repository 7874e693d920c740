#include "replication/node/event_loop.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"

namespace trimaran {
namespace {

// Sleeping is cut into pieces, since the clock may be another one than that of
// the standard library.
constexpr absl::Duration kSleepMax = absl::Seconds(1);
constexpr absl::Duration kSleepMin = absl::Microseconds(100);

void Notify(const std::shared_ptr<CondVar>& sleeper) {
  if (sleeper != nullptr) sleeper->NotifyOne();
}

// What is thrown out of a task, as for want of memory, ends the process,
// whoever's thread does it: nobody could go on behind a task that is half done.
// What it holds is let go of as well.
void RunWhole(Task task) noexcept { std::move(task)(); }

}  // namespace

EventLoop::EventLoop(const Clock& clock)
    : clock_(clock), thread_([this] { Run(); }) {}

EventLoop::~EventLoop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    thread_alarm_->NotifyOne();
  }
  thread_.join();
}

bool EventLoop::Later(const Timed& a, const Timed& b) {
  return a.when != b.when ? a.when > b.when : a.order > b.order;
}

void EventLoop::Post(Task task) {
  Alarm sleeper;
  {
    const MutexLock lock(mutex_);
    tasks_.push_back(std::move(task));
    // Whoever runs tasks, or is about to, looks again before he leaves.
    if (runner_ == std::thread::id() && visitors_ == 0) {
      sleeper = CallSomebody();
    }
  }
  Notify(sleeper);
}

void EventLoop::PostAt(MonotonicTime when, Task task) {
  Alarm sleeper;
  {
    const MutexLock lock(mutex_);
    timed_.push_back({when, ++timed_posted_, std::move(task)});
    std::push_heap(timed_.begin(), timed_.end(), Later);
    // Whoever runs tasks sees to it when he is done.
    if (runner_ == std::thread::id()) sleeper = WakeForTime();
  }
  Notify(sleeper);
}

EventLoop::Alarm EventLoop::CallSomebody() {
  return waiter_ != nullptr ? CallWaiter() : WakeThread();
}

EventLoop::Alarm EventLoop::CallWaiter() {
  // From here on he is about to look.
  ++visitors_;
  waiter_->called = true;
  return std::exchange(waiter_, nullptr)->alarm;
}

EventLoop::Alarm EventLoop::WakeThread() {
  if (!asleep_) return nullptr;
  asleep_ = false;
  ++wakeups_;
  return thread_alarm_;
}

EventLoop::Alarm EventLoop::WakeForTime() {
  if (timed_.empty() || timed_.front().when >= kept_) return nullptr;
  return WakeThread();
}

void EventLoop::TakeDue() {
  if (timed_.empty()) return;
  const MonotonicTime now = clock_.Now();
  while (!timed_.empty() && timed_.front().when <= now) {
    // First, since there may be no memory for it.
    tasks_.emplace_back();
    std::pop_heap(timed_.begin(), timed_.end(), Later);
    tasks_.back() = std::move(timed_.back().task);
    timed_.pop_back();
  }
}

bool EventLoop::HasWork() {
  TakeDue();
  return !tasks_.empty();
}

void EventLoop::RunOne() {
  runner_ = std::this_thread::get_id();
  Task task = std::move(tasks_.front());
  tasks_.pop_front();
  mutex_.Unlock();
  RunWhole(std::move(task));
  mutex_.Lock();
  if (waiter_ != nullptr && waiter_->done()) {
    const Alarm waiter = CallWaiter();
    mutex_.Unlock();
    Notify(waiter);
    mutex_.Lock();
  }
  runner_ = std::thread::id();
}

void EventLoop::Sleep() {
  const MonotonicTime now = clock_.Now();
  kept_ = timed_.empty() ? MonotonicTime::Infinite() : timed_.front().when;
  // What is due is taken by whoever runs tasks, who may be long in one.
  if (runner_ != std::thread::id() && kept_ <= now) {
    kept_ = MonotonicTime::Infinite();
  }
  asleep_ = true;
  thread_alarm_->WaitFor(mutex_, std::clamp(kept_ - now, kSleepMin, kSleepMax));
  asleep_ = false;
}

void EventLoop::Run() {
  const MutexLock lock(mutex_);
  while (!stopping_) {
    const bool others_run = runner_ != std::thread::id();
    if (!others_run && HasWork()) {
      RunOne();
    } else {
      Sleep();
    }
  }
}

void EventLoop::BeginVisit() {
  const MutexLock lock(mutex_);
  ++visitors_;
}

void EventLoop::EndVisit() {
  Alarm thread;
  Alarm sleeper;
  {
    const MutexLock lock(mutex_);
    --visitors_;
    if (runner_ != std::thread::id()) return;
    // Others may be here and not look for long; the watch of the time is given
    // back at once, and what there is to do is left to the last one.
    thread = WakeForTime();
    if (visitors_ == 0 && HasWork()) sleeper = CallSomebody();
  }
  Notify(thread);
  Notify(sleeper);
}

void EventLoop::RunHere(absl::FunctionRef<bool()> done) {
  const MutexLock lock(mutex_);
  if (runner_ != std::thread::id()) return;
  while (!stopping_ && !done() && HasWork()) RunOne();
}

void EventLoop::AwaitHere(absl::FunctionRef<bool()> done,
                          MonotonicTime deadline) {
  const MutexLock lock(mutex_);
  if (runner_ == std::this_thread::get_id()) return;
  while (!stopping_ && !done()) {
    if (runner_ == std::thread::id() && HasWork()) {
      RunOne();
    } else if (waiter_ != nullptr || !WaitHere(done, deadline)) {
      return;
    }
  }
}

bool EventLoop::WaitHere(absl::FunctionRef<bool()> done,
                         MonotonicTime deadline) {
  const absl::Duration left = deadline - clock_.Now();
  if (left <= absl::ZeroDuration()) return false;
  Waiter waiter{.done = done};
  waiter_ = &waiter;
  --visitors_;
  if (runner_ == std::thread::id()) Notify(WakeForTime());
  waiter.alarm->WaitFor(mutex_, std::clamp(left, kSleepMin, kSleepMax));
  if (!waiter.called) {
    waiter_ = nullptr;
    ++visitors_;
  }
  return true;
}

bool EventLoop::IsCurrent() const {
  const MutexLock lock(mutex_);
  return runner_ == std::this_thread::get_id();
}

uint64_t EventLoop::wakeups() const {
  const MutexLock lock(mutex_);
  return wakeups_;
}

}  // namespace trimaran
