#ifndef TRIMARAN_ENGINE_MAINTENANCE_STATE_HASH_H_
#define TRIMARAN_ENGINE_MAINTENANCE_STATE_HASH_H_

#include <cstdint>
#include <limits>

#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/format/chain.h"
#include "engine/format/state_summary.h"
#include "engine/kv/transfer.h"

namespace trimaran::engine {

// A state at a log position, in a few words. Replicas of a group that have
// applied the same log have the same digest at the same index, whichever
// generation and store it is, wherever their logs begin, and however they came
// to the state. Two that differ have diverged, or one is damaged.
struct StateDigest {
  LogPosition position;
  StateSummary summary;

  friend bool operator==(const StateDigest&, const StateDigest&) = default;
};

// Computes the digest of what an export gives, in bounded steps: the export is
// of a checkpoint, so that nothing waits for it.
//
// Thread: the owner of the export.
class StateHashJob {
 public:
  // `state` outlives the job, stands at its beginning, and is read to its end.
  StateHashJob(GroupId group, StateExport& state)
      : state_(state), summarizer_(group) {}

  // Reads at most `rows_max` records, and no more when they have `bytes_max`;
  // at least one. True if there may be more. Corruption: what the export gives
  // is no state.
  absl::StatusOr<bool> Step(
      uint64_t rows_max,
      uint64_t bytes_max = std::numeric_limits<uint64_t>::max());

  uint64_t rows() const { return summarizer_.rows(); }
  // Of what has been read; of the state when Step has returned false.
  StateDigest digest() const;

 private:
  StateExport& state_;
  StateSummarizer summarizer_;
};

// All in one step.
absl::StatusOr<StateDigest> HashState(GroupId group, StateExport& state);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_MAINTENANCE_STATE_HASH_H_
