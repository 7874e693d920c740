#ifndef TRIMARAN_REPLICATION_NODE_NODE_H_
#define TRIMARAN_REPLICATION_NODE_NODE_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/histogram.h"
#include "engine/base/log_types.h"
#include "replication/node/applier.h"
#include "replication/node/audits.h"
#include "replication/node/change_feed.h"
#include "replication/node/commit_news.h"
#include "replication/node/debt.h"
#include "replication/node/errands.h"
#include "replication/node/inbox.h"
#include "replication/node/log_writer.h"
#include "replication/node/maintenance.h"
#include "replication/node/node_options.h"
#include "replication/node/node_status.h"
#include "replication/node/peer_watch.h"
#include "replication/node/pending_write.h"
#include "replication/node/read_queue.h"
#include "replication/node/reads.h"
#include "replication/node/ready_plan.h"
#include "replication/node/snapshot_coordinator.h"
#include "replication/node/store_bindings.h"
#include "replication/node/write_queue.h"
#include "replication/node/writes.h"
#include "replication/raft/raft.h"
#include "replication/transport/transport.h"

namespace trimaran {

// One replica at work: a consensus core, the store that keeps what it decides,
// and the clients and peers that talk to it. All decisions are made on the raft
// lane, by parts that know nothing of threads; what takes time is done on the
// other lanes and reported back.
//
//   clients --> WriteQueue, ReadQueue ----+             +--> LogWriter (log)
//                                         v             |
//   peers ----> Inbox ------------> core, Writes, Reads-+--> Applier (apply)
//                                         |
//   peers <---- Transport <---------------+
//
// Invariants:
//  1. Nothing leaves before what it promises is durable (ready_plan.h).
//  2. Every write and every read is answered exactly once.
//  3. After the first failure of the store nothing is sent, written or applied
//     any more, and everybody gets that error.
//
// Thread: the calls of the section "Any thread", and Start; all else is the
// raft lane's.
class Node final : public MessageSink {
 public:
  // Begins where the store ends. Errors: InvalidArgument (an option),
  // FailedPrecondition (a state that no correct replica can have), the error of
  // a store that has failed.
  static absl::StatusOr<std::unique_ptr<Node>> Start(
      const NodeOptions& options, const NodeEnvironment& environment);

  // Only after Stop has reported, or after Abandon.
  ~Node() override;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // ---- Any thread ----

  // Takes the write, which will be answered; false if the queue is full, and
  // nothing has happened (WaitForRoom).
  bool Submit(const PendingWritePtr& write);
  WriteQueue& queue() { return doors_.queue; }

  // What has been applied here of late. Its end comes with the node's.
  ChangeFeed& changes() { return doors_.changes; }

  // The read will be answered.
  void Submit(const PendingReadPtr& read);
  // Whether the state here, as it is now, has everything that was acknowledged
  // before this call, so that even a linearizable read may look at once: no
  // other replica can have acknowledged anything.
  bool IsAlone() const { return doors_.alone.load(std::memory_order_acquire); }

  // Leader only; NotLeader with a hint elsewhere. What `check` says against it
  // is the answer, and then the change is not begun.
  void ChangeMembers(const raft::ConfChange& change, MonotonicTime deadline,
                     ConfChangeCallback done, MembersCheck check = nullptr);
  // Leader only, else NotLeader. Asks `target` to lead, or, if that is
  // kNoReplica, whoever would lose the least time in taking over; Unavailable
  // if there is nobody. The status shows whether and when it happens.
  void TransferLeadership(ReplicaId target,
                          absl::AnyInvocable<void(absl::Status)> done);

  // Makes durable what is applied here now, and says how far that is.
  void Checkpoint(CheckpointCallback done);
  // Compacts the logs of all replicas up to and including `index`, which is
  // applied here; does nothing where they are compacted further. OutOfRange,
  // not applied: it is compacted here. FailedPrecondition, not applied: it is
  // not applied here yet.
  void CompactLog(LogIndex index, MonotonicTime deadline, WriteCallback done);

  // Compares the states of all members that answer in time, at one place.
  void Audit(MonotonicTime deadline, AuditCallback done);

  std::shared_ptr<const NodeStatus> status() const {
    return doors_.board.Get();
  }
  // Of synced writes of the log, and of transactions.
  const Histogram& log_write_time() const { return log_writer_.write_time(); }
  const Histogram& apply_time() const { return applier_.apply_time(); }

  // Answers everybody, lets what is under way come to its end, and calls
  // `done` on the raft lane, after which the node does nothing any more. Once.
  void Stop(absl::AnyInvocable<void()> done);

