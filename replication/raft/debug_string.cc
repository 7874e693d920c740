#include "replication/raft/debug_string.h"

#include <sstream>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "replication/raft/conf_change.h"

namespace trimaran::raft {
namespace {

constexpr size_t kPayloadShownMax = 48;

template <typename T>
std::string Streamed(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

std::string Position(EntryId id) {
  return absl::StrCat(id.index.value(), "/", id.term.value());
}

std::string Content(EntryType type, const Payload& payload) {
  if (type == EntryType::kConfChange) {
    const auto change = DecodeConfChange(payload.bytes());
    return absl::StrCat("ConfChange ",
                        change.ok() ? DebugString(*change) : "malformed");
  }
  if (payload.empty()) return "Normal \"\"";
  const std::string_view bytes = payload.bytes();
  return absl::StrCat(
      "Normal \"", absl::CHexEscape(ToAbsl(bytes.substr(0, kPayloadShownMax))),
      bytes.size() > kPayloadShownMax ? "..." : "", "\"");
}

std::string List(const std::vector<LogEntry>& entries) {
  std::string out = "[";
  for (const LogEntry& entry : entries) {
    absl::StrAppend(&out, out.size() > 1 ? ", " : "", DebugString(entry));
  }
  return out + "]";
}

std::string Rejected(bool rejected) { return rejected ? " Rejected" : ""; }

// Zero is what every message has when there is nothing to say.
std::string Unless0(absl::string_view name, uint64_t value) {
  return value == 0 ? "" : absl::StrCat(" ", name, ":", value);
}

struct BodyPrinter {
  std::string operator()(const MsgProp& body) const {
    std::string out = " Proposals:[";
    for (size_t i = 0; i < body.proposals.size(); ++i) {
      absl::StrAppend(
          &out, i == 0 ? "" : ", ",
          Content(body.proposals[i].type, body.proposals[i].payload));
    }
    return out + "]";
  }
  std::string operator()(const MsgApp& body) const {
    return absl::StrCat(
        " Prev:", Position(body.prev), " Commit:", body.commit.value(),
        body.entries.empty() ? ""
                             : absl::StrCat(" Entries:", List(body.entries)));
  }
  std::string operator()(const MsgAppResp& body) const {
    return absl::StrCat(
        Rejected(body.rejected), " Index:", body.index.value(),
        body.rejected ? absl::StrCat(" Hint:", Position(body.hint)) : "",
        Unless0("Commit", body.commit.value()));
  }
  std::string operator()(const MsgHeartbeat& body) const {
    return absl::StrCat(" Commit:", body.commit.value(),
                        " Round:", body.round.value());
  }
  std::string operator()(const MsgHeartbeatResp& body) const {
    return absl::StrCat(" Round:", body.round.value());
  }
  std::string operator()(const MsgVote& body) const {
    return absl::StrCat(" Last:", Position(body.last),
                        " Commit:", Position(body.commit),
                        body.leader_transfer ? " Transfer" : "");
  }
  std::string operator()(const MsgPreVote& body) const {
    return absl::StrCat(" Last:", Position(body.last),
                        " Commit:", Position(body.commit));
  }
  std::string operator()(const MsgVoteResp& body) const {
    return absl::StrCat(Rejected(body.rejected),
                        " Commit:", Position(body.commit));
  }
  std::string operator()(const MsgPreVoteResp& body) const {
    return absl::StrCat(Rejected(body.rejected),
                        " Commit:", Position(body.commit));
  }
  std::string operator()(const MsgSnap& body) const {
    return absl::StrCat(" ", DebugString(body.snapshot));
  }
  std::string operator()(const MsgTimeoutNow&) const { return ""; }
  std::string operator()(const MsgTransferLeader& body) const {
    return absl::StrCat(" Target:", body.target.value());
  }
  std::string operator()(const MsgReadIndex& body) const {
    return absl::StrCat(" Read:", body.id.value(),
                        " Origin:", body.origin.value(),
                        body.mode == ReadMode::kLease ? " Lease" : "");
  }
  std::string operator()(const MsgReadIndexResp& body) const {
    return absl::StrCat(" Read:", body.id.value(),
                        " Index:", body.index.value());
  }
};

void AppendMessages(absl::string_view title,
                    const std::vector<Message>& messages, std::string& out) {
  if (messages.empty()) return;
  absl::StrAppend(&out, title, ":\n");
  for (const Message& message : messages) {
    absl::StrAppend(&out, "  ", DebugString(message), "\n");
  }
}

void AppendEntries(absl::string_view title,
                   const std::vector<LogEntry>& entries, std::string& out) {
  if (entries.empty()) return;
  absl::StrAppend(&out, title, ":\n");
  for (const LogEntry& entry : entries) {
    absl::StrAppend(&out, "  ", DebugString(entry), "\n");
  }
}

void AppendPersist(const PersistBatch& batch, std::string& out) {
  absl::StrAppend(&out, "Persist ", batch.seq.value(),
                  batch.must_sync ? " sync" : "");
  if (batch.hard_state) {
    absl::StrAppend(&out, " ", DebugString(*batch.hard_state));
  }
  if (batch.snapshot) {
    absl::StrAppend(&out, " Snapshot ", DebugString(*batch.snapshot));
  }
  out += "\n";
  AppendEntries("Entries", batch.entries, out);
}

}  // namespace

std::string DebugString(const LogEntry& entry) {
  return absl::StrCat(Position(entry.id()), " ",
                      Content(entry.type, entry.payload));
}

std::string DebugString(const Message& message) {
  return absl::StrCat(message.from.value(), "->", message.to.value(), " ",
                      ToAbsl(TypeName(message)),
                      Unless0("Term", message.term.value()),
                      std::visit(BodyPrinter{}, message.body));
}

std::string DebugString(const SnapshotMeta& snapshot) {
  return absl::StrCat("Index:", Position(snapshot.id), " ",
                      snapshot.conf.DebugString());
}

std::string DebugString(const HardState& hard_state) {
  return absl::StrCat("Term:", hard_state.term.value(),
                      Unless0("Vote", hard_state.vote.value()),
                      " Commit:", hard_state.commit.value());
}

std::string DebugString(const Ready& ready) {
  std::string out;
  if (ready.soft_state) {
    absl::StrAppend(&out, Streamed(ready.soft_state->role),
                    " Leader:", ready.soft_state->leader.value(), "\n");
  }
  AppendMessages("Messages", ready.messages, out);
  if (ready.persist) {
    AppendPersist(*ready.persist, out);
    AppendMessages("Messages after persist", ready.persist->messages_after,
                   out);
  }
  AppendEntries("Apply", ready.apply, out);
  for (const FetchRequest& fetch : ready.fetches) {
    absl::StrAppend(&out, "Fetch ", fetch.id.value(), " [", fetch.first.value(),
                    ", ", fetch.end.value(), ")\n");
  }
  for (const SnapshotRequest& request : ready.snapshot_requests) {
    absl::StrAppend(&out, "Snapshot wanted for ", request.peer.value(),
                    " from ", request.index_min.value(), "\n");
  }
  for (const ReadResult& result : ready.read_results) {
    absl::StrAppend(&out, "Read ", result.id.value(), " at ",
                    result.index.value(), "\n");
  }
  for (const ReadId id : ready.lost_reads) {
    absl::StrAppend(&out, "Read ", id.value(), " lost\n");
  }
  return out.empty() ? "empty\n" : out;
}

std::string DebugString(const RaftStatus& status) {
  return absl::StrCat(
      status.id.value(), ": ", Streamed(status.role),
      " Term:", status.term.value(), Unless0("Vote", status.vote.value()),
      Unless0("Leader", status.leader.value()), " Log:(",
      Position(status.boundary), ", ", Position(status.last),
      "] Commit:", status.commit.value(), " Applied:", status.applied.value(),
      " Durable:", status.durable.value(),
      Unless0("Installing", status.pending_snapshot.value()), " ",
      status.conf.DebugString());
}

std::string DebugString(const PeerStatus& peer) {
  return absl::StrCat(
      peer.id.value(), ": ", Streamed(peer.state),
      " match=", peer.match.value(), " next=", peer.next.value(),
      peer.learner ? " learner" : "", peer.paused ? " paused" : "",
      peer.pending_snapshot != LogIndex()
          ? absl::StrCat(" snapshot=", peer.pending_snapshot.value())
          : "",
      peer.recently_active ? "" : " inactive",
      peer.inflight_messages > 0
          ? absl::StrCat(" inflight=", peer.inflight_messages,
                         peer.inflight_full ? "[full]" : "")
          : "");
}

std::ostream& operator<<(std::ostream& out, Role role) {
  switch (role) {
    case Role::kFollower:
      return out << "Follower";
    case Role::kPreCandidate:
      return out << "PreCandidate";
    case Role::kCandidate:
      return out << "Candidate";
    case Role::kLeader:
      return out << "Leader";
  }
  return out << "?";
}

std::ostream& operator<<(std::ostream& out, const Message& message) {
  return out << DebugString(message);
}

}  // namespace trimaran::raft
