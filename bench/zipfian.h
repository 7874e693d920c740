#ifndef TRIMARAN_BENCH_ZIPFIAN_H_
#define TRIMARAN_BENCH_ZIPFIAN_H_

#include <cstdint>

#include "engine/base/random.h"

namespace trimaran::bench {

// Numbers from 0, of which number k comes with a probability in proportion to
// 1 / (k + 1)^theta, as few rows are asked for by most. The method is that of
// Gray et al., "Quickly Generating Billion-Record Synthetic Databases", and the
// theta that of YCSB (Cooper et al.).
//
// Thread: any, each with a random generator of its own.
class Zipfian {
 public:
  static constexpr double kTheta = 0.99;

  // Numbers below `count`, which is at least 2. Takes time in proportion to it.
  explicit Zipfian(uint64_t count);

  uint64_t Next(Random& random) const;
  // How likely `number` is. Exact; Next is so for 0 and 1, and for the others
  // near it.
  double ProbabilityOf(uint64_t number) const;

 private:
  const uint64_t count_;
  // The sum of all 1 / k^theta.
  const double zeta_;
  const double alpha_;
  const double eta_;
};

// The same numbers scattered over [0, count), so that those which are asked for
// most do not lie side by side.
uint64_t Scattered(uint64_t number, uint64_t count);

}  // namespace trimaran::bench

#endif  // TRIMARAN_BENCH_ZIPFIAN_H_
