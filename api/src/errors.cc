#include "engine/base/errors.h"

#include <cstdint>

#include "engine/log/log_store.h"
#include "trimaran/export.h"

// trimaran/errors.h says in a user's words what engine/base/errors.h says in
// ours: its functions are the same ones, but for these. The two headers define
// the same enumeration and so cannot meet in one source; that they agree is
// tested.

namespace trimaran {

TRIMARAN_EXPORT uint64_t LeaderIdOf(const absl::Status& status);

TRIMARAN_EXPORT bool IsCompacted(const absl::Status& status);

uint64_t LeaderIdOf(const absl::Status& status) {
  return LeaderHint(status).value_or(kNoReplica).value();
}

bool IsCompacted(const absl::Status& status) {
  return engine::IsCompacted(status);
}

}  // namespace trimaran
