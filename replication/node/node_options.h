#ifndef TRIMARAN_REPLICATION_NODE_NODE_OPTIONS_H_
#define TRIMARAN_REPLICATION_NODE_NODE_OPTIONS_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/logging.h"
#include "engine/base/random.h"
#include "engine/maintenance/policy.h"
#include "engine/store.h"
#include "replication/node/lane.h"
#include "replication/node/snapshot_options.h"
#include "replication/raft/config.h"
#include "replication/transport/transport.h"

namespace trimaran {

struct NodeOptions {
  // The unit of the core's time-outs.
  absl::Duration tick = absl::Milliseconds(50);
  // Of the core; `group` and `id` are the store's, and forwarding inside the
  // core is off.
  raft::Config core;
  // A write that reaches a follower is passed on to the leader.
  bool forward_writes = true;
  // Writes that wait to be taken up; more have to wait outside.
  size_t queue_bytes_max = size_t{64} << 20;
  // Messages that wait to be looked at, and their bytes; more are dropped, as
  // by a network.
  size_t inbox_messages_max = 4096;
  size_t inbox_bytes_max = size_t{64} << 20;
  // Of the changes of late that are kept in memory for those who follow them
  // (change_feed.h).
  size_t change_bytes_max = size_t{16} << 20;

  // When to compact the log, to take a checkpoint, to refuse writes.
  engine::MaintenanceOptions maintenance;
  // How often the free space is looked at.
  absl::Duration space_interval = absl::Seconds(1);
  // A leader whose log has not come to the end of a write for so many election
  // timeouts, on a lane of its own or because the write could not begin, hands
  // leadership over; in the second case only if the others are a majority. At
  // least 1.
  int write_stall_timeouts = 2;

  SnapshotOptions snapshots;

  absl::Duration election_timeout() const {
    return tick * core.election_timeout_ticks;
  }
  absl::Duration write_stall() const {
    return election_timeout() * write_stall_timeouts;
  }
};

// Unavailable: of a node that ends in order.
absl::Status StoppingError();

// InvalidArgument names the option, its value and the limit.
absl::Status ValidateNodeOptions(const NodeOptions& options);

// What a node stands on. All of it outlives the node.
struct NodeEnvironment {
  engine::Store* store = nullptr;
  Lanes lanes;
  // Null for a replica that has no peers.
  Transport* transport = nullptr;
  const Clock* clock = nullptr;
  Random* random = nullptr;
  Logger logger;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_NODE_OPTIONS_H_
