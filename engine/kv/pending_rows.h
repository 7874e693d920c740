#ifndef TRIMARAN_ENGINE_KV_PENDING_ROWS_H_
#define TRIMARAN_ENGINE_KV_PENDING_ROWS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/kv/row_transaction.h"

namespace trimaran::engine {

// What one command does to rows, held back until the command has ended, so that
// each row is written once and removed once, whatever the command does to it in
// turn. WiredTiger keeps every change of a transaction in the list of its row,
// and goes along that list with each further one: sixty thousand of one row
// take many seconds.
//
// Invariant: what is pending under a key hides what the transaction has there.
//
// Thread: owner.
class PendingRows final : public RowTransaction {
 public:
  // `rows` must outlive this.
  explicit PendingRows(RowTransaction& rows) : rows_(rows) {}

  absl::StatusOr<bool> Get(std::string_view key,
                           std::string_view& value) override;
  absl::Status Put(std::string_view key, std::string_view value) override;
  absl::StatusOr<bool> Remove(std::string_view key) override;

  // Writes what is pending first.
  absl::StatusOr<uint64_t> CountRange(const KeyRange& range,
                                      uint64_t count_max) override;
  // Removes all rows of the range. What lies below what is pending must not be
  // more than `count_max` (checked).
  absl::StatusOr<uint64_t> RemoveRange(const KeyRange& range,
                                       uint64_t count_max) override;

  // Writes what is pending.
  absl::Status Flush();

 private:
  RowTransaction& rows_;
  // Without a value: removed.
  std::map<std::string, std::optional<std::string>, std::less<>> pending_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_PENDING_ROWS_H_
