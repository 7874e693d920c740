#include "tests/support/sim/sim_replica.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "replication/raft/debug_string.h"

namespace trimaran::sim {
namespace {

// How often the whole of a core's state is looked at, in inputs.
constexpr uint32_t kInputsPerStatus = 32;
// No input leaves more output than this, by far.
constexpr int kReadysPerInputMax = 20'000;

}  // namespace

SimReplica::SimReplica(World& world, size_t position, MachineState start,
                       DiskFinder disk_of)
    : world_(world),
      disk_of_(std::move(disk_of)),
      config_(world.options.core),
      random_(world.random.Fork()),
      disk_(std::move(start)),
      tick_period_(kTickPeriod) {
  config_.id = ReplicaId(position + 1);
  if (const uint64_t skew = world.options.tick_skew_ppm; skew > 0) {
    tick_period_ = kTickPeriod *
                   (1'000'000 - skew + world.random.Uniform(2 * skew + 1)) /
                   1'000'000;
  }
}

void SimReplica::ScheduleOwn(SimTime delay, EventKind kind, uint64_t argument) {
  world_.Schedule(delay, {.kind = kind,
                          .replica = static_cast<uint16_t>(id().value() - 1),
                          .life = lives_,
                          .argument = argument});
}

void SimReplica::Note(const char* what, uint64_t number) {
  world_.trace.Fold(Mix(world_.now, number));
  if (world_.trace.on()) {
    world_.trace.Line(world_.now, id(), absl::StrCat(what, " ", number));
  }
}

void SimReplica::Start() {
  TRIMARAN_CHECK(!running());
  ++lives_;
  ++world_.stats.restarts;
  life_ = std::make_unique<Life>(id(), lives_, world_.check.reads);
  world_.check.durability.OnHardState(id(), disk_.hard_state());
  auto core = raft::Raft::Create(config_, disk_.Load(), random_);
  if (!core.ok()) {
    world_.check.violations.Report(
        Rule::kHostContract,
        absl::StrCat("replica ", id().value(), " refuses what is on its disk: ",
                     core.status().ToString()));
    life_.reset();
    return;
  }
  life_->core = *std::move(core);
  life_->machine = disk_.checkpoint();
  life_->seen_commit = disk_.boundary().index;
  paused_until_ = 0;
  Note("starts with log up to", disk_.last().value());
  life_->next_tick = world_.now + 1 + random_.Uniform(tick_period_);
  ScheduleOwn(life_->next_tick - world_.now, EventKind::kTick);
  AfterInput();
}

void SimReplica::Crash() {
  TRIMARAN_CHECK(running());
  ++world_.stats.crashes;
  life_.reset();
  disk_.Crash(random_, world_.options.disk.torn);
  Note("crashes; its disk keeps the log up to", disk_.last().value());
}

void SimReplica::Pause(SimTime duration) {
  paused_until_ = world_.now + duration;
  ScheduleOwn(duration, EventKind::kResume);
  Note("pauses for us", duration);
}

void SimReplica::ResumeNow() {
  if (!paused()) return;
  paused_until_ = world_.now;
  Resume();
}

void SimReplica::Handle(const Event& event) {
  const bool delivery = event.kind == EventKind::kDeliver;
  if (!running() || (!delivery && event.life != lives_)) {
    raft::Message lost;
    if (delivery) {
      world_.network.Take(static_cast<SimNetwork::Slot>(event.argument), lost);
    }
    return;
  }
  if (paused()) {
    // Time passes unseen: ticks are made up for on waking. Whatever else has
    // arrived waits in its queue.
    if (event.kind == EventKind::kTick) return;
    // It looks again after a while: the pause may be ended early.
    world_.Schedule(std::min(kTickPeriod, paused_until_ - world_.now), event);
    return;
  }
  switch (event.kind) {
    case EventKind::kTick:
      Tick();
      ScheduleOwn(life_->next_tick - world_.now, EventKind::kTick);
      break;
    case EventKind::kDeliver:
      return Deliver(event.argument);
    case EventKind::kPump:
      life_->pump_scheduled = false;
      return Pump();
    case EventKind::kDiskDone:
      return DiskDone();
    case EventKind::kApplyDone:
      return ApplyDone();
    case EventKind::kFetchDone:
      return FetchDone(event.argument);
    case EventKind::kSnapshotAnswer:
      AnswerSnapshotRequest(ReplicaId(event.argument >> 48),
                            LogIndex(event.argument & 0xffff'ffff'ffff));
      break;
    case EventKind::kSnapshotReport:
      life_->core->ReportSnapshot(ReplicaId(event.argument >> 1),
                                  event.argument & 1
                                      ? raft::SnapshotResult::kDelivered
                                      : raft::SnapshotResult::kFailed);
      break;
    case EventKind::kUnreachable:
      life_->core->ReportUnreachable(ReplicaId(event.argument));
      break;
    case EventKind::kResume:
      return Resume();
    default:
      TRIMARAN_CHECK(false) << EventName(event.kind);
  }
  AfterInput();
}

void SimReplica::Tick() {
  life_->next_tick += tick_period_;
  life_->core->Tick();
}

void SimReplica::Resume() {
  // A clock that stood still would make a lease last for ever: what has piled
  // up passes before anything else is looked at.
  if (life_->next_tick >= world_.now) return;
  while (life_->next_tick < world_.now) {
    Tick();
    AfterInput();
  }
  ScheduleOwn(life_->next_tick - world_.now, EventKind::kTick);
}

void SimReplica::Deliver(uint64_t slot) {
  raft::Message message;
  const bool arrived =
      world_.network.Take(static_cast<SimNetwork::Slot>(slot), message);
  if (!arrived) return;
  ++world_.stats.messages;
  if (world_.trace.on()) {
    world_.trace.Line(world_.now, id(),
                      absl::StrCat("gets ", raft::DebugString(message)));
  }
  if (const auto* snap = message.As<raft::MsgSnap>()) {
    disk_.StageSnapshot(world_.snapshots.at(snap->snapshot.id.index));
  }
  // These are requests of clients, which may be refused.
  const bool request = message.As<raft::MsgProp>() != nullptr ||
                       message.As<raft::MsgTransferLeader>() != nullptr;
  const absl::Status status = life_->core->Step(std::move(message));
  if (absl::IsDataLoss(status) ||
      (absl::IsInvalidArgument(status) && !request)) {
    world_.check.violations.Report(
        Rule::kHonestPeersAreHeard,
        absl::StrCat("replica ", id().value(), ": ", status.ToString()));
  }
  AfterInput();
}

void SimReplica::AfterInput() {
  ObserveCommit();
  if (++life_->events_since_status >= kInputsPerStatus) CheckStatus();
  if (life_->pump_scheduled || !life_->core->HasReady()) return;
  if (world_.random.Chance(world_.options.lazy_pump_ppm)) {
    life_->pump_scheduled = true;
    ScheduleOwn(world_.options.lazy_pump.Draw(world_.random), EventKind::kPump);
    return;
  }
  Pump();
}

void SimReplica::ObserveCommit() {
  const raft::RaftLog& log = life_->core->log();
  const LogIndex commit = log.commit();
  if (commit == life_->seen_commit) return;
  const raft::RaftStatus status = life_->core->status();
  std::optional<Term> leader_term;
  if (status.role == raft::Role::kLeader) leader_term = status.term;
  const LogIndex known = world_.check.log.last();
  world_.check.log.OnCommit(id(), life_->seen_commit + 1, commit, leader_term,
                            [&log](LogIndex at) { return log.TermAt(at); });
  life_->seen_commit = commit;
  if (leader_term && world_.check.log.last() > known) {
    world_.check.durability.OnLeaderCommit({commit, *log.TermAt(commit)},
                                           status.conf, disk_of_);
  }
  Note("knows as committed", commit.value());
}

void SimReplica::CheckStatus() {
  life_->events_since_status = 0;
  world_.check.bounds.OnStatus(life_->core->status());
}

void SimReplica::Pump() {
  for (int i = 0; life_->core->HasReady(); ++i) {
    if (i == kReadysPerInputMax) {
      world_.check.violations.Report(
          Rule::kHostContract,
          absl::StrCat("replica ", id().value(), " never runs out of output"));
      return;
    }
    Perform(life_->core->TakeReady());
    ObserveCommit();
    if (world_.check.violations.any()) return;
  }
}

std::optional<EntryId> SimReplica::Propose(size_t count, size_t bytes_min) {
  std::vector<Payload> payloads;
  std::vector<uint8_t> keys;
  for (size_t i = 0; i < count; ++i) {
    const Command command{
        ++world_.last_command,
        static_cast<uint8_t>(world_.random.Uniform(kKeyCount))};
    payloads.push_back(EncodeCommand(command, bytes_min));
    keys.push_back(command.key);
  }
  const auto first = life_->core->Propose(payloads);
  std::optional<EntryId> result;
  if (first.ok() && first->has_value()) {
    result = **first;
    for (size_t i = 0; i < count; ++i) {
      life_->clients.WriteProposed({result->index + i, result->term}, keys[i]);
    }
    Note("proposes at", result->index.value());
  }
  AfterInput();
  return result;
}

void SimReplica::ProposeChange(const raft::ConfChange& change) {
  const auto first = life_->core->ProposeConfChange(change);
  if (world_.trace.on()) {
    world_.trace.Line(world_.now, id(),
                      absl::StrCat("proposes ", raft::DebugString(change),
                                   first.ok() ? "" : ", refused"));
  }
  AfterInput();
}

void SimReplica::AskRead() {
  const size_t key = world_.random.Uniform(kKeyCount);
  const raft::ReadId read =
      life_->clients.AskRead(key, world_.check.log.last(), world_.now);
  Note("asks read", read.value());
  const absl::Status status =
      life_->core->ReadIndex(read, world_.options.workload.read_mode);
  if (!status.ok()) life_->clients.Lost(read);
  AfterInput();
}

void SimReplica::TransferTo(ReplicaId target) {
  Note("is asked to make leader", target.value());
  (void)life_->core->TransferLeadership(target);
  AfterInput();
}

void SimReplica::ForgetLeader() {
  Note("forgets its leader", 0);
  life_->core->ForgetLeader();
  AfterInput();
}

void SimReplica::Campaign() {
  Note("is told to campaign", 0);
  life_->core->Campaign();
  AfterInput();
}

}  // namespace trimaran::sim
