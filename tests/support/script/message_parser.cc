#include "tests/support/script/message_parser.h"

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/log_types.h"
#include "engine/base/status_macros.h"

namespace trimaran::script {
namespace {

// "left<separator>right", both numbers.
struct NumberPair {
  uint64_t left = 0;
  uint64_t right = 0;
};

absl::StatusOr<NumberPair> ParsePair(std::string_view text,
                                     std::string_view separator) {
  const size_t cut = text.find(separator);
  if (cut == std::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("no ", ToAbsl(separator), " in ", ToAbsl(text)));
  }
  NumberPair pair;
  TRIMARAN_ASSIGN_OR_RETURN(pair.left, ParseNumber(text.substr(0, cut)));
  TRIMARAN_ASSIGN_OR_RETURN(pair.right,
                            ParseNumber(text.substr(cut + separator.size())));
  return pair;
}

absl::StatusOr<EntryId> ParseEntryId(std::string_view text) {
  TRIMARAN_ASSIGN_OR_RETURN(const NumberPair pair, ParsePair(text, "/"));
  return EntryId{LogIndex(pair.left), Term(pair.right)};
}

// "index/term" or "index/term:payload".
absl::StatusOr<LogEntry> ParseEntry(std::string_view text) {
  const size_t colon = text.find(':');
  TRIMARAN_ASSIGN_OR_RETURN(const EntryId id,
                            ParseEntryId(text.substr(0, colon)));
  LogEntry entry;
  entry.index = id.index;
  entry.term = id.term;
  if (colon != std::string_view::npos) {
    entry.payload = Payload(text.substr(colon + 1));
  }
  return entry;
}

// The arguments of one message; remembers the first error.
class Fields {
 public:
  explicit Fields(const Command& command) : command_(command) {}

  template <typename Id>
  Id Number(std::string_view key) {
    uint64_t value = 0;
    Note(command_.Read(key, value));
    return Id(value);
  }
  bool Flag(std::string_view key) {
    bool value = false;
    Note(command_.Read(key, value));
    return value;
  }
  EntryId Id(std::string_view key) {
    std::string text;
    Note(command_.Read(key, text));
    if (text.empty()) return {};
    const absl::StatusOr<EntryId> id = ParseEntryId(text);
    Note(id.status());
    return id.ok() ? *id : EntryId{};
  }
  std::vector<LogEntry> Entries(std::string_view key) {
    std::vector<LogEntry> entries;
    const Argument* argument = command_.Find(key);
    if (argument == nullptr) return entries;
    for (const std::string& text : argument->values) {
      absl::StatusOr<LogEntry> entry = ParseEntry(text);
      Note(entry.status());
      if (entry.ok()) entries.push_back(*std::move(entry));
    }
    return entries;
  }
  std::vector<ReplicaId> Replicas(std::string_view key) {
    std::vector<ReplicaId> replicas;
    Note(command_.Read(key, replicas));
    return replicas;
  }
  const absl::Status& status() const { return status_; }

 private:
  void Note(const absl::Status& status) { status_.Update(status); }

  const Command& command_;
  absl::Status status_;
};

absl::StatusOr<raft::MessageBody> ReadReplication(std::string_view type,
                                                  Fields& fields) {
  if (type == "MsgApp") {
    return raft::MsgApp{fields.Id("prev"), fields.Entries("entries"),
                        fields.Number<LogIndex>("commit")};
  }
  if (type == "MsgAppResp") {
    return raft::MsgAppResp{fields.Number<LogIndex>("index"),
                            fields.Flag("rejected"), fields.Id("hint"),
                            fields.Number<LogIndex>("commit")};
  }
  if (type == "MsgHeartbeat") {
    return raft::MsgHeartbeat{fields.Number<LogIndex>("commit"),
                              fields.Number<raft::ReadRound>("round")};
  }
  if (type == "MsgHeartbeatResp") {
    return raft::MsgHeartbeatResp{fields.Number<raft::ReadRound>("round")};
  }
  if (type == "MsgSnap") {
    raft::MsgSnap body;
    body.snapshot.id = fields.Id("snapshot");
    body.snapshot.conf.voters = fields.Replicas("voters");
    body.snapshot.conf.learners = fields.Replicas("learners");
    return body;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("no message of type ", ToAbsl(type)));
}

absl::StatusOr<raft::MessageBody> ReadBody(std::string_view type,
                                           Fields& fields) {
  if (type == "MsgVote") {
    raft::MsgVote body;
    body.last = fields.Id("last");
    body.commit = fields.Id("commit");
    body.leader_transfer = fields.Flag("transfer");
    return body;
  }
  if (type == "MsgPreVote") {
    raft::MsgPreVote body;
    body.last = fields.Id("last");
    body.commit = fields.Id("commit");
    return body;
  }
  if (type == "MsgVoteResp") {
    return raft::MsgVoteResp{fields.Flag("rejected"), fields.Id("commit")};
  }
  if (type == "MsgPreVoteResp") {
    return raft::MsgPreVoteResp{fields.Flag("rejected"), fields.Id("commit")};
  }
  if (type == "MsgTimeoutNow") return raft::MsgTimeoutNow{};
  if (type == "MsgTransferLeader") {
    return raft::MsgTransferLeader{fields.Number<ReplicaId>("target")};
  }
  if (type == "MsgReadIndex") {
    raft::MsgReadIndex body;
    body.id = fields.Number<raft::ReadId>("id");
    body.origin = fields.Number<ReplicaId>("origin");
    return body;
  }
  if (type == "MsgReadIndexResp") {
    raft::MsgReadIndexResp body;
    body.id = fields.Number<raft::ReadId>("id");
    body.index = fields.Number<LogIndex>("index");
    return body;
  }
  return ReadReplication(type, fields);
}

}  // namespace

absl::StatusOr<raft::Message> ParseMessage(const Command& command) {
  TRIMARAN_RETURN_IF_ERROR(command.AllowKeys(
      {"term", "group", "prev", "entries", "commit", "index", "rejected",
       "hint", "round", "snapshot", "voters", "learners", "last", "transfer",
       "target", "id", "origin"}));
  if (command.words().size() != 2) {
    return absl::InvalidArgumentError("send-msg FROM->TO TYPE [key=value ...]");
  }
  TRIMARAN_ASSIGN_OR_RETURN(const NumberPair route,
                            ParsePair(command.words()[0], "->"));
  Fields fields(command);
  raft::Message message;
  message.group = command.Find("group") == nullptr
                      ? GroupId(1)
                      : fields.Number<GroupId>("group");
  message.from = ReplicaId(route.left);
  message.to = ReplicaId(route.right);
  message.term = fields.Number<Term>("term");
  TRIMARAN_ASSIGN_OR_RETURN(message.body, ReadBody(command.words()[1], fields));
  TRIMARAN_RETURN_IF_ERROR(fields.status());
  return message;
}

}  // namespace trimaran::script
