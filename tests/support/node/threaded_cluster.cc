#include "tests/support/node/threaded_cluster.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "gtest/gtest.h"
#include "tests/support/node/blocking.h"

namespace trimaran {

NodeOptions QuickNodeOptions() {
  NodeOptions options;
  options.tick = absl::Milliseconds(20);
  options.maintenance.free_bytes_refuse = uint64_t{4} << 20;
  options.maintenance.free_bytes_stop = uint64_t{1} << 20;
  options.maintenance.free_bytes_accept = uint64_t{8} << 20;
  return options;
}

ThreadedCluster::ThreadedCluster(uint64_t size, const Options& options)
    : options_(options) {
  for (uint64_t id = 1; id <= size; ++id) {
    store_.conf.voters.push_back(ReplicaId(id));
    store_.members[ReplicaId(id)] = {};
  }
  store_.identity = engine::SoleStore().identity;
  for (uint64_t id = 1; id <= size; ++id) {
    store_.identity.replica = ReplicaId(id);
    store_.identity.store = StoreId(100 + id);
    MakeHome(id);
    EXPECT_TRUE(engine::FoundGroup(EngineOptionsOf(id), store_).ok());
    Start(id);
  }
}

void ThreadedCluster::MakeHome(uint64_t id) {
  if (options_.disks == Disks::kReal) {
    homes_[id] = std::make_unique<engine::TempHome>();
  } else {
    machines_[id] =
        std::make_unique<CrashableHome>(absl::StrCat("/machine", id));
  }
}

engine::EngineOptions ThreadedCluster::EngineOptionsOf(uint64_t id) {
  engine::EngineOptions options = options_.disks == Disks::kReal
                                      ? homes_.at(id)->options()
                                      : machines_.at(id)->options();
  options.log_segment_bytes = options_.log_segment_bytes;
  return options;
}

void ThreadedCluster::Start(uint64_t id) {
  const bool has_peers = store_.conf.voters.size() > 1;
  auto started = ThreadedReplica::Start(EngineOptionsOf(id), options_.node,
                                        has_peers ? &transport_ : nullptr,
                                        ++seed_, options_.threads);
  ASSERT_TRUE(started.ok()) << started.status();
  const MutexLock lock(changes_);
  replicas_[id] = *std::move(started);
}

std::shared_ptr<ThreadedReplica> ThreadedCluster::Take(uint64_t id) {
  const MutexLock lock(changes_);
  const auto found = replicas_.find(id);
  if (found == replicas_.end()) return nullptr;
  std::shared_ptr<ThreadedReplica> taken = std::move(found->second);
  replicas_.erase(found);
  return taken;
}

std::shared_ptr<ThreadedReplica> ThreadedCluster::Find(uint64_t id) {
  const MutexLock lock(changes_);
  const auto found = replicas_.find(id);
  return found == replicas_.end() ? nullptr : found->second;
}

void ThreadedCluster::Stop(uint64_t id) {
  const absl::Status stopped = Take(id)->Stop();
  EXPECT_TRUE(stopped.ok()) << stopped;
}

void ThreadedCluster::Kill(const std::set<uint64_t>& ids,
                           disk::Survival survival, uint64_t seed) {
  for (const uint64_t id : ids) machines_.at(id)->CutPower();
  for (const uint64_t id : ids) {
    // Only so that its threads come to their end: whatever it still does finds
    // no disk, and what it still says is true.
    if (const auto killed = Take(id)) killed->Stop().IgnoreError();
    machines_.at(id)->Restart(survival, seed + id);
  }
}

void ThreadedCluster::StartEmptied(uint64_t id, StoreId store) {
  engine::NewStore emptied = store_;
  emptied.identity.replica = ReplicaId(id);
  emptied.identity.store = store;
  homes_[id] = std::make_unique<engine::TempHome>();
  ASSERT_TRUE(engine::FoundGroup(EngineOptionsOf(id), emptied).ok());
  Start(id);
}

void ThreadedCluster::StartJoiner(uint64_t id) {
  engine::StoreIdentity identity = store_.identity;
  identity.replica = ReplicaId(id);
  identity.store = StoreId(100 + id);
  MakeHome(id);
  const absl::Status founded =
      engine::FoundJoiner(EngineOptionsOf(id), identity);
  ASSERT_TRUE(founded.ok()) << founded;
  Start(id);
}

uint64_t ThreadedCluster::Leader(uint64_t id) {
  const auto put = at(id).Put("who leads", "v");
  EXPECT_TRUE(put.ok()) << put.status();
  return at(id).node().status()->raft.leader.value();
}

bool ThreadedCluster::CatchesUp(uint64_t id, uint64_t of) {
  const LogIndex goal = at(of).engine().machine().applied().applied.id.index;
  return Eventually([this, id, goal] {
    return at(id).engine().machine().applied().applied.id.index >= goal;
  });
}

absl::StatusOr<engine::StateDigest> ThreadedCluster::Digest(uint64_t id) {
  engine::Engine& engine = at(id).engine();
  Later<absl::StatusOr<engine::StateDigest>> later;
  // Exports belong to the maintenance lane, and end there.
  at(id).maintenance().Post([&engine, &later] {
    later.Set([&engine]() -> absl::StatusOr<engine::StateDigest> {
      TRIMARAN_ASSIGN_OR_RETURN(auto state, engine.machine().NewExport());
      return engine::HashState(engine.identity().group, *state);
    }());
  });
  return later.Wait();
}

}  // namespace trimaran
