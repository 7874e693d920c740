#include "tests/support/sim/replica_clients.h"

#include <algorithm>

namespace trimaran::sim {

void ReplicaClients::WriteProposed(EntryId id, uint8_t key) {
  // A replica that has lost and regained leadership gives places anew.
  while (!writes_.empty() && writes_.back().id.index >= id.index) {
    writes_.pop_back();
  }
  writes_.push_back({id, key});
}

size_t ReplicaClients::Applied(const LogEntry& entry) {
  size_t done = 0;
  while (!writes_.empty() && writes_.front().id.index <= entry.index) {
    const Write& write = writes_.front();
    if (write.id == entry.id()) {
      checker_.OnWriteAcknowledged(write.key, entry.index);
      ++done;
    }
    writes_.pop_front();
  }
  return done;
}

void ReplicaClients::Skipped(LogIndex index) {
  std::erase_if(
      writes_, [index](const Write& write) { return write.id.index <= index; });
}

raft::ReadId ReplicaClients::AskRead(size_t key, LogIndex committed,
                                     SimTime now) {
  const raft::ReadId id(++last_read_);
  reads_.push_back({id, key, now, checker_.OnAsk(key, committed), LogIndex()});
  return id;
}

void ReplicaClients::Indexed(const raft::ReadResult& result) {
  for (Read& read : reads_) {
    if (read.id != result.id) continue;
    checker_.OnIndex(replica_, read.floor, result.index);
    // A doubled answer may come later and say more; the first is as good.
    if (read.index == LogIndex()) {
      read.index = std::max(result.index, LogIndex(1));
      ++indexed_;
    }
    return;
  }
}

void ReplicaClients::Lost(raft::ReadId id) {
  std::erase_if(reads_, [id](const Read& read) {
    return read.id == id && read.index == LogIndex();
  });
}

void ReplicaClients::Serve(const MachineState& state) {
  if (indexed_ == 0) return;
  std::erase_if(reads_, [&](const Read& read) {
    if (read.index == LogIndex() || read.index > state.applied.index) {
      return false;
    }
    checker_.OnValue(replica_, read.key, read.floor, state.written[read.key]);
    --indexed_;
    return true;
  });
}

size_t ReplicaClients::GiveUpReadsBefore(SimTime time) {
  return std::erase_if(reads_, [&](const Read& read) {
    if (read.asked >= time) return false;
    if (read.index != LogIndex()) --indexed_;
    return true;
  });
}

}  // namespace trimaran::sim
