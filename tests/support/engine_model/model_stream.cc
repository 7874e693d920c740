#include "tests/support/engine_model/model_stream.h"

#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/keys.h"
#include "engine/format/records.h"
#include "engine/format/row_value.h"

namespace trimaran::engine {
namespace {

// Puts the records of a stream together.
class Decoder {
 public:
  explicit Decoder(GroupId group) : group_(group) {
    state_.families.clear();
    state_.rows.clear();
  }

  absl::Status Add(std::string_view key, std::string_view value) {
    value_ = value;
    TRIMARAN_ASSIGN_OR_RETURN(const Key decoded, DecodeKey(key));
    return std::visit(*this, decoded);
  }

  absl::Status operator()(ApplyStateKey key) {
    TRIMARAN_RETURN_IF_ERROR(CheckGroup(key.group));
    TRIMARAN_ASSIGN_OR_RETURN(const ApplyStateRecord record,
                              DecodeApplyState(value_));
    state_.progress = record.state;
    state_.last_session = record.last_session;
    state_.last_family = record.last_family;
    has_progress_ = true;
    return absl::OkStatus();
  }

  absl::Status operator()(RegionStateKey key) {
    TRIMARAN_RETURN_IF_ERROR(CheckGroup(key.group));
    TRIMARAN_ASSIGN_OR_RETURN(RegionRecord record, DecodeRegion(value_));
    TRIMARAN_RETURN_IF_ERROR(CheckGroup(record.group));
    if (record.phase != RegionPhase::kNormal) {
      return CorruptionError("not the region of a member");
    }
    state_.region = std::move(record.region);
    has_region_ = true;
    return absl::OkStatus();
  }

  absl::Status operator()(SessionKey key) {
    TRIMARAN_RETURN_IF_ERROR(CheckGroup(key.group));
    TRIMARAN_ASSIGN_OR_RETURN(SessionRecord record, DecodeSession(value_));
    if (record.id != key.session) return CorruptionError("another session");
    ModelSession& session = state_.sessions[key.session];
    session.used = record.last_used;
    session.first_unanswered = record.first_unanswered;
    session.answers = std::move(record.answers);
    for (auto& answer : session.answers) answer.second.repeated = true;
    CountKept(session);
    return absl::OkStatus();
  }

  absl::Status operator()(FamilyKey key) {
    TRIMARAN_RETURN_IF_ERROR(CheckGroup(key.group));
    TRIMARAN_ASSIGN_OR_RETURN(const FamilyRecord record, DecodeFamily(value_));
    if (record.id != key.family) return CorruptionError("another family");
    if (!state_.families.emplace(record.name, record.id).second) {
      return CorruptionError("two families of one name");
    }
    named_.insert(record.id);
    state_.rows[record.id];
    return absl::OkStatus();
  }

  absl::Status operator()(const RowKey& key) {
    TRIMARAN_RETURN_IF_ERROR(CheckGroup(key.group));
    RowValue row;
    if (!DecodeRowValue(value_, row)) return CorruptionError("no row");
    state_.rows[key.family][std::string(key.user_key)] = {
        std::string(row.value), row.version};
    return absl::OkStatus();
  }

  // What is one store's own.
  template <typename LocalKey>
  absl::Status operator()(const LocalKey& key) {
    return CorruptionError(absl::StrCat("not for others: ", DebugString(key)));
  }

  absl::StatusOr<ModelState> Finish() && {
    if (!has_progress_ || !has_region_) {
      return CorruptionError("a state without its position or members");
    }
    for (const auto& rows : state_.rows) {
      if (!named_.contains(rows.first)) {
        return CorruptionError(
            absl::StrCat("rows of no family: ", rows.first.value()));
      }
      if (rows.first > state_.last_family) {
        return CorruptionError("a family that was not made yet");
      }
    }
    if (!named_.contains(kDefaultFamily)) {
      return CorruptionError("no default family");
    }
    if (!state_.sessions.empty() &&
        state_.sessions.rbegin()->first > state_.last_session) {
      return CorruptionError("a session that was not opened yet");
    }
    return std::move(state_);
  }

 private:
  absl::Status CheckGroup(GroupId group) const {
    if (group == group_) return absl::OkStatus();
    return CorruptionError(absl::StrCat("of group ", group.value()));
  }

  const GroupId group_;
  std::string_view value_;
  ModelState state_;
  bool has_progress_ = false;
  bool has_region_ = false;
  std::set<FamilyId> named_;
};

}  // namespace

StateStream EncodeState(GroupId group, const ModelState& state) {
  StateStream stream;
  stream[KeyOf(ApplyStateKey{group})] = EncodeRecord(
      ApplyStateRecord{state.progress, state.last_session, state.last_family});
  stream[KeyOf(RegionStateKey{group})] =
      EncodeRecord(RegionRecord{RegionPhase::kNormal, group, state.region});
  for (const auto& [id, session] : state.sessions) {
    SessionRecord record{id, session.used, session.first_unanswered,
                         session.answers};
    for (auto& answer : record.answers) answer.second.repeated = false;
    stream[KeyOf(SessionKey{group, id})] = EncodeRecord(record);
  }
  for (const auto& [name, id] : state.families) {
    stream[KeyOf(FamilyKey{group, id})] = EncodeRecord(FamilyRecord{id, name});
  }
  for (const auto& [family, rows] : state.rows) {
    for (const auto& [key, row] : rows) {
      EncodeRowValue({row.version, row.value},
                     stream[KeyOf(RowKey{group, family, key})]);
    }
  }
  return stream;
}

absl::Status CheckRecord(GroupId group, std::string_view key,
                         std::string_view value) {
  const absl::Status status = Decoder(group).Add(key, value);
  if (status.ok()) return status;
  return absl::InvalidArgumentError(status.message());
}

absl::StatusOr<ModelState> DecodeState(GroupId group,
                                       const StateStream& stream) {
  Decoder decoder(group);
  for (const auto& [key, value] : stream) {
    TRIMARAN_RETURN_IF_ERROR(decoder.Add(key, value));
  }
  return std::move(decoder).Finish();
}

}  // namespace trimaran::engine
