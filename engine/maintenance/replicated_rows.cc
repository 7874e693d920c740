#include "engine/maintenance/replicated_rows.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/keys.h"
#include "engine/format/records.h"

namespace trimaran::engine {

absl::StatusOr<bool> ReplicatedFilter::Admit(StateRecord& row) {
  TRIMARAN_ASSIGN_OR_RETURN(const Key key, DecodeKey(row.key));
  if (IsStoreLocal(key)) return false;
  if (const auto* const user_row = std::get_if<RowKey>(&key)) {
    return alive_.contains(user_row->family);
  }
  if (const auto* const family = std::get_if<FamilyKey>(&key)) {
    alive_.insert(family->family);
  }
  if (std::holds_alternative<ApplyStateKey>(key)) {
    TRIMARAN_ASSIGN_OR_RETURN(ApplyStateRecord record,
                              DecodeApplyState(row.value));
    // How far a store's log reaches back is its own affair.
    record.state.truncated = record.state.applied.id;
    apply_state_ = EncodeRecord(record);
    row.value = apply_state_;
  }
  return true;
}

absl::StatusOr<std::unique_ptr<StoredExport>> StoredExport::Open(
    StateInspector& inspector, uint64_t generation, GroupId group) {
  std::unique_ptr<StoredExport> state(new StoredExport(inspector, generation));
  TRIMARAN_ASSIGN_OR_RETURN(const std::string apply_state,
                            state->Find(KeyOf(ApplyStateKey{group})));
  TRIMARAN_ASSIGN_OR_RETURN(const ApplyStateRecord applied,
                            DecodeApplyState(apply_state));
  TRIMARAN_ASSIGN_OR_RETURN(const std::string region_state,
                            state->Find(KeyOf(RegionStateKey{group})));
  TRIMARAN_ASSIGN_OR_RETURN(RegionRecord region, DecodeRegion(region_state));
  state->position_ = applied.state.applied;
  state->conf_ = std::move(region.region.conf);
  TRIMARAN_RETURN_IF_ERROR(state->Rewind());
  return state;
}

absl::Status StoredExport::Rewind() {
  filter_ = ReplicatedFilter();
  TRIMARAN_ASSIGN_OR_RETURN(rows_, inspector_.OpenRows(generation_));
  return absl::OkStatus();
}

absl::StatusOr<std::string> StoredExport::Find(std::string_view key) {
  TRIMARAN_RETURN_IF_ERROR(Rewind());
  TRIMARAN_RETURN_IF_ERROR(rows_->SkipTo(key));
  StateRecord row;
  TRIMARAN_ASSIGN_OR_RETURN(const bool found, rows_->Next(row));
  if (found && row.key == key) return std::string(row.value);
  TRIMARAN_ASSIGN_OR_RETURN(const Key decoded, DecodeKey(key));
  return CorruptionError(
      absl::StrCat("the state has no ", DebugString(decoded)));
}

absl::StatusOr<bool> StoredExport::Next(StateRecord& record) {
  while (true) {
    TRIMARAN_ASSIGN_OR_RETURN(const bool more, rows_->Next(record));
    if (!more) return false;
    TRIMARAN_ASSIGN_OR_RETURN(const bool admitted, filter_.Admit(record));
    if (admitted && record.key > skipped_to_) return true;
  }
}

absl::Status StoredExport::SkipTo(std::string_view key) {
  skipped_to_ = key;
  return Rewind();
}

}  // namespace trimaran::engine
