#include "engine/base/clock.h"

#include <time.h>

#include "engine/base/check.h"

namespace trimaran {
namespace {

// Both are monotonic. CLOCK_MONOTONIC, which is also what std::chrono's steady
// clock reads, stands still while a Linux machine is suspended.
#ifdef CLOCK_BOOTTIME
constexpr clockid_t kClock = CLOCK_BOOTTIME;
#else
constexpr clockid_t kClock = CLOCK_MONOTONIC;
#endif

constexpr int64_t kNanosPerSecond = 1'000'000'000;

}  // namespace

MonotonicTime MonotonicClock::Now() const {
  timespec now = {};
  const int result = ::clock_gettime(kClock, &now);
  // Fails only for a clock that the kernel does not have.
  TRIMARAN_CHECK_EQ(result, 0);
  return MonotonicTime(int64_t{now.tv_sec} * kNanosPerSecond +
                       int64_t{now.tv_nsec});
}

}  // namespace trimaran
