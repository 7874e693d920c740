#ifndef TRIMARAN_TOOLS_TRIMARAN_LATENCY_HISTOGRAM_H_
#define TRIMARAN_TOOLS_TRIMARAN_LATENCY_HISTOGRAM_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace trimaran::tool {

// Counts durations so finely that a percentile is known to 3 %, in a memory
// that does not depend on how many there are.
//
// Thread: owner.
class LatencyHistogram {
 public:
  // `times` durations of that length.
  void Record(uint64_t nanos, uint64_t times = 1) {
    counts_[BucketOf(nanos)] += times;
    count_ += times;
    sum_ += nanos * times;
    max_ = std::max(max_, nanos);
  }
  void Merge(const LatencyHistogram& other) {
    for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    sum_ += other.sum_;
    max_ = std::max(max_, other.max_);
  }

  uint64_t count() const { return count_; }
  uint64_t max() const { return max_; }
  uint64_t mean() const { return count_ == 0 ? 0 : sum_ / count_; }
  // The duration that so many of a thousand do not exceed.
  uint64_t AtPermille(uint64_t permille) const {
    const uint64_t rank = (count_ * permille + 999) / 1000;
    uint64_t seen = 0;
    for (size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen >= rank && seen > 0) return std::min(EndOf(i), max_);
    }
    return max_;
  }

  // How many there are from each power of two on, up to the next one.
  struct Octave {
    uint64_t from_nanos = 0;
    uint64_t count = 0;
  };
  // From the first to the last that has any.
  std::vector<Octave> Octaves() const {
    std::vector<Octave> octaves;
    for (size_t power = 0; power < 64; ++power) {
      Octave octave{power == 0 ? 0 : uint64_t{1} << power, 0};
      for (size_t i = 0; i < counts_.size(); ++i) {
        if (OctaveOf(i) == power) octave.count += counts_[i];
      }
      if (octave.count > 0 || !octaves.empty()) octaves.push_back(octave);
    }
    while (!octaves.empty() && octaves.back().count == 0) octaves.pop_back();
    return octaves;
  }

 private:
  // Each power of two is cut into so many equal parts.
  static constexpr size_t kPartBits = 5;
  static constexpr size_t kParts = size_t{1} << kPartBits;

  static size_t BucketOf(uint64_t nanos) {
    if (nanos < kParts) return nanos;
    const auto power = static_cast<size_t>(std::bit_width(nanos)) - 1;
    const size_t part = (nanos >> (power - kPartBits)) & (kParts - 1);
    return ((power - kPartBits + 1) << kPartBits) + part;
  }
  static size_t OctaveOf(size_t bucket) {
    if (bucket < kParts) {
      return bucket == 0 ? 0 : static_cast<size_t>(std::bit_width(bucket)) - 1;
    }
    return (bucket >> kPartBits) - 1 + kPartBits;
  }
  // The last duration of a bucket.
  static uint64_t EndOf(size_t bucket) {
    if (bucket < kParts) return bucket;
    const size_t power = OctaveOf(bucket);
    const uint64_t part = (bucket & (kParts - 1)) + 1;
    return (uint64_t{1} << power) + (part << (power - kPartBits)) - 1;
  }

  std::array<uint64_t, (64 - kPartBits + 1)* kParts> counts_ = {};
  uint64_t count_ = 0;
  uint64_t sum_ = 0;
  uint64_t max_ = 0;
};

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_LATENCY_HISTOGRAM_H_
