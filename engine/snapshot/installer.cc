#include "engine/snapshot/installer.h"

#include <array>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "engine/snapshot/snapshot_paths.h"

namespace trimaran::engine {

struct Installer::Row {
  InstallStage stage;
  InstallLane lane;
  absl::StatusOr<InstallStage> (Installer::*step)();
};

const Installer::Row& Installer::RowOf(InstallStage stage) {
  using Stage = InstallStage;
  using Lane = InstallLane;
  static constexpr std::array<Row, 6> rows{{
      {Stage::kVerified, Lane::kMaintenance, &Installer::BeginImport},
      {Stage::kImporting, Lane::kMaintenance, &Installer::Import},
      {Stage::kImported, Lane::kLog, &Installer::Switch},
      {Stage::kSwitched, Lane::kApply, &Installer::Activate},
      {Stage::kActive, Lane::kMaintenance, &Installer::Clean},
      {Stage::kCleaned, Lane::kMaintenance, &Installer::Rest},
  }};
  const Row& row = rows.at(static_cast<size_t>(stage));
  TRIMARAN_CHECK(row.stage == stage);
  return row;
}

std::string_view InstallStageName(InstallStage stage) {
  switch (stage) {
    case InstallStage::kVerified:
      return "verified";
    case InstallStage::kImporting:
      return "importing";
    case InstallStage::kImported:
      return "imported";
    case InstallStage::kSwitched:
      return "switched";
    case InstallStage::kActive:
      return "active";
    case InstallStage::kCleaned:
      return "cleaned";
  }
  return "unknown";
}

HardState HardStateAfterInstall(const HardState& current, EntryId position) {
  HardState next = current;
  if (position.term > next.term) {
    next.term = position.term;
    next.vote = kNoReplica;
  }
  if (next.commit < position.index) next.commit = position.index;
  return next;
}

absl::StatusOr<std::unique_ptr<Installer>> Installer::Start(
    FileSystem& files, std::string_view snapshot_directory,
    const InstallTarget& target) {
  TRIMARAN_CHECK(target.machine != nullptr);
  TRIMARAN_CHECK(target.log != nullptr);
  TRIMARAN_RETURN_IF_ERROR(target.machine->failure());
  TRIMARAN_RETURN_IF_ERROR(target.log->failure());
  TRIMARAN_ASSIGN_OR_RETURN(std::unique_ptr<SnapshotReader> reader,
                            SnapshotReader::Open(files, snapshot_directory));
  // Not make_unique: the constructor is private.
  std::unique_ptr<Installer> installer(
      new Installer(files, std::move(reader), target));
  TRIMARAN_RETURN_IF_ERROR(installer->CheckIdentity());
  TRIMARAN_RETURN_IF_ERROR(installer->CheckPosition());
  return installer;
}

Installer::Installer(FileSystem& files, std::unique_ptr<SnapshotReader> reader,
                     const InstallTarget& target)
    : files_(files), reader_(std::move(reader)), target_(target) {}

absl::Status Installer::CheckIdentity() const {
  if (manifest().cluster != target_.cluster) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the snapshot in ", reader_->directory(), " is of cluster ",
        manifest().cluster.ToString(), ", and this store of cluster ",
        target_.cluster.ToString()));
  }
  if (manifest().group != target_.group) {
    return absl::FailedPreconditionError(
        absl::StrCat("the snapshot in ", reader_->directory(), " is of group ",
                     manifest().group.value(), ", and this replica of group ",
                     target_.group.value()));
  }
  return absl::OkStatus();
}

absl::Status Installer::CheckPosition() const {
  const LogIndex index = manifest().position.id.index;
  const LogIndex applied = target_.machine->applied().applied.id.index;
  if (index <= applied) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the snapshot in ", reader_->directory(), " is of index ",
        index.value(), ", and ", applied.value(), " is applied already"));
  }
  const LogIndex commit = target_.log->state().hard_state.commit;
  if (index < commit) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the snapshot in ", reader_->directory(), " is of index ",
        index.value(), ", and would replace committed entries up to ",
        commit.value()));
  }
  return absl::OkStatus();
}

