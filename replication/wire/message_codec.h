#ifndef TRIMARAN_REPLICATION_WIRE_MESSAGE_CODEC_H_
#define TRIMARAN_REPLICATION_WIRE_MESSAGE_CODEC_H_

#include "absl/status/statusor.h"
#include "replication/transport/peer_message.h"
#include "replication/wire/frame.h"

// The one gateway between what nodes say to each other and bytes.
//
// Thread: any.

namespace trimaran::wire {

// For a connection whose handshake has said who talks to whom: neither stands
// in each frame again, but for the group and replicas of a raft::Message.
// ResourceExhausted: it is longer than a frame of its type may be, and could
// never arrive. InvalidArgument: no node makes it (entries that do not follow
// each other, an offer of no snapshot).
absl::StatusOr<OutgoingFrame> EncodeMessage(const PeerBody& body);

// InvalidArgument: not what EncodeMessage makes: no message of that type, an
// unknown enumerator, numbers out of their range, parts of the blob that do not
// add up. What the message means is checked where it is acted on
// (replication/raft/validate.h).
absl::StatusOr<PeerBody> DecodeMessage(const FrameView& frame);

}  // namespace trimaran::wire

#endif  // TRIMARAN_REPLICATION_WIRE_MESSAGE_CODEC_H_
