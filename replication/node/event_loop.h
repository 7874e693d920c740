#ifndef TRIMARAN_REPLICATION_NODE_EVENT_LOOP_H_
#define TRIMARAN_REPLICATION_NODE_EVENT_LOOP_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "engine/base/clock.h"
#include "engine/base/mutex.h"
#include "replication/node/lane.h"

namespace trimaran {

// A lane with a thread of its own, which sleeps while there is nothing to do.
// Waking it costs as much as half a sync of a disk, so that a caller who would
// only wait for it may do its work instead (Visit), also what comes while he
// waits.
//
// Invariants:
//  1. One task at a time: by the loop's thread, or by a visitor, never by both.
//  2. Tasks run in the order of posting; those with a time, in the order of
//     their times, as soon as a task has ended after it.
//  3. While there is something to run, somebody runs it, or is about to: the
//     loop's thread, or a visitor.
//  4. Times are kept by the loop's thread, or by whoever runs tasks; never left
//     to somebody who only waits.
//  5. A task is done to its end, or the process is at its own: nothing that a
//     task throws reaches a visitor.
//
// Thread: any.
class EventLoop final : public Lane {
 public:
  // `clock` outlives the loop.
  explicit EventLoop(const Clock& clock);
  // Joins the thread; what is waiting is dropped. Not on the loop itself.
  ~EventLoop() override;
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  void Post(Task task) override;
  void PostAt(MonotonicTime when, Task task) override;

  // Somebody who is about to post something and would only wait for it: what is
  // posted while he is here does not wake the loop's thread.
  //
  // Thread: owner. Not across anything else that blocks.
  class Visit {
   public:
    explicit Visit(EventLoop& loop) : loop_(loop) { loop_.BeginVisit(); }
    // What is left is the thread's again.
    ~Visit() { loop_.EndVisit(); }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

    // If nobody is running tasks, runs them on this thread until `done` or
    // until there are none. Returns at once otherwise, and where it is called
    // by a task of this loop.
    void Run(absl::FunctionRef<bool()> done) { loop_.RunHere(done); }
    // Runs tasks as they come, and waits for them, until `done` or `deadline`;
    // so what is posted wakes this thread, and not first another one that wakes
    // this one. Returns earlier where somebody else waits in this way, and
    // where it is called by a task of this loop. Only a task may bring about
    // `done`, which any thread may ask for.
    void Await(absl::FunctionRef<bool()> done, MonotonicTime deadline) {
      loop_.AwaitHere(done, deadline);
    }

   private:
    EventLoop& loop_;
  };

  // Whether the caller is a task of this loop.
  bool IsCurrent() const;

  // How often the loop's thread was woken.
  uint64_t wakeups() const;

 private:
  struct Timed {
    MonotonicTime when;
    uint64_t order = 0;
    Task task;
  };
  static bool Later(const Timed& a, const Timed& b);
  // What wakes one thread, and no other: who is called has to be the one who
  // wakes up, since all rely on it that he looks. Shared, for he may be gone
  // before whoever calls him has done so.
  using Alarm = std::shared_ptr<CondVar>;
  // A visitor who waits for something to run.
  struct Waiter {
    absl::FunctionRef<bool()> done;
    Alarm alarm = std::make_shared<CondVar>();
    bool called = false;
  };

  void Run();
  void BeginVisit();
  void EndVisit();
  void RunHere(absl::FunctionRef<bool()> done);
  void AwaitHere(absl::FunctionRef<bool()> done, MonotonicTime deadline);
  // False if that was for longer than `deadline`.
  bool WaitHere(absl::FunctionRef<bool()> done, MonotonicTime deadline)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // These return what is to be notified, or null. It is to be done without the
  // lock: who is woken wants it at once, and would go back to sleep.
  Alarm CallWaiter() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Alarm WakeThread() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The thread, if the next time is one that it does not keep.
  Alarm WakeForTime() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whoever is to run what there is.
  Alarm CallSomebody() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeDue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasWork() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Lets go of the lock while the task runs.
  void RunOne() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Sleep() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;

  mutable Mutex mutex_;
  const Alarm thread_alarm_ = std::make_shared<CondVar>();
  // What is to run, in order.
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  // A heap, the earliest on top.
  std::vector<Timed> timed_ ABSL_GUARDED_BY(mutex_);
  uint64_t timed_posted_ ABSL_GUARDED_BY(mutex_) = 0;
  // Who is running tasks; nobody's id if nobody is.
  std::thread::id runner_ ABSL_GUARDED_BY(mutex_);
  // Who are about to look for tasks; not the one who waits.
  size_t visitors_ ABSL_GUARDED_BY(mutex_) = 0;
  Waiter* waiter_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool asleep_ ABSL_GUARDED_BY(mutex_) = false;
  // The time that the sleeping thread keeps. Infinite where that has come, and
  // is left to somebody else who runs tasks.
  MonotonicTime kept_ ABSL_GUARDED_BY(mutex_) = MonotonicTime::Infinite();
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t wakeups_ ABSL_GUARDED_BY(mutex_) = 0;

  std::thread thread_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_EVENT_LOOP_H_
