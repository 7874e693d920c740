#ifndef TRIMARAN_TESTS_SUPPORT_SIM_SIM_REPLICA_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_SIM_REPLICA_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "engine/base/random.h"
#include "replication/raft/conf_change.h"
#include "replication/raft/raft.h"
#include "tests/support/sim/event_queue.h"
#include "tests/support/sim/model_disk.h"
#include "tests/support/sim/replica_clients.h"
#include "tests/support/sim/sim_world.h"

namespace trimaran::sim {

// One replica: the real core, and a host that does what the core says, in its
// own time, with a model of a disk and of a state machine. Everything that the
// host does is checked on the way.
//
// Thread: owner.
class SimReplica {
 public:
  // How to find another replica's disk; null where there is none.
  using DiskFinder = std::function<const ModelDisk*(ReplicaId)>;

  // The replica at `position` is number position + 1. It does not run yet.
  SimReplica(World& world, size_t position, MachineState start,
             DiskFinder disk_of);

  // ---- Life ----
  void Start();
  // It stops between two instructions: what is not durable is gone.
  void Crash();
  // It stands still; the world goes on.
  void Pause(SimTime duration);
  void ResumeNow();
  bool running() const { return life_ != nullptr; }
  bool paused() const { return running() && world_.now < paused_until_; }

  // Anything scheduled for this replica.
  void Handle(const Event& event);

  // ---- Requests, at a running replica ----
  // Proposes that many writes at once. Empty if they were refused or passed on.
  std::optional<EntryId> Propose(size_t count, size_t bytes_min);
  void ProposeChange(const raft::ConfChange& change);
  void AskRead();
  void TransferTo(ReplicaId target);
  void ForgetLeader();
  void Campaign();

  // ---- Observation ----
  ReplicaId id() const { return config_.id; }
  // While running.
  const raft::Raft& core() const { return *life_->core; }
  const ModelDisk& disk() const { return disk_; }
  // While running.
  const MachineState& machine() const { return life_->machine; }
  size_t open_reads() const { return life_->clients.open_reads(); }
  size_t GiveUpReadsBefore(SimTime time) {
    return life_->clients.GiveUpReadsBefore(time);
  }

 private:
  // All that a crash takes away.
  struct Life {
    Life(ReplicaId replica, uint32_t number, ReadChecker& reads)
        : clients(replica, number, reads) {}

    std::unique_ptr<raft::Raft> core;
    MachineState machine;
    ReplicaClients clients;
    // Handed out to be applied; a page may be applied in part.
    std::deque<std::vector<LogEntry>> pages;
    std::vector<raft::FetchRequest> fetches;
    bool apply_scheduled = false;
    bool pump_scheduled = false;
    SimTime next_tick = 0;
    LogIndex seen_commit;
    Term led_term;
    uint32_t events_since_status = 0;
  };

  // ---- sim_replica.cc: life, time, input ----
  void ScheduleOwn(SimTime delay, EventKind kind, uint64_t argument = 0);
  void Tick();
  void Resume();
  void Deliver(uint64_t slot);
  void AfterInput();
  void ObserveCommit();
  void Pump();
  void CheckStatus();
  void Note(const char* what, uint64_t number);

  // ---- replica_output.cc: doing what a Ready says ----
  void Perform(raft::Ready ready);
  void Send(raft::Message message);
  void SendSnapshot(raft::Message message);
  void CheckOutgoing(const raft::Message& message);
  void LeadsIn(Term term);
  void Persist(raft::PersistBatch batch);
  void StartDisk();
  void DiskDone();
  void SnapshotInstalled();
  void ScheduleApply();
  void ApplyDone();
  void ApplyEntry(const LogEntry& entry);
  void MaybeCompact();
  void FetchDone(uint64_t id);
  void AnswerSnapshotRequest(ReplicaId peer, LogIndex index_min);

  World& world_;
  const DiskFinder disk_of_;
  raft::Config config_;
  SeededRandom random_;
  ModelDisk disk_;
  SimTime tick_period_;
  SimTime paused_until_ = 0;
  uint32_t lives_ = 0;
  std::unique_ptr<Life> life_;
};

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_SIM_REPLICA_H_
