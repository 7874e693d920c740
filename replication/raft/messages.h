#ifndef TRIMARAN_REPLICATION_RAFT_MESSAGES_H_
#define TRIMARAN_REPLICATION_RAFT_MESSAGES_H_

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "engine/base/payload.h"

// What replicas say to each other. One struct per message; what a replica says
// to itself (ticks, finished writes) are calls of class Raft, not messages, so
// that no peer can ever send them.

namespace trimaran::raft {

// Chosen by whoever asks for a read. Never used twice by one replica, not even
// after a restart: an answer may come when its read has long been given up.
using ReadId = StrongId<struct ReadIdTag>;

// Counts the quorum rounds of one leader in one term, from 1 on. 0 is none.
using ReadRound = StrongId<struct ReadRoundTag>;

// How a linearizable read learns that its leader still leads (thesis §6.4).
enum class ReadMode : uint8_t {
  // By a round of heartbeats that begins after the request.
  kQuorum = 0,
  // By the leader's lease; needs Config::lease_reads. Falls back to a round
  // while there is no lease.
  kLease = 1,
};

// A proposal forwarded to the leader. Nothing comes back: it may be lost.
struct MsgProp {
  struct Proposal {
    EntryType type = EntryType::kNormal;
    Payload payload;

    friend bool operator==(const Proposal&, const Proposal&) = default;
  };
  std::vector<Proposal> proposals;

  friend bool operator==(const MsgProp&, const MsgProp&) = default;
};

// AppendEntries (thesis §3.5).
struct MsgApp {
  EntryId prev;
  std::vector<LogEntry> entries;
  LogIndex commit;

  friend bool operator==(const MsgApp&, const MsgApp&) = default;
};

struct MsgAppResp {
  // Accepted: everything up to here is durable and equal to the leader's log.
  // Rejected: the `prev.index` that did not match.
  LogIndex index;
  bool rejected = false;
  // Of a rejection: the last entry of the follower that could match, as far as
  // the follower can tell. Term 0: unknown.
  EntryId hint;
  // How far the follower knows the log to be committed.
  LogIndex commit;

  friend bool operator==(const MsgAppResp&, const MsgAppResp&) = default;
};

// An empty AppendEntries that appends nothing; commit never exceeds what the
// leader knows to match.
struct MsgHeartbeat {
  LogIndex commit;
  ReadRound round;
  // The last entry that the follower has acknowledged to this leader, so that
  // it notices if it does not hold it any more; none if the leader has none on
  // record.
  EntryId matched = {};

  friend bool operator==(const MsgHeartbeat&, const MsgHeartbeat&) = default;
};

struct MsgHeartbeatResp {
  // The round of the heartbeat that this answers.
  ReadRound round;

  friend bool operator==(const MsgHeartbeatResp&,
                         const MsgHeartbeatResp&) = default;
};

// RequestVote (thesis §3.4). `Message::term` is the term the candidate is in.
struct MsgVote {
  EntryId last;
  // How far the candidate knows the log to be committed; a voter that lags in
  // commit learns it from here.
  EntryId commit;
  // The leader asked for this election (thesis §3.10): voters do not protect
  // it by their stickiness.
  bool leader_transfer = false;
  // A voter whose log ends where the candidate's does refuses candidates of
  // lower priority than its own.
  int64_t priority = 0;

  friend bool operator==(const MsgVote&, const MsgVote&) = default;
};

// The question before the vote (thesis §9.6). `Message::term` is the term that
// the candidate would campaign in; nobody changes anything by asking or
// answering.
struct MsgPreVote {
  EntryId last;
  EntryId commit;
  int64_t priority = 0;

  friend bool operator==(const MsgPreVote&, const MsgPreVote&) = default;
};

struct MsgVoteResp {
  bool rejected = false;
  // The voter's commit, as in MsgVote.
  EntryId commit;

  friend bool operator==(const MsgVoteResp&, const MsgVoteResp&) = default;
};

// A grant carries the term that was asked for, a rejection the voter's own.
struct MsgPreVoteResp {
  bool rejected = false;
  EntryId commit;

  friend bool operator==(const MsgPreVoteResp&,
                         const MsgPreVoteResp&) = default;
};

// Announces that the follower's next state is a snapshot. The data has been
// moved by other means before this reaches the follower's core.
struct MsgSnap {
  SnapshotMeta snapshot;

  friend bool operator==(const MsgSnap&, const MsgSnap&) = default;
};

// Campaign at once, whatever the timers say (thesis §3.10).
struct MsgTimeoutNow {
  friend bool operator==(MsgTimeoutNow, MsgTimeoutNow) = default;
};

// A request to transfer leadership, forwarded to the leader.
struct MsgTransferLeader {
  ReplicaId target;

  friend bool operator==(const MsgTransferLeader&,
                         const MsgTransferLeader&) = default;
};

// A read forwarded to the leader. `Message::term` is 0: whoever leads when it
// arrives may answer. `origin` is the replica that asked.
struct MsgReadIndex {
  ReadId id;
  ReadMode mode = ReadMode::kQuorum;
  ReplicaId origin;

  friend bool operator==(const MsgReadIndex&, const MsgReadIndex&) = default;
};

struct MsgReadIndexResp {
  ReadId id;
  LogIndex index;
  // The term of the entry at `index`, which is committed; 0 if not known.
  Term index_term;

  friend bool operator==(const MsgReadIndexResp&,
                         const MsgReadIndexResp&) = default;
};

using MessageBody =
    std::variant<MsgProp, MsgApp, MsgAppResp, MsgHeartbeat, MsgHeartbeatResp,
                 MsgVote, MsgPreVote, MsgVoteResp, MsgPreVoteResp, MsgSnap,
                 MsgTimeoutNow, MsgTransferLeader, MsgReadIndex,
                 MsgReadIndexResp>;

struct Message {
  GroupId group;
  ReplicaId from;
  ReplicaId to;
  // 0 in messages that any term may answer (IsTermless).
  Term term;
  MessageBody body;

  template <typename Body>
  const Body* As() const {
    return std::get_if<Body>(&body);
  }

  friend bool operator==(const Message&, const Message&) = default;
};

// Whether only the leader of the message's term sends it.
inline bool ClaimsToLead(const Message& message) {
  return message.As<MsgApp>() != nullptr ||
         message.As<MsgHeartbeat>() != nullptr ||
         message.As<MsgSnap>() != nullptr;
}

// Whether it may be acted on in any term.
inline bool IsTermless(const Message& message) {
  return message.As<MsgProp>() != nullptr ||
         message.As<MsgTransferLeader>() != nullptr ||
         message.As<MsgReadIndex>() != nullptr;
}

// "MsgApp", "MsgVoteResp", ...
std::string_view TypeName(const Message& message);

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_MESSAGES_H_
