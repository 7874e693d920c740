#include "replication/wire/message_codec.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "replication/proto/peer.pb.h"
#include "replication/wire/meta.h"
#include "replication/wire/raft_codec.h"

namespace trimaran::wire {
namespace {

template <typename... Parts>
absl::Status Malformed(const FrameView& frame, const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(
      FrameTypeName(static_cast<uint8_t>(frame.type)), ": ", parts...));
}

// ---- Out ----

absl::StatusOr<OutgoingFrame> Frame(FrameType type, const std::string& meta,
                                    std::vector<Payload> blobs = {}) {
  size_t blob_bytes = 0;
  for (const Payload& blob : blobs) blob_bytes += blob.size();
  const auto number = static_cast<uint8_t>(type);
  const FrameLimits limits = LimitsOf(number).value();
  if (meta.size() > limits.meta_bytes_max ||
      blob_bytes > limits.blob_bytes_max) {
    return absl::ResourceExhaustedError(
        absl::StrCat(FrameTypeName(number), " of ", meta.size(), " and ",
                     blob_bytes, " bytes cannot be sent; the limits are ",
                     limits.meta_bytes_max, " and ", limits.blob_bytes_max));
  }
  return MakeFrame(type, meta, std::move(blobs));
}

absl::StatusOr<OutgoingFrame> Encode(const raft::Message& message) {
  proto::Raft meta;
  std::vector<Payload> blobs;
  TRIMARAN_RETURN_IF_ERROR(EncodeRaft(message, meta, blobs));
  return Frame(FrameType::kRaft, meta.SerializeAsString(), std::move(blobs));
}

absl::StatusOr<OutgoingFrame> Encode(const MsgForward& forward) {
  proto::Forward meta;
  meta.set_request(forward.request);
  return Frame(FrameType::kForward, meta.SerializeAsString(), {forward.entry});
}

absl::StatusOr<OutgoingFrame> Encode(const MsgForwardResp& answer) {
  proto::ForwardResp meta;
  meta.set_request(answer.request);
  if (answer.appended) FillEntryId(*answer.appended, *meta.mutable_appended());
  meta.set_reason(static_cast<uint32_t>(answer.reason));
  return Frame(FrameType::kForwardResp, meta.SerializeAsString());
}

absl::StatusOr<OutgoingFrame> Encode(const MsgSnapshotOffer& offer) {
  if (offer.announcement.As<raft::MsgSnap>() == nullptr) {
    return absl::InvalidArgumentError("an offer that announces no snapshot");
  }
  proto::SnapshotOffer meta;
  std::vector<Payload> blobs;
  TRIMARAN_RETURN_IF_ERROR(
      EncodeRaft(offer.announcement, *meta.mutable_announcement(), blobs));
  blobs.emplace_back(offer.manifest);
  return Frame(FrameType::kSnapshotOffer, meta.SerializeAsString(),
               std::move(blobs));
}

absl::StatusOr<OutgoingFrame> Encode(const MsgSnapshotFetch& fetch) {
  proto::SnapshotFetch meta;
  meta.set_snapshot(fetch.snapshot);
  meta.set_chunk(fetch.chunk);
  meta.set_count(fetch.count);
  return Frame(FrameType::kSnapshotFetch, meta.SerializeAsString());
}

absl::StatusOr<OutgoingFrame> Encode(const MsgSnapshotChunk& chunk) {
  proto::SnapshotChunk meta;
  meta.set_snapshot(chunk.snapshot);
  meta.set_chunk(chunk.chunk);
  return Frame(FrameType::kSnapshotChunk, meta.SerializeAsString(),
               {chunk.bytes});
}

absl::StatusOr<OutgoingFrame> Encode(const MsgSnapshotDone& done) {
  proto::SnapshotDone meta;
  meta.set_snapshot(done.snapshot);
  meta.set_result(static_cast<uint32_t>(done.result));
  return Frame(FrameType::kSnapshotDone, meta.SerializeAsString());
}

absl::StatusOr<OutgoingFrame> Encode(const MsgStoreRefused& refused) {
  proto::StoreRefused meta;
  meta.set_bound(refused.bound.value());
  return Frame(FrameType::kStoreRefused, meta.SerializeAsString());
}

absl::StatusOr<OutgoingFrame> Encode(const MsgStateDigest& digest) {
  proto::StateDigest meta;
  meta.set_request(digest.request);
  FillEntryId(digest.place, *meta.mutable_place());
  meta.set_chain(digest.chain);
  meta.set_rows(digest.rows);
  meta.set_hash(digest.hash);
  meta.set_error(digest.error);
  return Frame(FrameType::kStateDigest, meta.SerializeAsString());
}

// ---- In ----

template <typename Meta>
absl::StatusOr<Meta> MetaOf(const FrameView& frame) {
  Meta meta;
  if (!ParseMeta(frame.meta, meta)) {
    return Malformed(frame, "it cannot be parsed");
  }
  return meta;
}

absl::StatusOr<PeerBody> DecodeRaftFrame(const FrameView& frame) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto meta, MetaOf<proto::Raft>(frame));
  return DecodeRaft(meta, frame.blob);
}

