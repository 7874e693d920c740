#ifndef TRIMARAN_ENGINE_KV_COMMAND_EXECUTOR_H_
#define TRIMARAN_ENGINE_KV_COMMAND_EXECUTOR_H_

#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "engine/format/command.h"
#include "engine/format/command_result.h"
#include "engine/kv/replicated_state.h"
#include "engine/kv/row_transaction.h"
#include "engine/kv/write_executor.h"

namespace trimaran::engine {

// What each command means (engine/format/command.h): changes the state in
// memory and the rows of one transaction. Its answers follow from the state and
// the command alone.
//
// Thread: owner.
class CommandExecutor {
 public:
  // `state` must outlive this.
  CommandExecutor(GroupId group, ReplicatedState& state)
      : state_(state), writes_(group) {}

  // The commands that follow are of another entry, or of the same once more.
  void BeginEntry() { writes_.BeginEntry(); }

  // Does the command, which stands in the entry `place`, unless its session has
  // done it already, or it is refused; then it changes no row. After an error
  // the transaction must be given up, and `state` read back.
  absl::StatusOr<CommandResult> Execute(const Command& command, EntryId place,
                                        RowTransaction& rows);

 private:
  absl::StatusOr<CommandResult> ExecuteBody(const Command& command,
                                            EntryId place,
                                            RowTransaction& rows);

  // Each answers in `result`, which begins as success.
  void Do(const OpenSessionCommand& command, EntryId place,
          CommandResult& result);
  void Do(const CloseSessionCommand& command, EntryId place,
          CommandResult& result);
  void Do(const CreateFamilyCommand& command, EntryId place,
          CommandResult& result);
  void Do(const DropFamilyCommand& command, EntryId place,
          CommandResult& result);
  void Do(const CompactLogCommand& command, EntryId place,
          CommandResult& result);
  void Do(const SetMemberCommand& command, EntryId place,
          CommandResult& result);
  void Do(const AuditCommand&, EntryId, CommandResult&) {}
  absl::Status MakeRoomFor(ReplicaId replica, StoreId store);

  ReplicatedState& state_;
  WriteExecutor writes_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_COMMAND_EXECUTOR_H_
