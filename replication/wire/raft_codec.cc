#include "replication/wire/raft_codec.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/base/conf_state.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "engine/base/status_macros.h"
#include "replication/proto/peer.pb.h"
#include "replication/wire/meta.h"

namespace trimaran::wire {
namespace {

// The two directions of each body lie side by side: Fill(body, message) and
// FromMessage(message). Those that have a blob come behind the others.

template <typename... Parts>
absl::Status Malformed(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat("raft message: ", parts...));
}

// ---- Parts ----

template <typename Field>
void FillIds(const std::vector<ReplicaId>& ids, Field* field) {
  field->Reserve(static_cast<int>(ids.size()));
  for (const ReplicaId id : ids) field->Add(id.value());
}
template <typename Field>
std::vector<ReplicaId> IdsOf(const Field& field) {
  std::vector<ReplicaId> ids;
  ids.reserve(static_cast<size_t>(field.size()));
  for (const uint64_t id : field) ids.emplace_back(id);
  return ids;
}

void Fill(const ConfState& conf, proto::ConfState& message) {
  FillIds(conf.voters, message.mutable_voters());
  FillIds(conf.voters_outgoing, message.mutable_voters_outgoing());
  FillIds(conf.learners, message.mutable_learners());
  FillIds(conf.learners_next, message.mutable_learners_next());
  message.set_auto_leave(conf.auto_leave);
}
ConfState FromMessage(const proto::ConfState& message) {
  return {IdsOf(message.voters()), IdsOf(message.voters_outgoing()),
          IdsOf(message.learners()), IdsOf(message.learners_next()),
          message.auto_leave()};
}

// ---- Bodies that are numbers ----

void Fill(const raft::MsgAppResp& body, proto::AppResp& message) {
  message.set_index(body.index.value());
  message.set_rejected(body.rejected);
  FillEntryId(body.hint, *message.mutable_hint());
  message.set_commit(body.commit.value());
}
raft::MsgAppResp FromMessage(const proto::AppResp& message) {
  return {LogIndex(message.index()), message.rejected(),
          EntryIdOf(message.hint()), LogIndex(message.commit())};
}

void Fill(const raft::MsgHeartbeat& body, proto::Heartbeat& message) {
  message.set_commit(body.commit.value());
  message.set_round(body.round.value());
  FillEntryId(body.matched, *message.mutable_matched());
}
raft::MsgHeartbeat FromMessage(const proto::Heartbeat& message) {
  return {LogIndex(message.commit()), raft::ReadRound(message.round()),
          EntryIdOf(message.matched())};
}

void Fill(const raft::MsgHeartbeatResp& body, proto::HeartbeatResp& message) {
  message.set_round(body.round.value());
}
raft::MsgHeartbeatResp FromMessage(const proto::HeartbeatResp& message) {
  return {raft::ReadRound(message.round())};
}

void Fill(const raft::MsgVote& body, proto::Vote& message) {
  FillEntryId(body.last, *message.mutable_last());
  FillEntryId(body.commit, *message.mutable_commit());
  message.set_leader_transfer(body.leader_transfer);
  message.set_priority(body.priority);
}
raft::MsgVote FromMessage(const proto::Vote& message) {
  return {EntryIdOf(message.last()), EntryIdOf(message.commit()),
          message.leader_transfer(), message.priority()};
}

void Fill(const raft::MsgPreVote& body, proto::PreVote& message) {
  FillEntryId(body.last, *message.mutable_last());
  FillEntryId(body.commit, *message.mutable_commit());
  message.set_priority(body.priority);
}
raft::MsgPreVote FromMessage(const proto::PreVote& message) {
  return {EntryIdOf(message.last()), EntryIdOf(message.commit()),
          message.priority()};
}

void Fill(const raft::MsgVoteResp& body, proto::VoteResp& message) {
  message.set_rejected(body.rejected);
  FillEntryId(body.commit, *message.mutable_commit());
}
raft::MsgVoteResp FromMessage(const proto::VoteResp& message) {
  return {message.rejected(), EntryIdOf(message.commit())};
}

void Fill(const raft::MsgPreVoteResp& body, proto::PreVoteResp& message) {
  message.set_rejected(body.rejected);
  FillEntryId(body.commit, *message.mutable_commit());
}
raft::MsgPreVoteResp FromMessage(const proto::PreVoteResp& message) {
  return {message.rejected(), EntryIdOf(message.commit())};
}

void Fill(const raft::MsgSnap& body, proto::Snap& message) {
  FillEntryId(body.snapshot.id, *message.mutable_id());
  Fill(body.snapshot.conf, *message.mutable_conf());
}
raft::MsgSnap FromMessage(const proto::Snap& message) {
  return {{EntryIdOf(message.id()), FromMessage(message.conf())}};
}

void Fill(const raft::MsgTransferLeader& body, proto::TransferLeader& message) {
  message.set_target(body.target.value());
}
raft::MsgTransferLeader FromMessage(const proto::TransferLeader& message) {
  return {ReplicaId(message.target())};
}

void Fill(const raft::MsgReadIndex& body, proto::ReadIndex& message) {
  message.set_id(body.id.value());
  message.set_mode(static_cast<uint32_t>(body.mode));
  message.set_origin(body.origin.value());
}
absl::StatusOr<raft::MsgReadIndex> FromMessage(
    const proto::ReadIndex& message) {
  if (message.mode() > static_cast<uint32_t>(raft::ReadMode::kLease)) {
    return Malformed("unknown read mode ", message.mode());
  }
  return raft::MsgReadIndex{raft::ReadId(message.id()),
                            static_cast<raft::ReadMode>(message.mode()),
                            ReplicaId(message.origin())};
}

void Fill(const raft::MsgReadIndexResp& body, proto::ReadIndexResp& message) {
  message.set_id(body.id.value());
  message.set_index(body.index.value());
  message.set_index_term(body.index_term.value());
}
raft::MsgReadIndexResp FromMessage(const proto::ReadIndexResp& message) {
  return {raft::ReadId(message.id()), LogIndex(message.index()),
          Term(message.index_term())};
}

// ---- Bodies with payloads ----

// Takes the payloads of one message off its blob.
template <typename Message>
class PayloadReader {
 public:
  PayloadReader(const Message& message, std::string_view blob)
      : message_(message), rest_(blob) {}

