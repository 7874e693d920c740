#include "tests/replication/node/stepped_group.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "engine/file/file_system.h"
#include "tests/support/engine/temp_home.h"

namespace trimaran {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(20);
// Of patience; elections take some thirty.
constexpr int kTicksMax = 1000;
// Who waits longer than any test lasts.
constexpr int kNeverTicks = 100'000;
constexpr size_t kValueBytes = 700;

}  // namespace

void SteppedLane::RunDue(MonotonicTime now) {
  while (true) {
    while (!timed_.empty() && timed_.begin()->first <= now) {
      tasks_.push_back(std::move(timed_.begin()->second));
      timed_.erase(timed_.begin());
    }
    if (tasks_.empty()) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    std::move(task)();
  }
}

SteppedGroup::SteppedGroup(uint64_t size) : size_(size) {
  store_.identity = engine::SoleStore().identity;
  for (uint64_t id = 1; id <= size; ++id) {
    store_.conf.voters.push_back(ReplicaId(id));
    store_.members[ReplicaId(id)] = {};
  }
}

SteppedGroup::~SteppedGroup() {
  for (uint64_t id = 1; id <= size_; ++id) Stop(id).IgnoreError();
}

// ---- Life ----

engine::EngineOptions SteppedGroup::OptionsOf(const disk::SimDisk& disk,
                                              SteppedReplica& replica) {
  engine::EngineOptions options;
  options.directory = engine::JoinPath(disk.root(), "store");
  options.cache_bytes = uint64_t{4} << 20;
  options.log_segment_bytes = uint64_t{16} << 10;
  options.files = &replica.files;
  options.clock = &clock_;
  options.wiredtiger_extensions = std::string(disk::WiredTigerExtension());
  return options;
}

NodeOptions SteppedGroup::NodeOptionsOf(uint64_t id) const {
  NodeOptions options;
  options.tick = kTick;
  options.maintenance.free_bytes_refuse = 1;
  options.maintenance.free_bytes_stop = 1;
  options.maintenance.free_bytes_accept = 1;
  options.maintenance.log_entries_limit = 8;
  options.maintenance.checkpoint_entries_limit = 16;
  options.snapshots.chunk_bytes_target = 4096;
  options.snapshots.ask_again_after = kTick * 5;
  options.snapshots.free_bytes_min = 0;
  options.core.lease_reads = lease_reads_;
  options.core.lease_margin_ticks =
      raft::LeaseMarginForDoubleSpeed(options.core.election_timeout_ticks);
  if (id != 2 && size_ > 1) {
    options.core.election_timeout_min_ticks = kNeverTicks;
    options.core.election_timeout_max_ticks = kNeverTicks + 1;
  }
  return options;
}

absl::Status SteppedGroup::Found(uint64_t id, disk::SimDisk& disk) {
  SteppedReplica replica(disk);
  engine::NewStore store = store_;
  store.identity.replica = ReplicaId(id);
  store.identity.store = StoreId(100 + id);
  return engine::FoundGroup(OptionsOf(disk, replica), store);
}

absl::StatusOr<engine::Engine*> SteppedGroup::Open(uint64_t id,
                                                   disk::SimDisk& disk) {
  auto replica = std::make_unique<SteppedReplica>(disk);
  TRIMARAN_ASSIGN_OR_RETURN(replica->engine,
                            engine::Engine::Open(OptionsOf(disk, *replica)));
  engine::Engine* engine = replica->engine.get();
  replicas_[id] = std::move(replica);
  return engine;
}

absl::Status SteppedGroup::Start(uint64_t id, disk::SimDisk& disk) {
  TRIMARAN_ASSIGN_OR_RETURN(engine::Engine* const engine, Open(id, disk));
  TRIMARAN_ASSIGN_OR_RETURN(
      at(id).node, Node::Start(NodeOptionsOf(id),
                               {.store = engine,
                                .lanes = {.raft = &lane_,
                                          .log = &lane_,
                                          .apply = &lane_,
                                          .maintenance = &lane_},
                                .transport = size_ > 1 ? &transport_ : nullptr,
                                .clock = &clock_,
                                .random = &random_,
                                .logger = {}}));
  return absl::OkStatus();
}

