#include "engine/kv/wt_state_import.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/keys.h"
#include "engine/format/limits.h"
#include "engine/format/records.h"
#include "engine/format/row_value.h"
#include "engine/kv/state_room.h"
#include "engine/wt/statistics.h"

namespace trimaran::engine {
namespace {

absl::Status NoRecord(std::string_view key, std::string_view why) {
  const absl::StatusOr<Key> decoded = DecodeKey(key);
  const std::string name =
      decoded.ok() ? DebugString(*decoded) : decoded.status().ToString();
  return absl::InvalidArgumentError(
      absl::StrCat("not a record of a state: ", name, ": ", ToAbsl(why)));
}

// What is under a key that is no row's, decoded and forgotten.
struct RecordChecker {
  std::string_view value;

  absl::Status operator()(const ApplyStateKey&) const {
    return DecodeApplyState(value).status();
  }
  absl::Status operator()(const RegionStateKey&) const {
    return DecodeRegion(value).status();
  }
  absl::Status operator()(const SessionKey&) const {
    return DecodeSession(value).status();
  }
  absl::Status operator()(const FamilyKey&) const {
    return DecodeFamily(value).status();
  }
  template <typename Other>
  absl::Status operator()(const Other&) const {
    return absl::InvalidArgumentError("a store keeps it for itself");
  }
};

// Rows belong to a group by their prefix.
struct GroupOf {
  GroupId operator()(const LocalIdentKey&) const { return GroupId(); }
  template <typename Other>
  GroupId operator()(const Other& key) const {
    return key.group;
  }
};

}  // namespace

absl::StatusOr<std::unique_ptr<WtStateImport>> WtStateImport::Open(
    Target target, Owner owner, wt::Connection& connection,
    Leftovers& leftovers) {
  std::unique_ptr<WtStateImport> result(new WtStateImport(
      std::move(target), std::move(owner), connection, leftovers));
  TRIMARAN_RETURN_IF_ERROR(result->Begin());
  return result;
}

WtStateImport::~WtStateImport() {
  loader_.reset();
  if (table_exists_) leftovers_.AddTable(target_.generation->table);
}

absl::Status WtStateImport::Begin() {
  const std::string& table = target_.generation->table;
  TRIMARAN_ASSIGN_OR_RETURN(session_, wt::Session::Open(connection_));
  TRIMARAN_RETURN_IF_ERROR(session_->CreateTable(table));
  table_exists_ = true;
  TRIMARAN_ASSIGN_OR_RETURN(wt::BulkLoader loader,
                            session_->OpenBulkLoader(table));
  loader_.emplace(std::move(loader));
  // The first of all keys.
  last_key_ = KeyOf(LocalIdentKey{});
  return loader_->Add(last_key_, EncodeIdent(target_.identity));
}

absl::Status WtStateImport::CheckRoom(uint64_t bytes, uint64_t free_bytes_min) {
  TRIMARAN_ASSIGN_OR_RETURN(const wt::Statistics statistics,
                            wt::ReadStatistics(*session_));
  // The checkpoint that makes the import durable is of the present state too.
  return CheckStateRoom(
      *target_.files,
      {.what = "an import",
       .directory = connection_.home(),
       .bytes = bytes + statistics.cache_bytes_dirty + free_bytes_min});
}

absl::Status WtStateImport::Add(const StateRecord& record) {
  TRIMARAN_CHECK(loader_.has_value()) << "after Finish";
  if (record.key <= last_key_) {
    return NoRecord(record.key, "its key is not larger than the one before");
  }
  TRIMARAN_RETURN_IF_ERROR(CheckRecord(record));
  last_key_ = record.key;
  return loader_->Add(record.key, record.value);
}

absl::Status WtStateImport::CheckRecord(const StateRecord& record) {
  RowValue row;
  // Of nearly every row this much is enough to know.
  if (!family_prefix_.empty() &&
      record.key.substr(0, family_prefix_.size()) == family_prefix_ &&
      record.key.size() - family_prefix_.size() - 1 < kKeyBytesMax &&
      record.value.size() <= kValueBytesMax &&
      DecodeRowValue(record.value, row) && row.version <= applied_) {
    return absl::OkStatus();
  }
  const absl::StatusOr<Key> key = DecodeKey(record.key);
  if (!key.ok()) return NoRecord(record.key, "its key cannot be decoded");
  if (std::visit(GroupOf(), *key) != target_.group) {
    return NoRecord(record.key,
                    absl::StrCat("the group is ", target_.group.value()));
  }
  if (const auto* const row_key = std::get_if<RowKey>(&*key)) {
    const absl::Status status = CheckRow(row_key->family, record.value);
    if (!status.ok()) return NoRecord(record.key, ToStd(status.message()));
    return absl::OkStatus();
  }
  const absl::Status status = std::visit(RecordChecker{record.value}, *key);
  if (!status.ok()) return NoRecord(record.key, ToStd(status.message()));
  if (const auto* const family = std::get_if<FamilyKey>(&*key)) {
    families_.push_back(family->family);
  }
  if (std::holds_alternative<ApplyStateKey>(*key)) {
    TRIMARAN_ASSIGN_OR_RETURN(const ApplyStateRecord state,
                              DecodeApplyState(record.value));
    applied_ = state.state.applied.id.index;
  }
  return absl::OkStatus();
}

absl::Status WtStateImport::CheckRow(FamilyId family, std::string_view value) {
  if (std::find(families_.begin(), families_.end(), family) ==
      families_.end()) {
    return absl::InvalidArgumentError("there is no such family");
  }
  RowValue row;
  if (!DecodeRowValue(value, row)) {
    return absl::InvalidArgumentError("its value cannot be decoded");
  }
  if (row.value.size() > kValueBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("its value has ", row.value.size(),
                     " bytes, and a value has at most ", kValueBytesMax));
  }
  if (row.version > applied_) {
    return absl::InvalidArgumentError(
        absl::StrCat("it was written by entry ", row.version.value(),
                     ", after the state at ", applied_.value()));
  }
  family_prefix_ = FamilyPrefix(target_.group, family);
  return absl::OkStatus();
}

