#ifndef TRIMARAN_ENGINE_KV_WRITE_EXECUTOR_H_
#define TRIMARAN_ENGINE_KV_WRITE_EXECUTOR_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/format/command.h"
#include "engine/format/command_result.h"
#include "engine/kv/family_catalog.h"
#include "engine/kv/row_key_builder.h"
#include "engine/kv/row_transaction.h"

namespace trimaran::engine {

// Does WriteCommands. Whatever can be refused is found out before the first
// row is written, so that nothing has ever to be taken back.
//
// Thread: owner.
class WriteExecutor {
 public:
  explicit WriteExecutor(GroupId group) : keys_(group) {}

  // The commands that follow are of another entry, or of the same once more.
  void BeginEntry() { entry_read_bytes_ = 0; }

  // A result, which may be a refusal, of the command at `entry`; or an error of
  // `rows`, or Corruption if a row cannot be decoded, after which its
  // transaction must be given up.
  absl::StatusOr<CommandResult> Execute(const WriteCommand& command,
                                        LogIndex entry,
                                        const FamilyCatalog& families,
                                        RowTransaction& rows);

 private:
  absl::StatusOr<bool> Holds(const Compare& compare, RowTransaction& rows);
  // Sets `refusal` if they meet too many rows.
  absl::Status CheckRangeDeletions(const std::vector<Operation>& operations,
                                   RowTransaction& rows, absl::Status& refusal);
  absl::Status DoAll(const std::vector<Operation>& operations, LogIndex entry,
                     RowTransaction& rows, CommandResult& result);
  absl::Status Do(const Operation& operation, LogIndex entry,
                  RowTransaction& rows, CommandResult& result);
  absl::Status DoGet(const GetOp& get, RowTransaction& rows,
                     CommandResult& result);

  // The keys of a range deletion, until a key is made.
  KeyRange RangeOf(const DeleteRangeOp& deletion);

  RowKeyBuilder keys_;
  // Used again for each row.
  std::string end_key_;
  std::string value_;
  // Of the command that is being done, and of those before it in the entry, as
  // far as it is handed out.
  size_t read_bytes_ = 0;
  size_t entry_read_bytes_ = 0;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_WRITE_EXECUTOR_H_
