#ifndef TRIMARAN_ENGINE_SNAPSHOT_RATE_LIMITER_H_
#define TRIMARAN_ENGINE_SNAPSHOT_RATE_LIMITER_H_

#include <cstdint>

#include "absl/time/time.h"
#include "engine/base/clock.h"

namespace trimaran::engine {

struct RateLimit {
  // 0 for no limit.
  uint64_t bytes_per_second = 0;
  // What may be done at once after a pause. At least 1.
  uint64_t burst_bytes = uint64_t{4} << 20;
};

// A bucket of tokens, one per byte, which fills at the given rate: tells how
// long to pause between pieces of work, and never waits itself. Work may be
// larger than the bucket; it is paid back afterwards.
//
// Thread: owner.
class RateLimiter {
 public:
  // The bucket is full at `now`.
  RateLimiter(const RateLimit& limit, MonotonicTime now);

  // Another limit, from `now` on. Debts remain.
  void SetLimit(const RateLimit& limit, MonotonicTime now);

  // Pays for work of `bytes` that has just been done. Returns how long to wait
  // before more: 0 while there are tokens. `now` never goes back.
  absl::Duration Charge(uint64_t bytes, MonotonicTime now);

 private:
  void Fill(MonotonicTime now);

  RateLimit limit_;
  MonotonicTime filled_at_;
  // Negative for debts.
  double tokens_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_SNAPSHOT_RATE_LIMITER_H_
