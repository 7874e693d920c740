#include "engine/snapshot/rate_limiter.h"

#include <algorithm>

#include "engine/base/check.h"

namespace trimaran::engine {

RateLimiter::RateLimiter(const RateLimit& limit, MonotonicTime now)
    : limit_(limit),
      filled_at_(now),
      tokens_(static_cast<double>(limit.burst_bytes)) {
  TRIMARAN_CHECK_GE(limit.burst_bytes, 1);
}

void RateLimiter::SetLimit(const RateLimit& limit, MonotonicTime now) {
  TRIMARAN_CHECK_GE(limit.burst_bytes, 1);
  Fill(now);
  limit_ = limit;
  tokens_ = std::min(tokens_, static_cast<double>(limit.burst_bytes));
}

void RateLimiter::Fill(MonotonicTime now) {
  TRIMARAN_CHECK_GE(now, filled_at_);
  const double seconds = absl::ToDoubleSeconds(now - filled_at_);
  tokens_ =
      std::min(tokens_ + seconds * static_cast<double>(limit_.bytes_per_second),
               static_cast<double>(limit_.burst_bytes));
  filled_at_ = now;
}

absl::Duration RateLimiter::Charge(uint64_t bytes, MonotonicTime now) {
  if (limit_.bytes_per_second == 0) {
    filled_at_ = now;
    return absl::ZeroDuration();
  }
  Fill(now);
  tokens_ -= static_cast<double>(bytes);
  if (tokens_ >= 0) return absl::ZeroDuration();
  return absl::Seconds(-tokens_ / static_cast<double>(limit_.bytes_per_second));
}

}  // namespace trimaran::engine