InstallLane Installer::lane() const { return RowOf(stage_).lane; }

void Installer::UseHardState(const HardState& hard_state) {
  TRIMARAN_CHECK(!switch_begun_) << "the hard state comes after the switch";
  hard_state_ = hard_state;
}

absl::StatusOr<InstallStage> Installer::Step() {
  if (!failure_.ok()) return failure_;
  can_repeat_ = stage_ == InstallStage::kActive;
  const absl::StatusOr<InstallStage> next = (this->*RowOf(stage_).step)();
  if (next.ok()) {
    stage_ = *next;
  } else if (!can_repeat_) {
    failure_ = next.status();
  }
  return next;
}

absl::Status Installer::Cancel() {
  if (switch_begun_) {
    return absl::FailedPreconditionError(
        absl::StrCat("the snapshot at ", manifest().position.id.index.value(),
                     " has been switched to, and cannot be given up"));
  }
  loader_.reset();
  if (import_ != nullptr) import_->GiveUp();
  import_.reset();
  failure_ = absl::CancelledError("the installation was given up");
  return absl::OkStatus();
}

// ---- The stages ----

absl::StatusOr<InstallStage> Installer::BeginImport() {
  TRIMARAN_ASSIGN_OR_RETURN(import_, target_.machine->NewImport());
  loader_.emplace(*reader_, *import_);
  return InstallStage::kImporting;
}

// A disk that the import has filled to the last byte would fail the state
// machine for good, and could not even be opened again.
absl::Status Installer::CheckRoom() {
  // The pages above those of the rows are written last, and are far fewer.
  uint64_t bytes = loader_->bytes_left() + manifest().chunk_bytes() / 16;
  const uint32_t next = loader_->chunks_loaded();
  // Twice: that rows leave half of their pages empty is known only afterwards.
  if (next < reader_->chunk_count()) bytes += manifest().chunks[next].bytes;
  return import_->CheckRoom(bytes, target_.free_bytes_min);
}

absl::StatusOr<InstallStage> Installer::Import() {
  const absl::Status room = CheckRoom();
  const absl::StatusOr<bool> more = room.ok() ? loader_->Step() : room;
  if (!more.ok()) {
    loader_.reset();
    import_.reset();
    return more.status();
  }
  return *more ? InstallStage::kImporting : InstallStage::kImported;
}

absl::StatusOr<InstallStage> Installer::Switch() {
  TRIMARAN_RETURN_IF_ERROR(CheckPosition());
  const LogPosition& position = manifest().position;
  const HardState current = target_.log->state().hard_state;
  const HardState next =
      hard_state_.value_or(HardStateAfterInstall(current, position.id));
  if (next.term < current.term || next.term < position.id.term ||
      next.commit < position.id.index) {
    return absl::FailedPreconditionError(
        absl::StrCat("a hard state of term ", next.term.value(), " and commit ",
                     next.commit.value(), " is too old for a log of term ",
                     current.term.value(), " and a snapshot at ",
                     position.id.index.value(), "/", position.id.term.value()));
  }
  const absl::Status reset =
      target_.log->Reset({position, next, import_->generation()});
  // A log that has not failed has done nothing.
  can_repeat_ = target_.log->failure().ok();
  switch_begun_ = reset.ok() || !can_repeat_;
  TRIMARAN_RETURN_IF_ERROR(reset);
  return InstallStage::kSwitched;
}

absl::StatusOr<InstallStage> Installer::Activate() {
  TRIMARAN_RETURN_IF_ERROR(target_.machine->SwitchTo(import_->generation()));
  loader_.reset();
  import_.reset();
  return InstallStage::kActive;
}

absl::StatusOr<InstallStage> Installer::Clean() {
  TRIMARAN_RETURN_IF_ERROR(RemoveSnapshot(files_, reader_->directory()));
  return InstallStage::kCleaned;
}

absl::StatusOr<InstallStage> Installer::Rest() {
  return InstallStage::kCleaned;
}

}  // namespace trimaran::engine
