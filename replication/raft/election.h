#ifndef TRIMARAN_REPLICATION_RAFT_ELECTION_H_
#define TRIMARAN_REPLICATION_RAFT_ELECTION_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/log_types.h"

namespace trimaran::raft {

// The timers of a replica that does not lead, in ticks.
struct ElectionTimer {
  // Since a leader was heard, a vote granted, or an election begun.
  int elapsed = 0;
  // The randomised patience; drawn anew at each change of role or term.
  int timeout = 0;
  // Since a leader of any term was heard. Unlike `elapsed` it survives changes
  // of term: it is the promise that lease reads rely on.
  int since_leader_contact = 0;
  // Whether a restart would renew that promise, because the disk knows that
  // this replica has been in some term; true where nobody relies on it.
  bool promise_survives_restart = true;
  // Elections that this replica has begun.
  uint64_t elections = 0;

  bool expired() const { return elapsed >= timeout; }
};

// The answers to one round of (pre-)votes. Only the first answer of a replica
// counts.
class VoteTally {
 public:
  void Clear() { votes_.clear(); }
  void Record(ReplicaId id, bool granted);
  std::optional<bool> Find(ReplicaId id) const;

 private:
  std::vector<std::pair<ReplicaId, bool>> votes_;
};

// What MsgVote and MsgPreVote have in common.
struct VoteQuestion {
  bool pre = false;
  EntryId last;
  EntryId commit;
  int64_t priority = 0;
};

enum class CampaignKind { kPreVote, kVote, kTransfer };

}  // namespace trimaran::raft

#endif  // TRIMARAN_REPLICATION_RAFT_ELECTION_H_
