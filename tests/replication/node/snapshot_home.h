#ifndef TRIMARAN_TESTS_REPLICATION_NODE_SNAPSHOT_HOME_H_
#define TRIMARAN_TESTS_REPLICATION_NODE_SNAPSHOT_HOME_H_

#include <memory>
#include <string>

#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_store.h"
#include "engine/store.h"
#include "gtest/gtest.h"
#include "tests/engine/snapshot/install_home.h"
#include "tests/engine/snapshot/test_state.h"

namespace trimaran {

// Of the snapshot at kReceivedPath.
inline std::string ReceivedName() {
  return engine::IncomingName(engine::kSnapshotAt, engine::kTestIdentity.id);
}

// The home of the old leader (install_home.h) as a store.
//
// Thread: owner.
class HomeStore final : public engine::Store {
 public:
  HomeStore() {
    auto snapshots = engine::SnapshotStore::Open(home_.files(), "/store/snap",
                                                 MonotonicTime(), Logger());
    EXPECT_TRUE(snapshots.ok()) << snapshots.status();
    snapshots_ = *std::move(snapshots);
    const engine::InstallTarget target = home_.target();
    identity_ = {.cluster = target.cluster,
                 .store = StoreId(7),
                 .group = target.group,
                 .replica = ReplicaId(1)};
  }

  const engine::StoreIdentity& identity() const override { return identity_; }
  engine::LogStore& log() const override { return *home_.target().log; }
  engine::StateMachine& machine() const override {
    return *home_.target().machine;
  }
  engine::FileSystem& files() const override { return home_.files(); }
  engine::SnapshotStore& snapshots() const override { return *snapshots_; }
  absl::Status Close() override { return absl::OkStatus(); }

  engine::InstallHome& home() { return home_; }

 private:
  absl::Status NoteDurable() override { return absl::OkStatus(); }

  // The parts are not the store's own, and can be had from a const store.
  mutable engine::InstallHome home_;
  std::unique_ptr<engine::SnapshotStore> snapshots_;
  engine::StoreIdentity identity_;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_REPLICATION_NODE_SNAPSHOT_HOME_H_
