#ifndef TRIMARAN_REPLICATION_TRANSPORT_PEER_MESSAGE_H_
#define TRIMARAN_REPLICATION_TRANSPORT_PEER_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "engine/base/errors.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "engine/base/payload.h"
#include "engine/base/region.h"
#include "replication/raft/messages.h"

// What nodes say to each other: the messages of their consensus cores, and what
// has no place in a core because it is about clients or about bulk data. Any of
// them may be lost; none is ever trusted.

namespace trimaran {

// ---- Writes that reached a replica that does not lead ----

// Asks the leader to append an entry. Its commands carry stamps, so that it may
// be sent again.
struct MsgForward {
  // Chosen by the sender, and used by it once.
  uint64_t request = 0;
  Payload entry;

  friend bool operator==(const MsgForward&, const MsgForward&) = default;
};

// What became of it. The sender learns the rest from its own log.
struct MsgForwardResp {
  uint64_t request = 0;
  // Appended here. Empty: it is certainly in no log, for the reason below.
  std::optional<EntryId> appended = std::nullopt;
  DropReason reason = DropReason::kNoLeader;

  friend bool operator==(const MsgForwardResp&,
                         const MsgForwardResp&) = default;
};

// ---- Snapshots: offered by whoever has one, fetched by whoever needs it ----

// The receiver's core is to be told `announcement` when it has the data.
struct MsgSnapshotOffer {
  // As stored (engine/format/manifest.h).
  std::string manifest;
  raft::Message announcement;

  friend bool operator==(const MsgSnapshotOffer&,
                         const MsgSnapshotOffer&) = default;
};

// The receiver wants chunks from `chunk` on, `count` of them. None: it has
// heard the offer, and is busy with what it has.
struct MsgSnapshotFetch {
  uint64_t snapshot = 0;
  uint32_t chunk = 0;
  uint32_t count = 0;

  friend bool operator==(const MsgSnapshotFetch&,
                         const MsgSnapshotFetch&) = default;
};

struct MsgSnapshotChunk {
  uint64_t snapshot = 0;
  uint32_t chunk = 0;
  // Shared with the sender, not copied.
  Payload bytes;

  friend bool operator==(const MsgSnapshotChunk&,
                         const MsgSnapshotChunk&) = default;
};

// The end of a transfer, said by either side.
struct MsgSnapshotDone {
  uint64_t snapshot = 0;
  enum class Result : uint8_t {
    // All of it has arrived.
    kReceived = 0,
    // The receiver does not want it, or not any more.
    kRefused = 1,
    // The sender does not have it, or not any more.
    kGone = 2,
  };
  Result result = Result::kReceived;

  friend bool operator==(const MsgSnapshotDone&,
                         const MsgSnapshotDone&) = default;
};

// The receiver's messages are not heard: the group knows another data directory
// under its id.
struct MsgStoreRefused {
  StoreId bound;

  friend bool operator==(const MsgStoreRefused&,
                         const MsgStoreRefused&) = default;
};

// ---- Comparing the states of replicas ----

// What the sender's state is, just behind the entry of an AuditCommand.
struct MsgStateDigest {
  uint64_t request = 0;
  EntryId place;
  // Of the log up to there (engine/format/chain.h).
  uint64_t chain = 0;
  uint64_t rows = 0;
  // Hexadecimal digits; empty, and `error` says why, where there is none.
  std::string hash;
  std::string error;

  friend bool operator==(const MsgStateDigest&,
                         const MsgStateDigest&) = default;
};

using PeerBody =
    std::variant<raft::Message, MsgForward, MsgForwardResp, MsgSnapshotOffer,
                 MsgSnapshotFetch, MsgSnapshotChunk, MsgSnapshotDone,
                 MsgStoreRefused, MsgStateDigest>;

struct PeerMessage {
  ReplicaId from;
  ReplicaId to;
  PeerBody body;
  // The data directory of the sender; 0 where that is not known, which is not
  // heard of a member that is bound to one.
  StoreId from_store = StoreId();
};

// What it holds beside a few fixed fields: what a queue of messages has to
// bound.
size_t PayloadBytes(const PeerMessage& message);

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TRANSPORT_PEER_MESSAGE_H_
