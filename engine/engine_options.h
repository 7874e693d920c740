#ifndef TRIMARAN_ENGINE_ENGINE_OPTIONS_H_
#define TRIMARAN_ENGINE_ENGINE_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/cluster_id.h"
#include "engine/base/logging.h"
#include "engine/file/file_system.h"

namespace trimaran::engine {

struct EngineOptions {
  // The data directory.
  std::string directory;

  // Refuse a store of another cluster.
  std::optional<ClusterId> expected_cluster;

  // WiredTiger's cache, in bytes: at least 1 MiB. What is read again and again
  // should fit.
  uint64_t cache_bytes = uint64_t{256} << 20;

  // Views open at a time.
  size_t views_max = 64;
  // A view older than this fails, for it pins memory.
  absl::Duration view_age_max = absl::Seconds(10);

  // One file of the raft log. Space is given back in pieces of this size.
  uint64_t log_segment_bytes = uint64_t{16} << 20;

  // Kept on the disk for an open that finds it full (home/disk_reserve.h). 0:
  // none.
  uint64_t reserve_bytes = 0;

  // Both must outlive the engine.
  FileSystem* files = nullptr;
  const Clock* clock = nullptr;
  Logger logger;

  // Added to WiredTiger's configuration, for a file system of a test's own.
  std::string wiredtiger_extensions;
};

// InvalidArgument, naming the option, its value and its limit. Options of a log
// or a state machine are theirs to check.
absl::Status ValidateOptions(const EngineOptions& options);

// What opening found, and what it did about it.
struct OpenReport {
  // The entries that the log holds.
  uint64_t log_entries = 0;
  // Bytes of a record that had not been written completely, and was cut off.
  uint64_t log_bytes_cut = 0;
  // A damaged part of log or floor that could be told from the rest, and was
  // written again.
  bool log_repaired = false;
  // Acknowledged entries are missing (LogState::owed), in words for people;
  // empty if none are.
  std::string log_regression;
  // Entries to apply again, that came after the last checkpoint.
  uint64_t replay_entries = 0;
  // Snapshots that a crash had left unfinished, and that were removed.
  uint64_t leftovers_removed = 0;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_ENGINE_OPTIONS_H_
