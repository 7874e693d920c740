#include "engine/wt/poison.h"

#include "engine/base/check.h"

namespace trimaran::wt {

absl::Status PoisonLatch::status() const {
  if (!poisoned()) return absl::OkStatus();
  MutexLock lock(mutex_);
  return first_;
}

absl::Status PoisonLatch::Poison(const absl::Status& error) {
  TRIMARAN_CHECK(!error.ok()) << "only an error can poison";
  MutexLock lock(mutex_);
  if (first_.ok()) {
    first_ = error;
    poisoned_.store(true, std::memory_order_release);
  }
  return first_;
}

}  // namespace trimaran::wt
