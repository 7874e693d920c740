#ifndef TRIMARAN_TESTS_SUPPORT_RAFT_PRINTERS_H_
#define TRIMARAN_TESTS_SUPPORT_RAFT_PRINTERS_H_

#include <ostream>

#include "engine/base/conf_state.h"
#include "engine/base/log_types.h"
#include "replication/raft/messages.h"
#include "replication/raft/ready.h"
#include "replication/raft/status.h"

// How GoogleTest shows the core's types. Include this wherever a test compares
// one of them.

namespace trimaran {

void PrintTo(const LogEntry& entry, std::ostream* out);
void PrintTo(const HardState& state, std::ostream* out);
void PrintTo(const ConfState& conf, std::ostream* out);
void PrintTo(const SnapshotMeta& snapshot, std::ostream* out);
void PrintTo(const TermRun& run, std::ostream* out);

namespace raft {

void PrintTo(const Message& message, std::ostream* out);
void PrintTo(const SoftState& state, std::ostream* out);
void PrintTo(const ReadResult& result, std::ostream* out);
void PrintTo(const Ready& ready, std::ostream* out);
void PrintTo(const RaftStatus& status, std::ostream* out);

}  // namespace raft
}  // namespace trimaran

#endif  // TRIMARAN_TESTS_SUPPORT_RAFT_PRINTERS_H_
