#ifndef TRIMARAN_ENGINE_KV_ENTRY_APPLIER_H_
#define TRIMARAN_ENGINE_KV_ENTRY_APPLIER_H_

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "engine/base/ids.h"
#include "engine/format/applied_state.h"
#include "engine/format/command.h"
#include "engine/kv/command_executor.h"
#include "engine/kv/replicated_state.h"
#include "engine/kv/row_transaction.h"
#include "engine/kv/state_machine.h"

namespace trimaran::engine {

// Whether the entries can be applied to a state of `applied`:
// FailedPrecondition for those that StateMachine::Apply refuses, naming the
// first.
//
// Thread: any.
absl::Status CheckEntries(const AppliedState& applied,
                          absl::Span<const CommittedEntry> entries);

// Takes a state from one applied index to a later one: the commands of the
// entries, changes of membership, the chain.
//
// Thread: owner.
class EntryApplier {
 public:
  // `state` must outlive this.
  EntryApplier(GroupId group, ReplicatedState& state)
      : state_(state), executor_(group, state) {}

  // Applies entries that CheckEntries passes, and adds one result for each that
  // it has applied: all of them, or the first ones where more would be too much
  // for one transaction, or their results for memory, or an audit asks for it.
  // Corruption if one cannot be decoded, NewerFormatError if it is of a later
  // format version. After any error the transaction must
  // be given up, and the state read back.
  absl::Status Apply(absl::Span<const CommittedEntry> entries,
                     RowTransaction& rows, std::vector<EntryResult>& results);

 private:
  absl::Status ApplyEntry(const CommittedEntry& committed, RowTransaction& rows,
                          EntryResult& result);
  absl::Status ApplyCommands(const LogEntry& entry, RowTransaction& rows,
                             EntryResult& result);
  void ApplyConf(const ConfState& conf);

  ReplicatedState& state_;
  CommandExecutor executor_;
  // Its memory serves one command after the other.
  Command command_;
  // By the batch that is being applied.
  size_t operations_done_ = 0;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_ENTRY_APPLIER_H_
