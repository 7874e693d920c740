#ifndef TRIMARAN_REPLICATION_NODE_SNAPSHOT_FETCHER_H_
#define TRIMARAN_REPLICATION_NODE_SNAPSHOT_FETCHER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/format/manifest.h"
#include "engine/snapshot/snapshot_receiver.h"
#include "replication/node/chunk_window.h"
#include "replication/node/errands.h"
#include "replication/node/node_options.h"
#include "replication/raft/messages.h"
#include "replication/transport/peer_message.h"

namespace trimaran {

// The manifest of an offer, checked: whole, and of the very snapshot that the
// announcement, which is from `from` and for `self`, speaks of. Corruption or
// InvalidArgument: no correct peer sends this.
absl::StatusOr<engine::SnapshotManifest> CheckOffer(
    const MsgSnapshotOffer& offer, ReplicaId from, ReplicaId self);

// Gets a snapshot from the leader: asks for the chunks that are missing, a few
// at a time, and puts them away. What has arrived stays when it gives up, and
// is not asked for again.
//
// Invariants:
//  1. One snapshot at a time.
//  2. At most a window of chunks is in memory.
//  3. Nothing is believed that the manifest does not vouch for, and the core
//     hears of nothing that is not whole and durable.
//
// Thread: the raft lane, on which the reports come as well.
class SnapshotFetcher {
 public:
  struct Host {
    absl::AnyInvocable<void(ReplicaId to, PeerBody body)> send;
    // It is all there, in the directory of that name.
    absl::AnyInvocable<void(const std::string& name,
                            raft::Message announcement)>
        received;
  };
  // All outlive this.
  SnapshotFetcher(const NodeOptions& options,
                  const NodeEnvironment& environment, Errands& errands,
                  Host host);

  // An offer of the leader, of which CheckOffer made `manifest`. Goes on where
  // it is, and says so, if it is at that already, and gives up any other one.
  void OnOffer(ReplicaId from, engine::SnapshotManifest manifest,
               raft::Message announcement);
  void OnChunk(ReplicaId from, MsgSnapshotChunk chunk);
  void OnDone(ReplicaId from, const MsgSnapshotDone& done);
  void OnLeader(ReplicaId leader);
  void Tick(MonotonicTime now);
  void Stop();

  // The directory that is being filled; empty if none is.
  std::string name() const;
  uint64_t chunks_stored() const { return chunks_stored_; }
  uint64_t bytes_stored() const { return bytes_stored_; }

 private:
  struct Fetch {
    // Tells reports of this one from those of an earlier one.
    uint64_t number = 0;
    ReplicaId from;
    raft::Message announcement;
    // May be large.
    std::shared_ptr<const engine::SnapshotManifest> manifest;
    std::string name;
    // Shared with the tasks on the maintenance lane, which alone use it. It
    // holds no file open, so that it may end on either. Null until it has
    // begun.
    std::shared_ptr<engine::SnapshotReceiver> receiver = nullptr;
    // Of the chunks of the manifest.
    std::optional<ChunkWindow> window = std::nullopt;
    bool finishing = false;
    // Chunks that are being put away: a disk that is slow is no reason to give
    // up.
    uint32_t storing = 0;
    MonotonicTime progress_at = MonotonicTime();

    uint64_t id() const { return manifest->id.value(); }
  };
  struct Begun {
    absl::Status status;
    std::shared_ptr<engine::SnapshotReceiver> receiver = nullptr;
  };
  struct Verified {
    absl::Status status;
    bool more = false;
    // Which chunks are there, when there are no more to look at.
    std::vector<bool> stored = {};
  };
  static Begun Begin(engine::Store& store,
                     const engine::SnapshotManifest& manifest,
                     const SnapshotOptions& options);
  static Verified Verify(engine::SnapshotReceiver& receiver);

  bool IsCurrent(uint64_t number) const {
    return fetch_.has_value() && fetch_->number == number;
  }
  // A chunk per task, so that others get at the lane in between.
  void VerifyNext();
  void OnVerified(Verified verified);
  void Ask(const std::vector<ChunkRange>& ranges);
  void OnStored(uint32_t chunk, uint64_t size, const absl::Status& status);
  // If there is nothing to ask for any more.
  void MaybeFinish();
  void Refuse(const absl::Status& why);

  const NodeOptions& options_;
  const NodeEnvironment& env_;
  Errands& errands_;
  Host host_;
  std::optional<Fetch> fetch_;
  uint64_t last_number_ = 0;
  uint64_t chunks_stored_ = 0;
  uint64_t bytes_stored_ = 0;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_SNAPSHOT_FETCHER_H_