  // For a host whose lanes run nothing any more: as where a process is killed,
  // nobody is answered and nothing comes to its end. What the lanes still hold
  // must be dropped, not run. Thread: the owner.
  void Abandon();

  // ---- MessageSink; any thread ----
  void Deliver(PeerMessage message) override;
  void Unreachable(ReplicaId peer) override;
  void PartPassed(ReplicaId peer, Passage passage) override;
  PeerPosition position() const override;

 private:
  Node(const NodeOptions& options, const NodeEnvironment& environment,
       std::unique_ptr<raft::Raft> core);

  // ---- node.cc: life ----
  void Begin();
  Writes::Host WritesHost();
  LogWriter::Host LogWriterHost();
  Applier::Host ApplierHost();
  Maintenance::Host MaintenanceHost();
  SnapshotCoordinator::Host SnapshotHost();
  Audits::Host AuditsHost();
  void Fail(absl::Status error);
  void MaybeFinishStop();
  absl::Status BeginTransfer(ReplicaId target);
  bool working() const { return failure_.ok() && !stopping_; }
  void PublishStatus();

  // ---- node_input.cc: what comes in ----
  void Wake();
  void ScheduleTick();
  void OnTick();
  void LeaveDoubtfulTerm();
  // False while ticks are overdue: then a lease may have run out unnoticed.
  bool LeaseClockIsRight(MonotonicTime now) const;
  void Pump();
  bool TellOfCommit(MonotonicTime now);  // False if it can wait.
  void TakeMail();
  void TakeMessage(PeerMessage message);
  void TakeRaftMessage(raft::Message message);
  void TakeForward(ReplicaId from, const MsgForward& forward);
  absl::Status Step(raft::Message message);

  // ---- node_upkeep.cc: housekeeping ----
  void TickParts(MonotonicTime now);
  void NoteMembers();
  void AddClientWrites();
  void HandOver(std::string_view why);

  // ---- node_output.cc: what the core wants done ----
  bool PerformNext();  // False if there was nothing.
  void Begin(AnnounceRole step);
  void Begin(SendNow step);
  void Begin(ForgetQueuedApplies step);
  void Begin(BeginPersist step);
  void Begin(BeginApply step);
  void Begin(BeginFetch step);
  void Begin(ProvideSnapshot step);
  void Begin(const FinishReads& step);
  void OnErrandDone();
  void OnFetched(raft::FetchId id,
                 absl::StatusOr<std::vector<LogEntry>> entries);
  void OnDurable(raft::PersistSeq last, std::vector<raft::Message> messages);
  void OnInstalled(LogIndex index, const absl::Status& result);
  void OnApplied(const std::vector<engine::CommittedEntry>& entries,
                 std::vector<engine::EntryResult> results);
  absl::StatusOr<ConfState> OnConfChange(LogIndex index,
                                         const raft::ConfChange& change);
  void Send(std::vector<raft::Message> messages);
  void SendTo(ReplicaId to, PeerBody body);
  void NoteWhetherAlone();

  const NodeOptions options_;
  const NodeEnvironment env_;
  const std::unique_ptr<raft::Raft> core_;

  // What other threads may touch.
  struct Doors {
    Doors(const NodeOptions& options, LogIndex applied,
          const engine::LogStore& log)
        : queue(options.queue_bytes_max),
          inbox(options.inbox_messages_max, options.inbox_bytes_max),
          changes(options.change_bytes_max, applied, log) {}

    WriteQueue queue;
    ReadQueue reads;
    Inbox inbox;
    StatusBoard board;
    ChangeFeed changes;
    std::atomic<bool> alone = false;
    // Not before this is applied, which others may have applied. The raft
    // lane's own.
    LogIndex alone_from;
    std::atomic<bool> awake = false;  // The raft lane will look.
  };
  Doors doors_;

  // ---- The raft lane's own ----
  // What the parts below have under way on other lanes.
  Errands errands_;
  LogWriter log_writer_;
  Applier applier_;
  Writes writes_;
  Reads reads_;
  PeerWatch peers_;
  Maintenance maintenance_;
  SnapshotCoordinator snapshots_;
  Audits audits_;
  raft::SoftState role_;
  Debt debt_;
  StoreBindings bindings_;
  NodeCounters counters_;
  absl::Status failure_;
  // What follows the stop that was asked for.
  std::optional<absl::AnyInvocable<void()>> stopping_;
  struct Timers {
    // The next tick, and the next look at the news, if one is posted.
    MonotonicTime tick;
    MonotonicTime look = MonotonicTime::Infinite();
    CommitNews news = {};
    // Alive as long as a task may find the node.
    std::shared_ptr<Node*> node;
  };
  Timers timers_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_NODE_H_
