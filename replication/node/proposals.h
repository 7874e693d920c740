#ifndef TRIMARAN_REPLICATION_NODE_PROPOSALS_H_
#define TRIMARAN_REPLICATION_NODE_PROPOSALS_H_

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/conf_state.h"
#include "engine/base/log_types.h"
#include "replication/node/pending_write.h"

namespace trimaran {

// Who waits for a change of membership. OK: the configuration that it led to.
using ConfChangeCallback =
    absl::AnyInvocable<void(absl::StatusOr<ConfState> answer)>;

// Whether a change fits the members as they are when it gets its place in the
// log.
using MembersCheck = absl::AnyInvocable<absl::Status(const ConfState& members)>;

// What waits for one entry of the log: the writes in it, or a change of
// membership.
struct Proposal {
  EntryId id;
  std::vector<PendingWritePtr> writes = {};
  // Appended by another replica, which may get the message once more and
  // append it again, at any time: that this entry is not applied proves
  // nothing.
  bool passed_on = false;
  ConfChangeCallback conf_change = nullptr;
  MonotonicTime conf_deadline = MonotonicTime::Infinite();
};

// What this replica has brought into the log, here or by way of the leader, and
// what waits for it. Keyed by index and term: the entry that is applied at an
// index is the proposed one if and only if the term is the same too.
//
// Invariants:
//  1. One proposal for each index at most; a newer one takes the place of one
//     whose entry was replaced.
//  2. A proposal leaves exactly once.
//
// Thread: the raft lane.
class Proposals {
 public:
  // Whoever was there before at that index has lost its place: returned, and
  // its entry will not be applied.
  std::optional<Proposal> Add(Proposal proposal);

  struct Outcome {
    // Those whose entry was applied: this one.
    std::optional<Proposal> applied;
    // Those at that index or before it whose entry never will be.
    std::vector<Proposal> replaced;
  };
  // The entry `applied` has been applied, and so has every entry before it.
  Outcome TakeApplied(EntryId applied);

  // The state has jumped to `index`: what happened to those up to it is not
  // known here.
  std::vector<Proposal> TakeSkipped(LogIndex index);
  std::vector<Proposal> TakeAll();

  // Ends the wait of those whose deadline has passed. Returns those for which
  // nobody waits any more.
  std::vector<Proposal> Expire(MonotonicTime now);

  size_t size() const { return waiting_.size(); }

 private:
  std::map<LogIndex, Proposal> waiting_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_PROPOSALS_H_
