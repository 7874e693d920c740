#ifndef TRIMARAN_REPLICATION_NODE_SNAPSHOT_SENDER_H_
#define TRIMARAN_REPLICATION_NODE_SNAPSHOT_SENDER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "replication/node/errands.h"
#include "replication/node/node_options.h"
#include "replication/node/node_status.h"
#include "replication/node/peer_watch.h"
#include "replication/node/snapshot_producer.h"
#include "replication/raft/raft.h"
#include "replication/transport/peer_message.h"

namespace trimaran {

// Hands finished snapshots to peers: offers them, and sends the chunks that are
// asked for, one at a time for each peer.
//
//   Prepare --Announce--> offered --OnDone(kReceived)--> delivered --> gone
//                            |                              peer goes on with
//                            +--> gone: refused, no         the log, is silent,
//                                 progress, not leading     or has had time
//                                                           enough
//
// The log is kept for each transfer: for one that is delivered until the peer
// has come so near to the end of the log that any follower is waited for there.
//
// Invariants:
//  1. One transfer for each peer.
//  2. What became of each announcement is reported, once.
//  3. For each peer one chunk is read at a time, and window_chunks are
//     remembered: who asks for more asks again.
//
// Thread: the raft lane, on which the reports come as well.
class SnapshotSender {
 public:
  struct Host {
    absl::AnyInvocable<void(ReplicaId to, PeerBody body)> send;
    // What became of an announcement.
    absl::AnyInvocable<void(ReplicaId peer, raft::SnapshotResult result)>
        report;
    // A chunk cannot be read. Nobody is to get this snapshot any more.
    absl::AnyInvocable<void(const SharedSnapshot& snapshot)> damaged;
  };
  // All outlive this.
  SnapshotSender(const NodeOptions& options, const NodeEnvironment& environment,
                 Errands& errands, Host host);

  // The core is about to hear of a snapshot for `peer`; what it does not
  // announce before the next tick is forgotten.
  void Prepare(ReplicaId peer, const SharedSnapshot& snapshot);
  // A MsgSnap that the core wants sent.
  void Announce(raft::Message message);

  void OnFetch(ReplicaId from, const MsgSnapshotFetch& fetch);
  void OnDone(ReplicaId from, const MsgSnapshotDone& done);
  // `status` is of this replica.
  void Tick(const raft::RaftStatus& status, const PeerWatch& peers,
            MonotonicTime now);
  // This replica does not lead any more.
  void EndAll();
  void Stop() { stopped_ = true; }

  // Whether nothing can be begun for `peer` now: a transfer is under way, or
  // was refused a moment ago, or was delivered a while ago and is still being
  // installed. Who needs another one after that while does not have any more
  // what was delivered. Until then the log is kept for it.
  bool IsBusyWith(ReplicaId peer) const;
  // The least index behind which a receiver will go on with the log.
  std::optional<LogIndex> pinned() const;
  void AddNamesInUse(std::set<std::string>& names) const;
  uint64_t chunks_sent() const { return chunks_sent_; }
  uint64_t bytes_sent() const { return bytes_sent_; }
  // Of each transfer, how far it has come.
  std::vector<SnapshotOnItsWay> on_their_way() const;

 private:
  struct Transfer {
    SharedSnapshot snapshot;
    // What the receiver's core is to be told.
    raft::Message announcement;
    // Asked for and not read yet.
    std::deque<uint32_t> wanted = {};
    bool delivered = false;
    // The peer has acknowledged what it says.
    bool installed = false;
    // What the log is kept behind: where the snapshot is, or the receiver.
    LogIndex kept_behind;
    // By number, for to ask again is no progress.
    std::vector<bool> asked_before = {};
    // Chunks before this one have been sent, or the receiver had them, as it
    // asks for them in their order; and how much that is.
    uint32_t sent_end = 0;
    uint64_t bytes_reached = 0;
    // When it was offered, a chunk was asked for first, all was delivered.
    MonotonicTime progress_at = MonotonicTime();
    // When the receiver was busy with what it has, or, after the delivery,
    // alive; not before the above.
    MonotonicTime alive_at = MonotonicTime();
    // When the receiver, or this, has last said something.
    MonotonicTime word_at = MonotonicTime();
  };
  using Transfers = std::map<ReplicaId, Transfer>;

  // The transfer of that snapshot to `peer`; end() if there is none.
  Transfers::iterator Find(ReplicaId peer, uint64_t snapshot);
  void Offer(ReplicaId peer, Transfer& transfer);
  void ReadNext(ReplicaId peer, Transfer& transfer);
  void OnRead(ReplicaId peer, uint64_t snapshot, uint32_t chunk,
              const absl::StatusOr<Payload>& bytes);
  void MarkSent(Transfer& transfer, uint32_t chunk);
  void MarkProgress(Transfer& transfer);
  void MarkDelivered(ReplicaId peer, Transfer& transfer);
  // Looks how far the receiver is. False: it is over.
  bool GoesOn(ReplicaId peer, Transfer& transfer,
              const raft::RaftStatus& status, const PeerWatch& peers,
              MonotonicTime now);
  Transfers::iterator End(Transfers::iterator transfer);

  const NodeOptions& options_;
  const NodeEnvironment& env_;
  Errands& errands_;
  Host host_;
  std::map<ReplicaId, SharedSnapshot> prepared_;
  Transfers transfers_;
  // For whom a chunk is being read, perhaps of a transfer that has ended.
  std::set<ReplicaId> reading_;
  // Who has refused, until when it is left alone.
  std::map<ReplicaId, MonotonicTime> resting_;
  uint64_t chunks_sent_ = 0;
  uint64_t bytes_sent_ = 0;
  bool stopped_ = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_SNAPSHOT_SENDER_H_
