#include "engine/kv/command_executor.h"

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/format/limits.h"

namespace trimaran::engine {

absl::StatusOr<CommandResult> CommandExecutor::Execute(const Command& command,
                                                       EntryId place,
                                                       RowTransaction& rows) {
  if (!command.stamp.has_value()) return ExecuteBody(command, place, rows);
  std::optional<CommandResult> answer =
      state_.sessions.Admit(*command.stamp, place.index);
  if (answer.has_value()) return *std::move(answer);
  absl::StatusOr<CommandResult> result = ExecuteBody(command, place, rows);
  if (result.ok()) state_.sessions.Keep(*command.stamp, *result);
  return result;
}

absl::StatusOr<CommandResult> CommandExecutor::ExecuteBody(
    const Command& command, EntryId place, RowTransaction& rows) {
  if (const auto* const write = std::get_if<WriteCommand>(&command.body)) {
    return writes_.Execute(*write, place.index, *state_.families, rows);
  }
  CommandResult result;
  result.index = place.index;
  std::visit(
      [&](const auto& body) {
        using Body = std::decay_t<decltype(body)>;
        if constexpr (!std::is_same_v<Body, WriteCommand>) {
          Do(body, place, result);
        }
      },
      command.body);
  return result;
}

void CommandExecutor::Do(const OpenSessionCommand&, EntryId place,
                         CommandResult& result) {
  result.value = state_.sessions.Open(place.index).value();
}

void CommandExecutor::Do(const CloseSessionCommand& command, EntryId,
                         CommandResult&) {
  state_.sessions.Close(command.session);
}

void CommandExecutor::Do(const CreateFamilyCommand& command, EntryId,
                         CommandResult& result) {
  const FamilyCatalog& families = *state_.families;
  if (families.Find(command.name).has_value()) {
    result.status = absl::AlreadyExistsError(absl::StrCat(
        "there is a column family ", ToAbsl(command.name), " already"));
    return;
  }
  if (families.size() >= kFamiliesMax) {
    result.status = absl::ResourceExhaustedError(absl::StrCat(
        "there are ", kFamiliesMax, " column families, the most there can be"));
    return;
  }
  const FamilyId id(state_.last_family.value() + 1);
  state_.families = std::make_shared<const FamilyCatalog>(
      families.With({id, std::string(command.name)}));
  state_.last_family = id;
  state_.families_changed.push_back(id);
  result.value = id.value();
}

void CommandExecutor::Do(const DropFamilyCommand& command, EntryId,
                         CommandResult& result) {
  const std::optional<FamilyId> id = state_.families->Find(command.name);
  if (!id.has_value()) {
    result.status = absl::NotFoundError(
        absl::StrCat("there is no column family ", ToAbsl(command.name)));
    return;
  }
  if (*id == kDefaultFamily) {
    result.status = absl::InvalidArgumentError(
        absl::StrCat("the column family ", ToAbsl(kDefaultFamilyName),
                     " cannot be dropped"));
    return;
  }
  state_.families =
      std::make_shared<const FamilyCatalog>(state_.families->Without(*id));
  state_.families_changed.push_back(*id);
  state_.garbage.push_back({*id, std::string(command.name)});
}

void CommandExecutor::Do(const CompactLogCommand& command, EntryId place,
                         CommandResult& result) {
  EntryId& truncated = state_.applied.truncated;
  if (command.index > place.index) {
    result.status = absl::InvalidArgumentError(
        absl::StrCat("cannot compact the log to ", command.index.value(),
                     ", which is beyond the command at ", place.index.value()));
    return;
  }
  if (command.index <= truncated.index) return;
  const bool possible =
      command.index == place.index
          ? command.term == place.term
          : command.term >= truncated.term && command.term <= place.term;
  if (!possible) {
    result.status = absl::InvalidArgumentError(
        absl::StrCat("entry ", command.index.value(), " cannot be of term ",
                     command.term.value(), " between term ",
                     truncated.term.value(), " and term ", place.term.value()));
    return;
  }
  truncated = {command.index, command.term};
}

// A new record: of a replica that is to become a member, or of a member.
absl::Status CommandExecutor::MakeRoomFor(ReplicaId replica, StoreId store) {
  RegionState& region = state_.region;
  if (store != StoreId() && !region.conf.Contains(replica)) {
    return absl::NotFoundError(
        absl::StrCat("replica ", replica.value(), " is no member"));
  }
  if (region.members.size() < kMembersMax) return absl::OkStatus();
  auto former = region.members.end();
  for (auto at = region.members.begin(); at != region.members.end(); ++at) {
    if (region.conf.Contains(at->first)) continue;
    if (former == region.members.end()) former = at;
    // Of nobody who was ever heard of there is the least to lose.
    if (at->second.store != StoreId()) continue;
    former = at;
    break;
  }
  if (former == region.members.end()) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "there are ", kMembersMax, " members, the most there can be"));
  }
  region.members.erase(former);
  return absl::OkStatus();
}

void CommandExecutor::Do(const SetMemberCommand& command, EntryId,
                         CommandResult& result) {
  auto& members = state_.region.members;
  const StoreId store(command.store_id);
  const auto place = members.find(command.replica);
  if (place == members.end()) {
    result.status = MakeRoomFor(command.replica, store);
    if (!result.status.ok()) return;
  }
  const StoreId bound =
      place == members.end() ? StoreId() : place->second.store;
  if (bound != StoreId() && store != StoreId() && bound != store) {
    result.status = absl::AlreadyExistsError(
        absl::StrCat("replica ", command.replica.value(), " is bound to store ",
                     bound.value(), " and cannot be bound to ", store.value()));
    return;
  }
  const bool only_binds = store != StoreId() && place != members.end();
  MemberRecord& member = members[command.replica];
  member.store = store == StoreId() ? bound : store;
  if (!only_binds && !command.name.empty()) member.name = command.name;
  if (!only_binds && !command.address.empty()) member.address = command.address;
  state_.region_changed = true;
}

}  // namespace trimaran::engine
