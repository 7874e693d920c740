#ifndef TRIMARAN_TESTS_SUPPORT_NODE_BLOCKING_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_BLOCKING_H_

#include <optional>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "engine/base/mutex.h"

namespace trimaran {

// A value that comes later, from another thread.
//
// Thread: any.
template <typename T>
class Later {
 public:
  void Set(T value) {
    const MutexLock lock(mutex_);
    value_ = std::move(value);
    ready_.NotifyAll();
  }
  T Wait() {
    const MutexLock lock(mutex_);
    while (!value_.has_value()) ready_.Wait(mutex_);
    return *std::move(value_);
  }

 private:
  Mutex mutex_;
  CondVar ready_;
  std::optional<T> value_ ABSL_GUARDED_BY(mutex_);
};

// Lets `duration` pass.
void Rest(absl::Duration duration);

// Looks again and again until `condition` holds; false if it still does not
// after `patience`.
bool Eventually(absl::FunctionRef<bool()> condition,
                absl::Duration patience = absl::Seconds(30));

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_BLOCKING_H_
