#include "engine/kv/wt_state_export.h"

#include <utility>
#include <variant>

#include "engine/base/mutant.h"
#include "engine/base/status_macros.h"
#include "engine/format/keys.h"
#include "engine/format/records.h"
#include "engine/kv/read_view.h"
#include "engine/kv/state_rows.h"

namespace trimaran::engine {

absl::StatusOr<std::unique_ptr<WtStateExport>> WtStateExport::Open(
    Source source, wt::Connection& connection, Leftovers& leftovers) {
  std::unique_ptr<WtStateExport> result(
      new WtStateExport(std::move(source), leftovers));
  TRIMARAN_RETURN_IF_ERROR(result->Begin(connection));
  return result;
}

WtStateExport::~WtStateExport() {
  // While it is read it cannot be dropped.
  cursor_.Close();
  leftovers_.AddCheckpoint(source_.checkpoint);
}

absl::Status WtStateExport::Begin(wt::Connection& connection) {
  const GroupId group = source_.group;
  TRIMARAN_ASSIGN_OR_RETURN(session_, wt::Session::Open(connection));
  TRIMARAN_ASSIGN_OR_RETURN(
      cursor_, MutantActive(Mutant::kExportOfTheLiveState)
                   ? session_->OpenCursor(source_.generation->table)
                   : session_->OpenCheckpointCursor(source_.generation->table,
                                                    source_.checkpoint));
  TRIMARAN_ASSIGN_OR_RETURN(ApplyStateRecord record,
                            LoadApplyState(group, cursor_));
  TRIMARAN_ASSIGN_OR_RETURN(RegionState region, LoadRegion(group, cursor_));
  TRIMARAN_ASSIGN_OR_RETURN(families_, LoadFamilies(group, cursor_));
  applied_ = record.state;
  conf_ = std::move(region.conf);
  record.state.truncated = record.state.applied.id;
  apply_state_ = EncodeRecord(record);
  apply_state_key_ = KeyOf(ApplyStateKey{group});
  return absl::OkStatus();
}

absl::StatusOr<bool> WtStateExport::Next(StateRecord& record) {
  while (true) {
    wt::CursorRow row;
    absl::Status failure;
    const wt::Step step = Advance(row, failure);
    if (step == wt::Step::kFailed) return failure;
    if (step == wt::Step::kEnd) return false;
    // Of nearly every row this much is enough to know.
    if (family_prefix_.empty() || !row.key.starts_with(family_prefix_)) {
      TRIMARAN_ASSIGN_OR_RETURN(const bool wanted, IsWanted(row.key));
      if (!wanted) continue;
      if (row.key == apply_state_key_) row.value = apply_state_;
    }
    record = {row.key, row.value};
    return true;
  }
}

wt::Step WtStateExport::Advance(wt::CursorRow& row, absl::Status& failure) {
  switch (place_) {
    case Place::kEnd:
      return wt::Step::kEnd;
    case Place::kPending:
      place_ = Place::kPassed;
      row = {cursor_.key(), cursor_.value()};
      return wt::Step::kRow;
    case Place::kPassed:
      break;
  }
  const wt::Step step = cursor_.NextRow(row, failure);
  if (step == wt::Step::kEnd) place_ = Place::kEnd;
  return step;
}

absl::StatusOr<bool> WtStateExport::IsWanted(std::string_view key) {
  TRIMARAN_ASSIGN_OR_RETURN(const Key decoded, DecodeKey(key));
  if (IsStoreLocal(decoded)) return false;
  if (MutantActive(Mutant::kSessionsNotExported) &&
      std::holds_alternative<SessionKey>(decoded)) {
    return false;
  }
  const auto* const row = std::get_if<RowKey>(&decoded);
  if (row == nullptr) return true;
  if (families_.Contains(row->family)) {
    family_prefix_ = FamilyPrefix(source_.group, row->family);
    return true;
  }
  TRIMARAN_RETURN_IF_ERROR(SkipFamily(row->family));
  return false;
}

absl::Status WtStateExport::SkipFamily(FamilyId family) {
  TRIMARAN_ASSIGN_OR_RETURN(
      const bool found,
      cursor_.SeekAtOrAfter(PrefixEnd(FamilyPrefix(source_.group, family))));
  place_ = found ? Place::kPending : Place::kEnd;
  return absl::OkStatus();
}

absl::Status WtStateExport::SkipTo(std::string_view key) {
  place_ = Place::kPassed;
  // WiredTiger does not look for a key without bytes.
  if (key.empty()) return cursor_.Reset();
  TRIMARAN_ASSIGN_OR_RETURN(const bool found, cursor_.SeekAtOrAfter(key));
  if (!found) {
    place_ = Place::kEnd;
  } else {
    place_ = cursor_.key() == key ? Place::kPassed : Place::kPending;
  }
  return absl::OkStatus();
}

}  // namespace trimaran::engine
