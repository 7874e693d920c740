#ifndef TRIMARAN_ENGINE_WT_STATISTICS_H_
#define TRIMARAN_ENGINE_WT_STATISTICS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace trimaran::wt {

// What a connection says about itself. Counts are since it was opened.
struct Statistics {
  uint64_t cache_bytes_max = 0;
  uint64_t cache_bytes_used = 0;
  // What the next checkpoint has to write.
  uint64_t cache_bytes_dirty = 0;
  // Old row versions that did not fit the cache any more. Should stay 0: this
  // part of 3.2.1 has known faults, and a reader that stays too long leads
  // there.
  uint64_t lookaside_inserts = 0;
  uint64_t checkpoints = 0;
  absl::Duration last_checkpoint;
  // How many transactions have written since the oldest one that is still
  // under way, or the oldest snapshot that a reader holds. May still count a
  // reader that has gone since the last checkpoint.
  uint64_t pinned_transactions = 0;
  uint64_t open_sessions = 0;
};

class Session;

// Thread: that of the session.
absl::StatusOr<Statistics> ReadStatistics(Session& session);

}  // namespace trimaran::wt

#endif  // TRIMARAN_ENGINE_WT_STATISTICS_H_
