#include "engine/maintenance/state_checker.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/format/limits.h"
#include "engine/format/row_value.h"

namespace trimaran::engine {

void StateChecker::Damage(std::string_view what) {
  result_.Damage(DebugString(present_), what);
}

void StateChecker::Fail(const absl::Status& error) {
  result_.Fail(DebugString(present_), error);
}

LogIndex StateChecker::applied() const {
  // Without an apply state, which is a finding of its own, nothing is too new.
  return apply_state_.has_value() ? apply_state_->state.applied.id.index
                                  : kMaxLogIndex;
}

void StateChecker::CheckGroup(GroupId group) {
  if (group == source_.group) return;
  Damage(absl::StrCat("is of group ", group.value(), ", and the store of ",
                      source_.group.value()));
}

void StateChecker::Add(std::string_view key, std::string_view value) {
  result_.CountExamined(1);
  const absl::StatusOr<Key> decoded = DecodeKey(key);
  if (!decoded.ok()) {
    result_.Fail("a key", decoded.status());
    return;
  }
  present_ = *decoded;
  if (any_ && key <= last_key_) Damage("stands behind a larger key");
  any_ = true;
  last_key_ = key;
  if (source_.kind == StateSource::Kind::kReplicated &&
      IsStoreLocal(*decoded)) {
    Damage("belongs to one store alone, and is no part of the state");
    return;
  }
  std::visit([&](const auto& typed) { Check(typed, value); }, *decoded);
}

void StateChecker::Check(LocalIdentKey, std::string_view value) {
  ident_seen_ = true;
  const absl::StatusOr<LocalIdentRecord> ident = DecodeLocalIdent(value);
  if (!ident.ok()) return Fail(ident.status());
  const absl::Status format = CheckTableFormat(*ident);
  if (!format.ok()) return Fail(format);
  if (ident->store != source_.store) {
    Damage(absl::StrCat("is of store ", absl::Hex(ident->store.value()),
                        ", and the directory of ",
                        absl::Hex(source_.store.value())));
  }
  if (ident->generation != source_.generation) {
    Damage(absl::StrCat("is of generation ", ident->generation,
                        ", and the table of ", source_.generation));
  }
}

void StateChecker::Check(LogEntryKey, std::string_view) {
  Damage("is a row that no table has");
}

void StateChecker::Check(RaftStateKey, std::string_view) {
  Damage("is a row that no table has");
}

void StateChecker::Check(ApplyStateKey key, std::string_view value) {
  CheckGroup(key.group);
  const absl::StatusOr<ApplyStateRecord> record = DecodeApplyState(value);
  if (!record.ok()) return Fail(record.status());
  apply_state_ = *record;
}

void StateChecker::Check(RegionStateKey key, std::string_view value) {
  CheckGroup(key.group);
  absl::StatusOr<RegionRecord> record = DecodeRegion(value);
  if (!record.ok()) return Fail(record.status());
  if (record->group != key.group) {
    Damage(absl::StrCat("says that it is of group ", record->group.value()));
  }
  if (record->region.members.size() > kMembersMax) {
    Damage(absl::StrCat("has ", record->region.members.size(),
                        " members, more than ", kMembersMax));
  }
  region_ = *std::move(record);
}

void StateChecker::Check(SessionKey key, std::string_view value) {
  CheckGroup(key.group);
  ++sessions_;
  const absl::StatusOr<SessionRecord> record = DecodeSession(value);
  if (!record.ok()) return Fail(record.status());
  if (record->id != key.session) {
    Damage(absl::StrCat("says that it is session ", record->id.value()));
  }
  if (apply_state_.has_value() && key.session > apply_state_->last_session) {
    Damage(absl::StrCat("has an id that was not given yet; the last one was ",
                        apply_state_->last_session.value()));
  }
  if (record->last_used > applied()) {
    Damage(absl::StrCat("was used by entry ", record->last_used.value(),
                        ", after the applied one, ", applied().value()));
  }
  CheckAnswers(*record);
}

void StateChecker::CheckAnswers(const SessionRecord& session) {
  for (const auto& [sequence, answer] : session.answers) {
    if (answer.index <= session.last_used) continue;
    Damage(absl::StrCat("has an answer of entry ", answer.index.value(),
                        " to command ", sequence, ", and was used last by ",
                        session.last_used.value()));
  }
}

std::optional<FamilyRecord> StateChecker::DecodeFamilyOf(
    FamilyId family, std::string_view value) {
  absl::StatusOr<FamilyRecord> record = DecodeFamily(value);
  if (!record.ok()) {
    Fail(record.status());
    return std::nullopt;
  }
  if (record->id != family) {
    Damage(absl::StrCat("says that it is family ", record->id.value()));
    return std::nullopt;
  }
  if (apply_state_.has_value() && family > apply_state_->last_family) {
    Damage(absl::StrCat("has an id that was not given yet; the last one was ",
                        apply_state_->last_family.value()));
  }
  return *std::move(record);
}

void StateChecker::Check(FamilyKey key, std::string_view value) {
  CheckGroup(key.group);
  const std::optional<FamilyRecord> record = DecodeFamilyOf(key.family, value);
  // Rows of a family with a damaged record are no findings of their own.
  families_[key.family] = record.has_value() ? record->name : "";
  if (record.has_value() && !family_names_.insert(record->name).second) {
    Damage(absl::StrCat("has the name of another family: ", record->name));
  }
}

void StateChecker::Check(GarbageKey key, std::string_view value) {
  CheckGroup(key.group);
  (void)DecodeFamilyOf(key.family, value);
  garbage_.insert(key.family);
  if (families_.contains(key.family)) {
    Damage("is of a family that is not dropped");
  }
}

void StateChecker::Check(const RowKey& key, std::string_view value) {
  ++rows_;
  if (key.family != row_family_) {
    row_family_ = key.family;
    CheckGroup(key.group);
    if (!families_.contains(key.family) && !garbage_.contains(key.family)) {
      Damage("is of a family that never was; more such rows are not listed");
    }
  }
  RowValue row;
  if (!DecodeRowValue(value, row)) {
    Damage("has a value that no row has");
    return;
  }
  if (row.version > applied()) {
    Damage(absl::StrCat("was written by entry ", row.version.value(),
                        ", after the applied one, ", applied().value()));
  }
  if (row.value.size() > kValueBytesMax) {
    Damage(absl::StrCat("has ", row.value.size(), " bytes, more than ",
                        kValueBytesMax));
  }
}

void StateChecker::Finish() {
  const std::string group = absl::StrCat("group ", source_.group.value());
  if (source_.kind == StateSource::Kind::kTable && !ident_seen_) {
    result_.Damage("the table", "does not say which one it is");
  }
  if (!apply_state_.has_value()) result_.Damage(group, "has no apply state");
  if (!region_.has_value()) result_.Damage(group, "has no region state");
  if (!families_.contains(kDefaultFamily)) {
    result_.Damage(group, "has no default family");
  }
  if (families_.size() > kFamiliesMax) {
    result_.Damage(group, absl::StrCat("has ", families_.size(),
                                       " families, more than ", kFamiliesMax));
  }
  if (sessions_ > kSessionsMax) {
    result_.Damage(group, absl::StrCat("has ", sessions_,
                                       " sessions, more than ", kSessionsMax));
  }
}

}  // namespace trimaran::engine
