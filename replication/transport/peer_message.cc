#include "replication/transport/peer_message.h"

namespace trimaran {
namespace {

size_t BytesOf(const raft::Message& message) {
  size_t bytes = 0;
  if (const auto* append = message.As<raft::MsgApp>()) {
    for (const LogEntry& entry : append->entries) bytes += entry.size_bytes();
  } else if (const auto* proposals = message.As<raft::MsgProp>()) {
    for (const auto& proposal : proposals->proposals) {
      bytes += proposal.payload.size();
    }
  }
  return bytes;
}
size_t BytesOf(const MsgForward& forward) { return forward.entry.size(); }
size_t BytesOf(const MsgSnapshotOffer& offer) { return offer.manifest.size(); }
size_t BytesOf(const MsgSnapshotChunk& chunk) { return chunk.bytes.size(); }
size_t BytesOf(const MsgForwardResp&) { return 0; }
size_t BytesOf(const MsgSnapshotFetch&) { return 0; }
size_t BytesOf(const MsgSnapshotDone&) { return 0; }
size_t BytesOf(const MsgStoreRefused&) { return 0; }
size_t BytesOf(const MsgStateDigest& digest) {
  return digest.hash.size() + digest.error.size();
}

}  // namespace

size_t PayloadBytes(const PeerMessage& message) {
  return std::visit([](const auto& body) { return BytesOf(body); },
                    message.body);
}

}  // namespace trimaran
