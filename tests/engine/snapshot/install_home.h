#ifndef TRIMARAN_TESTS_ENGINE_SNAPSHOT_INSTALL_HOME_H_
#define TRIMARAN_TESTS_ENGINE_SNAPSHOT_INSTALL_HOME_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engine/log/segment_log.h"
#include "engine/snapshot/installer.h"
#include "tests/engine/snapshot/test_state.h"
#include "tests/support/disk/disk_image.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"
#include "tests/support/engine_model/model_state_disk.h"
#include "tests/support/engine_model/model_state_machine.h"
#include "tests/support/manual_clock.h"

namespace trimaran::engine {

// The story of the tests: an old leader was cut off. It has applied what all
// had in common, and holds a long tail that nobody else ever saw. Meanwhile the
// group went on in a later term, and now sends a snapshot.
inline constexpr LogIndex kCommon{3};
inline constexpr LogIndex kTailEnd{40};
inline constexpr EntryId kSnapshotAt{LogIndex(20), Term(2)};
inline constexpr char kReceivedPath[] = "/store/snap/in-20-2-0000000000000abc";

// Entry `index` of the group's log, as its leader of `term` made it: a put of
// the key "key<index>".
LogEntry PutEntry(LogIndex index, Term term);
// Entries [first, end).
std::vector<LogEntry> PutEntries(LogIndex first, LogIndex end, Term term);
absl::Status ApplyAll(StateMachine& machine,
                      const std::vector<LogEntry>& entries);

// The state of the old leader, and of the group at the snapshot.
ModelState OldState();
ModelState NewState();

// What both are made of, as records.
RecordMap RecordsOf(const ModelState& state);

// The data directory of the old leader: its log and its snapshots on one disk,
// its state machine on another.
//
// Thread: owner.
class InstallHome {
 public:
  // As the story begins, with the received snapshot on the disk.
  InstallHome();
  // After a crash: what is left of the disk, and of the states.
  InstallHome(disk::DiskImage image, std::unique_ptr<ModelStateDisk> states);

  // Opens the log, and the generation that it names.
  absl::Status Open();

  InstallTarget target();
  absl::StatusOr<std::unique_ptr<Installer>> StartInstall();
  // Takes steps until the stage is reached, or an error.
  static absl::Status StepTo(Installer& installer, InstallStage stage);

  disk::SimDisk& disk() { return disk_; }
  disk::SimFileSystem& files() { return files_; }
  SegmentLog& log() { return *log_; }
  ModelStateMachine& machine() { return *machine_; }
  RecordMap records() const { return RecordsOf(machine_->state()); }

  // The machine stops; its states are handed on.
  std::unique_ptr<ModelStateDisk> TakeStates();

 private:
  SegmentLogOptions log_options();

  disk::SimDisk disk_;
  disk::SimFileSystem files_{disk_};
  ManualClock clock_;
  std::unique_ptr<ModelStateDisk> states_;
  std::unique_ptr<SegmentLog> log_;
  std::unique_ptr<ModelStateMachine> machine_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_ENGINE_SNAPSHOT_INSTALL_HOME_H_
