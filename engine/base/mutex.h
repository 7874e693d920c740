#ifndef TRIMARAN_ENGINE_BASE_MUTEX_H_
#define TRIMARAN_ENGINE_BASE_MUTEX_H_

#include <mutex>

#include "absl/base/thread_annotations.h"

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

}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_MUTEX_H_
