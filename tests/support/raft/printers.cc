#include "tests/support/raft/printers.h"

#include "replication/raft/debug_string.h"

namespace trimaran {

void PrintTo(const LogEntry& entry, std::ostream* out) {
  *out << raft::DebugString(entry);
}

void PrintTo(const HardState& state, std::ostream* out) {
  *out << "term " << state.term << " vote " << state.vote << " commit "
       << state.commit;
}

void PrintTo(const ConfState& conf, std::ostream* out) {
  *out << conf.DebugString();
}

void PrintTo(const SnapshotMeta& snapshot, std::ostream* out) {
  *out << snapshot.id << ' ' << snapshot.conf.DebugString();
}

void PrintTo(const TermRun& run, std::ostream* out) {
  *out << "term " << run.term << " from " << run.first;
}

namespace raft {

void PrintTo(const Message& message, std::ostream* out) {
  *out << DebugString(message);
}

void PrintTo(const SoftState& state, std::ostream* out) {
  *out << state.role << " leader " << state.leader;
}

void PrintTo(const ReadResult& result, std::ostream* out) {
  *out << "read " << result.id << " at " << result.index;
}

void PrintTo(const Ready& ready, std::ostream* out) {
  *out << DebugString(ready);
}

void PrintTo(const RaftStatus& status, std::ostream* out) {
  *out << DebugString(status);
}

}  // namespace raft
}  // namespace trimaran
