#include "engine/kv/state_rows.h"

#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/base/mutant.h"
#include "engine/base/status_macros.h"
#include "engine/format/keys.h"
#include "engine/format/limits.h"
#include "engine/kv/read_view.h"

namespace trimaran::engine {
namespace {

std::string EncodeApplyState(const ReplicatedState& state) {
  ApplyStateRecord record;
  record.state = state.applied;
  record.last_session = state.sessions.last_id();
  record.last_family = state.last_family;
  return EncodeRecord(record);
}

std::string EncodeRegion(GroupId group, const RegionState& region) {
  RegionRecord record;
  record.group = group;
  record.region = region;
  return EncodeRecord(record);
}

absl::Status WriteSession(GroupId group, SessionId id,
                          const SessionTable& sessions, RowTransaction& rows) {
  const std::string key = KeyOf(SessionKey{group, id});
  const SessionRecord* session = sessions.Find(id);
  if (session == nullptr) return rows.Remove(key).status();
  return rows.Put(key, EncodeRecord(*session));
}

absl::Status WriteSessions(GroupId group, const SessionTable& sessions,
                           RowTransaction& rows) {
  for (const SessionId id : sessions.changed()) {
    TRIMARAN_RETURN_IF_ERROR(WriteSession(group, id, sessions, rows));
  }
  return absl::OkStatus();
}

// Null if it is not among them.
const Family* FindFamily(const std::vector<Family>& families, FamilyId id) {
  for (const Family& family : families) {
    if (family.id == id) return &family;
  }
  return nullptr;
}

absl::Status WriteFamily(GroupId group, FamilyId id,
                         const ReplicatedState& state, RowTransaction& rows) {
  const std::string key = KeyOf(FamilyKey{group, id});
  const Family* const family = FindFamily(state.families->by_id(), id);
  if (family != nullptr) {
    return rows.Put(key, EncodeRecord(FamilyRecord{id, family->name}));
  }
  TRIMARAN_RETURN_IF_ERROR(rows.Remove(key).status());
  const Family* const garbage = FindFamily(state.garbage, id);
  if (garbage == nullptr) return absl::OkStatus();
  return rows.Put(KeyOf(GarbageKey{group, id}),
                  EncodeRecord(FamilyRecord{id, garbage->name}));
}

absl::Status WriteFamilies(GroupId group, const ReplicatedState& state,
                           RowTransaction& rows) {
  for (const FamilyId id : state.families_changed) {
    TRIMARAN_RETURN_IF_ERROR(WriteFamily(group, id, state, rows));
  }
  return absl::OkStatus();
}

absl::Status Absent(const Key& key) {
  return CorruptionError(absl::StrCat("the table has no ", DebugString(key)));
}

absl::Status Misplaced(const Key& key, std::string_view what) {
  return CorruptionError(absl::StrCat("the record of ", DebugString(key),
                                      " says that it is of ", ToAbsl(what)));
}

// The value under `key`, as long as the cursor stays.
absl::StatusOr<std::string_view> Find(const Key& key, wt::Cursor& cursor) {
  std::string encoded;
  EncodeKey(key, encoded);
  TRIMARAN_ASSIGN_OR_RETURN(const bool found, cursor.Seek(encoded));
  if (!found) return Absent(key);
  return cursor.value();
}

// Calls `visit` with the key and the value of each row that begins with
// `prefix`.
using Visitor =
    std::function<absl::Status(const Key& key, std::string_view value)>;
absl::Status VisitPrefix(const std::string& prefix, wt::Cursor& cursor,
                         const Visitor& visit) {
  const std::string end = PrefixEnd(prefix);
  TRIMARAN_ASSIGN_OR_RETURN(bool more, cursor.SeekAtOrAfter(prefix));
  while (more && cursor.key() < end) {
    TRIMARAN_ASSIGN_OR_RETURN(const Key key, DecodeKey(cursor.key()));
    TRIMARAN_RETURN_IF_ERROR(visit(key, cursor.value()));
    TRIMARAN_ASSIGN_OR_RETURN(more, cursor.Next());
  }
  return cursor.Reset();
}

absl::Status LoadSessions(GroupId group, SessionId last_id, wt::Cursor& cursor,
                          SessionTable& sessions) {
  TRIMARAN_RETURN_IF_ERROR(VisitPrefix(
      SessionPrefix(group), cursor,
      [&](const Key& key, std::string_view value) -> absl::Status {
        TRIMARAN_ASSIGN_OR_RETURN(SessionRecord session, DecodeSession(value));
        const SessionId id = session.id;
        if (id != std::get<SessionKey>(key).session) {
          return Misplaced(key, absl::StrCat("session ", id.value()));
        }
        if (id > last_id || sessions.size() >= kSessionsMax) {
          return CorruptionError(absl::StrCat(
              DebugString(key), " is one too many: the last id given is ",
              last_id.value(), ", and there are at most ", kSessionsMax));
        }
        sessions.Restore(std::move(session));
        if (sessions.kept_bytes() > kKeptBytesMax) {
          return CorruptionError(absl::StrCat(
              "the sessions up to ", DebugString(key), " keep answers of ",
              sessions.kept_bytes(), " bytes, more than ", kKeptBytesMax));
        }
        return absl::OkStatus();
      }));
  sessions.set_last_id(last_id);
  return absl::OkStatus();
}

absl::StatusOr<Family> DecodeFamilyUnder(const Key& key, FamilyId id,
                                         std::string_view value) {
  TRIMARAN_ASSIGN_OR_RETURN(FamilyRecord record, DecodeFamily(value));
  if (record.id != id) {
    return Misplaced(key, absl::StrCat("family ", record.id.value()));
  }
  return Family{record.id, std::move(record.name)};
}

absl::StatusOr<std::vector<Family>> LoadGarbage(GroupId group,
                                                wt::Cursor& cursor) {
  std::vector<Family> garbage;
  TRIMARAN_RETURN_IF_ERROR(VisitPrefix(
      GarbagePrefix(group), cursor,
      [&](const Key& key, std::string_view value) -> absl::Status {
        TRIMARAN_ASSIGN_OR_RETURN(
            Family family,
            DecodeFamilyUnder(key, std::get<GarbageKey>(key).family, value));
        garbage.push_back(std::move(family));
        return absl::OkStatus();
      }));
  return garbage;
}

}  // namespace

absl::Status WriteChanges(GroupId group, const ReplicatedState& state,
                          RowTransaction& rows) {
  TRIMARAN_RETURN_IF_ERROR(WriteSessions(group, state.sessions, rows));
  TRIMARAN_RETURN_IF_ERROR(WriteFamilies(group, state, rows));
  if (state.region_changed) {
    TRIMARAN_RETURN_IF_ERROR(rows.Put(KeyOf(RegionStateKey{group}),
                                      EncodeRegion(group, state.region)));
  }
  TRIMARAN_CHECK_LE(state.applied.truncated.index,
                    state.applied.applied.id.index);
  return rows.Put(KeyOf(ApplyStateKey{group}), EncodeApplyState(state));
}

void ForgetChanges(ReplicatedState& state) {
  state.sessions.ForgetChanges();
  state.families_changed.clear();
  state.region_changed = false;
}

absl::Status WriteInitialState(GroupId group, const ReplicatedState& state,
                               RowTransaction& rows) {
  TRIMARAN_CHECK_EQ(state.families->size(), 1u);
  TRIMARAN_CHECK_EQ(state.sessions.size(), 0u);
  TRIMARAN_RETURN_IF_ERROR(rows.Put(KeyOf(RegionStateKey{group}),
                                    EncodeRegion(group, state.region)));
  TRIMARAN_RETURN_IF_ERROR(
      rows.Put(KeyOf(FamilyKey{group, kDefaultFamily}),
               EncodeRecord(FamilyRecord{kDefaultFamily,
                                         std::string(kDefaultFamilyName)})));
  return rows.Put(KeyOf(ApplyStateKey{group}), EncodeApplyState(state));
}

absl::StatusOr<ReplicatedState> LoadState(GroupId group, wt::Cursor& cursor) {
  ReplicatedState state;
  TRIMARAN_ASSIGN_OR_RETURN(const ApplyStateRecord record,
                            LoadApplyState(group, cursor));
  state.applied = record.state;
  state.last_family = record.last_family;
  TRIMARAN_ASSIGN_OR_RETURN(state.region, LoadRegion(group, cursor));
  TRIMARAN_ASSIGN_OR_RETURN(FamilyCatalog families,
                            LoadFamilies(group, cursor));
  if (families.by_id().back().id > state.last_family) {
    return CorruptionError(
        absl::StrCat("there is a family ", families.by_id().back().id.value(),
                     " beyond the last id given, ", state.last_family.value()));
  }
  state.families = std::make_shared<const FamilyCatalog>(std::move(families));
  TRIMARAN_ASSIGN_OR_RETURN(state.garbage, LoadGarbage(group, cursor));
  for (const Family& garbage : state.garbage) {
    // The rows would be removed one day.
    if (state.families->Contains(garbage.id) ||
        garbage.id > state.last_family) {
      return CorruptionError(absl::StrCat(
          "family ", garbage.id.value(),
          " is garbage, and exists or was never given; the last id given is ",
          state.last_family.value()));
    }
  }
  if (MutantActive(Mutant::kSessionsLostAtRestart)) return state;
  TRIMARAN_RETURN_IF_ERROR(
      LoadSessions(group, record.last_session, cursor, state.sessions));
  return state;
}

absl::StatusOr<ApplyStateRecord> LoadApplyState(GroupId group,
                                                wt::Cursor& cursor) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::string_view value,
                            Find(ApplyStateKey{group}, cursor));
  TRIMARAN_ASSIGN_OR_RETURN(ApplyStateRecord record, DecodeApplyState(value));
  TRIMARAN_RETURN_IF_ERROR(cursor.Reset());
  return record;
}