absl::StatusOr<PeerBody> DecodeForward(const FrameView& frame) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto meta, MetaOf<proto::Forward>(frame));
  return MsgForward{meta.request(), Payload(frame.blob)};
}

absl::StatusOr<PeerBody> DecodeForwardResp(const FrameView& frame) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto meta, MetaOf<proto::ForwardResp>(frame));
  if (meta.reason() < static_cast<uint32_t>(DropReason::kNoLeader) ||
      meta.reason() > static_cast<uint32_t>(DropReason::kShuttingDown)) {
    return Malformed(frame, "unknown reason ", meta.reason());
  }
  MsgForwardResp answer;
  answer.request = meta.request();
  if (meta.has_appended()) answer.appended = EntryIdOf(meta.appended());
  answer.reason = static_cast<DropReason>(meta.reason());
  return answer;
}

absl::StatusOr<PeerBody> DecodeSnapshotOffer(const FrameView& frame) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto meta,
                            MetaOf<proto::SnapshotOffer>(frame));
  if (!meta.announcement().has_snap()) {
    return Malformed(frame, "it announces no snapshot");
  }
  TRIMARAN_ASSIGN_OR_RETURN(raft::Message announcement,
                            DecodeRaft(meta.announcement(), ""));
  return MsgSnapshotOffer{std::string(frame.blob), std::move(announcement)};
}

absl::StatusOr<PeerBody> DecodeSnapshotFetch(const FrameView& frame) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto meta,
                            MetaOf<proto::SnapshotFetch>(frame));
  return MsgSnapshotFetch{meta.snapshot(), meta.chunk(), meta.count()};
}

absl::StatusOr<PeerBody> DecodeSnapshotChunk(const FrameView& frame) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto meta,
                            MetaOf<proto::SnapshotChunk>(frame));
  return MsgSnapshotChunk{meta.snapshot(), meta.chunk(), Payload(frame.blob)};
}

absl::StatusOr<PeerBody> DecodeSnapshotDone(const FrameView& frame) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto meta,
                            MetaOf<proto::SnapshotDone>(frame));
  if (meta.result() > static_cast<uint32_t>(MsgSnapshotDone::Result::kGone)) {
    return Malformed(frame, "unknown result ", meta.result());
  }
  return MsgSnapshotDone{meta.snapshot(),
                         static_cast<MsgSnapshotDone::Result>(meta.result())};
}

absl::StatusOr<PeerBody> DecodeStoreRefused(const FrameView& frame) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto meta,
                            MetaOf<proto::StoreRefused>(frame));
  return MsgStoreRefused{StoreId(meta.bound())};
}

absl::StatusOr<PeerBody> DecodeStateDigest(const FrameView& frame) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto meta, MetaOf<proto::StateDigest>(frame));
  return MsgStateDigest{meta.request(), EntryIdOf(meta.place()),
                        meta.chain(),   meta.rows(),
                        meta.hash(),    meta.error()};
}

}  // namespace

absl::StatusOr<OutgoingFrame> EncodeMessage(const PeerBody& body) {
  return std::visit([](const auto& message) { return Encode(message); }, body);
}

absl::StatusOr<PeerBody> DecodeMessage(const FrameView& frame) {
  switch (frame.type) {
    case FrameType::kRaft:
      return DecodeRaftFrame(frame);
    case FrameType::kForward:
      return DecodeForward(frame);
    case FrameType::kForwardResp:
      return DecodeForwardResp(frame);
    case FrameType::kSnapshotOffer:
      return DecodeSnapshotOffer(frame);
    case FrameType::kSnapshotFetch:
      return DecodeSnapshotFetch(frame);
    case FrameType::kSnapshotChunk:
      return DecodeSnapshotChunk(frame);
    case FrameType::kSnapshotDone:
      return DecodeSnapshotDone(frame);
    case FrameType::kStoreRefused:
      return DecodeStoreRefused(frame);
    case FrameType::kStateDigest:
      return DecodeStateDigest(frame);
    case FrameType::kHello:
    case FrameType::kWelcome:
    case FrameType::kRefusal:
    case FrameType::kPing:
    case FrameType::kPong:
    case FrameType::kReceiving:
      break;
  }
  return Malformed(frame, "no message between nodes");
}

}  // namespace trimaran::wire
