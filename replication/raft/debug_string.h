#ifndef TRIMARAN_REPLICATION_RAFT_DEBUG_STRING_H_
#define TRIMARAN_REPLICATION_RAFT_DEBUG_STRING_H_

#include <ostream>
#include <string>

#include "engine/base/log_types.h"
#include "replication/raft/messages.h"
#include "replication/raft/ready.h"
#include "replication/raft/status.h"

// The notation of scenario scripts, traces and dumps. Positions are written
// index/term; payloads are quoted, with what does not print escaped, and cut
// off when they are long.

namespace trimaran::raft {

// 4/2 Normal "x"
std::string DebugString(const LogEntry& entry);
// 1->2 MsgApp Term:2 Prev:3/1 Commit:3 Entries:[4/2 Normal "x"]
std::string DebugString(const Message& message);
// Index:5/2 voters=(1 2 3)
std::string DebugString(const SnapshotMeta& snapshot);
// Term:2 Vote:1 Commit:4
std::string DebugString(const HardState& hard_state);
// Several lines, one thing each, in the order of the fields; "empty" if there
// is nothing to do.
std::string DebugString(const Ready& ready);
// 1: Leader Term:2 Vote:1 Leader:1 ...
std::string DebugString(const RaftStatus& status);
// 2: Replicate match=4 next=5 inflight=1
std::string DebugString(const PeerStatus& peer);

// For test failures and logs.
std::ostream& operator<<(std::ostream& out, const Message& message);

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_DEBUG_STRING_H_
