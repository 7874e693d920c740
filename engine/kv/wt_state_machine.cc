#include "engine/kv/wt_state_machine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/records.h"
#include "engine/kv/row_errors.h"
#include "engine/kv/state_room.h"
#include "engine/kv/state_rows.h"
#include "engine/kv/wt_read_view.h"
#include "engine/kv/wt_state_export.h"
#include "engine/kv/wt_state_import.h"
#include "engine/wt/checkpoint_lane.h"
#include "engine/wt/statistics.h"
#include "engine/wt/wt_status.h"

namespace trimaran::engine {

WtStateMachine::WtStateMachine(const WtStateMachineOptions& options,
                               std::unique_ptr<wt::Connection> connection,
                               const ReplicatedState& state,
                               const SharedGeneration& generation)
    : options_(options),
      connection_(std::move(connection)),
      published_(state, generation),
      last_generation_(generation->number) {}

WtStateMachine::~WtStateMachine() {
  if (writer_ != nullptr) (void)Close();
}

absl::Status WtStateMachine::Close() {
  TRIMARAN_CHECK(writer_ != nullptr) << "closed already";
  writer_.reset();
  points_.reset();
  views_.reset();
  maintenance_.reset();
  return connection_->Close();
}

absl::Status WtStateMachine::Judge(const absl::Status& status) {
  return IsCorruption(status) ? connection_->Poison(status) : status;
}

absl::StatusOr<StorageStatistics> WtStateMachine::ReadStatistics() const {
  const MutexLock lock(statistics_mutex_);
  TRIMARAN_ASSIGN_OR_RETURN(const wt::Statistics read,
                            connection_->ReadStatistics());
  StorageStatistics result;
  result.cache_bytes_max = read.cache_bytes_max;
  result.cache_bytes_used = read.cache_bytes_used;
  result.cache_bytes_dirty = read.cache_bytes_dirty;
  result.lookaside_inserts = read.lookaside_inserts;
  result.last_checkpoint = read.last_checkpoint;
  result.pinned_transactions = read.pinned_transactions;
  return result;
}

// ---- The thread that applies ----

absl::StatusOr<std::vector<EntryResult>> WtStateMachine::Apply(
    absl::Span<const CommittedEntry> entries) {
  return writer_->Apply(entries);
}

absl::StatusOr<bool> WtStateMachine::CollectGarbage(size_t rows_max) {
  return writer_->CollectGarbage(rows_max);
}

absl::Status WtStateMachine::SwitchTo(uint64_t generation) {
  TRIMARAN_RETURN_IF_ERROR(failure());
  FinishedImport finished;
  {
    const MutexLock lock(imports_mutex_);
    const auto place = imports_.find(generation);
    const bool is_newer = generation > published_.generation()->number;
    if (place == imports_.end() || !is_newer) {
      return absl::FailedPreconditionError(absl::StrCat(
          "there is no finished import of generation ", generation));
    }
    const LogIndex applied = place->second.state.applied.applied.id.index;
    const LogIndex present = published_.applied().applied.id.index;
    if (applied < present) {
      return absl::FailedPreconditionError(
          absl::StrCat("generation ", generation, " is at ", applied.value(),
                       ", and the present state at ", present.value()));
    }
    finished = std::move(place->second);
    imports_.erase(place);
  }
  const SharedGeneration old = published_.generation();
  const absl::Status switched = writer_->Switch(std::move(finished.state),
                                                std::move(finished.generation));
  // The log has switched already, and this state can neither follow nor go on.
  if (!switched.ok()) return connection_->Poison(switched);
  leftovers_.AddGeneration(old);
  return absl::OkStatus();
}

// ---- Readers ----

std::vector<Family> WtStateMachine::families() const {
  return published_.read_basis().families->SortedByName();
}

absl::StatusOr<bool> WtStateMachine::Get(FamilyId family, std::string_view key,
                                         std::string& value) const {
  TRIMARAN_RETURN_IF_ERROR(CheckUserKey(key));
  return points_->Get(family, key, value);
}

absl::StatusOr<std::unique_ptr<ReadView>> WtStateMachine::NewView() const {
  return WtReadView::Open(
      {options_.group, options_.view_age_max, options_.clock}, published_,
      *views_);
}

// ---- The maintenance lane ----

absl::StatusOr<AppliedState> WtStateMachine::Checkpoint() {
  TRIMARAN_RETURN_IF_ERROR(failure());
  // Dropping tables takes some room as well, and gives back more.
  TRIMARAN_RETURN_IF_ERROR(CheckStateRoom(
      *options_.files,
      {.what = "a checkpoint", .directory = connection_->home()}));
  TRIMARAN_RETURN_IF_ERROR(DropUnusedTables());
  TRIMARAN_RETURN_IF_ERROR(CheckCheckpointRoom("a checkpoint"));
  // Of one moment: a switch between the two would make the old table look as if
  // its checkpoint had lost what the new one holds.
  const PresentState before = published_.present();
  TRIMARAN_RETURN_IF_ERROR(TakeCheckpoint());
  TRIMARAN_ASSIGN_OR_RETURN(const AppliedState durable,
                            ReadDurable(*before.generation));
  TRIMARAN_RETURN_IF_ERROR(NoteDurable(durable, before));
  return durable;
}

absl::Status WtStateMachine::DropUnusedTables() {
  if (!leftovers_.HasTables()) return absl::OkStatus();
  points_->ReleaseOldGenerations();
  absl::Status result;
  for (std::string& table : leftovers_.TakeTables()) {
    const absl::Status status = maintenance_->DropTable(table);
    if (status.ok() || absl::IsNotFound(status)) continue;
    leftovers_.AddTable(std::move(table));
    if (!wt::IsBusy(status)) result.Update(status);
  }
  return result;
}

absl::Status WtStateMachine::CheckCheckpointRoom(std::string_view what) {
  TRIMARAN_ASSIGN_OR_RETURN(const wt::Statistics statistics,
                            wt::ReadStatistics(*maintenance_));
  return CheckStateRoom(*options_.files,
                        {.what = what,
                         .directory = connection_->home(),
                         .bytes = statistics.cache_bytes_dirty});
}

absl::Status WtStateMachine::TakeCheckpoint() {
  wt::CheckpointLane& lane = connection_->checkpoints();
  const std::vector<std::string> names = leftovers_.TakeCheckpoints();
  if (names.empty()) return lane.Take();
  const absl::Status status = lane.DropNamed(names);
  if (status.ok()) return status;
  for (const std::string& name : names) leftovers_.AddCheckpoint(name);
  return wt::IsBusy(status) ? lane.Take() : status;
}

absl::StatusOr<AppliedState> WtStateMachine::ReadDurable(
    const Generation& generation) {
  TRIMARAN_ASSIGN_OR_RETURN(wt::Cursor cursor,
                            maintenance_->OpenDurableCursor(generation.table));
  absl::StatusOr<ApplyStateRecord> record =
      LoadApplyState(options_.group, cursor);
  if (!record.ok()) return Judge(record.status());
  return record->state;
}

absl::Status WtStateMachine::NoteDurable(const AppliedState& durable,
                                         const PresentState& before) {
  const AppliedState& least = before.applied;
  if (durable.applied.id.index < least.applied.id.index ||
      durable.truncated.index < least.truncated.index) {
    return connection_->Poison(CorruptionError(absl::StrCat(
        "the checkpoint of ", before.generation->table, " holds the state at ",
        durable.applied.id.index.value(), ", and ",
        least.applied.id.index.value(), " was applied before it")));
  }
  published_.PublishDurable(durable, before.generation->number);
  return absl::OkStatus();
}

// Under a name that nobody needs any more, if there is one, so that exports
// that follow each other do not gather names until the next checkpoint drops
// them.
absl::StatusOr<std::string> WtStateMachine::TakeForExport() {
  wt::CheckpointLane& lane = connection_->checkpoints();
  std::vector<std::string> unused = leftovers_.TakeCheckpoints();
  std::string name;
  absl::Status taken = absl::NotFoundError("there is none");
  if (!unused.empty()) {
    name = std::move(unused.back());
    unused.pop_back();
    taken = lane.TakeNamed(name);
  }
  for (std::string& other : unused) leftovers_.AddCheckpoint(std::move(other));
  if (taken.ok()) return name;
  if (!name.empty()) {
    leftovers_.AddCheckpoint(name);
    if (!wt::IsBusy(taken)) return taken;
  }
  name = absl::StrCat("snap_", ++last_export_);
  TRIMARAN_RETURN_IF_ERROR(lane.TakeNamed(name));
  return name;
}

absl::StatusOr<std::unique_ptr<StateExport>> WtStateMachine::NewExport() {
  TRIMARAN_RETURN_IF_ERROR(failure());
  TRIMARAN_RETURN_IF_ERROR(CheckCheckpointRoom("an export"));
  const PresentState before = published_.present();
  TRIMARAN_ASSIGN_OR_RETURN(const std::string name, TakeForExport());
  absl::StatusOr<std::unique_ptr<WtStateExport>> result = WtStateExport::Open(
      {options_.group, before.generation, name}, *connection_, leftovers_);
  if (!result.ok()) return Judge(result.status());
  TRIMARAN_RETURN_IF_ERROR(NoteDurable((*result)->applied(), before));
  return *std::move(result);
}

absl::StatusOr<std::unique_ptr<StateImport>> WtStateMachine::NewImport() {
  TRIMARAN_RETURN_IF_ERROR(failure());
  // Dropping a table takes some room as well.
  TRIMARAN_RETURN_IF_ERROR(
      CheckStateRoom(*options_.files,
                     {.what = "an import", .directory = connection_->home()}));
  // Those of attempts that found no room, which this one may need: no
  // checkpoint comes between them.
  TRIMARAN_RETURN_IF_ERROR(DropUnusedTables());
  const uint64_t number = ++last_generation_;
  auto generation = std::make_shared<const Generation>(
      Generation{number, GenerationTable(number)});
  return WtStateImport::Open(
      {options_.group,
       {options_.store, number},
       std::move(generation),
       options_.files},
      {[this](const SharedGeneration& finished, ReplicatedState state) {
         const MutexLock lock(imports_mutex_);
         imports_[finished->number] = {finished, std::move(state)};
       },
       [this](uint64_t given_up) {
         const MutexLock lock(imports_mutex_);
         if (imports_.erase(given_up) == 0) return;
         leftovers_.AddTable(GenerationTable(given_up));
       }},
      *connection_, leftovers_);
}

}  // namespace trimaran::engine
