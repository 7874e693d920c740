#ifndef TRIMARAN_TESTS_SUPPORT_MANUAL_CLOCK_H_
#define TRIMARAN_TESTS_SUPPORT_MANUAL_CLOCK_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"
#include "engine/base/check.h"
#include "engine/base/clock.h"

namespace trimaran {

// Time that passes when a test says so, and never by itself.
//
// Thread: any.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(MonotonicTime start = MonotonicTime())
      : nanos_(start.nanos()) {}

  MonotonicTime Now() const override {
    return MonotonicTime(nanos_.load(std::memory_order_acquire));
  }

  // `duration` is finite and not negative: the clock is monotonic.
  void Advance(absl::Duration duration) {
    TRIMARAN_CHECK(duration >= absl::ZeroDuration()) << duration;
    TRIMARAN_CHECK(duration < absl::InfiniteDuration());
    nanos_.fetch_add(absl::ToInt64Nanoseconds(duration),
                     std::memory_order_acq_rel);
  }

 private:
  std::atomic<int64_t> nanos_;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_SUPPORT_MANUAL_CLOCK_H_
