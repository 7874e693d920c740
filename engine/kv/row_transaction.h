#ifndef TRIMARAN_ENGINE_KV_ROW_TRANSACTION_H_
#define TRIMARAN_ENGINE_KV_ROW_TRANSACTION_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace trimaran::engine {

// Keys in [begin, end), as they are in the table; an empty `end` is the end of
// the table.
struct KeyRange {
  std::string_view begin;
  std::string_view end;
};

// The rows of one table inside one transaction, which somebody else begins and
// ends. All that commands do to the table goes through here, so that what they
// mean is told apart from where rows are kept.
//
// An error of any call means that the transaction has failed: nothing more may
// be done but to give it up.
//
// Thread: owner.
class RowTransaction {
 public:
  virtual ~RowTransaction() = default;
  RowTransaction() = default;
  RowTransaction(const RowTransaction&) = delete;
  RowTransaction& operator=(const RowTransaction&) = delete;

  // Sees what this transaction has written. False if there is no such row;
  // else `value` is valid until the next call.
  virtual absl::StatusOr<bool> Get(std::string_view key,
                                   std::string_view& value) = 0;
  // Inserts the row or replaces it. The views may end with the call.
  virtual absl::Status Put(std::string_view key, std::string_view value) = 0;
  // False if there was no such row.
  virtual absl::StatusOr<bool> Remove(std::string_view key) = 0;

  // The number of rows in `range`; counts no further than `count_max`.
  virtual absl::StatusOr<uint64_t> CountRange(const KeyRange& range,
                                              uint64_t count_max) = 0;
  // Removes the first rows of `range`, at most `count_max`. Returns how many.
  virtual absl::StatusOr<uint64_t> RemoveRange(const KeyRange& range,
                                               uint64_t count_max) = 0;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_ROW_TRANSACTION_H_
