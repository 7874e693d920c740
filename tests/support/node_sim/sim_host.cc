#include "tests/support/node_sim/sim_host.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "tests/support/node_sim/engine_disks.h"
#include "tests/support/node_sim/model_disks.h"
#include "tests/support/sim/mix.h"

namespace trimaran::node_sim {
namespace {

engine::StoreIdentity IdentityOf(ReplicaId id) {
  return {.cluster = {.high = 1, .low = 2},
          .store = StoreId(100 + id.value()),
          .group = GroupId(1),
          .replica = id};
}

// Clocks begin anywhere, also just before counters of 32 bits would wrap.
int64_t DrawOrigin(Random& random) {
  constexpr int64_t kMillion = 1'000'000;
  switch (random.Uniform(4)) {
    case 0:
      return 0;
    case 1:
      return (int64_t{1} << 31) * kMillion - 2'000 * kMillion;
    case 2:
      return (int64_t{1} << 32) * 1000 - 2'000 * kMillion;
    default:
      return static_cast<int64_t>(random.Next() >> 3);
  }
}

int64_t DrawRate(Random& random, uint32_t skew_ppm) {
  return 1'000'000 - static_cast<int64_t>(skew_ppm) +
         static_cast<int64_t>(random.Uniform(2 * uint64_t{skew_ppm} + 1));
}

// Of a store that is damaged, or is not there any more.
bool IsRefusal(const absl::Status& error) {
  return IsCorruption(error) || absl::IsFailedPrecondition(error) ||
         absl::IsNotFound(error);
}

// Tells people which file to look at.
bool IsNamed(const absl::Status& error) {
  return absl::StrContains(error.message(), "/replica-") ||
         absl::StrContains(error.message(), "kv_g");
}

std::unique_ptr<ReplicaDisks> MakeDisks(const NodeWorld& world, ReplicaId id,
                                        SimHost::Origin origin) {
  std::optional<ConfState> conf;
  if (origin == SimHost::Origin::kFounder) conf = world.founders;
  if (world.options.store == StoreKind::kEngine) {
    return std::make_unique<EngineDisks>(IdentityOf(id), conf);
  }
  return std::make_unique<ModelDisks>(IdentityOf(id), conf);
}

}  // namespace

void SimHost::TraceSink::Write(LogLevel level, std::string_view,
                               std::string_view message) {
  // WiredTiger's own threads know nothing of virtual time.
  if (std::this_thread::get_id() != owner_) return;
  host_.Tell(ToAbsl(LogLevelName(level)), ": ", ToAbsl(message));
}

SimHost::Life::Life(SimHost& host, SeededRandom life_random)
    : random(life_random),
      clock(host.world_.scheduler, DrawOrigin(random),
            DrawRate(random, host.world_.options.group.tick_skew_ppm)),
      executor(host.world_.scheduler, clock, host.world_.options.lanes,
               random.Fork(), [&host](LaneKind lane) { host.OnTask(lane); }) {}

SimHost::SimHost(NodeWorld& world, ReplicaId id, Origin origin)
    : world_(world),
      id_(id),
      transport_(world.transport),
      sink_(*this),
      disks_(MakeDisks(world, id, origin)) {}

SimHost::SimHost(const SimHost& original, std::unique_ptr<ReplicaDisks> copy,
                 Transport& transport)
    : world_(original.world_),
      id_(original.id_),
      transport_(transport),
      sink_(*this),
      disks_(std::move(copy)),
      snapshots_suspect_(original.snapshots_suspect_) {}

SimHost::~SimHost() {
  if (up()) Crash();
}

void SimHost::Start() {
  TRIMARAN_CHECK(!up() && !wiped_);
  ++lives_;
  ++world_.stats.restarts;
  Tell("starts");
  life_ = std::make_unique<Life>(*this, world_.random.Fork());
  life_->may_fail = misreads_;
  life_->was_full = full_;
  const engine::ModelLogImage before = durable_log();
  auto store = disks_->Open(life_->clock, Logger(&sink_, "engine"));
  if (!store.ok()) return OnUnopened("what is left", store.status());
  life_->store = *std::move(store);
  if (suspect_ && durable_log().last().id.index < before.last().id.index) {
    ++world_.stats.damages_found;
    log_before_ = before;
  }
  const NodeEnvironment environment{.store = life_->store.get(),
                                    .lanes = life_->executor.lanes(),
                                    .transport = &transport_,
                                    .clock = &life_->clock,
                                    .random = &life_->random,
                                    .logger = Logger(&sink_, "node")};
  auto node = Node::Start(world_.options.node, environment);
  if (!node.ok()) return OnUnopened("the node", node.status());
  life_->node = *std::move(node);
  // All of the log has been read.
  if (!state_suspect_) suspect_ = false;
  OnTask(LaneKind::kApply);
}

void SimHost::OnUnopened(const char* what, const absl::Status& error) {
  Tell("does not open: ", error.ToString());
  if (!IsExcused(error)) {
    world_.findings.Report(Rule::kWholeDisks,
                           absl::StrCat(what, " of replica ", id_.value(),
                                        " does not open: ", error.ToString()));
  }
  refuses_ = suspect_ && IsRefusal(error);
  if (refuses_) ++world_.stats.damages_found;
  End();
}

// An error that tells what is the matter.
bool SimHost::IsExcused(const absl::Status& error) {
  // ReplicaDisks::Open.
  if (absl::IsUnknown(error)) return false;
  if (suspect_ && IsRefusal(error)) return IsNamed(error);
  if (!misreads_) return false;
  // WiredTiger calls its metadata damaged where it cannot read it. Its own
  // POSIX layer reports the error before; that of a simulated disk cannot.
  return !IsCorruption(error) || absl::StrContains(error.message(), "home/kv");
}

void SimHost::Crash() {
  TRIMARAN_CHECK(up());
  ++world_.stats.crashes;
  Tell("crashes");
  life_->node->Abandon();
  End();
}

void SimHost::End() {
  CountLife();
  misreads_ = false;
  // Whoever still wants to run something finds nobody.
  disks_->Freeze();
  life_.reset();
  disks_->Crash(world_.random);
}

void SimHost::Stop(absl::AnyInvocable<void()> done) {
  TRIMARAN_CHECK(up() && !life_->stopping);
  life_->stopping = true;
  ++world_.stats.stops;
  Tell("is to stop");
  life_->node->Stop([this, life = lives_, done = std::move(done)]() mutable {
    // Not within a task of the lane that ends with this.
    world_.scheduler.After(0, [this, life, done = std::move(done)]() mutable {
      if (!up() || lives_ != life) return;
      Tell("has stopped");
      CountLife();
      life_->node.reset();
      CheckAllOfState();
      (void)life_->store->Close();
      End();
      done();
    });
  });
}

void SimHost::Pause() {
  Tell("is paused");
  life_->executor.Pause();
}

void SimHost::Resume() {
  if (!paused()) return;
  Tell("goes on");
  life_->executor.Resume();
}

void SimHost::Checkpoint() {
  Tell("is to take a checkpoint");
  ++world_.stats.checkpoints;
  const LogIndex applied = machine().applied().applied.id.index;
  life_->node->Checkpoint(
      [this, applied](const absl::StatusOr<engine::AppliedState>& durable) {
        if (!durable.ok() || durable->applied.id.index >= applied) return;
        world_.findings.Report(Rule::kWholeDisks,
                               absl::StrCat("replica ", id_.value(),
                                            " had applied ", applied.value(),
                                            ", and a checkpoint that began "
                                            "later is of ",
                                            durable->applied.id.index.value()));
      });
}

void SimHost::CompactLog(uint64_t back) {
  const LogIndex applied = machine().applied().applied.id.index;
  const LogIndex index(applied.value() - std::min(applied.value(), back));
  Tell("is to compact the log up to ", index.value());
  ++world_.stats.compactions;
  life_->node->CompactLog(index, clock().Now() + absl::Seconds(1),
                          [](const absl::StatusOr<AppliedWrite>&) {});
}

// What this life has done, once.
void SimHost::CountLife() {
  if (life_->node == nullptr) return;
  world_.stats.snapshots_installed +=
      life_->node->status()->counters.snapshots_installed;
}

void SimHost::FailSoon() {
  Tell("will fail to write");
  ++world_.stats.write_errors;
  life_->may_fail = true;
  disks_->FailSoon(world_.random);
}

void SimHost::LosePowerSoon() {
  Tell("will lose its power");
  ++world_.stats.power_losses;
  life_->may_fail = true;
  life_->loses_power = true;
  disks_->LosePowerSoon(world_.random);
}

bool SimHost::Heal() {
  if (life_->loses_power) return false;
  disks_->Heal();
  return true;
}

// ---- Media ----

bool SimHost::Damage(bool log_too) {
  TRIMARAN_CHECK(!up());
  return NoteDamage(disks_->Damage(world_.random, log_too));
}

bool SimHost::Decay(bool log_too) {
  return NoteDamage(disks_->Decay(world_.random, log_too));
}

bool SimHost::NoteDamage(const MediaDamage& damage) {
  if (damage.path.empty()) return false;
  Tell("is damaged: ", damage.path, ": ", damage.what);
  ++world_.stats.damages;
  // Snapshots are made or fetched again, by the next life if not by this one.
  const bool is_of_snapshot = damage.Hits("snap/");
  snapshots_suspect_ = snapshots_suspect_ || is_of_snapshot;
  suspect_ = suspect_ || !is_of_snapshot;
  state_suspect_ = state_suspect_ || damage.Hits("/kv/");
  return true;
}

void SimHost::FailReadsSoon() {
  const std::string what = disks_->FailReadsSoon(world_.random);
  Tell("will fail to read ", what);
  ++world_.stats.read_errors;
  misreads_ = true;
  if (up()) life_->may_fail = true;
}

void SimHost::Fill(uint64_t bytes) {
  Tell("has room for ", bytes, " bytes");
  ++world_.stats.full_disks;
  if (up()) life_->was_full = true;
  full_ = true;
  disks_->Fill(bytes);
}

void SimHost::MakeRoom() {
  full_ = false;
  disks_->MakeRoom();
}

// ---- Operators ----

void SimHost::Wipe() {
  TRIMARAN_CHECK(!up());
  Tell("has lost all that was on its disks");
  ++world_.stats.disks_wiped;
  wiped_ = true;
}

bool SimHost::LoseTail() {
  engine::ModelLogImage before = durable_log();
  if (!disks_->LoseTail(world_.random)) return false;
  Tell("has lost what came after ", durable_log().last().id.index.value());
  ++world_.stats.tails_lost;
  log_before_ = std::move(before);
  return true;
}

void SimHost::RestoreImage() {
  log_before_ = durable_log();
  disks_->RestoreImage(world_.random);
  Tell("is as it was at ", durable_log().last().id.index.value(), ", not ",
       log_before_->last().id.index.value());
  ++world_.stats.images_restored;
}

bool SimHost::ContinueFrom(const SimHost& copy) {
  std::unique_ptr<ReplicaDisks> disks = copy.disks_->Copy();
  if (disks == nullptr) return false;
  log_before_ = durable_log();
  disks_ = std::move(disks);
  snapshots_suspect_ = snapshots_suspect_ || copy.snapshots_suspect_;
  Tell("is what its copy was, at ", durable_log().last().id.index.value(),
       ", not ", log_before_->last().id.index.value());
  ++world_.stats.copies_continued;
  return true;
}

bool SimHost::KnowsForGood(LogIndex index) const {
  return serving() && (durable_log().hard_state.commit >= index ||
                       machine().durable().applied.id.index >= index);
}

bool SimHost::Holds(EntryId id) const {
  return IsInLog(durable_log(), id) ||
         (log_before_ && IsInLog(*log_before_, id));
}

// ---- Checks ----

void SimHost::OnTask(LaneKind lane) {
  world_.trace.Fold(sim::Mix(world_.scheduler.now(),
                             id_.value() << 8 | static_cast<uint64_t>(lane)));
  if (lane == LaneKind::kApply) {
    CheckState();
  }
  if (lane == LaneKind::kRaft) {
    CheckNode();
  } else {
    CheckDisks();
  }
}

void SimHost::CheckState() {
  const auto state = disks_->Look(*life_->store);
  // It may fail, if its disk does; the node has to notice by itself.
  if (state.ok()) world_.oracle.OnState(id_, *state, durable_log());
}

void SimHost::CheckAllOfState() {
  // Whoever waits to join has no state yet.
  const bool none = machine().applied().applied.id.index == LogIndex();
  if (none || !life_->store->failure().ok()) return;
  const auto state =
      ObserveAll(disks_->identity().group, life_->store->machine());
  if (state.ok()) {
    world_.oracle.OnState(id_, *state, durable_log());
  } else if (!MayLackRoom(state.status()) && !MayFailWith(state.status())) {
    world_.findings.Report(
        Rule::kFailsOnlyWhenTold,
        absl::StrCat("the state of replica ", id_.value(),
                     " cannot be read: ", state.status().ToString()));
  }
}

// What a crash would leave is a store: the log has all that came after the
// last checkpoint.
void SimHost::CheckDisks() {
  const engine::ModelLogImage& log = durable_log();
  // Else log and state are of two generations, and the state is being replaced.
  if (machine().generation() != log.generation) return;
  const LogIndex durable = machine().durable().applied.id.index;
  if (log.boundary.id.index <= durable && durable <= log.last().id.index) {
    return;
  }
  world_.findings.Report(
      Rule::kWholeDisks,
      absl::StrCat("replica ", id_.value(), " has a checkpoint at ",
                   durable.value(), " and a log from ",
                   log.boundary.id.index.value() + 1, " to ",
                   log.last().id.index.value()));
}

void SimHost::CheckNode() {
  const auto status = life_->node->status();
  if (!status->failure.ok() && !MayFailWith(status->failure)) {
    world_.findings.Report(
        Rule::kFailsOnlyWhenTold,
        absl::StrCat("replica ", id_.value(),
                     " has failed: ", status->failure.ToString()));
  }
  // A leader may know of entries that it has lost.
  if (status->counters.messages_refused > 0 && !log_before_) {
    world_.findings.Report(
        Rule::kFailsOnlyWhenTold,
        absl::StrCat("replica ", id_.value(), " refuses an honest message"));
  }
  CheckQueues(*status);
}

bool SimHost::MayLackRoom(const absl::Status& error) const {
  return life_->was_full && absl::IsResourceExhausted(error);
}

// A disk that fails does so in its own words; damage has a name, and is not
// always known as such where WiredTiger gives up.
bool SimHost::MayFailWith(const absl::Status& error) const {
  if (life_->may_fail) return true;
  if (!IsNamed(error)) return false;
  // WiredTiger ends with a panic where it cannot write the end of what it was
  // importing, though nobody needs that any more.
  if (MayLackRoom(error)) return true;
  const bool is_of_snapshot = absl::StrContains(error.message(), "/snap/");
  if (is_of_snapshot) return snapshots_suspect_ && IsCorruption(error);
  // Of its own files WiredTiger says what it could not do, and not why.
  return state_suspect_ || (suspect_ && IsCorruption(error));
}

void SimHost::CheckQueues(const NodeStatus& status) {
  // Each client waits for one call; a session may be being opened, and a
  // compaction be under way. Sessions are closed, and logs compacted, by calls
  // that wait for a second, one a tick.
  const NodeNemesisOptions& nemesis = world_.options.nemesis;
  const uint64_t writes_max = world_.options.clients.count + 5 +
                              (nemesis.expire_session_ppm > 0 ? 120 : 0) +
                              (nemesis.compact_ppm > 0 ? 120 : 0);
  if (status.writes_waiting > writes_max ||
      life_->executor.waiting() > 100 + writes_max) {
    world_.findings.Report(
        Rule::kBoundedQueues,
        absl::StrCat("replica ", id_.value(), " has ", status.writes_waiting,
                     " writes and ", life_->executor.waiting(),
                     " tasks waiting"));
  }
}

}  // namespace trimaran::node_sim
