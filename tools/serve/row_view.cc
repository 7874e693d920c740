#include "tools/serve/row_view.h"

#include <utility>

#include "engine/base/status_macros.h"

namespace trimaran::serve {

absl::StatusOr<std::unique_ptr<RowView>> RowView::Open(
    DB& db, std::string_view first, std::string_view last,
    const ReadOptions& options) {
  KeyRange range{.begin = std::string(first), .end = std::string(last)};
  // The key that comes next.
  range.end.push_back('\0');
  TRIMARAN_ASSIGN_OR_RETURN(auto rows, db.Scan(range, {.read = options}));
  return std::unique_ptr<RowView>(new RowView(std::move(rows)));
}

absl::StatusOr<bool> RowView::Find(std::string_view key) {
  // Where it stands at first is often where it is wanted.
  if (!rows_->Valid() || rows_->key() != key) rows_->Seek(key);
  if (rows_->Valid()) return rows_->key() == key;
  TRIMARAN_RETURN_IF_ERROR(rows_->status());
  return false;
}

absl::StatusOr<std::optional<Row>> RowView::Read(std::string_view key) {
  TRIMARAN_ASSIGN_OR_RETURN(const bool found, Find(key));
  if (!found) return std::nullopt;
  return Row{.value = std::string(rows_->value()), .version = rows_->version()};
}

absl::StatusOr<uint64_t> RowView::Version(std::string_view key) {
  TRIMARAN_ASSIGN_OR_RETURN(const bool found, Find(key));
  return found ? rows_->version() : 0;
}

}  // namespace trimaran::serve
