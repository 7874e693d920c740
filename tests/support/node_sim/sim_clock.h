#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_SIM_CLOCK_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_SIM_CLOCK_H_

#include <cstdint>

#include "engine/base/clock.h"
#include "tests/support/node_sim/scheduler.h"

namespace trimaran::node_sim {

// The clock of one machine: virtual time, at a speed and from an origin of its
// own.
//
// Thread: owner.
class SimClock final : public Clock {
 public:
  // Runs `rate_ppm` millionths as fast as virtual time.
  SimClock(const Scheduler& scheduler, int64_t origin_nanos, int64_t rate_ppm)
      : scheduler_(scheduler),
        origin_nanos_(origin_nanos),
        rate_ppm_(rate_ppm) {}

  MonotonicTime Now() const override {
    return MonotonicTime(origin_nanos_ + ToNanos(scheduler_.now()));
  }

  // The first moment at which this clock shows `when`.
  SimTime ToVirtual(MonotonicTime when) const {
    const int64_t nanos = when.nanos() - origin_nanos_;
    if (nanos <= 0) return 0;
    // One microsecond at this rate is rate_ppm_ / 1000 nanoseconds.
    auto at = static_cast<SimTime>((nanos / rate_ppm_) * 1000 +
                                   (nanos % rate_ppm_) * 1000 / rate_ppm_);
    while (ToNanos(at) < nanos) ++at;
    return at;
  }

 private:
  int64_t ToNanos(SimTime time) const {
    return static_cast<int64_t>(time) * rate_ppm_ / 1000;
  }

  const Scheduler& scheduler_;
  const int64_t origin_nanos_;
  const int64_t rate_ppm_;
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_SIM_CLOCK_H_
