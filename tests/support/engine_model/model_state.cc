#include "tests/support/engine_model/model_state.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "engine/format/limits.h"

namespace trimaran::engine {
namespace {

absl::Status NoFamily(FamilyId family) {
  return absl::NotFoundError(absl::StrCat("no family ", family.value()));
}

// A batch under way: what it has changed can be taken back.
class Batch {
 public:
  Batch(LogIndex index, ModelState& state, CommandResult& result)
      : index_(index), state_(state), result_(result) {}

  absl::Status operator()(const PutOp& op) {
    TRIMARAN_RETURN_IF_ERROR(Exists(op.family));
    Remember(op.family, op.key);
    RowsOf(op.family)[std::string(op.key)] = {std::string(op.value), index_};
    return absl::OkStatus();
  }

  absl::Status operator()(const DeleteOp& op) {
    TRIMARAN_RETURN_IF_ERROR(Exists(op.family));
    Remember(op.family, op.key);
    result_.value += RowsOf(op.family).erase(std::string(op.key));
    return absl::OkStatus();
  }

  absl::Status operator()(const DeleteRangeOp& op) {
    TRIMARAN_RETURN_IF_ERROR(Exists(op.family));
    const std::vector<std::string> keys = KeysOf(op);
    for (const std::string& key : keys) {
      Remember(op.family, key);
      RowsOf(op.family).erase(key);
    }
    result_.value += keys.size();
    return absl::OkStatus();
  }

  absl::Status operator()(const GetOp& op) {
    TRIMARAN_RETURN_IF_ERROR(Exists(op.family));
    const auto row = RowsOf(op.family).find(op.key);
    std::optional<std::string> answer;
    if (row != RowsOf(op.family).end()) answer = row->second.value;
    result_.reads.push_back(std::move(answer));
    return absl::OkStatus();
  }

  absl::Status Holds(const Compare& compare, bool& holds) {
    TRIMARAN_RETURN_IF_ERROR(Exists(compare.family));
    const ModelRows& rows = RowsOf(compare.family);
    const auto row = rows.find(compare.key);
    const bool present = row != rows.end();
    switch (compare.kind) {
      case CompareKind::kExists:
        holds = present;
        break;
      case CompareKind::kAbsent:
        holds = !present;
        break;
      case CompareKind::kValueEquals:
        holds = present && row->second.value == compare.value;
        break;
      case CompareKind::kVersionEquals:
        holds = (present ? row->second.version : LogIndex()) == compare.version;
        break;
    }
    return absl::OkStatus();
  }

  // Before the first operation.
  absl::Status CheckRanges(const std::vector<Operation>& operations) {
    size_t count = 0;
    for (const Operation& operation : operations) {
      const auto* range = std::get_if<DeleteRangeOp>(&operation);
      if (range == nullptr) continue;
      TRIMARAN_RETURN_IF_ERROR(Exists(range->family));
      count += KeysOf(*range).size();
    }
    if (count > kDeleteRangeRowsMax) {
      return absl::ResourceExhaustedError(
          absl::StrCat("ranges of ", count, " rows"));
    }
    return absl::OkStatus();
  }

  void TakeBack() {
    for (auto old = undo_.rbegin(); old != undo_.rend(); ++old) {
      ModelRows& rows = RowsOf(old->family);
      if (old->row) {
        rows[old->key] = *old->row;
      } else {
        rows.erase(old->key);
      }
    }
  }

 private:
  struct Old {
    FamilyId family;
    std::string key;
    std::optional<ModelRow> row;
  };

  absl::Status Exists(FamilyId family) const {
    if (!state_.rows.contains(family)) return NoFamily(family);
    return absl::OkStatus();
  }

  std::vector<std::string> KeysOf(const DeleteRangeOp& range) {
    const ModelRows& rows = RowsOf(range.family);
    std::vector<std::string> keys;
    for (auto row = rows.lower_bound(range.begin); row != rows.end(); ++row) {
      if (!range.end.empty() && row->first >= range.end) break;
      keys.push_back(row->first);
    }
    return keys;
  }

  ModelRows& RowsOf(FamilyId family) { return state_.rows.at(family); }

  void Remember(FamilyId family, std::string_view key) {
    Old old{family, std::string(key), {}};
    const auto row = RowsOf(family).find(key);
    if (row != RowsOf(family).end()) old.row = row->second;
    undo_.push_back(std::move(old));
  }

  const LogIndex index_;
  ModelState& state_;
  CommandResult& result_;
  std::vector<Old> undo_;
};

// Does one command without a stamp. What it returns is the status of `result`,
// of which the rest does not count after an error.
class Execution {
 public:
  Execution(EntryId entry, ModelState& state, CommandResult& result)
      : entry_(entry), state_(state), result_(result) {}

