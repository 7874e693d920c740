#ifndef TRIMARAN_ENGINE_BASE_CLOCK_H_
#define TRIMARAN_ENGINE_BASE_CLOCK_H_

#include <compare>
#include <cstdint>
#include <limits>
#include <ostream>

#include "absl/time/time.h"

namespace trimaran {

// A moment on a monotonic clock: nanoseconds since an origin that only that
// clock knows. Moments of two clocks, or of two runs, do not compare.
//
// Thread: a value; any.
class MonotonicTime {
 public:
  constexpr MonotonicTime() = default;
  constexpr explicit MonotonicTime(int64_t nanos) : nanos_(nanos) {}

  // Later than every moment of any clock: a deadline that never passes.
  static constexpr MonotonicTime Infinite() {
    return MonotonicTime(std::numeric_limits<int64_t>::max());
  }

  constexpr int64_t nanos() const { return nanos_; }

  friend constexpr bool operator==(MonotonicTime, MonotonicTime) = default;
  friend constexpr auto operator<=>(MonotonicTime, MonotonicTime) = default;

  // Both end at the limits of 64 bits, so that an infinite duration gives an
  // infinite deadline, and one that is infinite stays so.
  friend MonotonicTime operator+(MonotonicTime time, absl::Duration duration) {
    if (time == Infinite()) return time;
    return MonotonicTime(
        absl::ToInt64Nanoseconds(absl::Nanoseconds(time.nanos_) + duration));
  }
  friend absl::Duration operator-(MonotonicTime end, MonotonicTime begin) {
    if (end == Infinite()) return absl::InfiniteDuration();
    return absl::Nanoseconds(end.nanos_) - absl::Nanoseconds(begin.nanos_);
  }

  friend std::ostream& operator<<(std::ostream& out, MonotonicTime time) {
    return out << time.nanos_ << "ns";
  }

 private:
  int64_t nanos_ = 0;
};

// Where the time comes from, handed to whatever measures it, so that tests and
// the simulator can make time pass.
//
// Thread: any.
class Clock {
 public:
  virtual ~Clock() = default;

  // Never less than what an earlier call returned, on whichever thread.
  virtual MonotonicTime Now() const = 0;
};

// The machine's clock. It goes on while the machine is suspended, where the
// system can tell: a leader that wakes up must see its lease expired.
//
// Thread: any.
class MonotonicClock final : public Clock {
 public:
  MonotonicTime Now() const override;
};

}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_CLOCK_H_