absl::Status WtStateImport::Finish(const LogPosition& position) {
  TRIMARAN_CHECK(loader_.has_value()) << "after Finish";
  const absl::Status finished = loader_->Finish();
  loader_.reset();
  TRIMARAN_RETURN_IF_ERROR(finished);
  TRIMARAN_RETURN_IF_ERROR(connection_.checkpoints().Take());
  TRIMARAN_ASSIGN_OR_RETURN(ReplicatedState state, LoadDurable(position));
  table_exists_ = false;
  owner_.on_finished(target_.generation, std::move(state));
  return absl::OkStatus();
}

void WtStateImport::GiveUp() {
  loader_.reset();
  // An unfinished one is dropped by the destructor.
  if (!table_exists_) owner_.on_given_up(target_.generation->number);
}

absl::StatusOr<ReplicatedState> WtStateImport::LoadDurable(
    const LogPosition& position) {
  TRIMARAN_ASSIGN_OR_RETURN(wt::Cursor cursor, session_->OpenDurableCursor(
                                                   target_.generation->table));
  TRIMARAN_RETURN_IF_ERROR(CheckIdent(target_.identity, cursor));
  TRIMARAN_ASSIGN_OR_RETURN(ReplicatedState state,
                            LoadState(target_.group, cursor));
  if (state.applied.applied != position ||
      state.applied.truncated != position.id) {
    return CorruptionError(absl::StrCat(
        "the records are those of the state at ",
        state.applied.applied.id.index.value(), "/",
        state.applied.applied.id.term.value(), " with the chain ",
        state.applied.applied.chain.value, ", truncated at ",
        state.applied.truncated.index.value(), ", and not those at ",
        position.id.index.value(), "/", position.id.term.value(),
        " with the chain ", position.chain.value));
  }
  return state;
}

}  // namespace trimaran::engine
