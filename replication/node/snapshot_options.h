#ifndef TRIMARAN_REPLICATION_NODE_SNAPSHOT_OPTIONS_H_
#define TRIMARAN_REPLICATION_NODE_SNAPSHOT_OPTIONS_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/snapshot/rate_limiter.h"
#include "engine/snapshot/snapshot_store.h"

namespace trimaran {

// How snapshots are made, moved and dropped.
struct SnapshotOptions {
  // What one message carries, unless a single row is larger.
  size_t chunk_bytes_target = size_t{1} << 20;
  // How quickly one is written; pauses are whole ticks. 0 is no limit.
  engine::RateLimit write_rate;
  // A snapshot that is larger is not taken.
  uint64_t bytes_max = uint64_t{1} << 40;
  // What must stay free where one is written, received or installed.
  uint64_t free_bytes_min = uint64_t{64} << 20;

  // What the receiver has asked for and not stored yet: what is in memory on
  // either side. At least one chunk, whatever its size.
  uint32_t window_chunks = 8;
  uint64_t window_bytes = uint64_t{16} << 20;

  // After so long without news an offer is made again, and a chunk is asked
  // for again. In time and not in ticks: how long a disk or a network takes
  // has nothing to do with how often the leader is heard.
  absl::Duration ask_again_after = absl::Milliseconds(500);
  // After so long without progress either side gives up. What has arrived stays
  // and need not be sent again. As long a new leader keeps the log behind what
  // it may have been sending before.
  absl::Duration give_up_after = absl::Seconds(10);
  // How long the leader keeps its log for a living receiver that is busy with
  // what it has got, or has got all of a snapshot and does not go on with the
  // log yet: for as long as reading or importing the largest state may take.
  // Beyond it another snapshot may be needed.
  absl::Duration install_time_max = absl::Hours(1);

  engine::GarbagePolicy garbage;
  absl::Duration garbage_interval = absl::Minutes(1);
  // What found no room, to be written or to be installed, or was refused by
  // its receiver, is not tried again before this has passed.
  absl::Duration retry_after = absl::Seconds(2);
};

// InvalidArgument names the option, its value and the limit.
absl::Status ValidateSnapshotOptions(const SnapshotOptions& options);

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_SNAPSHOT_OPTIONS_H_
