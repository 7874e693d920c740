#include "api/src/replica.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "api/src/answer.h"
#include "api/src/entropy.h"
#include "api/src/log_adapter.h"
#include "api/src/opening.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"

namespace trimaran {
namespace {

// How long Close waits at most for writes, and for a successor.
constexpr absl::Duration kHandOnMax = absl::Seconds(5);

}  // namespace

absl::Status ClosedError() {
  return WithOutcome(absl::FailedPreconditionError("the database is closed"),
                     WriteOutcome::kNotApplied);
}

// ---- Opening ----

absl::StatusOr<std::unique_ptr<Replica>> Replica::Open(
    const Options& options, const std::string& directory) {
  TRIMARAN_RETURN_IF_ERROR(ValidateOptions(options));
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t seed, DrawEntropy());
  std::unique_ptr<Replica> replica(new Replica(options, seed));
  TRIMARAN_RETURN_IF_ERROR(replica->Start(directory));
  return replica;
}

Replica::Replica(const Options& options, uint64_t seed)
    : options_(options),
      random_(seed),
      sink_(MakeLogSink(options)),
      logger_(sink_.get(), "db"),
      scans_(std::make_shared<ScanRegistry>()) {}

absl::Status Replica::Start(const std::string& directory) {
  TRIMARAN_ASSIGN_OR_RETURN(
      engine_,
      OpenStore(options_, EngineOptionsOf(options_, directory,
                                          {files_, clock_,
                                           logger_.WithComponent("engine")})));
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t nonce, DrawEntropy());
  TRIMARAN_RETURN_IF_ERROR(place_.Take(options_, engine_->identity(), nonce,
                                       logger_.WithComponent("network")));
  {
    const MutexLock lock(loops_mutex_);
    loop_ = std::make_unique<EventLoop>(clock_);
  }
  maintenance_ = std::make_unique<EventLoop>(clock_);
  long_works_ = std::make_unique<LongWorks>(*maintenance_, clock_, closing_);
  const NodeEnvironment environment{
      .store = engine_.get(),
      .lanes = {.raft = loop_.get(),
                .log = loop_.get(),
                .apply = loop_.get(),
                .maintenance = maintenance_.get()},
      .transport = place_.transport(),
      .clock = &clock_,
      .random = &random_,
      .logger = logger_.WithComponent("node")};
  TRIMARAN_ASSIGN_OR_RETURN(node_, Node::Start(NodeOptionsOf(), environment));
  return AwaitReplay();
}

absl::Status Replica::AwaitReplay() {
  ReadOptions everything;
  everything.timeout = options_.election_timeout;
  // What is replayed may say that others decide as well, who need not be there.
  while (engine_->machine().region().conf.IsOnlyVoter(
      engine_->identity().replica)) {
    absl::Status status = AwaitFresh(everything);
    if (!absl::IsDeadlineExceeded(status)) return status;
  }
  return absl::OkStatus();
}

NodeOptions Replica::NodeOptionsOf() const {
  NodeOptions node;
  node.tick = options_.heartbeat_interval;
  node.core.election_timeout_ticks =
      static_cast<int>(options_.election_timeout / node.tick);
  node.core.lease_reads = options_.lease_reads;
  node.core.lease_margin_ticks =
      raft::LeaseMarginForDoubleSpeed(node.core.election_timeout_ticks);
  node.forward_writes = options_.forward_writes;
  node.queue_bytes_max = options_.write_queue_bytes_max;
  node.change_bytes_max = options_.watch_bytes_max;
  node.maintenance.log_bytes_limit = options_.log_bytes_max;
  node.maintenance.log_entries_limit = options_.log_writes_max;
  node.maintenance.checkpoint_bytes_limit = options_.checkpoint_bytes;
  node.maintenance.free_bytes_refuse = options_.free_bytes_min;
  node.maintenance.free_bytes_stop = options_.free_bytes_min / 4;
  node.maintenance.free_bytes_accept =
      options_.free_bytes_min + options_.free_bytes_min / 2;
  // Without it, a replica that needs a snapshot would be of no use at all.
  node.snapshots.free_bytes_min = options_.free_bytes_min / 4;
  node.snapshots.write_rate.bytes_per_second = options_.snapshot_rate;
  return node;
}

// ---- Closing ----

Replica::~Replica() { (void)Close(); }

absl::Status Replica::Close() {
  {
    const MutexLock lock(loops_mutex_);
    if (loop_ != nullptr) TRIMARAN_RETURN_IF_ERROR(CheckMayWait());
  }
  const MutexLock lock(close_mutex_);
  if (!closed_.has_value()) closed_ = DoClose();
  return *closed_;
}

absl::Status Replica::DoClose() noexcept {
  closing_.store(true, std::memory_order_release);
  gate_->Close();
  if (node_ != nullptr) {
    AwaitWritesUnderWay();
    HandLeadershipOn();
    StopNode();
  }
  scans_->EndAll(ClosedError());
  gate_->WaitUntilEmpty();
  JoinLoops();
  node_.reset();
  absl::Status status;
  if (engine_ != nullptr) status = engine_->Close();
  engine_.reset();
  place_.Leave();
  return status;
}

void Replica::JoinLoops() {
  if (maintenance_ != nullptr) {
    // A step that nobody waits for may be under way, and post something when it
    // ends. Those after this one see closing(), and do not.
    Answer<bool> reached;
    maintenance_->Post([&reached] { reached.Set(true); });
    (void)reached.Wait();
  }
  maintenance_.reset();
  std::unique_ptr<EventLoop> loop;
  {
    // A callback that calls Close now is told off by a loop that is there.
    const MutexLock lock(loops_mutex_);
    loop = std::move(loop_);
  }
}

void Replica::AwaitWritesUnderWay() {
  (void)WaitUntil(
      clock_.Now() + std::min(options_.election_timeout, kHandOnMax), [this] {
        return call_times_.writes_under_way.load(std::memory_order_relaxed) ==
               0;
      });
}

void Replica::HandLeadershipOn() {
  const MonotonicTime deadline =
      clock_.Now() + std::min(options_.election_timeout, kHandOnMax);
  const auto begun = std::make_shared<Answer<absl::Status>>();
  node_->TransferLeadership(kNoReplica, [begun](absl::Status status) {
    begun->Set(std::move(status));
  });
  if (!begun->WaitUntil(clock_, deadline) || !begun->Wait().ok()) return;
  (void)WaitUntil(deadline, [this] {
    return node_->status()->raft.role != raft::Role::kLeader;
  });
}

void Replica::StopNode() {
  Answer<bool> stopped;
  node_->Stop([&stopped] { stopped.Set(true); });
  (void)stopped.Wait();
}

}  // namespace trimaran
