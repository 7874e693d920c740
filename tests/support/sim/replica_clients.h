#ifndef TRIMARAN_TESTS_SUPPORT_SIM_REPLICA_CLIENTS_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_REPLICA_CLIENTS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "replication/raft/messages.h"
#include "replication/raft/ready.h"
#include "tests/support/sim/read_checker.h"
#include "tests/support/sim/sim_time.h"
#include "tests/support/sim/toy_machine.h"

namespace trimaran::sim {

// The clients that wait at one replica: for writes to be applied, for reads to
// be served. They are gone when it crashes.
//
// Thread: owner.
class ReplicaClients {
 public:
  // `life` counts the replica's restarts. It is a part of every read's name:
  // an answer that was meant for an earlier life must not be taken for one to
  // a read of this one.
  ReplicaClients(ReplicaId replica, uint32_t life, ReadChecker& checker)
      : replica_(replica),
        checker_(checker),
        last_read_(uint64_t{life} << 32) {}

  // ---- Writes ----
  // The replica has put a write at `id` of its log.
  void WriteProposed(EntryId id, uint8_t key);
  // The state machine has applied `entry`. Whoever waits at its place gets an
  // answer: done, or overtaken by another leader's entry. Returns the number
  // of writes done.
  size_t Applied(const LogEntry& entry);
  // A snapshot has taken the place of entries up to `index`: what became of the
  // writes there is not known.
  void Skipped(LogIndex index);

  // ---- Reads ----
  // A client asks for `key`; `committed` is the last index committed anywhere.
  raft::ReadId AskRead(size_t key, LogIndex committed, SimTime now);
  void Indexed(const raft::ReadResult& result);
  void Lost(raft::ReadId id);
  // Serves what `state` is recent enough for.
  void Serve(const MachineState& state);
  // Forgets reads asked for before `time`. Their clients ask again elsewhere.
  size_t GiveUpReadsBefore(SimTime time);

  size_t open_writes() const { return writes_.size(); }
  size_t open_reads() const { return reads_.size(); }

 private:
  struct Write {
    EntryId id;
    uint8_t key = 0;
  };
  struct Read {
    raft::ReadId id;
    size_t key = 0;
    SimTime asked = 0;
    ReadChecker::Floor floor;
    // 0 until it is known.
    LogIndex index;
  };

  ReplicaId replica_;
  ReadChecker& checker_;
  std::deque<Write> writes_;
  std::vector<Read> reads_;
  uint64_t last_read_;
  size_t indexed_ = 0;
};

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_REPLICA_CLIENTS_H_
