#ifndef TRIMARAN_REPLICATION_RAFT_CONFIG_H_
#define TRIMARAN_REPLICATION_RAFT_CONFIG_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/conf_state.h"
#include "engine/base/ids.h"
#include "engine/base/log_types.h"

namespace trimaran::raft {

// What Config::lease_margin_ticks has to be so that a lease is sound as long as
// no replica's ticks are twice as fast as another's.
int LeaseMarginForDoubleSpeed(int election_timeout_ticks);

// The parameters of one replica's core. Every replica of a group should have
// the same ones; safety does not depend on it, except where said.
struct Config {
  GroupId group{1};
  // Required.
  ReplicaId id;

  // A follower that hears nothing for a number of ticks drawn anew each time
  // from [election_timeout_ticks, 2 * election_timeout_ticks) campaigns. Ten
  // times the heartbeat tolerates several lost ones.
  int election_timeout_ticks = 10;
  int heartbeat_ticks = 1;
  // Narrow the range of the draw, for hosts that want some replicas to try
  // first. 0: the defaults above. Both within [election_timeout_ticks, ...].
  int election_timeout_min_ticks = 0;
  int election_timeout_max_ticks = 0;

  // Ask before disturbing a group (thesis §9.6).
  bool pre_vote = true;
  // A leader that has not heard from a majority for an election timeout steps
  // down, and followers that hear a leader refuse to vote (thesis §6.2,
  // §4.2.3).
  bool check_quorum = true;
  // Serve reads from a lease (thesis §6.4.1). Sound only if no replica's ticks
  // run faster than another's by the margin below, within an election timeout,
  // and if it is set on all replicas: a voter that does not know it forgets its
  // promise when it restarts. Needs check_quorum.
  bool lease_reads = false;
  // The lease is this much shorter than the election timeout. At least 1 with
  // lease_reads: even ticks of equal speed do not begin at the same moment.
  int lease_margin_ticks = 2;

  // A follower passes proposals on to the leader it knows.
  bool proposal_forwarding = true;
  // A leader that has applied the end of its being a voter steps down at once.
  // If not, the host must stop it: it takes no more proposals once removed, but
  // its heartbeats go on, and with check_quorum nobody else is elected.
  bool step_down_on_removal = true;
  // Refuse a change of membership while another is unapplied, and changes that
  // do not fit the configuration. Only tests switch it off.
  bool validate_conf_changes = true;
  // Tell followers of a new commit at once instead of with the next message.
  // Without it, the host sees to it that they are told in time (AwaitCommit);
  // changes of membership are told at once all the same.
  bool eager_commit_broadcast = true;
  // See MsgVote::priority.
  int64_t priority = 0;

  // One MsgApp carries at most this much (but at least one entry).
  uint64_t append_bytes_max = uint64_t{1} << 20;
  uint64_t append_entries_max = 4096;
  // Appends sent to one follower and not yet acknowledged.
  uint64_t inflight_messages_max = 256;
  uint64_t inflight_bytes_max = uint64_t{16} << 20;
  // A leader refuses proposals while this much of its term has not been handed
  // out for applying. A single proposal larger than this is accepted when
  // nothing is pending.
  uint64_t uncommitted_bytes_max = uint64_t{64} << 20;
  // Handed out for applying and not yet applied, over all pages.
  uint64_t apply_bytes_max = uint64_t{16} << 20;
  uint64_t apply_entries_max = 65536;
  // Entries kept in memory once they are durable; older ones are fetched.
  uint64_t window_bytes_max = uint64_t{32} << 20;
  uint64_t window_entries_max = 65536;
  // Reads waiting for a quorum; more are refused.
  uint64_t pending_reads_max = 65536;
  // A message of a term that far above the own one is refused: no honest peer
  // gets there, and the counter must never run out.
  uint64_t term_jump_max = uint64_t{1} << 40;

  // Check every invariant of invariants.h after every input.
#ifdef NDEBUG
  bool check_invariants = false;
#else
  bool check_invariants = true;
#endif

  // InvalidArgument names the field, its value and the limit.
  absl::Status Validate() const;
};

// What a replica finds on its disk when it starts.
struct InitialState {
  HardState hard_state;
  // The configuration as of `applied`.
  ConfState conf;
  // The last entry that is no longer in the stored log (0/0: none ever was
  // removed), and the terms of the entries after it, up to `last`.
  EntryId boundary;
  std::vector<TermRun> terms;
  LogIndex last;
  // How far the state machine has applied; at least boundary.index.
  LogIndex applied;
  // Where membership changes stand among the entries after `applied`.
  std::vector<LogIndex> conf_changes;

  // FailedPrecondition names the rule that the stored state breaks:
  // boundary <= applied <= last, commit <= last, terms rising and covering
  // (boundary, last], no term above the hard state's, a valid configuration.
  absl::Status Validate() const;
};

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_CONFIG_H_
