#ifndef TRIMARAN_ENGINE_MAINTENANCE_VERIFY_CHECKS_H_
#define TRIMARAN_ENGINE_MAINTENANCE_VERIFY_CHECKS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/work_progress.h"
#include "engine/format/applied_state.h"
#include "engine/home/store_identity.h"
#include "engine/kv/state_inspector.h"
#include "engine/kv/transfer.h"
#include "engine/log/floor.h"
#include "engine/maintenance/agreement.h"
#include "engine/maintenance/read_only_log.h"
#include "engine/maintenance/state_checker.h"
#include "engine/maintenance/verifier.h"

// The single checks that a verification is made of (verifier.h). Each adds its
// findings to `result`. What it returns as an error ends the verification.

namespace trimaran::engine {

// Whether an error says something about the store, and not about this look at
// it: then it is a finding.
//
// Thread: any.
bool IsVerdict(const absl::Status& error);

// A finding about what is at `where`, or an error that ends the verification.
absl::Status Judge(std::string_view where, const absl::Status& error,
                   CheckResult& result);

// Counts what a check examines, and asks now and then whether to go on.
//
// Thread: owner.
class ProgressCounter {
 public:
  // The name of the step outlives the counter; `begin` says how much there is
  // to do.
  explicit ProgressCounter(const WorkProgress& begin) : progress_(begin) {}

  // Cancelled if the verification is to end.
  absl::Status Count(uint64_t bytes, const WorkWatcher& watcher);

 private:
  WorkProgress progress_;
};

// Empty, after a finding, where the file is damaged.
absl::StatusOr<std::optional<StoreIdentity>> CheckIdentityFile(
    const StoredStore& store, CheckResult& result);
absl::StatusOr<std::optional<FloorState>> CheckFloorFile(
    const StoredStore& store, const std::optional<StoreIdentity>& identity,
    CheckResult& result);
// Null where the log is damaged.
absl::StatusOr<std::unique_ptr<ReadOnlyLog>> OpenLogToCheck(
    const StoredStore& store, const std::optional<StoreIdentity>& identity,
    CheckResult& result);

// Entries are consecutive, do not fall in term, are what the chain says and
// hold what a state machine can apply; the hard state fits them.
absl::Status CheckEntries(const LogStore& log, const WorkWatcher& watcher,
                          CheckResult& result);
// The log reaches as far as the floor says.
void CheckFloorAgainstLog(const FloorState& floor, const ReadOnlyLog& log,
                          CheckResult& result);

// What reading a state has shown.
struct StateFacts {
  // Whose rows they are.
  uint64_t generation = 0;
  std::optional<AppliedState> applied;
  // Not for kQuick, nor where the rows are not all there.
  std::optional<StateSummary> summary;
};
// Gives rows in order, and false at the end.
using NextRow = absl::FunctionRef<absl::StatusOr<bool>(StateRecord& row)>;
struct RowsToCheck {
  StateSource source;
  NextRow next;
  // As far as is known: how many they are.
  WorkProgress work = {};
};
absl::StatusOr<StateFacts> CheckRows(const RowsToCheck& rows,
                                     const VerifyOptions& options,
                                     CheckResult& result);

// How to look into the state of a stored store.
StateInspectorOptions InspectorOptions(const StoredStore& store);
absl::StatusOr<StateFacts> CheckStateTable(const StoredStore& store,
                                           const StateSource& source,
                                           const VerifyOptions& options,
                                           CheckResult& result);

// Both may be missing, after findings of other checks.
void CheckLogAndState(const LogStore* log, const StateFacts& state,
                      uint64_t generation, CheckResult& result);
// The same, with what the log said about that state when it knew it.
void CheckEvidence(const absl::StatusOr<LogEvidence>& evidence,
                   const AppliedState& state, uint64_t generation,
                   CheckResult& result);

// All snapshots in the directory of a store.
absl::Status CheckSnapshots(const StoredStore& store, GroupId group,
                            const VerifyOptions& options, CheckResult& result);
// One finished snapshot. NotFound if it is none.
absl::StatusOr<std::optional<StateDigest>> CheckSnapshot(
    FileSystem& files, std::string_view directory, const VerifyOptions& options,
    CheckResult& result);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_MAINTENANCE_VERIFY_CHECKS_H_
