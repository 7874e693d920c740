#include "bench/zipfian.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <vector>

namespace trimaran::bench {
namespace {

constexpr uint64_t kCount = 1000;
constexpr uint64_t kDraws = 200'000;

std::vector<uint64_t> Draw(const Zipfian& zipfian, uint64_t seed) {
  SeededRandom random(seed);
  std::vector<uint64_t> times(kCount);
  for (uint64_t i = 0; i < kDraws; ++i) {
    const uint64_t number = zipfian.Next(random);
    EXPECT_LT(number, kCount);
    if (number < kCount) ++times[number];
  }
  return times;
}

TEST(ZipfianTest, ProbabilitiesAddUpToOne) {
  const Zipfian zipfian(kCount);
  double sum = 0;
  for (uint64_t k = 0; k < kCount; ++k) sum += zipfian.ProbabilityOf(k);
  EXPECT_NEAR(sum, 1, 1e-9);
  EXPECT_NEAR(zipfian.ProbabilityOf(9) / zipfian.ProbabilityOf(0), 0.1023,
              0.0001);
}

TEST(ZipfianTest, TheFirstTwoComeAsOftenAsTheyShould) {
  const Zipfian zipfian(kCount);
  const std::vector<uint64_t> times = Draw(zipfian, 1);
  for (const uint64_t number : {0u, 1u}) {
    const double expected = zipfian.ProbabilityOf(number) * kDraws;
    EXPECT_NEAR(static_cast<double>(times[number]), expected, expected / 30);
  }
}

// The method interpolates: of single numbers some are off by a fifth, of sums
// over many much less.
TEST(ZipfianTest, SoDoTheFirstTenthAndTheRest) {
  const Zipfian zipfian(kCount);
  const std::vector<uint64_t> times = Draw(zipfian, 2);
  double expected = 0;
  uint64_t found = 0;
  for (uint64_t k = 0; k < kCount / 10; ++k) {
    expected += zipfian.ProbabilityOf(k) * kDraws;
    found += times[k];
  }
  EXPECT_NEAR(static_cast<double>(found), expected, expected / 30);
  EXPECT_GT(times[kCount - 1] + times[kCount - 2] + times[kCount - 3], 0U);
}

TEST(ZipfianTest, OfTwoNumbersBothCome) {
  const Zipfian zipfian(2);
  SeededRandom random(3);
  std::set<uint64_t> seen;
  for (int i = 0; i < 100; ++i) seen.insert(zipfian.Next(random));
  EXPECT_EQ(seen, (std::set<uint64_t>{0, 1}));
}

TEST(ScatteredTest, NeighboursAreFarApartAndWithin) {
  std::set<uint64_t> seen;
  for (uint64_t k = 0; k < kCount; ++k) seen.insert(Scattered(k, kCount));
  EXPECT_LT(*seen.rbegin(), kCount);
  // As of balls in as many bins, one in e finds none.
  EXPECT_NEAR(static_cast<double>(seen.size()), 632, 40);
}

}  // namespace
}  // namespace trimaran::bench
