#ifndef TRIMARAN_ENGINE_BASE_HISTOGRAM_H_
#define TRIMARAN_ENGINE_BASE_HISTOGRAM_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace trimaran {

// Counts durations by their length, from 10 microseconds to 10 seconds in steps
// of 1, 2 and 5: so fine that a percentile is known to within a factor of 2.5,
// so coarse that recording is two additions and a search of nineteen numbers.
//
// Thread: any; nobody waits for anybody.
class Histogram {
 public:
  // Where the buckets end, in nanoseconds; a duration that is equal to a bound
  // is below it. What is longer than the last one has a bucket of its own.
  static constexpr std::array<int64_t, 19> kBounds = {
      10'000,        20'000,        50'000,        100'000,       200'000,
      500'000,       1'000'000,     2'000'000,     5'000'000,     10'000'000,
      20'000'000,    50'000'000,    100'000'000,   200'000'000,   500'000'000,
      1'000'000'000, 2'000'000'000, 5'000'000'000, 10'000'000'000};

  // What has been recorded up to some moment. What is being recorded meanwhile
  // may be in one of the two numbers and not yet in the other.
  struct Reading {
    std::array<uint64_t, kBounds.size() + 1> counts = {};
    absl::Duration sum;
  };

  Histogram() = default;
  Histogram(const Histogram&) = delete;
  Histogram& operator=(const Histogram&) = delete;

  // A negative duration counts as none.
  void Record(absl::Duration duration) {
    const int64_t nanos =
        std::max(absl::ToInt64Nanoseconds(duration), int64_t{0});
    const auto bucket = static_cast<size_t>(
        std::lower_bound(kBounds.begin(), kBounds.end(), nanos) -
        kBounds.begin());
    counts_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_nanos_.fetch_add(nanos, std::memory_order_relaxed);
  }

  Reading Read() const {
    Reading reading;
    for (size_t i = 0; i < counts_.size(); ++i) {
      reading.counts[i] = counts_[i].load(std::memory_order_relaxed);
    }
    reading.sum = absl::Nanoseconds(sum_nanos_.load(std::memory_order_relaxed));
    return reading;
  }

 private:
  std::array<std::atomic<uint64_t>, kBounds.size() + 1> counts_ = {};
  std::atomic<int64_t> sum_nanos_ = 0;
};

}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_HISTOGRAM_H_
