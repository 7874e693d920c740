#ifndef TRIMARAN_TESTS_CRASH_LOG_SCENARIO_H_
#define TRIMARAN_TESTS_CRASH_LOG_SCENARIO_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/log/segment_log.h"
#include "tests/crash/log_script.h"
#include "tests/crash/scenario.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"
#include "tests/support/manual_clock.h"

namespace trimaran::crash {

inline constexpr std::string_view kScenarioLogDirectory = "log";
inline constexpr std::string_view kScenarioFloor = "FLOOR";

// A segment log on a simulated disk.
//
// Thread: owner.
class LogUnderTest {
 public:
  explicit LogUnderTest(disk::SimDisk& disk);

  absl::Status Create(const engine::LogReset& start);
  absl::Status Open();
  // Makes everything durable first.
  absl::Status Close();

  engine::SegmentLog& log() { return *log_; }
  bool is_open() const { return log_ != nullptr; }
  const engine::RecoveryReport& report() const { return report_; }

  // One step of a script.
  absl::Status Do(const LogStep& step);

 private:
  engine::SegmentLogOptions Options();

  disk::SimFileSystem files_;
  const std::string root_;
  ManualClock clock_;
  std::unique_ptr<engine::SegmentLog> log_;
  engine::RecoveryReport report_;
};

// The raft log alone, in small segments.
class LogScenario final : public Scenario {
 public:
  LogScenario(std::string name, uint64_t seed, size_t step_count)
      : name_(std::move(name)), script_(seed, step_count) {}

  std::string_view name() const override { return name_; }
  absl::Status Run(disk::SimDisk& disk) override;
  absl::StatusOr<std::string> Verify(disk::SimDisk& disk,
                                     const Progress& progress) override;
  absl::Status Resume(disk::SimDisk& disk, const Progress& progress) override;

  const LogScript& script() const { return script_; }

 private:
  absl::Status Open(LogUnderTest& log, const Progress& progress) const;
  absl::StatusOr<uint64_t> Find(const engine::LogStore& log,
                                const Progress& progress) const;

  const std::string name_;
  const LogScript script_;
};

}  // namespace trimaran::crash

#endif  // TRIMARAN_TESTS_CRASH_LOG_SCENARIO_H_
