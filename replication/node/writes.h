#ifndef TRIMARAN_REPLICATION_NODE_WRITES_H_
#define TRIMARAN_REPLICATION_NODE_WRITES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/conf_state.h"
#include "engine/base/log_types.h"
#include "engine/kv/state_machine.h"
#include "replication/node/client_session.h"
#include "replication/node/pending_write.h"
#include "replication/node/proposals.h"
#include "replication/raft/conf_change.h"
#include "replication/raft/raft.h"
#include "replication/raft/ready.h"
#include "replication/transport/peer_message.h"

namespace trimaran {

struct WritesOptions {
  ReplicaId self;
  // Pass writes on to the leader; else they are answered NotLeader here.
  bool forward = true;
  // How long one may be without an answer before it is sent again.
  absl::Duration forward_retry = absl::Milliseconds(500);
};

// The writes of this replica's clients, from the queue to the answer: packs
// them into entries, brings these into the log of the leader, here or
// elsewhere, and answers each write once, from what this replica's own state
// machine made of it.
//
// Writes that may have to be asked for more than once carry a stamp of this
// process's session, so that the group does each once. A group of one voter
// needs none: what its only leader has appended is either applied or the
// process is gone.
//
// Invariants:
//  1. A write is said to be not applied only if no attempt can have brought it
//     into a log.
//  2. It is tried again without being asked only while that is certain, or
//     under the same stamp.
//  3. Writes come into the log of one leader in the order in which they were
//     added: those that are passed on go one entry at a time, the next one when
//     the leader has said where it put the last.
//
// Thread: the raft lane.
class Writes {
 public:
  struct Host {
    absl::AnyInvocable<void(ReplicaId to, PeerBody body)> send;
    // So many bytes of what came through the queue are not waiting any more.
    absl::AnyInvocable<void(size_t bytes)> make_room;
  };

  // `first_request` is drawn at random at each start, with room above it.
  Writes(const WritesOptions& options, uint64_t first_request, Host host);

  // ---- From clients ----

  void Add(std::vector<PendingWritePtr> writes);
  // Proposes, or passes on, whatever can be. `role` is what the core said last.
  void Pump(raft::Raft& core, const raft::SoftState& role, MonotonicTime now);
  // Only a leader takes it: NotLeader with a hint, or ProposalDropped, else.
  void ChangeMembers(raft::Raft& core, const raft::ConfChange& change,
                     MonotonicTime deadline, ConfChangeCallback done);

  // ---- From peers ----

  // False, and nothing happens, if no correct peer sends it.
  bool OnForward(raft::Raft& core, ReplicaId from, const MsgForward& forward);
  void OnForwardResp(ReplicaId from, const MsgForwardResp& response,
                     LogIndex applied);

  // ---- From the log ----

  // `result` is what the state machine made of the entry.
  void OnApplied(EntryId entry, engine::EntryResult result,
                 const ConfState& conf);
  // The state has jumped to `index`, by a snapshot.
  void OnSkipped(LogIndex index);
  // Another replica leads, or none: what was brought into this log may not
  // stay there.
  void OnLeaderChanged();
  // The core is in `term` now. The same replica may lead it as the one before,
  // with another log.
  void OnTerm(Term term) {
    if (std::exchange(term_, term) != term) OnLeaderChanged();
  }
  // Something long passes between here and `peer`: what was passed on to it, or
  // what its answer stands behind.
  void OnPartPassed(ReplicaId peer, MonotonicTime now);

  void Tick(MonotonicTime now);
  // For good: `error` for what is certainly not applied; the others are
  // unknown.
  void AnswerAll(const absl::Status& error);

  size_t backlog() const { return backlog_.size(); }

 private:
  struct Forwarded {
    uint64_t request;
    ReplicaId to;
    // Sent, or part of something long has passed since.
    MonotonicTime alive_at;
    // What passes from then on is something else.
    MonotonicTime arrived_by;
    PackedEntry entry;
  };

  bool ProposeNext(raft::Raft& core, bool alone);
  // Nothing if one is under way.
  void ForwardNext(ReplicaId leader, MonotonicTime now);
  // As many of the backlog as one entry takes; none if nothing may go now.
  PackedEntry Pack(bool stamped);
  // Whether the write may go into an entry now, and with which stamp.
  bool Stamp(PendingWrite& write, std::optional<engine::SessionStamp>& stamp);
  // False if it is open, or about to be.
  bool OpenSession();
  // Its entry is in a log, where it is waited for.
  void Register(Proposal proposal);
  // Its entry will not be applied: another one, of term `by`, is in its place.
  void Replaced(Proposal proposal, Term by);
  // Whether the group refused it for want of its session; notes that.
  bool LostItsSession(const PendingWrite& write,
                      const engine::CommandResult& result);
  void AnswerOne(PendingWrite& write, EntryId entry,
                 engine::CommandResult result);
  // What became of the last attempt is not known. Tries again where that is
  // safe, else says so.
  void TryAgain(std::vector<PendingWritePtr> writes, std::string_view why);
  bool CanTryAgain(const PendingWrite& write) const;
  // The last attempt has certainly failed.
  void Return(std::vector<PendingWritePtr> writes);
  // The leader takes nothing from this replica any more: those that were passed
  // on, and all that wait.
  void TurnAway(std::vector<PendingWritePtr> writes);
  void GiveUpForwarded(std::string_view why);
  // Nobody waits for it any more.
  void Forget(const PendingWrite& write);
  // It is not in the backlog any more, or about to leave it.
  void LeaveBacklog(PendingWrite& write);
  void MakeRoom();
  void ExpireBacklog(MonotonicTime now);
  void EndWait(Proposal& proposal, const absl::Status& error);

  const WritesOptions options_;
  Host host_;
  uint64_t last_request_;
  uint64_t last_arrival_ = 0;
  // Not in any entry now; by arrival.
  std::deque<PendingWritePtr> backlog_;
  // No deadline in the backlog is earlier.
  MonotonicTime next_deadline_ = MonotonicTime::Infinite();
  // Of what has left the backlog, and was not reported yet.
  size_t room_bytes_ = 0;
  Proposals proposals_;
  std::optional<Forwarded> forwarded_;
  ClientSession session_;
  Term term_;
  // The last attempt was refused: the next one waits for news, so that refusals
  // do not chase each other.
  bool paused_ = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_WRITES_H_
