#ifndef TRIMARAN_TESTS_CRASH_STORE_UNDER_TEST_H_
#define TRIMARAN_TESTS_CRASH_STORE_UNDER_TEST_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/engine.h"
#include "engine/snapshot/installer.h"
#include "tests/crash/engine_history.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"
#include "tests/support/disk/sim_wiredtiger.h"
#include "tests/support/manual_clock.h"

namespace trimaran::crash {

// Of the disk.
inline constexpr std::string_view kStoreDirectory = "home";
inline constexpr std::string_view kBackupDirectory = "backup";

// A data directory on a simulated disk that holds a beginning of a history:
// what is appended is committed.
//
// Thread: owner.
class StoreUnderTest {
 public:
  // Both outlive this.
  StoreUnderTest(disk::SimDisk& disk, const EngineHistory& history);

  absl::Status Found();
  absl::Status Open();
  absl::Status Close();
  bool is_open() const { return engine_ != nullptr; }
  engine::Engine& engine() { return *engine_; }
  engine::FileSystem& files() { return files_; }
  std::string PathOf(std::string_view name) const;
  void Wait(absl::Duration duration) { clock_.Advance(duration); }
  LogIndex last() const { return engine_->log().state().last.id.index; }

  // Appends the history up to `index`, in one batch, durably.
  absl::Status AppendTo(LogIndex index);
  // Applies what the log holds, up to `index`. A Violation if the log holds
  // something that is not of the history.
  absl::Status ApplyTo(LogIndex index);
  absl::Status Recycle();
  // Of the present state.
  absl::Status WriteSnapshot();
  absl::Status WriteBackup();
  // From a peer.
  absl::Status Receive(const SentSnapshot& snapshot);
  absl::Status Install(const SentSnapshot& snapshot);
  // What Install does, for whoever takes the steps himself.
  absl::StatusOr<std::unique_ptr<engine::Installer>> StartInstall(
      const SentSnapshot& snapshot);
  // Makes a store of another cluster from the backup, and compares its state
  // with that of the history at `index`.
  absl::Status RestoreBackup(LogIndex index);

  // A Violation if anything that can be read is not what the history says it
  // is: entries, the applied state, every row. Reads all of it, also by way of
  // the tree that is in use.
  absl::Status CheckAgainstHistory();
  // Goes on for a while: appends, applies, takes a checkpoint, gives back
  // space, closes, and opens again.
  absl::Status GoOn();

 private:
  engine::EngineOptions Options(std::string_view name);
  absl::Status CheckLog();
  absl::Status CheckDigest(engine::Engine& engine) const;
  absl::Status CheckRows();

  const EngineHistory& history_;
  const std::string root_;
  const disk::WiredTigerMount mount_;
  disk::SimFileSystem files_;
  ManualClock clock_;
  std::unique_ptr<engine::Engine> engine_;
};

}  // namespace trimaran::crash

#endif  // TRIMARAN_TESTS_CRASH_STORE_UNDER_TEST_H_