  absl::Status operator()(const WriteCommand& command) {
    Batch batch(entry_.index, state_, result_);
    for (const Compare& compare : command.compares) {
      bool holds = false;
      TRIMARAN_RETURN_IF_ERROR(batch.Holds(compare, holds));
      if (!holds) result_.succeeded = false;
    }
    const std::vector<Operation>& operations =
        result_.succeeded ? command.operations : command.otherwise;
    TRIMARAN_RETURN_IF_ERROR(batch.CheckRanges(operations));
    for (const Operation& operation : operations) {
      if (absl::Status status = std::visit(batch, operation); !status.ok()) {
        batch.TakeBack();
        return status;
      }
    }
    return absl::OkStatus();
  }

  absl::Status operator()(const OpenSessionCommand&) {
    if (state_.sessions.size() >= kSessionsMax) {
      state_.sessions.erase(
          std::min_element(state_.sessions.begin(), state_.sessions.end(),
                           [](const auto& a, const auto& b) {
                             return std::pair(a.second.used, a.first) <
                                    std::pair(b.second.used, b.first);
                           }));
    }
    state_.last_session = SessionId(state_.last_session.value() + 1);
    state_.sessions[state_.last_session].used = entry_.index;
    result_.value = state_.last_session.value();
    return absl::OkStatus();
  }

  absl::Status operator()(const CloseSessionCommand& command) {
    state_.sessions.erase(command.session);
    return absl::OkStatus();
  }

  absl::Status operator()(const CreateFamilyCommand& command) {
    if (state_.families.contains(command.name)) {
      return absl::AlreadyExistsError(
          absl::StrCat("family ", ToAbsl(command.name)));
    }
    if (state_.families.size() >= kFamiliesMax) {
      return absl::ResourceExhaustedError(
          absl::StrCat("there are ", kFamiliesMax, " families"));
    }
    state_.last_family = FamilyId(state_.last_family.value() + 1);
    state_.families.emplace(command.name, state_.last_family);
    state_.rows[state_.last_family];
    result_.value = state_.last_family.value();
    return absl::OkStatus();
  }

  absl::Status operator()(const DropFamilyCommand& command) {
    const auto family = state_.families.find(command.name);
    if (family == state_.families.end()) {
      return absl::NotFoundError(absl::StrCat("family ", ToAbsl(command.name)));
    }
    if (family->second == kDefaultFamily) {
      return absl::InvalidArgumentError("the default family stays");
    }
    state_.rows.erase(family->second);
    state_.families.erase(family);
    return absl::OkStatus();
  }

  absl::Status operator()(const CompactLogCommand& command) {
    EntryId& truncated = state_.progress.truncated;
    if (command.index <= truncated.index) return absl::OkStatus();
    if (command.index > entry_.index || command.term < truncated.term ||
        command.term > entry_.term ||
        (command.index == entry_.index && command.term != entry_.term)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "compaction to ", command.index.value(), "/", command.term.value(),
          " at ", entry_.index.value(), "/", entry_.term.value()));
    }
    truncated = {command.index, command.term};
    return absl::OkStatus();
  }

  absl::Status operator()(const SetMemberCommand& command) {
    MemberRecord record{StoreId(command.store_id), std::string(command.name),
                        std::string(command.address)};
    const auto known = state_.region.members.find(command.replica);
    if (known != state_.region.members.end()) {
      const MemberRecord& former = known->second;
      const StoreId bound = former.store;
      const bool binds = record.store != StoreId();
      if (!binds) record.store = bound;
      if (binds || record.name.empty()) record.name = former.name;
      if (binds || record.address.empty()) record.address = former.address;
      if (bound != StoreId() && record.store != bound) {
        return absl::AlreadyExistsError(
            absl::StrCat("replica ", command.replica.value(), " is bound to ",
                         bound.value()));
      }
    } else if (absl::Status added = BeforeAdding(command.replica, record.store);
               !added.ok()) {
      return added;
    }
    state_.region.members[command.replica] = std::move(record);
    return absl::OkStatus();
  }

  absl::Status operator()(const AuditCommand&) { return absl::OkStatus(); }

 private:
  absl::Status BeforeAdding(ReplicaId replica, StoreId store) {
    const ConfState& conf = state_.region.conf;
    auto& members = state_.region.members;
    if (store != StoreId() && !conf.Contains(replica)) {
      return absl::NotFoundError("no such member");
    }
    if (members.size() < kMembersMax) return absl::OkStatus();
    for (const bool bound : {false, true}) {
      for (const auto& [id, record] : members) {
        if (conf.Contains(id) || (record.store != StoreId()) != bound) continue;
        members.erase(id);
        return absl::OkStatus();
      }
    }
    return absl::ResourceExhaustedError(
        absl::StrCat("there are ", kMembersMax, " members"));
  }

  const EntryId entry_;
  ModelState& state_;
  CommandResult& result_;
};