absl::Status SteppedGroup::Stop(uint64_t id) {
  const auto found = replicas_.find(id);
  if (found == replicas_.end()) return absl::OkStatus();
  SteppedReplica& replica = *found->second;
  if (replica.node != nullptr) {
    bool stopped = false;
    replica.node->Stop([&stopped] { stopped = true; });
    while (!stopped) lane_.RunDue(clock_.Now());
    replica.node.reset();
  }
  const absl::Status closed = replica.engine->Close();
  replicas_.erase(found);
  return closed;
}

void SteppedGroup::Abandon(uint64_t id) {
  // Nothing of it waits on the lane, but ticks, which know when it is gone.
  lane_.RunDue(clock_.Now());
  at(id).node->Abandon();
  at(id).node.reset();
  replicas_.erase(id);
}

// ---- Work ----

absl::Status SteppedGroup::FirstFailure() const {
  for (const auto& [id, replica] : replicas_) {
    if (replica->node == nullptr) continue;
    TRIMARAN_RETURN_IF_ERROR(replica->node->status()->failure);
  }
  return absl::OkStatus();
}

absl::Status SteppedGroup::RunUntil(std::string_view what,
                                    absl::FunctionRef<bool()> done) {
  for (int tick = 0; tick < kTicksMax; ++tick) {
    lane_.RunDue(clock_.Now());
    TRIMARAN_RETURN_IF_ERROR(FirstFailure());
    if (done()) return absl::OkStatus();
    clock_.Advance(kTick);
  }
  return absl::DeadlineExceededError(absl::StrCat("in vain: ", ToAbsl(what)));
}

void SteppedGroup::Stall(int ticks, Task task) {
  lane_.PostAt(clock_.Now(), std::move(task));
  clock_.Advance(kTick * ticks);
  lane_.RunDue(clock_.Now());
}

absl::Status SteppedGroup::Pass(int ticks) {
  return RunUntil("time to pass", [&ticks] { return ticks-- == 0; });
}

absl::Status SteppedGroup::Put(uint64_t id, const std::string& prefix,
                               uint64_t first, uint64_t count) {
  uint64_t answers = 0;
  absl::Status refused;
  for (uint64_t number = first; number < first + count; ++number) {
    const std::string key = absl::StrCat(prefix, number);
    const std::string value = key + std::string(kValueBytes, '.');
    engine::WriteCommand write;
    write.compares = {{.family = engine::kDefaultFamily,
                       .key = key,
                       .kind = engine::CompareKind::kAbsent,
                       .value = {},
                       .version = {}}};
    write.operations = {engine::PutOp{engine::kDefaultFamily, key, value}};
    write.otherwise = {engine::PutOp{engine::kDefaultFamily, "twice", key}};
    TRIMARAN_ASSIGN_OR_RETURN(
        std::string encoded,
        engine::EncodeCommand({.stamp = {}, .body = write}));
    const bool taken = at(id).node->Submit(std::make_shared<PendingWrite>(
        std::move(encoded), MonotonicTime::Infinite(),
        [&answers, &refused](const absl::StatusOr<AppliedWrite>& answer) {
          ++answers;
          refused.Update(answer.status());
        }));
    if (!taken) return absl::ResourceExhaustedError("the queue is full");
  }
  const absl::Status run =
      RunUntil("an answer", [&] { return answers == count; });
  // Nobody may answer into this frame any more.
  if (!run.ok()) Stop(id).IgnoreError();
  TRIMARAN_RETURN_IF_ERROR(run);
  return refused;
}

absl::StatusOr<engine::StateDigest> SteppedGroup::Digest(uint64_t id) {
  engine::Engine& engine = *at(id).engine;
  TRIMARAN_ASSIGN_OR_RETURN(const auto state, engine.machine().NewExport());
  return engine::HashState(engine.identity().group, *state);
}

}  // namespace trimaran
