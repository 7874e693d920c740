#include "tests/fuzz/receiving_replica.h"

#include "engine/base/check.h"
#include "tests/engine/snapshot/test_state.h"

namespace trimaran {

// ---- ReceivingStore ----

ReceivingStore::ReceivingStore(engine::FileSystem& files)
    : files_(files),
      identity_{.cluster = engine::kTestCluster,
                .store = StoreId(7),
                .group = engine::kTestGroup,
                .replica = ReplicaId(1)} {
  auto snapshots = engine::SnapshotStore::Open(files_, ReceivingReplica::kRoot,
                                               MonotonicTime(), Logger());
  TRIMARAN_CHECK(snapshots.ok()) << snapshots.status();
  snapshots_ = *std::move(snapshots);
}

engine::LogStore& ReceivingStore::log() const {
  TRIMARAN_CHECK(false) << "the log is not looked at";
}
engine::StateMachine& ReceivingStore::machine() const {
  TRIMARAN_CHECK(false) << "the state is not looked at";
}

// ---- ReceivingReplica ----

ReceivingReplica::ReceivingReplica() : disk_("/store") {
  const std::string other = std::string("/store/") + kOtherFile;
  TRIMARAN_CHECK(files_.CreateDirectory(kRoot).ok());
  TRIMARAN_CHECK(
      engine::WriteFileAtomically(files_, other, kOtherContent).ok());
  TRIMARAN_CHECK(files_.SyncDirectory("/store").ok());
  Start();
}

ReceivingReplica::ReceivingReplica(const disk::DiskImage& image,
                                   MonotonicTime now)
    : disk_("/store", image), clock_(now) {
  Start();
}

void ReceivingReplica::Start() {
  store_.emplace(files_);
  env_.store = &*store_;
  env_.lanes = {.raft = &raft_,
                .log = &raft_,
                .apply = &raft_,
                .maintenance = &maintenance_};
  env_.clock = &clock_;
  options_.snapshots.free_bytes_min = 0;
  options_.snapshots.window_chunks = 3;
  errands_.emplace(raft_, [this] { ++errands_done_; });
  fetcher_.emplace(
      options_, env_, *errands_,
      SnapshotFetcher::Host{
          .send = [this](ReplicaId,
                         PeerBody body) { said_.push_back(std::move(body)); },
          .received =
              [this](const std::string& name, raft::Message announcement) {
                received_.emplace_back(name, std::move(announcement));
              }});
}

void ReceivingReplica::RunAll() {
  while (raft_.RunOne() || maintenance_.RunOne()) continue;
}

void ReceivingReplica::Tick(absl::Duration time) {
  clock_.Advance(time);
  fetcher_->Tick(clock_.Now());
}

}  // namespace trimaran
