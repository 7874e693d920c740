#ifndef TRIMARAN_ENGINE_KV_STATE_WRITER_H_
#define TRIMARAN_ENGINE_KV_STATE_WRITER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/ids.h"
#include "engine/kv/entry_applier.h"
#include "engine/kv/generation.h"
#include "engine/kv/published_state.h"
#include "engine/kv/replicated_state.h"
#include "engine/kv/state_machine.h"
#include "engine/kv/wt_row_transaction.h"
#include "engine/wt/connection.h"
#include "engine/wt/cursor.h"
#include "engine/wt/session.h"

namespace trimaran::engine {

// All changes of the state, each in one transaction, and the state in memory
// that goes with them.
//
// Invariants:
//  1. Between calls the state in memory is what the table holds, and what is
//     published.
//  2. A transaction that WiredTiger turns down (it may, when the cache is full)
//     is tried again, a bounded number of times, from the state as it was. Any
//     other error, and the last such one, poisons the connection.
//
// Thread: the one that applies.
class StateWriter {
 public:
  // The last two must outlive this.
  static absl::StatusOr<std::unique_ptr<StateWriter>> Open(
      GroupId group, ReplicatedState state, SharedGeneration generation,
      wt::Connection& connection, PublishedState& published);
  StateWriter(const StateWriter&) = delete;
  StateWriter& operator=(const StateWriter&) = delete;

  // StateMachine's calls of the same names.
  absl::StatusOr<std::vector<EntryResult>> Apply(
      absl::Span<const CommittedEntry> entries);
  absl::StatusOr<bool> CollectGarbage(size_t rows_max);

  // Goes on with another table, which holds `state`, and publishes it. After an
  // error no table is open any more, and nothing else may be called.
  absl::Status Switch(ReplicatedState state, SharedGeneration generation);

 private:
  StateWriter(GroupId group, wt::Connection& connection,
              PublishedState& published)
      : group_(group),
        connection_(connection),
        published_(published),
        applier_(group, state_) {}

  using Body = absl::FunctionRef<absl::Status(WtRowTransaction& rows)>;
  absl::Status Transact(Body body);
  absl::Status TryTransact(Body body);
  absl::Status OpenCursors(const Generation& generation);

  const GroupId group_;
  wt::Connection& connection_;
  PublishedState& published_;
  ReplicatedState state_;
  EntryApplier applier_;
  // Where the rest of the rows begins of the family that is being emptied, if
  // that has begun.
  std::string garbage_rest_;
  SharedGeneration generation_;
  std::unique_ptr<wt::Session> session_;
  wt::Cursor rows_;
  wt::Cursor range_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_STATE_WRITER_H_
