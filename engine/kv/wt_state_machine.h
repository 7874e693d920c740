#ifndef TRIMARAN_ENGINE_KV_WT_STATE_MACHINE_H_
#define TRIMARAN_ENGINE_KV_WT_STATE_MACHINE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/base/logging.h"
#include "engine/base/mutex.h"
#include "engine/base/region.h"
#include "engine/file/file_system.h"
#include "engine/kv/generation.h"
#include "engine/kv/leftovers.h"
#include "engine/kv/point_reader.h"
#include "engine/kv/published_state.h"
#include "engine/kv/replicated_state.h"
#include "engine/kv/state_machine.h"
#include "engine/kv/state_writer.h"
#include "engine/wt/connection.h"
#include "engine/wt/session.h"
#include "engine/wt/session_pool.h"

namespace trimaran::engine {

struct WtStateMachineOptions {
  // An existing directory that is WiredTiger's alone.
  std::string home;
  GroupId group{1};
  // The data directory that the state belongs to. Not 0.
  StoreId store;

  uint64_t cache_bytes = uint64_t{256} << 20;
  // Views open at a time.
  size_t views_max = 64;
  absl::Duration view_age_max = absl::Seconds(10);

  // Both must outlive the state machine. `files` must see what WiredTiger does.
  const Clock* clock = nullptr;
  FileSystem* files = nullptr;
  // As in wt::ConnectionOptions.
  std::string wiredtiger_extensions;
  Logger log;
};

// What a new state begins with: as if the log up to `position` had been applied
// and truncated.
struct InitialState {
  LogPosition position;
  RegionState region;
};

// The state machine in a WiredTiger home, which it owns: one table, and for
// some time after a switch an old one.
//
// Thread: as StateMachine; Close by one thread after all others are done.
class WtStateMachine final : public StateMachine {
 public:
  // Makes a home of the empty directory and a table of the first generation,
  // all of it durable. AlreadyExists if there are tables. After a crash or an
  // error: begin again with an empty directory.
  static absl::StatusOr<std::unique_ptr<WtStateMachine>> Create(
      const WtStateMachineOptions& options, const InitialState& initial);

  // Opens a home whose present table is that of `generation`. Removes what
  // would have WiredTiger go back to an older state (wt::kBackupFile), and
  // nothing else. NotFound: no home. Unavailable: open elsewhere. Corruption:
  // there is no such table, or it is of another store, or a record in it is
  // missing, damaged or contradicts another.
  static absl::StatusOr<std::unique_ptr<WtStateMachine>> Open(
      const WtStateMachineOptions& options, uint64_t generation);

  // Removes what a crash has left besides: named checkpoints, and of other
  // generations the tables and the files that belong to no table, or none of
  // these. To be called once after Open, before anything else, by whoever has
  // made sure that this is the right state: of the others one may be.
  enum class OtherGenerations : uint8_t { kDrop, kKeep };
  absl::Status RemoveLeftovers(OtherGenerations others);

  // As Close.
  ~WtStateMachine() override;
  WtStateMachine(const WtStateMachine&) = delete;
  WtStateMachine& operator=(const WtStateMachine&) = delete;

  // Takes a last checkpoint and closes the home. Views, exports and imports are
  // gone (checked). Nothing may be called afterwards.
  absl::Status Close();

  absl::StatusOr<std::vector<EntryResult>> Apply(
      absl::Span<const CommittedEntry> entries) override;

  AppliedState applied() const override { return published_.applied(); }
  RegionState region() const override { return published_.region(); }
  std::vector<Family> families() const override;

  absl::StatusOr<bool> Get(FamilyId family, std::string_view key,
                           std::string& value) const override;
  absl::StatusOr<std::unique_ptr<ReadView>> NewView() const override;

  absl::Status failure() const override { return connection_->Health(); }

  absl::StatusOr<StorageStatistics> ReadStatistics() const override;

  // Also drops the tables and named checkpoints that nobody reads any more.
  absl::StatusOr<AppliedState> Checkpoint() override;
  AppliedState durable() const override { return published_.durable(); }

  absl::StatusOr<bool> CollectGarbage(size_t rows_max) override;

  absl::StatusOr<std::unique_ptr<StateExport>> NewExport() override;
  absl::StatusOr<std::unique_ptr<StateImport>> NewImport() override;

  uint64_t generation() const override {
    return published_.generation()->number;
  }
  absl::Status SwitchTo(uint64_t generation) override;

 private:
  struct FinishedImport {
    SharedGeneration generation;
    ReplicatedState state;
  };

  WtStateMachine(const WtStateMachineOptions& options,
                 std::unique_ptr<wt::Connection> connection,
                 const ReplicatedState& state,
                 const SharedGeneration& generation);

  static absl::StatusOr<std::unique_ptr<WtStateMachine>> Assemble(
      const WtStateMachineOptions& options,
      std::unique_ptr<wt::Connection> connection, ReplicatedState state,
      SharedGeneration generation);

  // ResourceExhausted unless the disk has room for a checkpoint.
  absl::Status CheckCheckpointRoom(std::string_view what);
  absl::Status DropUnusedTables();
  absl::StatusOr<std::string> TakeForExport();
  absl::Status TakeCheckpoint();
  // What a crash would leave of `generation`.
  absl::StatusOr<AppliedState> ReadDurable(const Generation& generation);
  // Of a checkpoint that has just been taken: it must hold what was applied
  // before.
  absl::Status NoteDurable(const AppliedState& durable,
                           const PresentState& before);
  // Poisons the connection if `status` is Corruption.
  absl::Status Judge(const absl::Status& status);

  const WtStateMachineOptions options_;
  const std::unique_ptr<wt::Connection> connection_;
  PublishedState published_;
  Leftovers leftovers_;
  // Of the thread that applies.
  std::unique_ptr<StateWriter> writer_;
  // Of readers.
  std::unique_ptr<PointReader> points_;
  std::unique_ptr<wt::SessionPool> views_;
  // Held by whoever reads the statistics: each one more would take one more
  // session.
  mutable Mutex statistics_mutex_;
  // Of the maintenance lane.
  std::unique_ptr<wt::Session> maintenance_;
  uint64_t last_generation_ = 0;
  uint64_t last_export_ = 0;

  // Between the maintenance lane and the thread that applies.
  Mutex imports_mutex_;
  std::map<uint64_t, FinishedImport> imports_ ABSL_GUARDED_BY(imports_mutex_);
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_WT_STATE_MACHINE_H_
