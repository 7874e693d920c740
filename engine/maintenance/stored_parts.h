#ifndef TRIMARAN_ENGINE_MAINTENANCE_STORED_PARTS_H_
#define TRIMARAN_ENGINE_MAINTENANCE_STORED_PARTS_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/conf_state.h"
#include "engine/base/log_types.h"
#include "engine/home/store_identity.h"
#include "engine/kv/state_inspector.h"
#include "engine/log/floor.h"
#include "engine/maintenance/read_only_log.h"
#include "engine/maintenance/replicated_rows.h"
#include "engine/maintenance/verifier.h"

namespace trimaran::engine {

// The configuration after an entry of type kConfChange, which only consensus
// can work out.
using ConfChanger = std::function<absl::StatusOr<ConfState>(
    const ConfState& before, const LogEntry& entry)>;

// What a store that nobody has open is made of: the state of its last
// checkpoint, and the entries of its log, which lead on from there.
//
// Thread: one at a time.
struct StoredParts {
  StoreIdentity identity;
  FloorState floor;
  std::unique_ptr<ReadOnlyLog> log;
  std::unique_ptr<StateInspector> inspector;
  uint64_t generation = 0;

  // The state of the last checkpoint. Must be destroyed before the parts.
  absl::StatusOr<std::unique_ptr<StoredExport>> Export() const;
  // What the log has lost (LogState::owed), as the next open will find out.
  FloorVerdict Judge() const;
};

// Opens each part to be read. Writes nothing, and does not compare them with
// each other, as VerifyStoredStore does. Errors: as there, and Corruption for
// what is damaged.
absl::StatusOr<StoredParts> OpenStoredParts(const StoredStore& store);

// The state alone, of the generation that a verification has found whole, where
// floor and log cannot be relied on: there is none in the result.
absl::StatusOr<StoredParts> OpenStoredState(const StoredStore& store,
                                            uint64_t generation);

// Up to where the entries of a log are certainly committed: what it knows to
// be, and everything behind it that this replica, as the only voter, has
// decided by having it. Beyond it nobody can tell from this store alone. Is
// right only for a log that has lost nothing. Corruption: the log is damaged,
// or does not lead on from the state.
absl::StatusOr<LogIndex> FindCommitted(const StoredParts& parts,
                                       const ConfChanger& change_conf);

// The configurations from that of the state on, one more for each change in the
// log behind it. The last one is that at the end of the log.
absl::StatusOr<std::vector<ConfState>> ConfsFrom(
    const StoredParts& parts, const ConfChanger& change_conf);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_MAINTENANCE_STORED_PARTS_H_
