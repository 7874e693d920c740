#include <atomic>
#include <cstdint>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "api/src/answer.h"
#include "api/src/replica.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"

// How a caller waits. It does not only wait: what it waits for is done by its
// own thread if nobody else is at it, since waking another one would cost as
// much as the work itself.

namespace trimaran {
namespace {

// Ticks after which the node has noticed that the time of a call is up.
constexpr int kTicksToNotice = 2;
// How often somebody looks for what is not announced.
constexpr absl::Duration kLookEvery = absl::Milliseconds(2);

// Reads at a time for which no thread waits. Each takes up some 500 bytes, for
// as long as there may be no leader.
constexpr uint64_t kAsyncReadsMax = 65536;

// A callback that this thread is in. One may have made a call, to another
// database, whose callback came at once.
struct CallbackFrame {
  const Replica* replica;
  const CallbackFrame* outer;
};
const CallbackFrame*& InnermostCallback() {
  thread_local const CallbackFrame* innermost = nullptr;
  return innermost;
}

absl::Status NotBegun() {
  return WithOutcome(
      absl::DeadlineExceededError("the time-out leaves no time at all"),
      WriteOutcome::kNotApplied);
}

absl::Status NoTime() {
  return WithOutcome(
      absl::DeadlineExceededError("no time was given for the work"),
      WriteOutcome::kNotApplied);
}

absl::Status QueueFull(const Options& options) {
  return WithOutcome(
      absl::ResourceExhaustedError(absl::StrCat("write_queue_bytes_max is ",
                                                options.write_queue_bytes_max,
                                                ", and that much is waiting")),
      WriteOutcome::kNotApplied);
}

absl::Status TooManyReads() {
  return WithOutcome(
      absl::ResourceExhaustedError(absl::StrCat(
          kAsyncReadsMax, " reads are waiting for an index already")),
      WriteOutcome::kNotApplied);
}

ReadDemand DemandOf(const ReadOptions& options) {
  ReadDemand demand;
  switch (options.level) {
    case ReadLevel::kLease:
      demand.kind = ReadDemand::Kind::kLease;
      break;
    case ReadLevel::kAtLeast:
      demand.kind = ReadDemand::Kind::kAtLeast;
      demand.index = LogIndex(options.index);
      break;
    case ReadLevel::kBounded:
      demand.kind = ReadDemand::Kind::kBounded;
      demand.staleness_max = options.staleness_max;
      break;
    case ReadLevel::kLinearizable:
    case ReadLevel::kLocal:
      break;
  }
  return demand;
}

}  // namespace

absl::Status Replica::CheckMayWait() const {
  // The loop calls others as well: who keeps the log, who checks a change.
  if (!InCallback() && !loop_->IsCurrent()) return absl::OkStatus();
  return WithOutcome(
      absl::FailedPreconditionError(
          "called by a callback, which must not wait: use a call that does not "
          "wait, or another thread"),
      WriteOutcome::kNotApplied);
}

bool Replica::InCallback() const {
  const CallbackFrame* at = InnermostCallback();
  while (at != nullptr && at->replica != this) at = at->outer;
  return at != nullptr;
}

void Replica::RunCallback(absl::FunctionRef<void()> run) const {
  const CallbackFrame frame{this, InnermostCallback()};
  InnermostCallback() = &frame;
  const absl::Cleanup leave = [&frame] { InnermostCallback() = frame.outer; };
  run();
}

MonotonicTime Replica::DeadlineOf(
    const std::optional<absl::Duration>& timeout) const {
  return clock_.Now() + timeout.value_or(options_.default_timeout);
}

absl::Duration Replica::Grace() const {
  return options_.heartbeat_interval * kTicksToNotice;
}

// ---- Writes ----

absl::StatusOr<AppliedWrite> Replica::Write(std::string command,
                                            const WriteOptions& options) {
  TRIMARAN_RETURN_IF_ERROR(CheckMayWait());
  const MonotonicTime begun = clock_.Now();
  const UnderWay under_way(call_times_.writes_under_way);
  absl::StatusOr<AppliedWrite> answer = AwaitWrite(std::move(command), options);
  call_times_.NoteWrite(clock_.Now() - begun, answer.status());
  return answer;
}

absl::StatusOr<AppliedWrite> Replica::AwaitWrite(std::string command,
                                                 const WriteOptions& options) {
  const MonotonicTime deadline = DeadlineOf(options.timeout);
  if (deadline <= clock_.Now()) return NotBegun();
  // Shared with the write, which stays under way where this call ends for want
  // of memory.
  Answer<absl::StatusOr<AppliedWrite>> answer;
  const auto write = std::make_shared<PendingWrite>(
      std::move(command), deadline,
      [answer](absl::StatusOr<AppliedWrite> result) mutable {
        answer.Set(std::move(result));
      });
  while (!SubmitHere(write, deadline + Grace())) {
    if (!node_->queue().WaitForRoom(write->size_bytes(), clock_, deadline)) {
      return QueueFull(options_);
    }
  }
  if (!answer.WaitUntil(clock_, deadline + Grace())) {
    write->Expire("the replica is busy");
  }
  return answer.Wait();
}

bool Replica::SubmitHere(const PendingWritePtr& write, MonotonicTime until) {
  EventLoop::Visit visit(*loop_);
  if (!node_->Submit(write)) return false;
  visit.Await([&write] { return write->answered(); }, until);
  return true;
}

void Replica::WriteAsync(std::string command, const WriteOptions& options,
                         WriteCallback done) {
  const MonotonicTime deadline = DeadlineOf(options.timeout);
  const auto write = std::make_shared<PendingWrite>(std::move(command),
                                                    deadline, std::move(done));
  if (deadline <= clock_.Now()) {
    write->Answer(NotBegun());
  } else if (!node_->Submit(write)) {
    write->Answer(QueueFull(options_));
  }
}

absl::StatusOr<ConfState> Replica::ChangeMembers(const raft::ConfChange& change,
                                                 MembersCheck check,
                                                 const WriteOptions& options) {
  TRIMARAN_RETURN_IF_ERROR(CheckMayWait());
  const MonotonicTime deadline = DeadlineOf(options.timeout);
  if (deadline <= clock_.Now()) return NotBegun();
  // Shared with the node, which may answer when nobody waits any more.
  const auto answer = std::make_shared<Answer<absl::StatusOr<ConfState>>>();
  node_->ChangeMembers(
      change, deadline,
      [answer](absl::StatusOr<ConfState> conf) {
        answer->Set(std::move(conf));
      },
      std::move(check));
  if (!answer->WaitUntil(clock_, deadline + Grace())) {
    return OutcomeUnknownError("the replica is busy");
  }
  return answer->Wait();
}

absl::Status Replica::TransferLeadership(ReplicaId successor,
                                         const WriteOptions& options) {
  TRIMARAN_RETURN_IF_ERROR(CheckMayWait());
  // To the node, that is whomever it likes.
  if (successor == kNoReplica) {
    return WithOutcome(
        absl::InvalidArgumentError(
            "cannot transfer leadership to replica 0; ids begin at 1"),
        WriteOutcome::kNotApplied);
  }
  const MonotonicTime deadline = DeadlineOf(options.timeout);
  const ReplicaId self = engine_->identity().replica;
  const auto answer = std::make_shared<Answer<absl::Status>>();
  node_->TransferLeadership(successor, [answer](absl::Status status) {
    answer->Set(std::move(status));
  });
  if (!answer->WaitUntil(clock_, deadline)) {
    return absl::DeadlineExceededError("the replica is busy");
  }
  TRIMARAN_RETURN_IF_ERROR(answer->Wait());
  if (successor == self) return absl::OkStatus();
  ReplicaId leader;
  absl::Status failure;
  const bool ended = WaitUntil(deadline, [&] {
    const auto status = node_->status();
    leader = status->raft.leader;
    failure = closing() ? ClosedError() : status->failure;
    return !failure.ok() || (leader != self && leader != kNoReplica);
  });
  if (leader == successor) return absl::OkStatus();
  TRIMARAN_RETURN_IF_ERROR(failure);
  if (ended) {
    return absl::UnavailableError(
        absl::StrCat("replica ", leader.value(), " leads instead"));
  }
  return absl::DeadlineExceededError(
      "the successor has not taken over in time");
}

// ---- Reads ----

absl::StatusOr<bool> Replica::IsFresh(const ReadOptions& options) const {
  switch (options.level) {
    case ReadLevel::kLocal:
      TRIMARAN_RETURN_IF_ERROR(engine_->failure());
      return true;
    case ReadLevel::kAtLeast:
      TRIMARAN_RETURN_IF_ERROR(engine_->failure());
      return engine_->machine().applied().applied.id.index >=
             LogIndex(options.index);
    case ReadLevel::kBounded:
      if (options.staleness_max < absl::ZeroDuration()) {
        return absl::InvalidArgumentError(absl::StrCat(
            "staleness_max is ", absl::FormatDuration(options.staleness_max),
            "; it must not be negative"));
      }
      [[fallthrough]];
    case ReadLevel::kLinearizable:
    case ReadLevel::kLease:
      break;
  }
  return node_->IsAlone();
}

absl::Status Replica::AwaitFresh(const ReadOptions& options) {
  TRIMARAN_ASSIGN_OR_RETURN(const bool fresh, IsFresh(options));
  if (fresh) return absl::OkStatus();
  TRIMARAN_RETURN_IF_ERROR(CheckMayWait());
  const MonotonicTime now = clock_.Now();
  const MonotonicTime deadline = DeadlineOf(options.timeout);
  if (deadline <= clock_.Now()) return NotBegun();
  Answer<absl::StatusOr<LogIndex>> answer;
  // As AwaitWrite.
  const auto read = std::make_shared<PendingRead>(
      DemandOf(options), now, deadline,
      [answer](absl::StatusOr<LogIndex> index) mutable {
        answer.Set(std::move(index));
      });
  {
    EventLoop::Visit visit(*loop_);
    node_->Submit(read);
    visit.Await([&read] { return read->answered(); }, deadline + Grace());
  }
  if (!answer.WaitUntil(clock_, deadline + Grace())) {
    read->Answer(absl::DeadlineExceededError("the replica is busy"));
  }
  const absl::Status result = answer.Wait().status();
  call_times_.read_wait.Record(clock_.Now() - now);
  return result;
}

void Replica::ReadIndexAsync(const ReadOptions& options, ReadCallback done) {
  const absl::StatusOr<bool> fresh = IsFresh(options);
  if (!fresh.ok()) return done(fresh.status());
  if (*fresh) return done(engine_->machine().applied().applied.id.index);
  const MonotonicTime now = clock_.Now();
  const MonotonicTime deadline = DeadlineOf(options.timeout);
  if (deadline <= clock_.Now()) return done(NotBegun());
  UnderWay under_way(call_times_.reads_under_way);
  if (under_way.others() >= kAsyncReadsMax) {
    under_way.End();
    return done(TooManyReads());
  }
  node_->Submit(std::make_shared<PendingRead>(
      DemandOf(options), now, deadline,
      [this, now, under_way = std::move(under_way),
       done = std::move(done)](absl::StatusOr<LogIndex> index) mutable {
        under_way.End();
        call_times_.read_wait.Record(clock_.Now() - now);
        done(std::move(index));
      }));
}

// ---- Maintenance ----

absl::StatusOr<LogPlace> Replica::Checkpoint(absl::Duration timeout) {
  TRIMARAN_RETURN_IF_ERROR(CheckMayWait());
  if (timeout <= absl::ZeroDuration()) return NoTime();
  const auto answer =
      std::make_shared<Answer<absl::StatusOr<engine::AppliedState>>>();
  node_->Checkpoint([answer](absl::StatusOr<engine::AppliedState> durable) {
    answer->Set(std::move(durable));
  });
  if (!answer->WaitUntil(clock_, clock_.Now() + timeout)) {
    return absl::DeadlineExceededError("the checkpoint had not ended in time");
  }
  TRIMARAN_ASSIGN_OR_RETURN(const engine::AppliedState durable, answer->Wait());
  return LogPlace{.index = durable.applied.id.index.value(),
                  .term = durable.applied.id.term.value()};
}

absl::StatusOr<AppliedWrite> Replica::CompactLog(LogIndex index,
                                                 const WriteOptions& options) {
  TRIMARAN_RETURN_IF_ERROR(CheckMayWait());
  const MonotonicTime deadline = DeadlineOf(options.timeout);
  if (deadline <= clock_.Now()) return NotBegun();
  const auto answer = std::make_shared<Answer<absl::StatusOr<AppliedWrite>>>();
  node_->CompactLog(index, deadline,
                    [answer](absl::StatusOr<AppliedWrite> write) {
                      answer->Set(std::move(write));
                    });
  if (!answer->WaitUntil(clock_, deadline + Grace())) {
    return OutcomeUnknownError("the replica is busy");
  }
  return answer->Wait();
}

absl::StatusOr<AuditReport> Replica::Audit(absl::Duration timeout) {
  TRIMARAN_RETURN_IF_ERROR(CheckMayWait());
  const MonotonicTime deadline = DeadlineOf(timeout);
  if (deadline <= clock_.Now()) return NoTime();
  const auto answer = std::make_shared<Answer<absl::StatusOr<AuditReport>>>();
  node_->Audit(deadline, [answer](absl::StatusOr<AuditReport> report) {
    answer->Set(std::move(report));
  });
  if (!answer->WaitUntil(clock_, deadline + Grace())) {
    return absl::DeadlineExceededError("the replica is busy");
  }
  return answer->Wait();
}

absl::Status Replica::RunMaintenance(absl::Duration timeout,
                                     LongWorks::Step step) {
  TRIMARAN_RETURN_IF_ERROR(CheckMayWait());
  if (timeout <= absl::ZeroDuration()) return NoTime();
  return long_works_->Run(timeout, std::move(step));
}

bool Replica::WaitUntil(MonotonicTime deadline,
                        absl::FunctionRef<bool()> holds) const {
  Answer<bool> never;
  while (!holds()) {
    if (clock_.Now() >= deadline) return false;
    (void)never.WaitUntil(clock_, clock_.Now() + kLookEvery);
  }
  return true;
}

}  // namespace trimaran
