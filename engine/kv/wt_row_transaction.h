#ifndef TRIMARAN_ENGINE_KV_WT_ROW_TRANSACTION_H_
#define TRIMARAN_ENGINE_KV_WT_ROW_TRANSACTION_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/kv/row_transaction.h"
#include "engine/wt/cursor.h"

namespace trimaran::engine {

// The rows of a WiredTiger table, inside the transaction that is under way in
// the session of the cursors.
//
// Thread: owner.
class WtRowTransaction final : public RowTransaction {
 public:
  // Two cursors on the same table, in the same session: single rows, and
  // ranges. Both must outlive this.
  WtRowTransaction(wt::Cursor& rows, wt::Cursor& range)
      : rows_(rows), range_(range) {}

  absl::StatusOr<bool> Get(std::string_view key,
                           std::string_view& value) override;
  absl::Status Put(std::string_view key, std::string_view value) override;
  absl::StatusOr<bool> Remove(std::string_view key) override;
  absl::StatusOr<uint64_t> CountRange(const KeyRange& range,
                                      uint64_t count_max) override;
  absl::StatusOr<uint64_t> RemoveRange(const KeyRange& range,
                                       uint64_t count_max) override;

  // The same, and returns the key of the first row that is left in the range;
  // empty if there is none. Whoever goes on from there passes over nothing that
  // was removed, which would cost as much as rows.
  absl::StatusOr<std::string> RemoveSome(const KeyRange& range,
                                         uint64_t count_max);

 private:
  // Leaves the cursor of ranges on the first row that is left, and says whether
  // there is one.
  absl::StatusOr<bool> RemoveFirst(const KeyRange& range, uint64_t count_max,
                                   uint64_t& count);

  wt::Cursor& rows_;
  wt::Cursor& range_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_WT_ROW_TRANSACTION_H_
