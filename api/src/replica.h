#ifndef TRIMARAN_API_SRC_REPLICA_H_
#define TRIMARAN_API_SRC_REPLICA_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/src/call_gate.h"
#include "api/src/long_works.h"
#include "api/src/metrics.h"
#include "api/src/network_place.h"
#include "api/src/scan.h"
#include "engine/base/clock.h"
#include "engine/base/logging.h"
#include "engine/base/mutex.h"
#include "engine/base/random.h"
#include "engine/engine.h"
#include "engine/file/posix_file_system.h"
#include "replication/node/event_loop.h"
#include "replication/node/node.h"
#include "trimaran/options.h"

namespace trimaran {

// FailedPrecondition: the database is closed. Not applied.
absl::Status ClosedError();

// A database from the inside: a store, a node on it, the threads of the two,
// and the ways in which a caller waits for them.
//
//   kOpen --Close--> kClosing --> kClosed
//
// Invariants:
//  1. Whoever uses the store or the node is counted by the gate, or is a task
//     of one of the loops; both are gone when they are taken apart.
//  2. A call that waits is answered soon after its deadline, also if a disk
//     holds up the loop; unless it is at work on the loop itself.
//
// Thread: any, but for the destructor. All calls below "Calls" only within a
// CallInProgress of gate().
class Replica {
 public:
  // As DB::Open.
  static absl::StatusOr<std::unique_ptr<Replica>> Open(
      const Options& options, const std::string& directory);
  // Closes.
  ~Replica();
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  // As DB::Close.
  absl::Status Close();

  CallGate& gate() { return *gate_; }
  // For those who may outlive the replica.
  const std::shared_ptr<CallGate>& shared_gate() const { return gate_; }

  // ---- Calls ----

  // `command` is what Encode made. Waits until it has been answered. Errors are
  // marked with what became of it.
  absl::StatusOr<AppliedWrite> Write(std::string command,
                                     const WriteOptions& options);
  // Does not wait. `done` is called once, maybe within this call.
  void WriteAsync(std::string command, const WriteOptions& options,
                  WriteCallback done);
  // Waits until the state here is as fresh as `options` want it.
  absl::Status AwaitFresh(const ReadOptions& options);
  // Does not wait. `done` is called once, maybe within this call, with what has
  // been applied when it is as fresh as that.
  void ReadIndexAsync(const ReadOptions& options, ReadCallback done);

  // Leader only; waits until the change is applied.
  absl::StatusOr<ConfState> ChangeMembers(const raft::ConfChange& change,
                                          MembersCheck check,
                                          const WriteOptions& options);

  // Leader only; waits until `successor` leads.
  absl::Status TransferLeadership(ReplicaId successor,
                                  const WriteOptions& options);

  // Waits until everything that is applied now is durable as rows.
  absl::StatusOr<LogPlace> Checkpoint(absl::Duration timeout);
  // Waits until the logs are compacted up to `index`, here at least.
  absl::StatusOr<AppliedWrite> CompactLog(LogIndex index,
                                          const WriteOptions& options);

  absl::StatusOr<AuditReport> Audit(absl::Duration timeout);

  // See LongWorks.
  absl::Status RunMaintenance(absl::Duration timeout, LongWorks::Step step);
  // Waits until `holds`, which is asked now and then, or until `deadline`.
  bool WaitUntil(MonotonicTime deadline, absl::FunctionRef<bool()> holds) const;

  // FailedPrecondition in a callback, which must not wait.
  absl::Status CheckMayWait() const;
  // Runs what calls a callback on the caller's thread, which is in one
  // meanwhile.
  void RunCallback(absl::FunctionRef<void()> run) const;
  // Whether the caller is in a callback that RunCallback has run.
  bool InCallback() const;
  // Has the loop do it.
  void Post(Task task) { loop_->Post(std::move(task)); }
  MonotonicTime DeadlineOf(const std::optional<absl::Duration>& timeout) const;
  // Close has begun. Any thread.
  bool closing() const { return closing_.load(std::memory_order_acquire); }

  // ---- Its parts ----

  const Options& options() const { return options_; }
  const Clock& clock() const { return clock_; }
  const Logger& logger() const { return logger_; }
  engine::Engine& store() { return *engine_; }
  engine::FileSystem& files() { return files_; }
  Node& node() { return *node_; }
  NetworkStatus network_status() const { return place_.status(); }
  CallTimes& call_times() { return call_times_; }
  // Somebody is adding a member.
  std::atomic<bool>& adding_member() { return adding_member_; }
  const std::shared_ptr<ScanRegistry>& scans() const { return scans_; }

 private:
  Replica(const Options& options, uint64_t seed);

  absl::Status Start(const std::string& directory);
  absl::Status AwaitReplay();
  NodeOptions NodeOptionsOf() const;

  // Whether a read of these options need not wait.
  absl::StatusOr<bool> IsFresh(const ReadOptions& options) const;
  // Submits it, and does what there is to do for it, until `until` at most,
  // where nobody else does. False if the queue is full.
  bool SubmitHere(const PendingWritePtr& write, MonotonicTime until);
  absl::StatusOr<AppliedWrite> AwaitWrite(std::string command,
                                          const WriteOptions& options);

  // Ends the process where it finds no memory: what is half closed can be
  // neither used nor closed.
  absl::Status DoClose() noexcept;
  // What has been begun comes to its end, if there is somebody to end it.
  void AwaitWritesUnderWay();
  void JoinLoops();
  void HandLeadershipOn();
  void StopNode();
  // Behind the deadline of a call: what the node itself needs to notice it.
  absl::Duration Grace() const;

  const Options options_;
  const MonotonicClock clock_;
  SeededRandom random_;
  engine::PosixFileSystem files_;
  const std::unique_ptr<LogSink> sink_;
  const Logger logger_;

  const std::shared_ptr<CallGate> gate_ = std::make_shared<CallGate>();
  std::atomic<bool> closing_ = false;
  CallTimes call_times_;
  std::atomic<bool> adding_member_ = false;
  // Shared with iterators, which may outlive this object.
  const std::shared_ptr<ScanRegistry> scans_;

  // Made by Start, and taken apart by DoClose.
  NetworkPlace place_;
  // For Close; other calls find their loop without it, while they are counted.
  Mutex loops_mutex_;
  std::unique_ptr<EventLoop> loop_;
  // Outlives what the lane runs.
  std::unique_ptr<LongWorks> long_works_;
  std::unique_ptr<EventLoop> maintenance_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Node> node_;

  Mutex close_mutex_;
  // What Close returned; empty until it has.
  std::optional<absl::Status> closed_ ABSL_GUARDED_BY(close_mutex_);
};

}  // namespace trimaran

#endif  // TRIMARAN_API_SRC_REPLICA_H_
