#ifndef TRIMARAN_API_SRC_ANSWER_H_
#define TRIMARAN_API_SRC_ANSWER_H_

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/mutex.h"

namespace trimaran {

// What one thread waits for and another one brings.
//
// Thread: any.
template <typename T>
class Answer {
 public:
  // Once.
  void Set(T value) {
    const MutexLock lock(mutex_);
    value_.emplace(std::move(value));
    ready_.NotifyAll();
  }

  // False if `clock` has reached `deadline` and there is none yet.
  bool WaitUntil(const Clock& clock, MonotonicTime deadline) {
    const MutexLock lock(mutex_);
    while (!value_.has_value()) {
      const absl::Duration left = deadline - clock.Now();
      if (left <= absl::ZeroDuration()) return false;
      // In pieces, since the clock may be another one than that of the standard
      // library.
      ready_.WaitFor(mutex_, std::min(left, kPiece));
    }
    return true;
  }

  // Takes it.
  T Wait() {
    const MutexLock lock(mutex_);
    while (!value_.has_value()) ready_.Wait(mutex_);
    return *std::move(value_);
  }

 private:
  static constexpr absl::Duration kPiece = absl::Seconds(1);

  Mutex mutex_;
  CondVar ready_;
  std::optional<T> value_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran

#endif  // TRIMARAN_API_SRC_ANSWER_H_
