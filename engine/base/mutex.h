#ifndef TRIMARAN_ENGINE_BASE_MUTEX_H_
#define TRIMARAN_ENGINE_BASE_MUTEX_H_

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"

namespace trimaran {

// A lock that clang's thread-safety analysis understands: say what it guards
// with ABSL_GUARDED_BY.
//
// It is the standard library's lock and not absl::Mutex, because Debian's
// abseil is built without ThreadSanitizer: the sanitizer cannot see its locks
// and reports a race wherever one is used. It sees this one.
//
// Thread: any. Not recursive; unlocked by the thread that locked it.
class ABSL_LOCKABLE Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mutex_.lock(); }
  void Unlock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }

  // For CondVar.
  std::mutex& native() { return mutex_; }

 private:
  std::mutex mutex_;
};

// Holds a lock until the end of a scope.
class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex)
      : mutex_(mutex) {
    mutex_.Lock();
  }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits for what another thread does under a lock.
//
// Thread: any.
class CondVar {
 public:
  CondVar() = default;
  CondVar(const CondVar&) = delete;
  CondVar& operator=(const CondVar&) = delete;

  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

  // Both let go of `mutex` while they wait and may return for no reason, so
  // that they belong into a loop that asks for what it waits for.
  void Wait(Mutex& mutex) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    std::unique_lock<std::mutex> lock(mutex.native(), std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  void WaitFor(Mutex& mutex, absl::Duration timeout)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    std::unique_lock<std::mutex> lock(mutex.native(), std::adopt_lock);
    const auto duration = absl::ToChronoNanoseconds(timeout);
#if defined(__SANITIZE_THREAD__)
    // The sanitizer of g++ 12 does not know the wait on a monotonic clock, and
    // takes it for one that keeps the lock.
    condition_.wait_until(lock, std::chrono::system_clock::now() + duration);
#else
    condition_.wait_for(lock, duration);
#endif
    lock.release();
  }

 private:
  std::condition_variable condition_;
};

}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_MUTEX_H_
