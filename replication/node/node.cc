#include "replication/node/node.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "replication/node/mutant.h"

namespace trimaran {
namespace {

// Numbers that are never used twice, not even after a restart: each start
// begins somewhere else, with room for all that it will ever need.
uint64_t DrawFirst(Random& random) { return random.Next() >> 1; }

raft::Config CoreConfig(const NodeOptions& options,
                        const engine::StoreIdentity& identity) {
  raft::Config config = options.core;
  config.group = identity.group;
  config.id = identity.replica;
  config.proposal_forwarding = false;
  config.eager_commit_broadcast = false;
  return config;
}

raft::InitialState ToInitialState(engine::StartState start) {
  return {.hard_state = start.hard_state,
          .conf = std::move(start.conf),
          .boundary = start.boundary,
          .terms = std::move(start.terms),
          .last = start.last,
          .applied = start.applied,
          .conf_changes = std::move(start.conf_changes)};
}

}  // namespace

absl::Status StoppingError() {
  return absl::UnavailableError("the replica is being stopped");
}

absl::Status ValidateNodeOptions(const NodeOptions& options) {
  if (options.tick < absl::Milliseconds(1) ||
      options.tick > absl::Seconds(10)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "node options: tick is ", absl::FormatDuration(options.tick),
        ", must be from 1ms to 10s"));
  }
  if (options.queue_bytes_max == 0) {
    return absl::InvalidArgumentError(
        "node options: queue_bytes_max is 0, must be at least 1");
  }
  if (options.inbox_messages_max == 0 || options.inbox_bytes_max == 0) {
    return absl::InvalidArgumentError(
        "node options: inbox_messages_max or inbox_bytes_max is 0, must be at "
        "least 1");
  }
  if (options.write_stall_timeouts < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("node options: write_stall_timeouts is ",
                     options.write_stall_timeouts, ", must be at least 1"));
  }
  TRIMARAN_RETURN_IF_ERROR(
      engine::ValidateMaintenanceOptions(options.maintenance));
  return ValidateSnapshotOptions(options.snapshots);
}

absl::StatusOr<std::unique_ptr<Node>> Node::Start(
    const NodeOptions& options, const NodeEnvironment& environment) {
  TRIMARAN_RETURN_IF_ERROR(ValidateNodeOptions(options));
  const engine::Store& store = *environment.store;
  TRIMARAN_RETURN_IF_ERROR(store.failure());
  TRIMARAN_ASSIGN_OR_RETURN(engine::StartState start, store.start_state());
  TRIMARAN_ASSIGN_OR_RETURN(
      std::unique_ptr<raft::Raft> core,
      raft::Raft::Create(CoreConfig(options, store.identity()),
                         ToInitialState(std::move(start)),
                         *environment.random));
  std::unique_ptr<Node> node(new Node(options, environment, std::move(core)));
  Node* self = node.get();
  // Who can be found goes on, or the process ends: nobody could take him back.
  const auto begin = [&]() noexcept {
    if (environment.transport != nullptr) {
      environment.transport->Attach(store.identity().replica, *node);
    }
    environment.lanes.raft->Post([self] { self->Begin(); });
  };
  begin();
  return node;
}

Node::Node(const NodeOptions& options, const NodeEnvironment& environment,
           std::unique_ptr<raft::Raft> core)
    : options_(options),
      env_(environment),
      core_(std::move(core)),
      doors_(options, core_->log().applied(), env_.store->log()),
      errands_(*env_.lanes.raft, [this] { OnErrandDone(); }),
      log_writer_(env_.store->log(), env_.lanes, *env_.clock, env_.logger,
                  LogWriterHost()),
      applier_(*env_.store, env_.lanes, *env_.clock, ApplierHost()),
      writes_({.self = env_.store->identity().replica,
               .forward = options.forward_writes,
               .forward_retry = options.election_timeout()},
              DrawFirst(*env_.random), WritesHost()),
      reads_(DrawFirst(*env_.random), options.election_timeout()),
      peers_(2 * options.core.election_timeout_ticks),
      maintenance_(options_, env_, errands_, MaintenanceHost()),
      snapshots_(options_, env_, errands_, *core_, applier_, SnapshotHost()),
      audits_(env_, errands_, applier_, DrawFirst(*env_.random), AuditsHost()),
      debt_(env_.store->log(), *env_.lanes.log, errands_, env_.logger,
            [this](absl::Status error) { Fail(std::move(error)); }),
      bindings_(
          env_.store->identity(), env_.logger,
          [this](PendingWritePtr write) { writes_.Add({std::move(write)}); }),
      timers_{.tick = {}, .node = std::make_shared<Node*>(this)} {
  PublishStatus();
}