size_t ReadBytes(const CommandResult& result) {
  size_t bytes = result.reads.size() * kReadOverheadBytes;
  for (const auto& read : result.reads) bytes += read ? read->size() : 0;
  return bytes;
}

void DropReads(CommandResult& result) {
  result.reads.clear();
  result.reads_dropped = true;
}

void HandOutReads(EntryId entry, CommandResult& result, ModelState& state) {
  if (entry.index != state.reading_entry) state.read_bytes = 0;
  state.reading_entry = entry.index;
  const size_t bytes = ReadBytes(result);
  if (bytes > kSessionReadBytesMax &&
      state.read_bytes + bytes > kReadBytesMax) {
    DropReads(result);
  } else {
    state.read_bytes += bytes;
  }
}

CommandResult Execute(const CommandBody& body, EntryId entry,
                      ModelState& state) {
  CommandResult result;
  const absl::Status status = std::visit(Execution(entry, state, result), body);
  if (!status.ok()) {
    result = {};
    result.status = status;
  }
  HandOutReads(entry, result, state);
  result.index = entry.index;
  return result;
}

CommandResult Refuse(absl::Status status, EntryId entry) {
  CommandResult result;
  result.status = std::move(status);
  result.index = entry.index;
  return result;
}

// What a session remembers of an answer.
CommandResult Kept(CommandResult result) {
  if (ReadBytes(result) > kSessionReadBytesMax) DropReads(result);
  result.status = absl::Status(result.status.code(), "");
  result.repeated = true;
  return result;
}

size_t KeptSize(const CommandResult& kept) {
  size_t bytes = kKeptAnswerBytes;
  for (const auto& read : kept.reads) {
    bytes += kKeptReadBytes + (read ? read->size() : 0);
  }
  return bytes;
}

// Other sessions than `spared` go until the rest do not keep too much.
void MakeRoom(SessionId spared, ModelState& state) {
  auto& sessions = state.sessions;
  size_t bytes = 0;
  for (const auto& session : sessions) bytes += session.second.kept_bytes;
  while (bytes > kKeptBytesMax) {
    auto oldest = sessions.end();
    for (auto it = sessions.begin(); it != sessions.end(); ++it) {
      if (it->first != spared &&
          (oldest == sessions.end() || it->second.used < oldest->second.used)) {
        oldest = it;
      }
    }
    bytes -= oldest->second.kept_bytes;
    sessions.erase(oldest);
  }
}

}  // namespace

void CountKept(ModelSession& session) {
  session.kept_bytes = 0;
  for (const auto& [sequence, answer] : session.answers) {
    session.kept_bytes += KeptSize(answer);
  }
}

CommandResult ApplyCommand(const Command& command, EntryId entry,
                           ModelState& state) {
  if (!command.stamp) return Execute(command.body, entry, state);
  const SessionStamp stamp = *command.stamp;
  const auto known = state.sessions.find(stamp.session);
  if (known == state.sessions.end()) {
    return Refuse(absl::FailedPreconditionError(
                      absl::StrCat("no session ", stamp.session.value())),
                  entry);
  }
  ModelSession& session = known->second;
  session.used = entry.index;
  session.first_unanswered =
      std::max(session.first_unanswered, stamp.first_unanswered);
  const auto first_kept = session.answers.lower_bound(session.first_unanswered);
  if (first_kept != session.answers.begin()) {
    session.answers.erase(session.answers.begin(), first_kept);
    CountKept(session);
  }
  if (stamp.sequence < session.first_unanswered) {
    return Refuse(absl::FailedPreconditionError(absl::StrCat(
                      "sequence ", stamp.sequence, " is forgotten")),
                  entry);
  }
  const auto answer = session.answers.find(stamp.sequence);
  if (answer != session.answers.end()) return answer->second;
  if (session.answers.size() >= kSessionAnswersMax) {
    return Refuse(absl::ResourceExhaustedError(absl::StrCat(
                      "session of ", session.answers.size(), " answers")),
                  entry);
  }
  // No such command closes or evicts a session, so that this one stays.
  CommandResult result = Execute(command.body, entry, state);
  CommandResult& kept = session.answers[stamp.sequence];
  kept = Kept(result);
  session.kept_bytes += KeptSize(kept);
  MakeRoom(stamp.session, state);
  return result;
}

void ApplyConfiguration(const ConfState& conf, ModelState& state) {
  RegionState& region = state.region;
  const auto leaves = [&](ReplicaId id) {
    return region.conf.Contains(id) && !conf.Contains(id);
  };
  for (auto& [id, record] : region.members) {
    if (leaves(id)) record = {record.store, "", ""};
  }
  std::erase_if(region.members, [&](const auto& member) {
    return leaves(member.first) && member.second.store == StoreId();
  });
  region.conf = conf;
  ++region.epoch.conf_version;
}

}  // namespace trimaran::engine
