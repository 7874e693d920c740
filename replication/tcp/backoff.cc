#include "replication/tcp/backoff.h"

#include <algorithm>
#include <cstdint>

namespace trimaran {

absl::Duration Backoff::Next() {
  const absl::Duration half = ceiling_ / 2;
  ceiling_ = std::min(ceiling_ * 2, max_);
  const auto steps = static_cast<uint64_t>(absl::ToInt64Microseconds(half));
  return half +
         absl::Microseconds(static_cast<int64_t>(random_.Uniform(steps + 1)));
}

}  // namespace trimaran
