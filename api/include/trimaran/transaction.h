#ifndef TRIMARAN_TRANSACTION_H_
#define TRIMARAN_TRANSACTION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trimaran/export.h"
#include "trimaran/write_batch.h"

namespace trimaran {

// What must be so for the batch of a transaction to be done.
struct Condition {
  enum class Kind : uint8_t { kExists, kAbsent, kValueIs, kVersionIs };
  Kind kind = Kind::kExists;
  ColumnFamily family = {};
  std::string key = {};
  // For kValueIs.
  std::string value = {};
  // For kVersionIs: the index of the write that left the row as it is; 0 if
  // there is no such row.
  uint64_t version = 0;
};

// If all conditions hold, `then` is done, else `otherwise`; all of it at one
// place in the order of writes, with nothing in between. So there is nothing to
// lock and nothing to roll back: read, decide, commit, and start over if
// somebody was quicker.
//
//   Transaction take;
//   take.IfValueIs("stock", "7").then.Put("stock", "6");
//
// Conditions, changes and reads count together against the limits of a batch.
//
// Thread: one at a time.
class TRIMARAN_EXPORT Transaction {
 public:
  Transaction& IfExists(std::string_view key) {
    return IfExists(ColumnFamily(), key);
  }
  Transaction& IfExists(ColumnFamily family, std::string_view key);
  Transaction& IfAbsent(std::string_view key) {
    return IfAbsent(ColumnFamily(), key);
  }
  Transaction& IfAbsent(ColumnFamily family, std::string_view key);
  Transaction& IfValueIs(std::string_view key, std::string_view value) {
    return IfValueIs(ColumnFamily(), key, value);
  }
  Transaction& IfValueIs(ColumnFamily family, std::string_view key,
                         std::string_view value);
  // `version` is CommitInfo::index of the last write of the row, or
  // Iterator::version; 0 for a row that is not there.
  Transaction& IfVersionIs(std::string_view key, uint64_t version) {
    return IfVersionIs(ColumnFamily(), key, version);
  }
  Transaction& IfVersionIs(ColumnFamily family, std::string_view key,
                           uint64_t version);

  WriteBatch then;
  // Empty unless there are conditions.
  WriteBatch otherwise;

  const std::vector<Condition>& conditions() const { return conditions_; }

 private:
  std::vector<Condition> conditions_;
};

// Which place in the order of writes a write has got. Never goes back, on
// whichever replica it is looked at.
struct CommitInfo {
  uint64_t index = 0;
  // 0 where the answer is to a repeated attempt, and the term of the first one
  // is not known any more.
  uint64_t term = 0;

  friend bool operator==(const CommitInfo&, const CommitInfo&) = default;
};

struct CommitResult {
  // Whether the conditions held, so that `then` was done.
  bool succeeded = false;
  CommitInfo commit;
  // The answers to the Gets of the batch that was done, in order; an empty one
  // for a row that was not there.
  std::vector<std::optional<std::string>> reads;
  // Set, and `reads` empty, where there was more to read than is handed out:
  // 32 MiB for all commits that go into the log together, and 4 KiB where an
  // attempt had to be repeated. Up to 4 KiB are always handed out.
  bool reads_dropped = false;
  // How many rows the deletions met.
  uint64_t rows_deleted = 0;
};

}  // namespace trimaran

#endif  // TRIMARAN_TRANSACTION_H_
