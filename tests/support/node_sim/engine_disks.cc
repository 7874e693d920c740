#include "tests/support/node_sim/engine_disks.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/base/random.h"
#include "engine/base/status_macros.h"
#include "engine/engine.h"
#include "engine/founding.h"
#include "engine/home/home_paths.h"
#include "engine/log/segment_log.h"
#include "tests/support/manual_clock.h"
#include "tests/support/node_sim/log_watch.h"
#include "tests/support/node_sim/model_disks.h"

namespace trimaran::node_sim {
namespace {

// For an open on a full disk, of a small store.
constexpr uint64_t kReserveBytes = uint64_t{256} << 10;

// A production store whose log is watched.
class WatchedEngine final : public engine::Store {
 public:
  WatchedEngine(std::unique_ptr<engine::Engine> engine,
                engine::ModelLogDisk& log)
      : engine_(std::move(engine)), log_(engine_->log(), log) {}

  const engine::StoreIdentity& identity() const override {
    return engine_->identity();
  }
  engine::LogStore& log() const override { return log_; }
  engine::StateMachine& machine() const override { return engine_->machine(); }
  engine::FileSystem& files() const override { return engine_->files(); }
  engine::SnapshotStore& snapshots() const override {
    return engine_->snapshots();
  }
  absl::Status Close() override {
    const absl::Status flushed = log_.Flush();
    const absl::Status closed = engine_->Close();
    return flushed.ok() ? closed : flushed;
  }

 private:
  // As the engine does.
  absl::Status NoteDurable() override {
    return static_cast<engine::SegmentLog&>(engine_->log()).WriteFloor();
  }

