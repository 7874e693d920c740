#include "replication/raft/validate.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/log_types.h"
#include "engine/base/status_macros.h"
#include "replication/raft/conf_change.h"

namespace trimaran::raft {
namespace {

template <typename... Parts>
absl::Status Bad(const Message& message, const Parts&... parts) {
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(TypeName(message)), " from replica ",
                   message.from.value(), ": ", parts...));
}

bool IsResponse(const Message& message) {
  return message.As<MsgAppResp>() != nullptr ||
         message.As<MsgHeartbeatResp>() != nullptr ||
         message.As<MsgVoteResp>() != nullptr ||
         message.As<MsgPreVoteResp>() != nullptr;
}

// The term is 0 where it does not matter, and in the answer of a replica that
// has seen none yet and refuses to let one begin.
bool HasFittingTerm(const Message& message) {
  if (IsTermless(message)) return message.term == Term();
  const auto* pre_vote = message.As<MsgPreVoteResp>();
  return message.term != Term() || (pre_vote != nullptr && pre_vote->rejected);
}

// A log must be able to grow behind a snapshot.
constexpr LogIndex kSnapshotIndexMax{kMaxLogIndex.value() / 2};

absl::Status CheckIndex(const Message& message, LogIndex index) {
  if (index > kMaxLogIndex) {
    return Bad(message, "index ", index.value(), " is out of range");
  }
  return absl::OkStatus();
}

absl::Status CheckEntry(const Message& message, EntryId id) {
  if (id.term > message.term) {
    return Bad(message, "an entry of term ", id.term.value(), " in term ",
               message.term.value());
  }
  return CheckIndex(message, id.index);
}

// One overload per body that can be malformed.
struct BodyCheck {
  const Message& message;

  template <typename Body>
  absl::Status operator()(const Body&) const {
    return absl::OkStatus();
  }

  absl::Status operator()(const MsgProp& body) const {
    if (body.proposals.empty()) return Bad(message, "no proposal");
    for (const MsgProp::Proposal& proposal : body.proposals) {
      if (proposal.type == EntryType::kNormal) continue;
      if (proposal.type != EntryType::kConfChange) {
        return Bad(message, "unknown entry type ",
                   static_cast<int>(proposal.type));
      }
      const absl::Status decoded =
          DecodeConfChange(proposal.payload.bytes()).status();
      if (!decoded.ok()) return Bad(message, decoded.message());
    }
    return absl::OkStatus();
  }

  absl::Status operator()(const MsgApp& body) const {
    TRIMARAN_RETURN_IF_ERROR(CheckIndex(message, body.commit));
    TRIMARAN_RETURN_IF_ERROR(CheckEntry(message, body.prev));
    for (const LogEntry& entry : body.entries) {
      if (entry.type != EntryType::kNormal &&
          entry.type != EntryType::kConfChange) {
        return Bad(message, "unknown entry type ",
                   static_cast<int>(entry.type));
      }
      if (entry.type == EntryType::kNormal) continue;
      const absl::Status decoded =
          DecodeConfChange(entry.payload.bytes()).status();
      if (!decoded.ok()) return Bad(message, decoded.message());
    }
    const absl::Status slice =
        ValidateSlice(message.term, body.prev, body.entries);
    if (!slice.ok()) return Bad(message, slice.message());
    return absl::OkStatus();
  }

  absl::Status operator()(const MsgAppResp& body) const {
    TRIMARAN_RETURN_IF_ERROR(CheckIndex(message, body.index));
    TRIMARAN_RETURN_IF_ERROR(CheckIndex(message, body.hint.index));
    return CheckIndex(message, body.commit);
  }

  absl::Status operator()(const MsgHeartbeat& body) const {
    TRIMARAN_RETURN_IF_ERROR(CheckEntry(message, body.matched));
    return CheckIndex(message, body.commit);
  }

  absl::Status operator()(const MsgVote& body) const {
    TRIMARAN_RETURN_IF_ERROR(CheckEntry(message, body.commit));
    return CheckEntry(message, body.last);
  }

  absl::Status operator()(const MsgPreVote& body) const {
    TRIMARAN_RETURN_IF_ERROR(CheckEntry(message, body.commit));
    return CheckEntry(message, body.last);
  }

  absl::Status operator()(const MsgVoteResp& body) const {
    return CheckEntry(message, body.commit);
  }

  absl::Status operator()(const MsgPreVoteResp& body) const {
    return CheckEntry(message, body.commit);
  }

  absl::Status operator()(const MsgSnap& body) const {
    if (body.snapshot.id.index == LogIndex() ||
        body.snapshot.id.term == Term()) {
      return Bad(message, "an empty snapshot");
    }
    TRIMARAN_RETURN_IF_ERROR(CheckEntry(message, body.snapshot.id));
    if (body.snapshot.id.index > kSnapshotIndexMax) {
      return Bad(message, "index ", body.snapshot.id.index.value(),
                 " leaves no room for a log");
    }
    const absl::Status conf = body.snapshot.conf.Validate();
    if (!conf.ok()) return Bad(message, conf.message());
    return absl::OkStatus();
  }

  absl::Status operator()(const MsgReadIndex& body) const {
    if (body.origin == kNoReplica) return Bad(message, "nobody asked");
    if (body.mode != ReadMode::kQuorum && body.mode != ReadMode::kLease) {
      return Bad(message, "unknown mode ", static_cast<int>(body.mode));
    }
    return absl::OkStatus();
  }

  absl::Status operator()(const MsgReadIndexResp& body) const {
    return CheckIndex(message, body.index);
  }
};

}  // namespace

absl::Status ValidateMessage(const Message& message, const Receiver& receiver) {
  const Config& config = receiver.config;
  if (message.group != config.group) {
    return Bad(message, "for group ", message.group.value(), ", this is ",
               config.group.value());
  }
  if (message.to != config.id) {
    return Bad(message, "for replica ", message.to.value(), ", this is ",
               config.id.value());
  }
  if (message.from == kNoReplica || message.from == config.id) {
    return Bad(message, "from nobody else");
  }
  if (!HasFittingTerm(message)) {
    return Bad(message, "in term ", message.term.value());
  }
  if (message.term > receiver.term &&
      message.term.value() - receiver.term.value() > config.term_jump_max) {
    return Bad(message, "term ", message.term.value(), " is more than ",
               config.term_jump_max, " above ", receiver.term.value());
  }
  TRIMARAN_RETURN_IF_ERROR(std::visit(BodyCheck{message}, message.body));
  if (IsResponse(message) && !receiver.members.Contains(message.from)) {
    return absl::NotFoundError(
        absl::StrCat(ToAbsl(TypeName(message)), " from replica ",
                     message.from.value(), ", which is not in the group"));
  }
  return absl::OkStatus();
}

}  // namespace trimaran::raft