  // Whether there is one of everything for each payload, and the sizes add up
  // to the blob, so that the other calls cannot fail for want of bytes.
  absl::Status Check() const {
    if (message_.types_size() != count()) {
      return Malformed(count(), " sizes and ", message_.types_size(), " types");
    }
    uint64_t bytes = 0;
    for (const uint32_t size : message_.sizes()) bytes += size;
    if (bytes != rest_.size()) {
      return Malformed("payloads of ", bytes, " bytes in a blob of ",
                       rest_.size());
    }
    return absl::OkStatus();
  }
  int count() const { return message_.sizes_size(); }

  absl::StatusOr<EntryType> Type(int i) const {
    const uint32_t type = message_.types(i);
    if (type > static_cast<uint32_t>(EntryType::kConfChange)) {
      return Malformed("unknown entry type ", type);
    }
    return static_cast<EntryType>(type);
  }
  // In their order.
  Payload Take(int i) {
    Payload payload(rest_.substr(0, message_.sizes(i)));
    rest_.remove_prefix(message_.sizes(i));
    return payload;
  }

 private:
  const Message& message_;
  std::string_view rest_;
};

template <typename Message>
void AddPayload(EntryType type, const Payload& payload, Message& message,
                std::vector<Payload>& blobs) {
  message.add_types(static_cast<uint32_t>(type));
  message.add_sizes(static_cast<uint32_t>(payload.size()));
  if (!payload.empty()) blobs.push_back(payload);
}

void FillProp(const raft::MsgProp& body, proto::Prop& message,
              std::vector<Payload>& blobs) {
  for (const raft::MsgProp::Proposal& proposal : body.proposals) {
    AddPayload(proposal.type, proposal.payload, message, blobs);
  }
}
absl::StatusOr<raft::MsgProp> PropOf(const proto::Prop& message,
                                     std::string_view blob) {
  PayloadReader reader(message, blob);
  TRIMARAN_RETURN_IF_ERROR(reader.Check());
  raft::MsgProp body;
  body.proposals.reserve(static_cast<size_t>(reader.count()));
  for (int i = 0; i < reader.count(); ++i) {
    TRIMARAN_ASSIGN_OR_RETURN(const EntryType type, reader.Type(i));
    body.proposals.push_back({type, reader.Take(i)});
  }
  return body;
}

absl::Status FillApp(const raft::MsgApp& body, proto::App& message,
                     std::vector<Payload>& blobs) {
  FillEntryId(body.prev, *message.mutable_prev());
  message.set_commit(body.commit.value());
  const auto count = static_cast<int>(body.entries.size());
  message.mutable_terms()->Reserve(count);
  message.mutable_types()->Reserve(count);
  message.mutable_sizes()->Reserve(count);
  blobs.reserve(body.entries.size());
  LogIndex index = body.prev.index;
  for (const LogEntry& entry : body.entries) {
    if (entry.index != ++index) {
      return Malformed("entry ", entry.index.value(), " in the place of ",
                       index.value());
    }
    message.add_terms(entry.term.value());
    AddPayload(entry.type, entry.payload, message, blobs);
  }
  return absl::OkStatus();
}
absl::StatusOr<raft::MsgApp> AppOf(const proto::App& message,
                                   std::string_view blob) {
  PayloadReader reader(message, blob);
  TRIMARAN_RETURN_IF_ERROR(reader.Check());
  if (message.terms_size() != reader.count()) {
    return Malformed(reader.count(), " sizes and ", message.terms_size(),
                     " terms");
  }
  raft::MsgApp body;
  body.prev = EntryIdOf(message.prev());
  body.commit = LogIndex(message.commit());
  body.entries.reserve(static_cast<size_t>(reader.count()));
  LogIndex index = body.prev.index;
  for (int i = 0; i < reader.count(); ++i) {
    TRIMARAN_ASSIGN_OR_RETURN(const EntryType type, reader.Type(i));
    body.entries.push_back(
        {++index, Term(message.terms(i)), type, reader.Take(i)});
  }
  return body;
}

// ---- All of them ----

struct BodyWriter {
  proto::Raft& out;
  std::vector<Payload>& blobs;

