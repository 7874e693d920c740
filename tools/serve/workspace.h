#ifndef TRIMARAN_TOOLS_SERVE_WORKSPACE_H_
#define TRIMARAN_TOOLS_SERVE_WORKSPACE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/status/status.h"
#include "tools/serve/row_view.h"
#include "trimaran/transaction.h"

namespace trimaran::serve {

// What commands see and do before it is done: rows as of one moment, and over
// them the changes of those who came before. At the end it is one transaction,
// which is done only if every row that was looked at is still as it was; so it
// is as if the commands had run alone, at the moment of the commit.
//
// Thread: owner.
class Workspace {
 public:
  // `rows` outlives this. Null for commands that look at nothing.
  explicit Workspace(RowSource* rows) : rows_(rows) {}
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  // The value, valid until this row is changed. After an error of the database
  // there are no rows, and status() tells.
  std::optional<std::string_view> Get(std::string_view key);
  bool Exists(std::string_view key);
  // Whether nobody has changed the row, in the database or here, since it was
  // at that version (0: not there).
  bool IsStill(std::string_view key, uint64_t version);
  void Put(std::string_view key, std::string_view value);
  void Delete(std::string_view key);
  void DeleteAll();

  const absl::Status& status() const { return status_; }
  // Of values that were read from the database.
  size_t bytes_read() const { return bytes_read_; }
  bool changed() const { return !changes_.empty(); }

  // Changes alone.
  const WriteBatch& changes() const { return changes_; }
  // Changes, and what has to be so that they are right. Once.
  Transaction TakeTransaction();

 private:
  struct Seen {
    // What was read from the database, if anything was.
    bool looked = false;
    uint64_t version = 0;
    bool changed = false;
    // As it is now.
    bool exists = false;
    // Empty if it does not exist, or nobody has asked for it.
    std::optional<std::string> value;
  };
  // As it is in the database, unless it was changed. Without its value.
  Seen& Look(std::string_view key);
  void ReadValue(std::string_view key, Seen& seen);
  void Change(std::string_view key, std::optional<std::string> value);

  RowSource* const rows_;
  std::unordered_map<std::string, Seen> seen_;
  bool all_deleted_ = false;
  WriteBatch changes_;
  size_t bytes_read_ = 0;
  absl::Status status_;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_WORKSPACE_H_
