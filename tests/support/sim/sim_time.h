#ifndef TRIMARAN_TESTS_SUPPORT_SIM_SIM_TIME_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_SIM_TIME_H_

#include <cstdint>

#include "engine/base/random.h"

namespace trimaran::sim {

// Virtual time in microseconds since the start of a run.
using SimTime = uint64_t;

inline constexpr SimTime kMillisecond = 1000;
inline constexpr SimTime kSecond = 1000 * kMillisecond;
// What one tick of a replica with a true clock stands for.
inline constexpr SimTime kTickPeriod = 10 * kMillisecond;

// How long something takes: at least `min`, and on average `mean` longer.
struct Latency {
  SimTime min = 0;
  SimTime mean = 0;

  // A uniform draw out of a geometric number of doublings: a long tail, as
  // disks and networks have, without floating point that could differ from
  // machine to machine.
  SimTime Draw(Random& random) const {
    if (mean == 0) return min;
    SimTime scale = mean;
    const uint64_t bits = random.Next();
    for (uint64_t rest = bits & 0xff; (rest & 3) == 3; rest >>= 2) scale *= 2;
    return min + (bits >> 8) % (scale + scale / 2 + 1);
  }
};

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_SIM_TIME_H_
