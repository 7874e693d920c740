#ifndef TRIMARAN_REPLICATION_RAFT_RAFT_H_
#define TRIMARAN_REPLICATION_RAFT_RAFT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/conf_state.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"
#include "engine/base/payload.h"
#include "engine/base/random.h"
#include "replication/raft/conf_change.h"
#include "replication/raft/config.h"
#include "replication/raft/election.h"
#include "replication/raft/leader_state.h"
#include "replication/raft/membership.h"
#include "replication/raft/messages.h"
#include "replication/raft/outbox.h"
#include "replication/raft/raft_log.h"
#include "replication/raft/ready.h"
#include "replication/raft/status.h"

namespace trimaran::raft {

class InvariantChecker;
enum class SnapshotResult { kDelivered, kFailed };

// The consensus core of one replica of one group: input in, decisions out, and
// nothing else. It has no thread, clock, lock, file or socket; the same inputs
// give the same outputs, bit by bit. The host feeds it and, whenever it likes,
// takes a Ready and does what that says. Several batches may be persisting and
// several pages applying at a time; each is acknowledged, in order.
//
// Nothing that comes from a peer can abort the process or break an invariant:
// Step answers nonsense by an error and changes nothing. A host that breaks
// the contract of its own calls is stopped by a TRIMARAN_CHECK.
// replication/PROTOCOL.md says where this follows the thesis and where not.
//
// Thread: owner; not synchronised.
class Raft {
 public:
  // Errors: InvalidArgument for a bad `config`, FailedPrecondition for a
  // stored state that no correct replica can have. `random` outlives the core.
  static absl::StatusOr<std::unique_ptr<Raft>> Create(const Config& config,
                                                      const InitialState& state,
                                                      Random& random);
  ~Raft();
  Raft(const Raft&) = delete;
  Raft& operator=(const Raft&) = delete;

  // One unit of time has passed.
  void Tick();

  // A message has arrived. Errors change at most the term and the leader:
  //  - InvalidArgument: no correct peer sends this (not for this replica or
  //    group, from itself, malformed, from a term or index out of range).
  //  - NotFound: an answer from a replica that is not in the group.
  //  - DataLoss: it contradicts what is committed here: one of the two disks
  //    has lost acknowledged entries. Stop the replica, or rebuild it.
  //  - ProposalDropped, NotLeader, ResourceExhausted for forwarded requests.
  // A message that is merely late, doubled or of an older term is no error.
  absl::Status Step(Message message);

  // Appends commands (at least one) to the log of this leader, or passes them
  // on to the leader it knows. Returns the first one's place, or nothing if
  // they were passed on (and may get lost). After NotLeader or ProposalDropped,
  // they are certainly in no log.
  absl::StatusOr<std::optional<EntryId>> Propose(
      absl::Span<const Payload> payloads);
  absl::StatusOr<std::optional<EntryId>> Propose(const Payload& payload);

  // As Propose. A change that may not be made now is refused by
  // ProposalDropped; the leader then has appended an empty entry in its place.
  absl::StatusOr<std::optional<EntryId>> ProposeConfChange(
      const ConfChange& change);

  // Asks for an index that a linearizable read must wait for; it comes in
  // Ready::read_results or Ready::lost_reads, or, at a follower, perhaps never:
  // ask again under a new id. Errors: NotLeader, ResourceExhausted.
  absl::Status ReadIndex(ReadId id, ReadMode mode);

  // Followers are told of commits at once until they know that `index` is
  // committed (Config::eager_commit_broadcast). Nothing unless it leads.
  void AwaitCommit(LogIndex index);
  // The commit index, if a follower that can be told of it has not been; else
  // 0.
  LogIndex untold_commit() const;

  // Hands leadership over to `target`; observe it through SoftState. Passed on
  // by a follower. Errors: NotLeader (no leader known), InvalidArgument (not a
  // voter). Naming the leader itself ends a transfer under way.
  absl::Status TransferLeadership(ReplicaId target);

  // Campaigns now, with a pre-vote if configured, unless it may not or leads.
  void Campaign();
  // A follower forgets its leader and may vote at once. Not under lease reads.
  void ForgetLeader();
  // Begins a term without a leader, unless it leads. PROTOCOL.md, section 9.
  void LeaveTerm();
  // Campaigns after `ticks` of silence, until the role or term changes.
  void OverrideElectionTimeout(int ticks);

  // All batches up to `seq` are durable (a snapshot: installed).
  void Persisted(PersistSeq seq);
  // The state machine has applied everything up to `index`.
  void Applied(LogIndex index);
  // Call when the state machine reaches the membership change at `index`,
  // before Applied(index). Returns what is to be stored with it. One that does
  // not fit (FailedPrecondition, InvalidArgument) changes nothing, anywhere.
  absl::StatusOr<ConfState> ApplyConfChange(LogIndex index,
                                            const ConfChange& change);
  // The answer to a FetchRequest: entries from its `first`. OutOfRange: they
  // are compacted; another error: not now. Returns DataLoss if they contradict.
  absl::Status EntriesFetched(FetchId id,
                              absl::StatusOr<std::vector<LogEntry>> entries);
  // The answers to a SnapshotRequest. Too old a one counts as unavailable.
  void SnapshotAvailable(ReplicaId replica, const SnapshotMeta& meta);
  void SnapshotUnavailable(ReplicaId replica);
  // What became of the data that a MsgSnap announced; due for each of them.
  void ReportSnapshot(ReplicaId replica, SnapshotResult result);
  // A message to `replica` could not be delivered; or part of a long one has
  // passed between here and it, which either `sends` it or takes it.
  void ReportUnreachable(ReplicaId replica);
  void ReportAlive(ReplicaId replica, bool sends);
  // The stored log will lose its entries up to `index`, which is applied.
  void Compacted(LogIndex index);

