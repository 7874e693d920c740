#include "engine/kv/wt_read_view.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "engine/format/limits.h"
#include "engine/format/records.h"
#include "engine/format/row_value.h"
#include "engine/kv/family_catalog.h"
#include "engine/kv/row_errors.h"
#include "engine/kv/state_rows.h"
#include "engine/kv/wt_row_iterator.h"
#include "engine/wt/connection.h"

namespace trimaran::engine {

WtReadView::WtReadView(const Options& options, wt::SessionPool::Lease session)
    : options_(options),
      deadline_(options.clock->Now() + options.age_max),
      keys_(options.group),
      session_(std::move(session)) {}

absl::StatusOr<std::unique_ptr<WtReadView>> WtReadView::Open(
    const Options& options, const PublishedState& published,
    wt::SessionPool& sessions) {
  TRIMARAN_ASSIGN_OR_RETURN(wt::SessionPool::Lease session, sessions.Acquire());
  std::unique_ptr<WtReadView> view(new WtReadView(options, std::move(session)));
  TRIMARAN_RETURN_IF_ERROR(view->Begin(published));
  return view;
}

absl::Status WtReadView::Begin(const PublishedState& published) {
  basis_ = published.view_basis();
  TRIMARAN_ASSIGN_OR_RETURN(transaction_, wt::Transaction::Begin(*session_));
  return published.IsStill(basis_) ? absl::OkStatus() : LoadBasis(published);
}

absl::Status WtReadView::LoadBasis(const PublishedState& published) {
  TRIMARAN_RETURN_IF_ERROR(NeedCursor());
  TRIMARAN_ASSIGN_OR_RETURN(const ApplyStateRecord record,
                            LoadApplyState(options_.group, cursor_));
  basis_.applied = record.state.applied;
  basis_.families = published.FamiliesAt(position().id.index);
  if (basis_.families != nullptr) return absl::OkStatus();
  TRIMARAN_ASSIGN_OR_RETURN(FamilyCatalog families,
                            LoadFamilies(options_.group, cursor_));
  basis_.families = std::make_shared<const FamilyCatalog>(std::move(families));
  return absl::OkStatus();
}

// Iterators have their own, and most views nothing else.
absl::Status WtReadView::NeedCursor() {
  if (cursor_.is_open()) return absl::OkStatus();
  TRIMARAN_ASSIGN_OR_RETURN(cursor_,
                            session_->OpenCursor(basis_.generation->table));
  return absl::OkStatus();
}

absl::Status WtReadView::CheckAge() const {
  if (options_.clock->Now() < deadline_) return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat("the view at ", position().id.index.value(),
                   " is older than ", absl::FormatDuration(options_.age_max),
                   ", which is as long as a view can be used"));
}

absl::Status WtReadView::FailOn(std::string_view table_key) const {
  return FailOnRow(session_->connection(), table_key);
}

absl::Status WtReadView::CheckRead(FamilyId family) {
  TRIMARAN_RETURN_IF_ERROR(CheckAge());
  return basis_.families->Contains(family) ? absl::OkStatus()
                                           : NoSuchFamilyError(family);
}

absl::StatusOr<bool> WtReadView::Find(FamilyId family, std::string_view key,
                                      std::string& value) {
  TRIMARAN_RETURN_IF_ERROR(CheckUserKey(key));
  TRIMARAN_RETURN_IF_ERROR(NeedCursor());
  const std::string_view table_key = keys_.Build(family, key);
  TRIMARAN_ASSIGN_OR_RETURN(const bool found, cursor_.Seek(table_key));
  if (!found) return false;
  RowValue row;
  if (!DecodeRowValue(cursor_.value(), row)) return FailOn(table_key);
  value.assign(row.value);
  return true;
}

absl::StatusOr<bool> WtReadView::Get(FamilyId family, std::string_view key,
                                     std::string& value) {
  TRIMARAN_RETURN_IF_ERROR(CheckRead(family));
  return Find(family, key, value);
}

absl::StatusOr<std::vector<std::optional<std::string>>> WtReadView::MultiGet(
    FamilyId family, absl::Span<const std::string_view> keys) {
  TRIMARAN_RETURN_IF_ERROR(CheckRead(family));
  std::vector<std::optional<std::string>> values(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    std::string& value = values[i].emplace();
    TRIMARAN_ASSIGN_OR_RETURN(const bool found, Find(family, keys[i], value));
    if (!found) values[i].reset();
  }
  return values;
}

absl::StatusOr<std::unique_ptr<RowIterator>> WtReadView::NewIterator(
    FamilyId family, const IterationBounds& bounds) {
  TRIMARAN_RETURN_IF_ERROR(CheckRead(family));
  TRIMARAN_ASSIGN_OR_RETURN(wt::Cursor cursor,
                            session_->OpenCursor(basis_.generation->table));
  return std::make_unique<WtRowIterator>(
      WtRowIterator::Place{std::string(keys_.BuildPrefix(family)), bounds},
      std::move(cursor), *this);
}

}  // namespace trimaran::engine