Node::~Node() {
  TRIMARAN_CHECK(timers_.node == nullptr)
      << "the node has been neither stopped nor abandoned";
}

void Node::Begin() {
  NoteMembers();
  timers_.tick = env_.clock->Now() + options_.tick;
  ScheduleTick();
  // Where nobody else could lead there is nothing to wait for.
  if (core_->membership().conf().IsOnlyVoter(env_.store->identity().replica) &&
      !debt_.owed()) {
    core_->Campaign();
  }
  Pump();
}

Writes::Host Node::WritesHost() {
  return {
      .send = [this](ReplicaId to,
                     PeerBody body) { SendTo(to, std::move(body)); },
      .make_room = [this](size_t bytes) { doors_.queue.MakeRoom(bytes); },
  };
}

LogWriter::Host Node::LogWriterHost() {
  return {
      .durable =
          [this](raft::PersistSeq last, std::vector<raft::Message> messages) {
            OnDurable(last, std::move(messages));
          },
      .failed = [this](absl::Status error) { Fail(std::move(error)); },
      .given_up = [this] { MaybeFinishStop(); },
      .install =
          [this](const SnapshotMeta& snapshot,
                 std::optional<HardState> hard_state) {
            snapshots_.Install(snapshot, hard_state);
          },
  };
}

Applier::Host Node::ApplierHost() {
  return {
      .change_members =
          [this](LogIndex index, const raft::ConfChange& change) {
            return OnConfChange(index, change);
          },
      .applied =
          [this](const std::vector<engine::CommittedEntry>& entries,
                 std::vector<engine::EntryResult> results) {
            OnApplied(entries, std::move(results));
          },
      .failed = [this](absl::Status error) { Fail(std::move(error)); },
  };
}

Maintenance::Host Node::MaintenanceHost() {
  return {
      .propose =
          [this](PendingWritePtr write) { writes_.Add({std::move(write)}); },
      .hand_over = [this](std::string_view why) { HandOver(why); },
      .installing = [this] { return snapshots_.installing(); },
      .failed = [this](absl::Status error) { Fail(std::move(error)); },
  };
}

SnapshotCoordinator::Host Node::SnapshotHost() {
  return {
      .send = [this](ReplicaId to,
                     PeerBody body) { SendTo(to, std::move(body)); },
      .step =
          [this](raft::Message message) {
            Step(std::move(message)).IgnoreError();
          },
      .installed =
          [this](LogIndex index, const absl::Status& result) {
            OnInstalled(index, result);
          },
  };
}

Audits::Host Node::AuditsHost() {
  return {
      .propose =
          [this](PendingWritePtr write) { writes_.Add({std::move(write)}); },
      .send =
          [this](ReplicaId to, MsgStateDigest digest) {
            if (to == env_.store->identity().replica) {
              audits_.OnDigest(to, digest);
            } else {
              SendTo(to, std::move(digest));
            }
          },
      .members = [this] { return core_->membership().conf(); },
      .failed = [this](absl::Status error) { Fail(std::move(error)); },
  };
}

// ---- Any thread ----

bool Node::Submit(const PendingWritePtr& write) {
  switch (doors_.queue.Push(write)) {
    case WriteQueue::Pushed::kFirst:
      Wake();
      return true;
    case WriteQueue::Pushed::kBehindOthers:
      return true;
    case WriteQueue::Pushed::kFull:
      return false;
    case WriteQueue::Pushed::kClosed:
      break;
  }
  const absl::Status failure = status()->failure;
  write->Answer(failure.ok()
                    ? ProposalDroppedError(DropReason::kShuttingDown, "")
                    : WithOutcome(failure, WriteOutcome::kNotApplied));
  return true;
}

void Node::Submit(const PendingReadPtr& read) {
  if (doors_.reads.Push(read)) return Wake();
  const absl::Status failure = status()->failure;
  read->Answer(failure.ok() ? StoppingError() : failure);
}

void Node::ChangeMembers(const raft::ConfChange& change, MonotonicTime deadline,
                         ConfChangeCallback done, MembersCheck check) {
  env_.lanes.raft->Post([this, change, deadline, done = std::move(done),
                         check = std::move(check)]() mutable {
    if (!working()) {
      done(failure_.ok() ? ProposalDroppedError(DropReason::kShuttingDown, "")
                         : WithOutcome(failure_, WriteOutcome::kNotApplied));
      return;
    }
    if (role_.role != raft::Role::kLeader) {
      done(NotLeaderError(role_.leader));
      return;
    }
    // The core takes no change before it has applied the last one.
    absl::Status refused =
        check == nullptr ? absl::OkStatus() : check(core_->membership().conf());
    if (!refused.ok()) {
      done(WithOutcome(std::move(refused), WriteOutcome::kNotApplied));
      return;
    }
    writes_.ChangeMembers(*core_, change, deadline, std::move(done));
    Pump();
  });
}

