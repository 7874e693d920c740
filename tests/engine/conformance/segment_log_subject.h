#ifndef TRIMARAN_TESTS_ENGINE_CONFORMANCE_SEGMENT_LOG_SUBJECT_H_
#define TRIMARAN_TESTS_ENGINE_CONFORMANCE_SEGMENT_LOG_SUBJECT_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "engine/log/segment_log.h"
#include "tests/engine/conformance/log_comparison.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"
#include "tests/support/manual_clock.h"

namespace trimaran::engine {

// The log in segment files, on a simulated disk that forgets what was not
// synced in every way that a disk can.
//
// Thread: owner.
class SegmentLogSubject final : public LogSubject {
 public:
  SegmentLogSubject();

  absl::StatusOr<std::unique_ptr<LogStore>> Open() override;
  void Crash(std::unique_ptr<LogStore> log, Random& random) override;
  void CutPowerAfter(uint64_t operation_count) override;
  bool power_is_cut() const override;

 private:
  SegmentLogOptions Options();

  ManualClock clock_;
  std::unique_ptr<disk::SimDisk> disk_;
  std::unique_ptr<disk::SimFileSystem> files_;
  bool created_ = false;
  // Of operation_count().
  uint64_t power_end_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_ENGINE_CONFORMANCE_SEGMENT_LOG_SUBJECT_H_
