#ifndef TRIMARAN_REPLICATION_RAFT_OUTBOX_H_
#define TRIMARAN_REPLICATION_RAFT_OUTBOX_H_

#include <vector>

#include "engine/base/log_types.h"
#include "replication/raft/messages.h"
#include "replication/raft/ready.h"

namespace trimaran::raft {

// What has been decided since the last Ready.
struct Outbox {
  std::vector<Message> messages;
  std::vector<Message> messages_after_persist;
  std::vector<FetchRequest> fetches;
  std::vector<SnapshotRequest> snapshot_requests;
  std::vector<ReadResult> read_results;
  std::vector<ReadId> lost_reads;

  bool empty() const {
    return messages.empty() && messages_after_persist.empty() &&
           fetches.empty() && snapshot_requests.empty() &&
           read_results.empty() && lost_reads.empty();
  }
};

// The fetch for the state machine that is under way, and what it brought.
struct ApplyFetch {
  // It has failed, and is made again at the next tick.
  static constexpr FetchId kFailed{UINT64_MAX};

  FetchId id;
  std::vector<LogEntry> entries;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_OUTBOX_H_
