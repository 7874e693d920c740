#ifndef TRIMARAN_TOOLS_SERVE_ROW_VIEW_H_
#define TRIMARAN_TOOLS_SERVE_ROW_VIEW_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "trimaran/db.h"

namespace trimaran::serve {

struct Row {
  std::string value;
  // The index of the write that left it so.
  uint64_t version = 0;
};

// Where rows come from, all as of one moment.
//
// Thread: owner.
class RowSource {
 public:
  virtual ~RowSource() = default;
  // Empty if there is no such row.
  virtual absl::StatusOr<std::optional<Row>> Read(std::string_view key) = 0;
  // The same without the value: 0 if there is no such row.
  virtual absl::StatusOr<uint64_t> Version(std::string_view key) = 0;
};

// Rows of a database, as of one moment. Pins memory: keep it for one round of
// work.
//
// Thread: owner.
class RowView final : public RowSource {
 public:
  // Of keys in [first, last]. Waits as `options` say.
  static absl::StatusOr<std::unique_ptr<RowView>> Open(
      DB& db, std::string_view first, std::string_view last,
      const ReadOptions& options);

  absl::StatusOr<std::optional<Row>> Read(std::string_view key) override;
  absl::StatusOr<uint64_t> Version(std::string_view key) override;
  // The write after which the rows are as they are here.
  uint64_t index() const { return rows_->index(); }

 private:
  explicit RowView(std::unique_ptr<Iterator> rows) : rows_(std::move(rows)) {}

  // Whether there is such a row, at which rows_ stands then.
  absl::StatusOr<bool> Find(std::string_view key);

  const std::unique_ptr<Iterator> rows_;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_ROW_VIEW_H_
