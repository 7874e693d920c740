#include "replication/tcp/token_bucket.h"

#include <algorithm>

namespace trimaran {
namespace {

constexpr double kBucketSeconds = 0.1;

}  // namespace

absl::Duration TokenBucket::WaitTime(MonotonicTime now) {
  if (rate_ == 0) return absl::ZeroDuration();
  if (now > filled_) {
    tokens_ = std::min(tokens_ + absl::ToDoubleSeconds(now - filled_) * rate_,
                       rate_ * kBucketSeconds);
    filled_ = now;
  }
  if (tokens_ >= 0) return absl::ZeroDuration();
  return absl::Seconds(-tokens_ / rate_);
}

void TokenBucket::Take(size_t bytes) {
  if (rate_ != 0) tokens_ -= static_cast<double>(bytes);
}

}  // namespace trimaran
