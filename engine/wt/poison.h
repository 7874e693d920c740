#ifndef TRIMARAN_ENGINE_WT_POISON_H_
#define TRIMARAN_ENGINE_WT_POISON_H_

#include <atomic>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "engine/base/mutex.h"

namespace trimaran::wt {

// Remembers the first error after which nothing may be believed. It never
// becomes healthy again.
//
// Thread: any.
class PoisonLatch {
 public:
  PoisonLatch() = default;
  PoisonLatch(const PoisonLatch&) = delete;
  PoisonLatch& operator=(const PoisonLatch&) = delete;

  bool poisoned() const { return poisoned_.load(std::memory_order_acquire); }

  // The first error; OK while there was none.
  absl::Status status() const;

  // Keeps `error`, which must not be OK, unless there was an earlier one.
  // Returns the error that counts.
  absl::Status Poison(const absl::Status& error);

 private:
  std::atomic<bool> poisoned_ = false;
  mutable Mutex mutex_;
  absl::Status first_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran::wt

#endif  // TRIMARAN_ENGINE_WT_POISON_H_
