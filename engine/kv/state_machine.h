#ifndef TRIMARAN_ENGINE_KV_STATE_MACHINE_H_
#define TRIMARAN_ENGINE_KV_STATE_MACHINE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/base/conf_state.h"
#include "engine/base/log_types.h"
#include "engine/format/applied_state.h"
#include "engine/format/command.h"
#include "engine/format/command_result.h"
#include "engine/format/region_state.h"
#include "engine/kv/read_view.h"
#include "engine/kv/transfer.h"

namespace trimaran::engine {

// ---- What is applied ----

struct CommittedEntry {
  LogEntry entry;
  // For an entry of type kConfChange: the configuration that it leads to.
  // Whoever decides on membership works it out; the state machine keeps it,
  // adds one to the epoch's conf_version, and drops the member records of those
  // who leave the configuration.
  std::optional<ConfState> conf;
};

struct EntryResult {
  LogIndex index;
  // One per command, in order; empty for an entry without commands.
  std::vector<CommandResult> commands;
  // Those among the commands. Where there are any, the state is just that
  // behind this entry until Apply is called again.
  std::vector<AuditCommand> audits = {};
};

// What the storage under a state machine has to do, for whoever operates it.
struct StorageStatistics {
  uint64_t cache_bytes_max = 0;
  uint64_t cache_bytes_used = 0;
  // What the next checkpoint has to write.
  uint64_t cache_bytes_dirty = 0;
  // Old row versions that did not fit the cache any more, since the state
  // machine was opened. Should stay 0.
  uint64_t lookaside_inserts = 0;
  absl::Duration last_checkpoint;
  // Transactions that have written since the oldest moment which somebody still
  // reads.
  uint64_t pinned_transactions = 0;

  friend bool operator==(const StorageStatistics&,
                         const StorageStatistics&) = default;
};

// The replicated state: rows of all column families, sessions, members, and
// how far the log has been applied, all of which change together.
//
// Invariants:
//  1. The state is a function of the entries applied: the same on every
//     replica, whatever batches they came in.
//  2. One call of Apply is one transaction: rows, sessions, applied index,
//     chain, truncated and member state of a batch are seen, and survive a
//     crash, together or not at all.
//  3. After a crash the state is that of the last checkpoint that completed,
//     or of one that was about to; the log has the rest.
//  4. applied never goes back, and truncated <= applied never does.
//  5. After an error that is not an answer to a command the state machine has
//     failed for good, and every later call returns the first error.
//
// Thread: Apply, CollectGarbage and SwitchTo by one thread at a time;
// Checkpoint, exports and imports by one other, the maintenance lane; reads by
// any.
class StateMachine {
 public:
  virtual ~StateMachine() = default;

  // ---- Applying ----

  // Applies consecutive entries, the first of which follows the applied index:
  // all of them or, where that would be too much for one transaction or its
  // results, the first ones, at least one. One result per entry applied.
  // FailedPrecondition, and nothing happens, for a replay, a hole, a term that
  // falls or is 0, or a kConfChange without `conf`. An entry that cannot be
  // decoded is Corruption, one of a later format version a NewerFormatError,
  // and each is a failure for good.
  virtual absl::StatusOr<std::vector<EntryResult>> Apply(
      absl::Span<const CommittedEntry> entries) = 0;

  // ---- Reading ----

  // The present state, without waiting for a batch that is being applied.
  virtual AppliedState applied() const = 0;
  virtual RegionState region() const = 0;
  // Names and ids, sorted by name.
  virtual std::vector<Family> families() const = 0;

  // One row of the present state: what a view made for this one read would
  // return, and quicker. False if there is none. NotFound: no such family.
  // InvalidArgument: a key that cannot exist.
  virtual absl::StatusOr<bool> Get(FamilyId family, std::string_view key,
                                   std::string& value) const = 0;
  // ResourceExhausted, naming the limit, if too many views are open.
  virtual absl::StatusOr<std::unique_ptr<ReadView>> NewView() const = 0;

  // The first error that was no answer; OK until then.
  virtual absl::Status failure() const = 0;

  // Takes about a tenth of a millisecond, and no disk.
  virtual absl::StatusOr<StorageStatistics> ReadStatistics() const = 0;

  // ---- Durability ----

  // Makes the present state durable, and reads back from what has been written
  // what it is. Does not hold up Apply for long. ResourceExhausted without
  // failure(): not begun, for lack of room on the disk or of file descriptors;
  // to be tried again.
  virtual absl::StatusOr<AppliedState> Checkpoint() = 0;
  // The state of the last checkpoint that completed: what a crash cannot undo.
  virtual AppliedState durable() const = 0;

  // Removes rows of dropped families, at most `rows_max`. Returns true if there
  // are more. Changes nothing that can be read or compared.
  virtual absl::StatusOr<bool> CollectGarbage(size_t rows_max) = 0;

  // ---- Snapshots ----

  // The state of a checkpoint taken for this purpose, frozen until the export
  // is destroyed. Pins no memory; pins the space of what changes meanwhile.
  // ResourceExhausted, and nothing has happened: no room for the checkpoint.
  virtual absl::StatusOr<std::unique_ptr<StateExport>> NewExport() = 0;

  // An empty state beside this one, under a generation number that is larger
  // than this one's and than that of any other state that is there, and which
  // no state that was ever switched to has had. Drops what earlier ones have
  // left. ResourceExhausted, and nothing has happened: no room to begin one.
  virtual absl::StatusOr<std::unique_ptr<StateImport>> NewImport() = 0;

  virtual uint64_t generation() const = 0;

  // Makes the import with which NewImport's StateImport::Finish returned OK the
  // present state. Whoever calls has made the switch durable already
  // (LogStore::Reset with that generation). Views and exports of the old state
  // keep it until they are destroyed; then its space is given back.
  // FailedPrecondition, and nothing happens: there is no such import, or it is
  // of an older state than the present one. Any other error is for good.
  virtual absl::Status SwitchTo(uint64_t generation) = 0;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_STATE_MACHINE_H_
