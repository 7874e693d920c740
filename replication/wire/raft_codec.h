#ifndef TRIMARAN_REPLICATION_WIRE_RAFT_CODEC_H_
#define TRIMARAN_REPLICATION_WIRE_RAFT_CODEC_H_

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/payload.h"
#include "replication/raft/messages.h"

// A part of message_codec.h: the messages of the consensus cores.
//
// Thread: any.

namespace trimaran::wire {

namespace proto {
class Raft;
}  // namespace proto

// Appends the payloads of entries and proposals to `blobs`. InvalidArgument:
// entries that do not follow each other have no form on the wire.
absl::Status EncodeRaft(const raft::Message& message, proto::Raft& out,
                        std::vector<Payload>& blobs);

// `blob` is all payloads, one behind the other. InvalidArgument as in
// DecodeMessage.
absl::StatusOr<raft::Message> DecodeRaft(const proto::Raft& message,
                                         std::string_view blob);

}  // namespace trimaran::wire

#endif  // TRIMARAN_REPLICATION_WIRE_RAFT_CODEC_H_
