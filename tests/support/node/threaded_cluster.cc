#include "tests/support/node/threaded_cluster.h"

#include <utility>

#include "engine/base/check.h"

namespace trimaran {

ThreadedCluster::ThreadedCluster(uint64_t size, uint64_t seed)
    : size_(size), seed_(seed), network_(seed) {
  engine::NewStore store;
  store.identity = engine::SoleStore().identity;
  for (uint64_t id = 1; id <= size; ++id) {
    store.conf.voters.push_back(ReplicaId(id));
    store.members[ReplicaId(id)] = {};
  }
  for (uint64_t id = 1; id <= size; ++id) {
    store.identity.replica = ReplicaId(id);
    store.identity.store = StoreId(100 + id);
    homes_[id] = std::make_unique<engine::TempHome>();
    const absl::Status founded =
        engine::FoundGroup(homes_[id]->options(), store);
    TRIMARAN_CHECK(founded.ok()) << founded.ToString();
  }
  StartAll();
}

void ThreadedCluster::Start(uint64_t id) {
  NodeOptions options;
  options.tick = absl::Milliseconds(20);
  auto started =
      ThreadedReplica::Start(homes_.at(id)->options(), options,
                             size_ > 1 ? &network_ : nullptr, ++seed_);
  TRIMARAN_CHECK(started.ok()) << started.status().ToString();
  replicas_[id] = *std::move(started);
}

void ThreadedCluster::Stop(uint64_t id) {
  const absl::Status stopped = replicas_.at(id)->Stop();
  TRIMARAN_CHECK(stopped.ok()) << stopped.ToString();
  replicas_.erase(id);
}

void ThreadedCluster::StopAll() {
  for (uint64_t id = 1; id <= size_; ++id) {
    if (running(id)) Stop(id);
  }
}

void ThreadedCluster::StartAll() {
  for (uint64_t id = 1; id <= size_; ++id) {
    if (!running(id)) Start(id);
  }
}

uint64_t ThreadedCluster::Leader(uint64_t id) {
  if (!at(id).Put("who leads", "v").ok()) return 0;
  return at(id).node().status()->raft.leader.value();
}

}  // namespace trimaran
