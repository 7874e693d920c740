#include "tests/support/node/threaded_replica.h"

#include <utility>

#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "tests/support/node/blocking.h"

namespace trimaran {

absl::StatusOr<std::unique_ptr<ThreadedReplica>> ThreadedReplica::Start(
    const engine::EngineOptions& options, const NodeOptions& node_options,
    Transport* transport, uint64_t seed, Threads threads) {
  std::unique_ptr<ThreadedReplica> replica(new ThreadedReplica(seed));
  if (threads == Threads::kOwn) {
    replica->log_ = std::make_unique<EventLoop>(replica->clock_);
    replica->apply_ = std::make_unique<EventLoop>(replica->clock_);
  }
  TRIMARAN_ASSIGN_OR_RETURN(replica->engine_, engine::Engine::Open(options));
  const NodeEnvironment environment{
      .store = replica->engine_.get(),
      .lanes = {.raft = &replica->loop_,
                .log = &replica->log_loop(),
                .apply = threads == Threads::kOwn ? replica->apply_.get()
                                                  : &replica->loop_,
                .maintenance = &replica->maintenance_},
      .transport = transport,
      .clock = &replica->clock_,
      .random = &replica->random_,
      .logger = options.logger};
  TRIMARAN_ASSIGN_OR_RETURN(replica->node_,
                            Node::Start(node_options, environment));
  return replica;
}

ThreadedReplica::~ThreadedReplica() { (void)Stop(); }

void ThreadedReplica::StopNode() {
  if (node_ == nullptr || node_stopped_) return;
  Later<bool> stopped;
  node_->Stop([&stopped] { stopped.Set(true); });
  stopped.Wait();
  node_stopped_ = true;
}

absl::Status ThreadedReplica::Stop() {
  if (engine_ == nullptr) return absl::OkStatus();
  StopNode();
  {
    const MutexLock lock(mutex_);
    stopped_ = true;
    while (visitors_ > 0) left_.Wait(mutex_);
  }
  node_.reset();
  absl::Status closed = engine_->Close();
  engine_.reset();
  return closed;
}

ThreadedReplica::Visit::Visit(ThreadedReplica& replica) : replica_(replica) {
  const MutexLock lock(replica.mutex_);
  if (replica.stopped_) {
    status_ = WithOutcome(absl::UnavailableError("the replica is not there"),
                          WriteOutcome::kNotApplied);
  } else {
    ++replica.visitors_;
  }
}

ThreadedReplica::Visit::~Visit() {
  if (!status_.ok()) return;
  const MutexLock lock(replica_.mutex_);
  --replica_.visitors_;
  if (replica_.stopped_) replica_.left_.NotifyAll();
}

absl::StatusOr<AppliedWrite> ThreadedReplica::Put(std::string_view key,
                                                  std::string_view value,
                                                  absl::Duration timeout) {
  engine::WriteCommand write;
  write.operations = {engine::PutOp{engine::kDefaultFamily, key, value}};
  return Write({.stamp = {}, .body = write}, timeout);
}

absl::StatusOr<AppliedWrite> ThreadedReplica::Write(
    const engine::Command& command, absl::Duration timeout) {
  TRIMARAN_ASSIGN_OR_RETURN(std::string encoded,
                            engine::EncodeCommand(command));
  const Visit visit(*this);
  TRIMARAN_RETURN_IF_ERROR(visit.status());
  Later<absl::StatusOr<AppliedWrite>> later;
  const auto write = std::make_shared<PendingWrite>(
      std::move(encoded), clock_.Now() + timeout,
      [&later](absl::StatusOr<AppliedWrite> answer) {
        later.Set(std::move(answer));
      });
  {
    EventLoop::Visit here(loop_);
    if (!node_->Submit(write)) return absl::ResourceExhaustedError("queue");
    here.Run([&write] { return write->answered(); });
  }
  return later.Wait();
}

absl::Status ThreadedReplica::AwaitRead(const ReadDemand& demand,
                                        absl::Duration timeout) {
  if (node_->IsAlone()) return absl::OkStatus();
  Later<absl::StatusOr<LogIndex>> later;
  const MonotonicTime now = clock_.Now();
  node_->Submit(std::make_shared<PendingRead>(
      demand, now, now + timeout,
      [&later](absl::StatusOr<LogIndex> answer) { later.Set(answer); }));
  return later.Wait().status();
}

absl::StatusOr<std::optional<std::string>> ThreadedReplica::Get(
    std::string_view key, const ReadDemand& demand, absl::Duration timeout) {
  const Visit visit(*this);
  TRIMARAN_RETURN_IF_ERROR(visit.status());
  TRIMARAN_RETURN_IF_ERROR(AwaitRead(demand, timeout));
  std::string value;
  TRIMARAN_ASSIGN_OR_RETURN(
      const bool found,
      engine_->machine().Get(engine::kDefaultFamily, key, value));
  if (!found) return std::optional<std::string>();
  return std::optional<std::string>(std::move(value));
}

absl::StatusOr<std::vector<std::string>> ThreadedReplica::Keys(
    const std::string& begin, const std::string& end, absl::Duration timeout) {
  const Visit visit(*this);
  TRIMARAN_RETURN_IF_ERROR(visit.status());
  TRIMARAN_RETURN_IF_ERROR(AwaitRead({}, timeout));
  TRIMARAN_ASSIGN_OR_RETURN(const auto view, engine_->machine().NewView());
  TRIMARAN_ASSIGN_OR_RETURN(
      const auto rows,
      view->NewIterator(engine::kDefaultFamily, {.begin = begin, .end = end}));
  std::vector<std::string> keys;
  for (rows->SeekToFirst(); rows->valid(); rows->Next()) {
    keys.emplace_back(rows->key());
  }
  TRIMARAN_RETURN_IF_ERROR(rows->status());
  return keys;
}

}  // namespace trimaran
