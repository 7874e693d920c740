#include "engine/maintenance/state_hash.h"

#include "engine/base/check.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {

absl::StatusOr<bool> StateHashJob::Step(uint64_t rows_max, uint64_t bytes_max) {
  TRIMARAN_CHECK_GE(rows_max, 1);
  StateRecord record;
  uint64_t bytes = 0;
  for (uint64_t row = 0; row < rows_max && bytes < bytes_max; ++row) {
    TRIMARAN_ASSIGN_OR_RETURN(const bool more, state_.Next(record));
    if (!more) return false;
    TRIMARAN_RETURN_IF_ERROR(summarizer_.Add(record.key, record.value));
    bytes += record.key.size() + record.value.size();
  }
  return true;
}

StateDigest StateHashJob::digest() const {
  return {state_.position(), summarizer_.Finish()};
}

absl::StatusOr<StateDigest> HashState(GroupId group, StateExport& state) {
  StateHashJob job(group, state);
  TRIMARAN_RETURN_IF_ERROR(
      job.Step(std::numeric_limits<uint64_t>::max()).status());
  return job.digest();
}

}  // namespace trimaran::engine
