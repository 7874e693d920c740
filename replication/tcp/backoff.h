#ifndef TRIMARAN_REPLICATION_TCP_BACKOFF_H_
#define TRIMARAN_REPLICATION_TCP_BACKOFF_H_

#include "absl/time/time.h"
#include "engine/base/random.h"

namespace trimaran {

// How long to wait before the next attempt: twice as long each time, up to a
// limit, and drawn at random from the upper half, so that those who lost the
// same peer do not come back at the same moment.
//
// Thread: owner.
class Backoff {
 public:
  // 0 < `min` <= `max`. `random` outlives this.
  Backoff(absl::Duration min, absl::Duration max, Random& random)
      : min_(min), max_(max), random_(random), ceiling_(min) {}

  // In (0, max].
  absl::Duration Next();
  // All is well again: the next wait is a short one.
  void Reset() { ceiling_ = min_; }
  // Asking again soon would not help.
  void Exhaust() { ceiling_ = max_; }

 private:
  const absl::Duration min_;
  const absl::Duration max_;
  Random& random_;
  absl::Duration ceiling_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_BACKOFF_H_
