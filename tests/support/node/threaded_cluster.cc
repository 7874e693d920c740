#include "tests/support/node/threaded_cluster.h"

#include <utility>

#include "engine/base/status_macros.h"
#include "gtest/gtest.h"
#include "tests/support/node/blocking.h"

namespace trimaran {

NodeOptions QuickNodeOptions() {
  NodeOptions options;
  options.tick = absl::Milliseconds(20);
  options.maintenance.free_bytes_refuse = uint64_t{4} << 20;
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
    homes_[id] = std::make_unique<engine::TempHome>();
    EXPECT_TRUE(engine::FoundGroup(EngineOptionsOf(id), store_).ok());
    Start(id);
  }
}

engine::EngineOptions ThreadedCluster::EngineOptionsOf(uint64_t id) {
  engine::EngineOptions options = homes_.at(id)->options();
  options.log_segment_bytes = options_.log_segment_bytes;
  return options;
}

void ThreadedCluster::Start(uint64_t id) {
  const bool has_peers = store_.conf.voters.size() > 1;
  auto started = ThreadedReplica::Start(EngineOptionsOf(id), options_.node,
                                        has_peers ? &transport_ : nullptr,
                                        ++seed_, options_.threads);
  ASSERT_TRUE(started.ok()) << started.status();
  replicas_[id] = *std::move(started);
}

void ThreadedCluster::Stop(uint64_t id) {
  const absl::Status stopped = replicas_.at(id)->Stop();
  EXPECT_TRUE(stopped.ok()) << stopped;
  replicas_.erase(id);
}

void ThreadedCluster::StartJoiner(uint64_t id) {
  engine::StoreIdentity identity = store_.identity;
  identity.replica = ReplicaId(id);
  identity.store = StoreId(100 + id);
  homes_[id] = std::make_unique<engine::TempHome>();
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