absl::StatusOr<RegionState> LoadRegion(GroupId group, wt::Cursor& cursor) {
  const RegionStateKey key{group};
  TRIMARAN_ASSIGN_OR_RETURN(const std::string_view value, Find(key, cursor));
  TRIMARAN_ASSIGN_OR_RETURN(RegionRecord record, DecodeRegion(value));
  TRIMARAN_RETURN_IF_ERROR(cursor.Reset());
  if (record.group != group) {
    return Misplaced(key, absl::StrCat("group ", record.group.value()));
  }
  if (record.phase != RegionPhase::kNormal) {
    return absl::FailedPreconditionError(
        absl::StrCat("the replica was removed from group ", group.value()));
  }
  return std::move(record.region);
}

absl::StatusOr<FamilyCatalog> LoadFamilies(GroupId group, wt::Cursor& cursor) {
  std::vector<Family> families;
  TRIMARAN_RETURN_IF_ERROR(VisitPrefix(
      FamilyKeyPrefix(group), cursor,
      [&](const Key& key, std::string_view value) -> absl::Status {
        TRIMARAN_ASSIGN_OR_RETURN(
            Family family,
            DecodeFamilyUnder(key, std::get<FamilyKey>(key).family, value));
        families.push_back(std::move(family));
        return absl::OkStatus();
      }));
  absl::StatusOr<FamilyCatalog> catalog =
      FamilyCatalog::FromFamilies(std::move(families));
  if (!catalog.ok()) return CorruptionError(ToStd(catalog.status().message()));
  return catalog;
}

std::string EncodeIdent(const TableIdentity& identity) {
  LocalIdentRecord record;
  record.format_version = kTableFormatVersion;
  record.store = identity.store;
  record.generation = identity.generation;
  return EncodeRecord(record);
}

absl::Status CheckIdent(const TableIdentity& identity, wt::Cursor& cursor) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::string_view value,
                            Find(LocalIdentKey{}, cursor));
  TRIMARAN_ASSIGN_OR_RETURN(const LocalIdentRecord record,
                            DecodeLocalIdent(value));
  TRIMARAN_RETURN_IF_ERROR(cursor.Reset());
  TRIMARAN_RETURN_IF_ERROR(CheckTableFormat(record));
  if (record.store != identity.store ||
      record.generation != identity.generation) {
    return CorruptionError(absl::StrCat(
        "the table is generation ", record.generation, " of store ",
        record.store.value(), ", and should be generation ",
        identity.generation, " of store ", identity.store.value()));
  }
  return absl::OkStatus();
}

}  // namespace trimaran::engine