  bool HasReady() const;
  Ready TakeReady();

  RaftStatus status() const;
  const RaftLog& log() const { return log_; }
  const Membership& membership() const { return members_; }

 private:
  Raft(const Config& config, const InitialState& state, Random& random);

  // ---- raft.cc: terms, dispatch, output ----
  absl::Status StepCurrentTerm(Message& message);
  void HandleLowerTerm(const Message& message);
  bool IgnoresRequest(const Message& message) const;
  void AdoptHigherTerm(const Message& message);
  void Send(ReplicaId to, Term term, MessageBody body);
  void SendAfterPersist(ReplicaId to, Term term, MessageBody body);
  bool NeedsPersist() const;
  void FillPersist(Ready& ready);
  void FillApply(Ready& ready);
  HardState hard_state() const { return {term_, vote_, log_.commit()}; }
  void CheckInvariants();

  // ---- election.cc: roles and votes ----
  void EnterRole(Role role, ReplicaId leader);
  void EndLeadership();
  void BecomeFollower(Term term, ReplicaId leader);
  void BecomeLeader();
  void DrawElectionTimeout();
  void TickElection();
  bool Promotable() const;
  bool InLease() const;
  void StartCampaign(CampaignKind kind);
  void RunCampaign(CampaignKind kind);
  void CountVote(ReplicaId from, bool granted);
  bool GrantsVote(const Message& message, const VoteQuestion& question) const;
  void HandleVoteRequest(const Message& message);
  void HandleVoteResponse(const Message& message);
  void LearnCommit(EntryId commit);

  // ---- follower.cc: what a leader says ----
  absl::Status StepFollower(Message& message);
  absl::Status StepCandidate(Message& message);
  absl::Status StepRequestNotLeading(const Message& message);
  void HeardLeader(ReplicaId leader);
  absl::Status HandleAppend(ReplicaId from, MsgApp& append);
  absl::Status HandleHeartbeat(ReplicaId from, const MsgHeartbeat& heartbeat);
  absl::Status HandleSnapshot(ReplicaId from, const MsgSnap& message);
  absl::Status Contradiction(ReplicaId from, EntryId prev) const;
  bool RestoreSnapshot(const SnapshotMeta& snapshot);

  // ---- leader.cc: proposals, acknowledgements, commit ----
  absl::Status StepLeader(Message& message);
  void TickLeader();
  bool QuorumActive() const;
  absl::StatusOr<std::optional<EntryId>> ProposeAll(
      absl::Span<MsgProp::Proposal> proposals);
  absl::StatusOr<EntryId> AppendProposals(
      absl::Span<MsgProp::Proposal> proposals);
  absl::Status VetConfChange(const MsgProp::Proposal& proposal) const;
  void AppendAsLeader(EntryType type, Payload payload);
  absl::Status HandleAppendResponse(Progress& peer, const MsgAppResp& response);
  void HandleRejection(Progress& peer, const MsgAppResp& response);
  absl::Status HandleHeartbeatResponse(Progress& peer,
                                       const MsgHeartbeatResp& response);
  void MaybeCommit();
  void SyncPeers();
  void MaybeLeaveJoint();

  // ---- replicate.cc: what a leader sends ----
  bool NeedsSnapshot(const Progress& peer) const;
  bool WantsAppend(const Progress& peer) const;
  bool HasLeaderOutput() const;
  void FlushLeaderOutput();
  void SendAppend(Progress& peer);
  void SendEntries(Progress& peer, EntryId prev, std::vector<LogEntry> entries);
  void BroadcastHeartbeat();
  void RequestSnapshot(Progress& peer);
  void RequestEntries(Progress& peer);
  absl::Status HandleFetchedFor(Progress& peer,
                                absl::StatusOr<std::vector<LogEntry>> entries);

  // ---- reads.cc and transfer.cc ----
  absl::Status HandleReadRequest(ReadRequest request, ReadMode mode);
  void Answer(const ReadRequest& request, LogIndex index);
  void ConfirmReads();
  bool LeaseValid() const;
  bool CommittedInOwnTerm() const;
  absl::Status HandleTransfer(ReplicaId target);
  void SendTimeoutNow(ReplicaId to);

  const Config config_;
  Random& random_;
  Term term_;
  ReplicaId vote_;
  Role role_ = Role::kFollower;
  ReplicaId leader_;
  RaftLog log_;
  Membership members_;
  LogIndex conf_applied_;  // Changes up to here are in `members_`.
  // The configuration of a state machine that a snapshot is about to replace.
  std::optional<Membership> overtaken_members_;
  ElectionTimer timer_;
  VoteTally votes_;
  // Present exactly while role_ is kLeader.
  std::optional<LeaderState> lead_;
  uint64_t ticks_ = 0;  // Since the start; the clock of leases.
  Outbox outbox_;
  SoftState emitted_soft_state_;
  HardState emitted_hard_state_;
  FetchId last_fetch_;
  ApplyFetch apply_fetch_;
  std::unique_ptr<InvariantChecker> checker_;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_RAFT_H_