  absl::Status operator()(const raft::MsgProp& body) const {
    FillProp(body, *out.mutable_prop(), blobs);
    return absl::OkStatus();
  }
  absl::Status operator()(const raft::MsgApp& body) const {
    return FillApp(body, *out.mutable_app(), blobs);
  }
  absl::Status operator()(const raft::MsgTimeoutNow&) const {
    out.mutable_timeout_now();
    return absl::OkStatus();
  }
  template <typename Body>
  absl::Status operator()(const Body& body) const {
    Fill(body, MessageFor(body));
    return absl::OkStatus();
  }

 private:
  proto::AppResp& MessageFor(const raft::MsgAppResp&) const {
    return *out.mutable_app_resp();
  }
  proto::Heartbeat& MessageFor(const raft::MsgHeartbeat&) const {
    return *out.mutable_heartbeat();
  }
  proto::HeartbeatResp& MessageFor(const raft::MsgHeartbeatResp&) const {
    return *out.mutable_heartbeat_resp();
  }
  proto::Vote& MessageFor(const raft::MsgVote&) const {
    return *out.mutable_vote();
  }
  proto::PreVote& MessageFor(const raft::MsgPreVote&) const {
    return *out.mutable_pre_vote();
  }
  proto::VoteResp& MessageFor(const raft::MsgVoteResp&) const {
    return *out.mutable_vote_resp();
  }
  proto::PreVoteResp& MessageFor(const raft::MsgPreVoteResp&) const {
    return *out.mutable_pre_vote_resp();
  }
  proto::Snap& MessageFor(const raft::MsgSnap&) const {
    return *out.mutable_snap();
  }
  proto::TransferLeader& MessageFor(const raft::MsgTransferLeader&) const {
    return *out.mutable_transfer_leader();
  }
  proto::ReadIndex& MessageFor(const raft::MsgReadIndex&) const {
    return *out.mutable_read_index();
  }
  proto::ReadIndexResp& MessageFor(const raft::MsgReadIndexResp&) const {
    return *out.mutable_read_index_resp();
  }
};

absl::StatusOr<raft::MessageBody> BodyOf(const proto::Raft& message,
                                         std::string_view blob) {
  switch (message.body_case()) {
    case proto::Raft::kProp:
      return PropOf(message.prop(), blob);
    case proto::Raft::kApp:
      return AppOf(message.app(), blob);
    case proto::Raft::kAppResp:
      return FromMessage(message.app_resp());
    case proto::Raft::kHeartbeat:
      return FromMessage(message.heartbeat());
    case proto::Raft::kHeartbeatResp:
      return FromMessage(message.heartbeat_resp());
    case proto::Raft::kVote:
      return FromMessage(message.vote());
    case proto::Raft::kPreVote:
      return FromMessage(message.pre_vote());
    case proto::Raft::kVoteResp:
      return FromMessage(message.vote_resp());
    case proto::Raft::kPreVoteResp:
      return FromMessage(message.pre_vote_resp());
    case proto::Raft::kSnap:
      return FromMessage(message.snap());
    case proto::Raft::kTimeoutNow:
      return raft::MsgTimeoutNow{};
    case proto::Raft::kTransferLeader:
      return FromMessage(message.transfer_leader());
    case proto::Raft::kReadIndex:
      return FromMessage(message.read_index());
    case proto::Raft::kReadIndexResp:
      return FromMessage(message.read_index_resp());
    case proto::Raft::BODY_NOT_SET:
      break;
  }
  return Malformed("none that this version knows");
}

bool HasPayloads(const proto::Raft& message) {
  return message.has_prop() || message.has_app();
}

}  // namespace

absl::Status EncodeRaft(const raft::Message& message, proto::Raft& out,
                        std::vector<Payload>& blobs) {
  out.set_group(message.group.value());
  out.set_from(message.from.value());
  out.set_to(message.to.value());
  out.set_term(message.term.value());
  return std::visit(BodyWriter{out, blobs}, message.body);
}

absl::StatusOr<raft::Message> DecodeRaft(const proto::Raft& message,
                                         std::string_view blob) {
  if (!blob.empty() && !HasPayloads(message)) {
    return Malformed("a blob of ", blob.size(), " bytes that nobody asks for");
  }
  TRIMARAN_ASSIGN_OR_RETURN(raft::MessageBody body, BodyOf(message, blob));
  return raft::Message{GroupId(message.group()), ReplicaId(message.from()),
                       ReplicaId(message.to()), Term(message.term()),
                       std::move(body)};
}

}  // namespace trimaran::wire
