#ifndef TRIMARAN_REPLICATION_TCP_TOKEN_BUCKET_H_
#define TRIMARAN_REPLICATION_TCP_TOKEN_BUCKET_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"
#include "engine/base/clock.h"

namespace trimaran {

// Limits bytes per second. What is larger than the bucket gets through as well,
// and is paid for afterwards.
//
// Thread: owner.
class TokenBucket {
 public:
  // 0: no limit. The bucket holds what flows in a tenth of a second.
  explicit TokenBucket(uint64_t bytes_per_second)
      : rate_(static_cast<double>(bytes_per_second)) {}

  // How long to wait before anything may be sent; zero: now.
  absl::Duration WaitTime(MonotonicTime now);
  // So much has been sent.
  void Take(size_t bytes);

 private:
  const double rate_;
  // Negative: owed.
  double tokens_ = 0;
  MonotonicTime filled_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_TOKEN_BUCKET_H_
