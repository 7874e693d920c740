#ifndef TRIMARAN_TESTS_ENGINE_LOG_LOG_FIXTURE_H_
#define TRIMARAN_TESTS_ENGINE_LOG_LOG_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/log/segment_log.h"
#include "tests/support/disk/disk_image.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"
#include "tests/support/manual_clock.h"

namespace trimaran::engine {

inline constexpr std::string_view kTestRoot = "/log";
inline constexpr std::string_view kTestDirectory = "/log/log";
inline constexpr std::string_view kTestFloor = "/log/FLOOR";
inline constexpr StoreId kTestStore{0x5eed};
// Small, so that a test fills many.
inline constexpr uint64_t kTestSegmentBytes = 16384;

// `count` entries from `first` on, whose payloads say who they are.
std::vector<LogEntry> MakeEntries(uint64_t first, uint64_t count, uint64_t term,
                                  size_t payload_bytes = 20);
std::string PayloadOf(uint64_t index, uint64_t term, size_t bytes);
// Before the first entry of a group.
LogReset FromTheStart();

// A disk with a log on it, which may crash and be looked at.
//
// Thread: owner, but for what SegmentLog allows.
class LogHome {
 public:
  explicit LogHome(const disk::DiskImage& image = {})
      : LogHome(disk::DiskState(image)) {}
  // After the end of a process: not all that is seen is durable.
  explicit LogHome(disk::DiskState state);

  SegmentLogOptions options();
  absl::Status Create(const LogReset& start = FromTheStart());
  // Replaces the log that is open.
  absl::Status Open();
  // Open, of which the test expects that it works.
  SegmentLog& Reopen();
  void Close() { log_.reset(); }

  SegmentLog& log() { return *log_; }
  const RecoveryReport& report() const { return report_; }
  disk::SimDisk& disk() { return disk_; }
  disk::SimFileSystem& files() { return files_; }
  ManualClock& clock() { return clock_; }
  SegmentLogOptions& base_options() { return base_options_; }

  absl::Status Append(const std::vector<LogEntry>& entries);
  absl::Status AppendState(const HardState& state, bool must_sync);
  // Recycles until there is nothing to do.
  absl::Status Recycle(uint64_t bound);

 private:
  disk::SimDisk disk_;
  disk::SimFileSystem files_;
  ManualClock clock_;
  SegmentLogOptions base_options_;
  std::unique_ptr<SegmentLog> log_;
  RecoveryReport report_;
};

// A home with a new log that is open.
std::unique_ptr<LogHome> NewLogHome();

// Appends until the next segment would begin. Returns the last entry.
uint64_t FillSegment(LogHome& home);
// That a crash of the home's disk, whatever survives it, leaves a log that has
// `promised` entries, or one that was under way.
void ExpectCrashKeeps(LogHome& home, uint64_t promised, uint64_t seed);

// All entries that the log admits to, however many they are.
std::vector<LogEntry> AllEntries(const SegmentLog& log);
std::vector<uint64_t> Indexes(const std::vector<LogEntry>& entries);

// The segment files of an image, by path relative to the root.
std::vector<std::string> SegmentsOf(const disk::DiskImage& image);
// The one that holds the segment of this sequence.
std::string SegmentPath(const disk::DiskImage& image, uint64_t sequence);

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_ENGINE_LOG_LOG_FIXTURE_H_
