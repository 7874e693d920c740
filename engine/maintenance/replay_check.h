#ifndef TRIMARAN_ENGINE_MAINTENANCE_REPLAY_CHECK_H_
#define TRIMARAN_ENGINE_MAINTENANCE_REPLAY_CHECK_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "engine/base/log_types.h"
#include "engine/base/work_progress.h"
#include "engine/kv/state_machine.h"
#include "engine/log/log_store.h"
#include "engine/maintenance/state_hash.h"
#include "engine/maintenance/stored_parts.h"
#include "engine/maintenance/verifier.h"
#include "engine/maintenance/verify_report.h"

// Whether the log leads from one state to the next: the only check that finds
// an apply that is not deterministic, or rows that were changed by nobody.

namespace trimaran::engine {

struct ReplayPlan {
  GroupId group;
  // Holds the entries after the first state. Must outlive the replay.
  const LogStore* log = nullptr;
  // Up to which entry.
  LogIndex last;
  // Applied in one transaction; at least 1.
  size_t batch_entries = 256;
  ConfChanger change_conf;
  WorkWatcher watcher = nullptr;
};

// Rebuilds the state at `plan.last` in `scratch`, a state machine that nobody
// else uses: takes over `from`, and applies the entries after it. Returns what
// came of it. Corruption: `from` is no state, the log does not have the
// entries, or one cannot be applied. FailedPrecondition: `from` is later than
// `plan.last`. Cancelled by the watcher.
//
// Thread: one, for the scratch state machine as a whole.
absl::StatusOr<StateDigest> RebuildState(StateExport& from,
                                         const ReplayPlan& plan,
                                         StateMachine& scratch);

// Adds what differs between a state and what was rebuilt for its position.
void CompareDigests(const StateDigest& expected, const StateDigest& rebuilt,
                    CheckResult& result);

struct StoredReplay {
  StoredStore store;
  // Exists, is empty, and takes two copies of the state; what is in it
  // afterwards is of no use.
  std::string scratch;
  ConfChanger change_conf;
};

// The check "replay" of a store that nobody has open: rebuilds what opening it
// would lead to, from the last checkpoint and all entries that the log knows to
// be committed, twice, in batches of different sizes; compares both with each
// other, and their chain with that of the log. Errors as for
// VerifyStoredStore, and those of a full scratch disk.
//
// Thread: any.
absl::StatusOr<CheckResult> ReplayStoredStore(const StoredReplay& replay,
                                              const VerifyOptions& options);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_MAINTENANCE_REPLAY_CHECK_H_
