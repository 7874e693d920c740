#ifndef TRIMARAN_TESTS_CRASH_ENGINE_SCENARIO_H_
#define TRIMARAN_TESTS_CRASH_ENGINE_SCENARIO_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/engine.h"
#include "tests/crash/engine_script.h"
#include "tests/crash/scenario.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"
#include "tests/support/disk/sim_wiredtiger.h"
#include "tests/support/manual_clock.h"

namespace trimaran::crash {

// A data directory on a simulated disk.
//
// Thread: owner.
class EngineUnderTest {
 public:
  EngineUnderTest(disk::SimDisk& disk, const EngineScript& script);

  absl::Status Found();
  absl::Status Open();
  // Opens it anew if it is open.
  absl::Status Close();

  engine::Engine& engine() { return *engine_; }
  bool is_open() const { return engine_ != nullptr; }

  absl::Status Do(const EngineStep& step);
  // What is agreed on, from the log, up to `index`.
  absl::Status ApplyTo(LogIndex index);
  // Of the present state.
  absl::StatusOr<engine::StateDigest> Digest();
  // Whole ones are whole, parts can be gone on with, and what was promised is
  // there.
  absl::Status CheckSnapshots(const PromisedSnapshots& promised);

 private:
  engine::EngineOptions Options();
  absl::Status WriteSnapshot(LogIndex index);
  absl::Status Receive(const SentSnapshot& snapshot);
  absl::Status Install(const SentSnapshot& snapshot);
  absl::Status CleanSnapshots();

  const EngineScript& script_;
  const disk::WiredTigerMount mount_;
  disk::SimFileSystem files_;
  ManualClock clock_;
  const std::string home_;
  std::unique_ptr<engine::Engine> engine_;
};

// Log, state machine, snapshots and what keeps them together.
class EngineScenario final : public Scenario {
 public:
  EngineScenario(std::string name, uint64_t seed, size_t step_count)
      : name_(std::move(name)), script_(seed, step_count) {}

  std::string_view name() const override { return name_; }
  absl::Status Run(disk::SimDisk& disk) override;
  absl::StatusOr<std::string> Verify(disk::SimDisk& disk,
                                     const Progress& progress) override;
  absl::Status Resume(disk::SimDisk& disk, const Progress& progress) override;

  const EngineScript& script() const { return script_; }

 private:
  absl::Status Open(EngineUnderTest& home, const Progress& progress) const;
  // The step that the log stands at, after a look at the state.
  absl::StatusOr<uint64_t> FindAndCheck(EngineUnderTest& home,
                                        const Progress& progress) const;
  // `base`: where the log began.
  absl::Status CheckDigest(EngineUnderTest& home, EntryId base) const;

  const std::string name_;
  const EngineScript script_;
};

}  // namespace trimaran::crash

#endif  // TRIMARAN_TESTS_CRASH_ENGINE_SCENARIO_H_