void Node::TransferLeadership(ReplicaId target,
                              absl::AnyInvocable<void(absl::Status)> done) {
  env_.lanes.raft->Post([this, target, done = std::move(done)]() mutable {
    if (!working()) {
      done(failure_.ok() ? StoppingError() : failure_);
      return;
    }
    done(BeginTransfer(target));
    Pump();
  });
}

absl::Status Node::BeginTransfer(ReplicaId target) {
  if (role_.role != raft::Role::kLeader) return NotLeaderError(role_.leader);
  if (target == kNoReplica) {
    target = peers_.Successor(env_.store->identity().replica);
  }
  if (target == kNoReplica) {
    return absl::UnavailableError(
        "no other voter has been heard of lately that could lead");
  }
  return core_->TransferLeadership(target);
}

void Node::Stop(absl::AnyInvocable<void()> done) {
  doors_.queue.Close();
  env_.lanes.raft->Post([this, done = std::move(done)]() mutable {
    TRIMARAN_CHECK(!stopping_) << "stopped twice";
    stopping_ = std::move(done);
    doors_.alone = false;
    writes_.Add(doors_.queue.TakeAll());
    writes_.AnswerAll(ProposalDroppedError(DropReason::kShuttingDown, ""));
    doors_.reads.Close(StoppingError());
    reads_.AnswerAll(StoppingError());
    doors_.changes.Close(StoppingError());
    log_writer_.Stop();
    applier_.Stop();
    maintenance_.Stop(StoppingError());
    audits_.Stop(StoppingError());
    snapshots_.Stop();
    PublishStatus();
    MaybeFinishStop();
  });
}

// ---- The end ----

void Node::Fail(absl::Status error) {
  // What was under way when the first one came has come to its end as well.
  if (!failure_.ok()) {
    if (!MutantActive(Mutant::kSecondFailureEndsNothing)) MaybeFinishStop();
    return;
  }
  failure_ = std::move(error);
  env_.logger.Error("the replica has failed for good: ",
                    ToStd(failure_.message()));
  doors_.alone = false;
  // Before somebody finds the queue closed, and asks why.
  PublishStatus();
  doors_.queue.Close();
  writes_.Add(doors_.queue.TakeAll());
  writes_.AnswerAll(failure_);
  doors_.reads.Close(failure_);
  reads_.AnswerAll(failure_);
  doors_.changes.Close(failure_);
  log_writer_.Stop();
  applier_.Stop();
  maintenance_.Stop(failure_);
  audits_.Stop(failure_);
  snapshots_.Stop();
  PublishStatus();
  MaybeFinishStop();
}

void Node::MaybeFinishStop() {
  if (!stopping_ || timers_.node == nullptr || log_writer_.busy() ||
      applier_.busy() || errands_.running() > 0) {
    return;
  }
  if (env_.transport != nullptr) {
    env_.transport->Detach(env_.store->identity().replica);
  }
  timers_.node.reset();
  // Behind this task, so that whoever hears of it may destroy the node.
  env_.lanes.raft->Post(*std::move(stopping_));
}

void Node::Abandon() {
  if (timers_.node == nullptr) return;
  if (env_.transport != nullptr) {
    env_.transport->Detach(env_.store->identity().replica);
  }
  timers_.node.reset();
}

void Node::PublishStatus() {
  counters_.checkpoints = maintenance_.checkpoints();
  snapshots_.Count(counters_);
  const engine::StateMachine& machine = env_.store->machine();
  raft::RaftStatus raft = core_->status();
  // The core forgets whom it has heard of at each look at its quorum, and a new
  // leader has had no time to hear of anybody.
  for (raft::PeerStatus& peer : raft.peers) {
    const bool is_new = !peers_.MatchOf(peer.id).has_value();
    peer.recently_active =
        peer.id == raft.id || is_new || peers_.IsAlive(peer.id);
  }
  counters_.log_writes = log_writer_.synced_writes();
  doors_.board.Publish({.at = env_.clock->Now(),
                        .raft = std::move(raft),
                        .owed = debt_.owed(),
                        .refused_by = bindings_.refused_by(),
                        .failure = failure_,
                        .counters = counters_,
                        .snapshots_sent = snapshots_.on_their_way(),
                        .truncated = env_.store->log().truncated(),
                        .durable_applied = machine.durable().applied.id.index,
                        .refuses_writes = maintenance_.refuses_writes(),
                        .writes_waiting = writes_.backlog(),
                        .reads_waiting = reads_.size()});
}

}  // namespace trimaran
