#include "tests/support/engine_model/model_state_machine.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "tests/support/engine_model/model_read_view.h"
#include "tests/support/engine_model/model_transfer.h"

namespace trimaran::engine {

ModelStateMachine::ModelStateMachine(ModelStateDisk& disk, uint64_t generation)
    : disk_(disk), generation_(generation) {
  const SharedModelState found = disk.Find(generation);
  TRIMARAN_CHECK(found != nullptr) << "no generation " << generation;
  state_ = std::make_shared<ModelState>(*found);
  disk.KeepOnly(generation);
}

absl::Status ModelStateMachine::Fail(absl::Status error) {
  failure_ = error;
  return error;
}

// Views and checkpoints keep the state that they have seen.
ModelState& ModelStateMachine::Change() {
  if (state_.use_count() > 1) state_ = std::make_shared<ModelState>(*state_);
  return *state_;
}

absl::Status ModelStateMachine::CheckEntries(
    absl::Span<const CommittedEntry> entries) const {
  EntryId before = state_->progress.applied.id;
  for (const CommittedEntry& committed : entries) {
    const EntryId id = committed.entry.id();
    if (id.index != before.index + 1 || id.term < before.term ||
        id.term == Term()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "entry ", id.index.value(), "/", id.term.value(), " after ",
          before.index.value(), "/", before.term.value()));
    }
    if (committed.entry.type == EntryType::kConfChange && !committed.conf) {
      return absl::FailedPreconditionError(
          absl::StrCat("no configuration with entry ", id.index.value()));
    }
    before = id;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<EntryResult>> ModelStateMachine::Apply(
    absl::Span<const CommittedEntry> entries) {
  TRIMARAN_RETURN_IF_ERROR(failure_);
  TRIMARAN_RETURN_IF_ERROR(CheckEntries(entries));
  if (absl::Status error = disk_.TakeApplyFailure(); !error.ok()) {
    return Fail(std::move(error));
  }
  entries = entries.first(std::min(entries.size(), apply_max_));
  std::vector<std::vector<Command>> decoded;
  for (const CommittedEntry& committed : entries) {
    decoded.emplace_back();
    const LogEntry& entry = committed.entry;
    if (entry.type != EntryType::kNormal || entry.payload.empty()) continue;
    auto commands = DecodeEntry(entry.payload.bytes());
    if (!commands.ok()) return Fail(commands.status());
    decoded.back() = *std::move(commands);
  }
  ModelState& state = Change();
  std::vector<EntryResult> results;
  for (size_t i = 0; i < entries.size(); ++i) {
    const LogEntry& entry = entries[i].entry;
    EntryResult result{entry.index, {}};
    for (const Command& command : decoded[i]) {
      if (const auto* audit = std::get_if<AuditCommand>(&command.body)) {
        result.audits.push_back(*audit);
      }
      result.commands.push_back(ApplyCommand(command, entry.id(), state));
    }
    if (entry.type == EntryType::kConfChange) {
      ApplyConfiguration(*entries[i].conf, state);
    }
    LogPosition& applied = state.progress.applied;
    applied = {entry.id(), ExtendChain(applied.chain, entry)};
    results.push_back(std::move(result));
    if (!results.back().audits.empty()) break;
  }
  return results;
}

std::vector<Family> ModelStateMachine::families() const {
  std::vector<Family> families;
  for (const auto& [name, id] : state_->families)
    families.push_back({id, name});
  return families;
}

absl::StatusOr<bool> ModelStateMachine::Get(FamilyId family,
                                            std::string_view key,
                                            std::string& value) const {
  TRIMARAN_RETURN_IF_ERROR(failure_);
  return GetRow(*state_, family, key, value);
}

absl::StatusOr<std::unique_ptr<ReadView>> ModelStateMachine::NewView() const {
  TRIMARAN_RETURN_IF_ERROR(failure_);
  return std::make_unique<ModelReadView>(state_);
}

absl::Status ModelStateMachine::BeginCheckpoint() {
  TRIMARAN_RETURN_IF_ERROR(failure_);
  disk_.BeginCheckpoint(generation_, state_);
  if (absl::Status error = disk_.TakeCheckpointFailure(); !error.ok()) {
    return Fail(std::move(error));
  }
  return absl::OkStatus();
}

absl::StatusOr<AppliedState> ModelStateMachine::FinishCheckpoint() {
  TRIMARAN_RETURN_IF_ERROR(failure_);
  disk_.FinishCheckpoint();
  return durable();
}

absl::StatusOr<StorageStatistics> ModelStateMachine::ReadStatistics() const {
  TRIMARAN_RETURN_IF_ERROR(failure_);
  return StorageStatistics();
}

absl::StatusOr<AppliedState> ModelStateMachine::Checkpoint() {
  TRIMARAN_RETURN_IF_ERROR(BeginCheckpoint());
  return FinishCheckpoint();
}

AppliedState ModelStateMachine::durable() const {
  return disk_.Find(generation_)->progress;
}

absl::StatusOr<bool> ModelStateMachine::CollectGarbage(size_t /*rows_max*/) {
  TRIMARAN_RETURN_IF_ERROR(failure_);
  return false;
}

absl::StatusOr<std::unique_ptr<StateExport>> ModelStateMachine::NewExport() {
  TRIMARAN_RETURN_IF_ERROR(Checkpoint().status());
  return std::make_unique<ModelExport>(disk_.group(), *disk_.Find(generation_));
}

absl::StatusOr<std::unique_ptr<StateImport>> ModelStateMachine::NewImport() {
  TRIMARAN_RETURN_IF_ERROR(failure_);
  return std::make_unique<ModelImport>(disk_);
}

absl::Status ModelStateMachine::SwitchTo(uint64_t generation) {
  TRIMARAN_RETURN_IF_ERROR(failure_);
  const SharedModelState imported = disk_.Find(generation);
  if (generation <= generation_ || imported == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("no finished import of generation ", generation));
  }
  generation_ = generation;
  state_ = std::make_shared<ModelState>(*imported);
  disk_.KeepOnly(generation);
  return absl::OkStatus();
}

}  // namespace trimaran::engine
