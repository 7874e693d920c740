#ifndef TRIMARAN_REPLICATION_NODE_SNAPSHOT_PRODUCER_H_
#define TRIMARAN_REPLICATION_NODE_SNAPSHOT_PRODUCER_H_

#include <map>
#include <memory>
#include <optional>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/snapshot/rate_limiter.h"
#include "engine/snapshot/snapshot_reader.h"
#include "engine/snapshot/snapshot_writer.h"
#include "replication/node/errands.h"
#include "replication/node/node_options.h"
#include "replication/raft/ready.h"

namespace trimaran {

// A finished snapshot; shared by the transfers that read it.
using SharedSnapshot = std::shared_ptr<const engine::SnapshotReader>;

// Whether a snapshot at `manifest` is of use to the peer of `request`: recent
// enough, and of a group that knows it.
bool Serves(const engine::SnapshotManifest& manifest,
            const raft::SnapshotRequest& request);

// Provides whoever needs a snapshot with one: the newest that is there, if it
// serves, else one that is written for the purpose, a chunk per task, so that
// others get at the lane in between.
//
// Invariants:
//  1. One snapshot is looked for or written at a time.
//  2. Each request is answered once, unless they are all forgotten.
//  3. A writer for which nobody waits is given up as soon as none of its steps
//     is under way.
//  4. What KeepNewest asks for is looked for as soon as nothing else is under
//     way, and everything is pinned until it is found.
//
// Thread: the raft lane, on which the reports come as well.
class SnapshotProducer {
 public:
  struct Host {
    absl::AnyInvocable<void(ReplicaId peer, const SharedSnapshot& snapshot)>
        available;
    // Not now.
    absl::AnyInvocable<void(ReplicaId peer)> unavailable;
  };
  // All outlive this.
  SnapshotProducer(const NodeOptions& options,
                   const NodeEnvironment& environment, Errands& errands,
                   Host host);

  // Takes the place of an earlier one of the same peer.
  void Request(const raft::SnapshotRequest& request);
  // This replica leads. If it has sent a snapshot before, as until its process
  // was killed, its receiver will ask for the rest: what that needs next of the
  // log is kept for as long as a transfer without progress.
  void KeepNewest();
  // It does not lead any more.
  void ForgetRequests();
  // Goes on after a pause.
  void Tick(MonotonicTime now);
  // Begins nothing any more.
  void Stop();

  bool busy() const { return busy_ || writer_ != nullptr; }
  // Of the one that is being written, or is kept: what its receiver will need
  // next comes behind this.
  std::optional<LogIndex> pinned() const;
  // How many have been written.
  uint64_t produced() const { return produced_; }

 private:
  // What a step of the writer led to: the snapshot when it is whole.
  struct Written {
    absl::Status status;
    uint64_t bytes = 0;
    SharedSnapshot whole = nullptr;
  };
  using WriterResult = absl::StatusOr<std::unique_ptr<engine::SnapshotWriter>>;

  static absl::StatusOr<SharedSnapshot> FindNewest(engine::Store& store,
                                                   MonotonicTime now);
  static WriterResult BeginWriting(engine::Store& store, engine::SnapshotId id,
                                   const SnapshotOptions& options);
  static Written WriteNext(engine::Store& store,
                           engine::SnapshotWriter& writer);

  // What is to be done next, where none of its tasks is on the maintenance
  // lane.
  void GoOn();
  void Look();
  void Keep(const absl::StatusOr<SharedSnapshot>& found);
  void OnFound(const absl::StatusOr<SharedSnapshot>& found);
  void BeginWriter();
  void WriteMore();
  void OnWritten(const Written& written);
  // Of the writer, if there is one: also when it is done.
  void GiveUp();
  // Those that it does not serve go on waiting.
  void Serve(const SharedSnapshot& snapshot);
  void RefuseAll(const absl::Status& why);
  // Nothing could be found or written; each attempt costs a checkpoint.
  void Rest(const absl::Status& why);
  engine::SnapshotId DrawId();

  const NodeOptions& options_;
  const NodeEnvironment& env_;
  Errands& errands_;
  Host host_;
  // The least index that each needs.
  std::map<ReplicaId, LogIndex> waiting_;
  // The index behind which all is kept, until then: none, and everything is
  // kept, where it is still to be found.
  struct Kept {
    std::optional<LogIndex> behind;
    MonotonicTime until;
  };
  std::optional<Kept> kept_;
  std::unique_ptr<engine::SnapshotWriter> writer_;
  engine::RateLimiter limiter_;
  // Neither a step nor an attempt before this.
  MonotonicTime resume_at_;
  uint64_t written_bytes_ = 0;
  uint64_t produced_ = 0;
  // A task of this is on the maintenance lane.
  bool busy_ = false;
  bool stopped_ = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_SNAPSHOT_PRODUCER_H_
