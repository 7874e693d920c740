#ifndef TRIMARAN_REPLICATION_NODE_SNAPSHOT_COORDINATOR_H_
#define TRIMARAN_REPLICATION_NODE_SNAPSHOT_COORDINATOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "engine/base/clock.h"
#include "engine/base/log_types.h"
#include "replication/node/applier.h"
#include "replication/node/errands.h"
#include "replication/node/node_options.h"
#include "replication/node/node_status.h"
#include "replication/node/peer_watch.h"
#include "replication/node/snapshot_fetcher.h"
#include "replication/node/snapshot_install.h"
#include "replication/node/snapshot_producer.h"
#include "replication/node/snapshot_sender.h"
#include "replication/raft/raft.h"
#include "replication/transport/peer_message.h"

namespace trimaran {

// Snapshots, from the core that asks for one to the core of the peer that has
// installed it:
//
//   leader                                 follower
//   core: SnapshotRequest
//   SnapshotProducer writes it
//   core: MsgSnap
//   SnapshotSender ------ offer ---------> SnapshotFetcher
//                  <----- fetch ---------
//                  ------ chunk -------->  (whole and durable)
//                  <----- done ---------   core: MsgSnap
//   core: ReportSnapshot                   LogWriter: a batch with a snapshot
//                                          SnapshotInstall
//   core  <-------------- MsgAppResp ----- core
//
// Invariants:
//  1. One snapshot at a time is written here, one received, one installed, and
//     one sent to each peer.
//  2. No offer is taken while one is being installed: the leader is told to
//     wait.
//  3. What is in use is never garbage.
//
// Thread: the raft lane.
class SnapshotCoordinator {
 public:
  struct Host {
    absl::AnyInvocable<void(ReplicaId to, PeerBody body)> send;
    // A message of the leader's core to this one.
    absl::AnyInvocable<void(raft::Message message)> step;
    // See SnapshotInstall::Host.
    absl::AnyInvocable<void(LogIndex index, const absl::Status& result)>
        installed;
  };
  // All outlive this.
  SnapshotCoordinator(const NodeOptions& options,
                      const NodeEnvironment& environment, Errands& errands,
                      raft::Raft& core, Applier& applier, Host host);

  // ---- From the core ----
  void Provide(const raft::SnapshotRequest& request);
  void Announce(raft::Message message);
  void OnRole(const raft::SoftState& role);

  // ---- From the log writer, and the applier ----
  void Install(const SnapshotMeta& snapshot,
               std::optional<HardState> hard_state);
  void OnApplierIdle() { install_.OnApplierIdle(); }

  // ---- From peers ----
  void OnOffer(ReplicaId from, MsgSnapshotOffer offer);
  void OnFetch(ReplicaId from, const MsgSnapshotFetch& fetch);
  void OnChunk(ReplicaId from, MsgSnapshotChunk chunk);
  void OnDone(ReplicaId from, const MsgSnapshotDone& done);

  void Tick(const PeerWatch& peers, MonotonicTime now);
  // Begins nothing any more, and gives up what can be given up.
  void Stop();

  // An index behind which the log is needed by who is getting a snapshot, or
  // may go on with one.
  std::optional<LogIndex> pinned() const;
  bool installing() const {
    return core_.log().pending_snapshot() != LogIndex();
  }
  // To peers.
  std::vector<SnapshotOnItsWay> on_their_way() const {
    return sender_.on_their_way();
  }
  // Brings `counters`, always the same ones, up to date.
  void Count(NodeCounters& counters);

 private:
  SnapshotProducer::Host ProducerHost();
  SnapshotSender::Host SenderHost();
  SnapshotFetcher::Host FetcherHost();
  void OnReceived(const std::string& name, raft::Message announcement);
  void DropDamaged(const SharedSnapshot& snapshot);
  void CollectGarbage(MonotonicTime now);

  const NodeOptions& options_;
  const NodeEnvironment& env_;
  Errands& errands_;
  raft::Raft& core_;
  Host host_;
  SnapshotProducer producer_;
  SnapshotSender sender_;
  SnapshotFetcher fetcher_;
  SnapshotInstall install_;
  // What the core is installing, while it is.
  std::string received_name_;
  MonotonicTime next_garbage_;
  // Offers that no correct peer makes, since the last count.
  uint64_t refused_ = 0;
  bool leads_ = false;
  bool collecting_ = false;
  bool stopped_ = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_SNAPSHOT_COORDINATOR_H_
