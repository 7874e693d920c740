#include "bench/zipfian.h"

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"

namespace trimaran::bench {
namespace {

double Zeta(uint64_t count) {
  double sum = 0;
  for (uint64_t k = 1; k <= count; ++k) {
    sum += std::pow(static_cast<double>(k), -Zipfian::kTheta);
  }
  return sum;
}

}  // namespace

Zipfian::Zipfian(uint64_t count)
    : count_(count),
      zeta_(Zeta(count)),
      alpha_(1 / (1 - kTheta)),
      eta_((1 - std::pow(2 / static_cast<double>(count), 1 - kTheta)) /
           (1 - Zeta(2) / zeta_)) {
  TRIMARAN_CHECK_GE(count, 2U);
}

uint64_t Zipfian::Next(Random& random) const {
  // 53 bits, in [0, 1).
  const double u = static_cast<double>(random.Next() >> 11) * 0x1p-53;
  const double scaled = u * zeta_;
  if (scaled < 1) return 0;
  if (scaled < 1 + std::pow(0.5, kTheta)) return 1;
  const double number =
      static_cast<double>(count_) * std::pow(eta_ * u - eta_ + 1, alpha_);
  return std::min(static_cast<uint64_t>(number), count_ - 1);
}

double Zipfian::ProbabilityOf(uint64_t number) const {
  return std::pow(static_cast<double>(number + 1), -kTheta) / zeta_;
}

uint64_t Scattered(uint64_t number, uint64_t count) {
  uint64_t seed = number;
  return random_internal::SplitMix64(seed) % count;
}

}  // namespace trimaran::bench