  const std::unique_ptr<engine::Engine> engine_;
  mutable LogWatch log_;
};

// Where damage matters. The log is there twice, for there are more ways in
// which it can be hit than others.
absl::Span<const std::string_view> PartsOf(bool log_too) {
  static constexpr std::string_view kParts[] = {
      "/FLOOR", "/STORE", "/kv/kv_g", "/kv/WiredTiger", "/snap/",
      "/snap/", "/log/",  "/log/",    "/log/"};
  return absl::MakeConstSpan(kParts).first(std::size(kParts) -
                                           (log_too ? 0 : 3));
}

}  // namespace

EngineDisks::EngineDisks(const engine::StoreIdentity& identity,
                         const std::optional<ConfState>& conf)
    : ReplicaDisks(identity), log_(conf ? FoundedLog() : EmptyLog()) {
  Insert(std::make_unique<disk::SimDisk>(NextRoot()));
  const ManualClock clock;
  const engine::EngineOptions options = Options(clock);
  const absl::Status founded =
      conf ? engine::FoundGroup(
                 options, {.identity = identity, .conf = *conf, .members = {}})
           : engine::FoundJoiner(options, identity);
  TRIMARAN_CHECK(founded.ok()) << founded.ToString();
}

EngineDisks::EngineDisks(CopyOf copy)
    : ReplicaDisks(copy.original.identity()),
      log_(copy.original.log_.durable()),
      checkpoint_(copy.original.checkpoint_),
      may_owe_more_(copy.original.may_owe_more_) {
  if (copy.original.log_.owed()) log_.Owe(*copy.original.log_.owed());
  Insert(std::make_unique<disk::SimDisk>(NextRoot(),
                                         copy.original.disk_->Visible()));
}

EngineDisks::~EngineDisks() { KeepWhatIsInUse(); }

std::string EngineDisks::NextRoot() {
  // Never twice in a process: see KeepWhatIsInUse.
  static uint64_t last = 0;
  return absl::StrCat("/replica-", identity().replica.value(), "-", ++last);
}

void EngineDisks::KeepWhatIsInUse() {
  if (mount_ == nullptr || *mount_->homes() == 0) return;
  // WiredTiger could not be closed, and its threads stay until the end.
  static auto* const kept = new std::vector<std::unique_ptr<disk::SimDisk>>();
  disk_->CutPowerAfter(0);
  kept->push_back(std::move(disk_));
}

void EngineDisks::Insert(std::unique_ptr<disk::SimDisk> disk) {
  KeepWhatIsInUse();
  mount_.reset();
  files_.reset();
  disk_ = std::move(disk);
  files_ = std::make_unique<disk::SimFileSystem>(*disk_);
  mount_ = std::make_unique<disk::WiredTigerMount>(*disk_);
}

engine::EngineOptions EngineDisks::Options(const Clock& clock) const {
  engine::EngineOptions options;
  options.directory = disk_->root() + "/home";
  options.cache_bytes = uint64_t{1} << 20;
  options.log_segment_bytes = uint64_t{16} << 10;
  options.reserve_bytes = kReserveBytes;
  options.files = files_.get();
  options.clock = &clock;
  options.wiredtiger_extensions = std::string(disk::WiredTigerExtension());
  return options;
}

absl::StatusOr<std::unique_ptr<engine::Store>> EngineDisks::Open(
    const Clock& clock, const Logger& logger) {
  engine::EngineOptions options = Options(clock);
  options.logger = logger;
  TRIMARAN_ASSIGN_OR_RETURN(std::unique_ptr<engine::Engine> engine,
                            engine::Engine::Open(options));
  const absl::Status settled = Settle(*engine);
  if (!settled.ok()) return absl::UnknownError(settled.message());
  return std::make_unique<WatchedEngine>(std::move(engine), log_);
}

absl::Status EngineDisks::Settle(const engine::Engine& engine) {
  const std::optional<EntryId> owed = engine.log().state().owed;
  if (std::exchange(may_owe_more_, false) && owed) log_.Owe(*owed);
  absl::Status settled = SettleAfterCrash(engine.log(), log_);
  if (std::exchange(log_damaged_, false) && !settled.ok()) {
    settled = SettleAfterDamage(engine.log(), log_);
  }
  TRIMARAN_RETURN_IF_ERROR(settled);
  const LogIndex applied = engine.machine().applied().applied.id.index;
  if (applied >= checkpoint_.id.index || state_damaged_) {
    return absl::OkStatus();
  }
  return CorruptionError(
      absl::StrCat("a checkpoint was at ", checkpoint_.id.index.value(),
                   ", and a crash has left the state of ", applied.value()));
}

absl::StatusOr<ObservedState> EngineDisks::Look(const engine::Store& store) {
  checkpoint_ = store.machine().durable().applied;
  return ObserveRows(store.machine());
}

void EngineDisks::Crash(Random& random) {
  std::string root = NextRoot();
  // Half of the time it was the process alone.
  if (random.OneIn(2)) {
    Insert(std::make_unique<disk::SimDisk>(std::move(root),
                                           std::exchange(at_death_, {})));
  } else {
    const disk::Survival survival = DrawSurvival(random);
    // Of its own: what WiredTiger's threads were writing says how many draws
    // there are, and nothing else may depend on them.
    SeededRandom fate(random.Next());
    Insert(std::make_unique<disk::SimDisk>(
        std::move(root), at_death_.AfterCrash(survival, fate)));
  }
}

bool EngineDisks::IsCertain() const {
  // Until it is opened nobody knows what else has survived.
  return log_.unsynced() == 0 && !log_damaged_ && !state_damaged_;
}

void EngineDisks::TakeImage() {
  if (!IsCertain()) return;
  image_ = {log_.durable(), checkpoint_, disk_->Visible()};
}

void EngineDisks::RestoreImage(Random& random) {
  disk::DiskImage files = image_->files;
  const std::string floor = absl::StrCat("home/", ToAbsl(engine::kFloorFile));
  if (random.OneIn(2)) {
    files.files[floor] = disk_->Visible().files.at(floor);
    may_owe_more_ = true;
  }
  log_.Replace(image_->log);
  checkpoint_ = image_->checkpoint;
  Insert(std::make_unique<disk::SimDisk>(NextRoot(), files));
}

std::unique_ptr<ReplicaDisks> EngineDisks::Copy() const {
  if (!IsCertain()) return nullptr;
  return std::make_unique<EngineDisks>(CopyOf{*this});
}

MediaDamage EngineDisks::Damage(Random& random, bool log_too) {
  disk::DiskImage files = disk_->Visible();
  const disk::DiskImage* older = image_ ? &image_->files : nullptr;
  MediaDamage damage = DamageAtRest(random, PartsOf(log_too), older, files);
  Insert(std::make_unique<disk::SimDisk>(NextRoot(), files));
  Note(damage);
  return damage;
}

MediaDamage EngineDisks::Decay(Random& random, bool log_too) {
  MediaDamage damage = DamageInUse(random, PartsOf(log_too), *disk_);
  Note(damage);
  return damage;
}

void EngineDisks::Note(const MediaDamage& damage) {
  log_damaged_ = log_damaged_ || damage.Hits("/log/");
  state_damaged_ = state_damaged_ || damage.Hits("/kv/");
}

std::string EngineDisks::FailReadsSoon(Random& random) {
  constexpr std::string_view kParts[] = {"/log/", "/kv/", "/snap/", "/FLOOR",
                                         "home/"};
  const std::string part(kParts[random.Uniform(std::size(kParts))]);
  disk_->Inject({.target = disk::FaultTarget::kRead,
                 .path_part = part,
                 .nth = 1 + random.Uniform(random.OneIn(2) ? 3 : 30),
                 .for_ever = random.OneIn(4)});
  return part;
}

void EngineDisks::Fill(uint64_t bytes) {
  // Where a crash has taken the reserve, its room is nobody else's yet.
  const disk::DiskImage seen = disk_->Visible();
  const uint64_t reserve =
      disk::FilesMatching(seen, "home/RESERVE").empty() ? kReserveBytes : 0;
  disk_->SetCapacity(disk_->UsedBytes() + reserve + bytes);
}

void EngineDisks::FailSoon(Random& random) {
  const auto nth = 1 + random.Uniform(3);
  disk::Fault fault{.path_part = "/log/", .nth = nth};
  switch (random.Uniform(4)) {
    case 0:
      fault.target = disk::FaultTarget::kSync;
      break;
    case 1:
      fault.target = disk::FaultTarget::kWrite;
      fault.error = disk::FaultError::kNoSpace;
      break;
    case 2:
      // In a checkpoint, of whatever comes first.
      fault.path_part = "/kv/";
      break;
    default:
      fault.target = disk::FaultTarget::kWrite;
      fault.written_sectors = random.Uniform(4);
  }
  disk_->Inject(std::move(fault));
}

void EngineDisks::LosePowerSoon(Random& random) {
  disk_->CutPowerAfter(disk_->operation_count() + 1 + random.Uniform(30));
}

}  // namespace trimaran::node_sim
