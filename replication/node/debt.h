#ifndef TRIMARAN_REPLICATION_NODE_DEBT_H_
#define TRIMARAN_REPLICATION_NODE_DEBT_H_

#include <optional>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "engine/base/log_types.h"
#include "engine/base/logging.h"
#include "engine/log/log_store.h"
#include "replication/node/errands.h"
#include "replication/node/lane.h"
#include "replication/raft/messages.h"

namespace trimaran {

// Acknowledged entries that this replica has lost, if it has: by damage that
// the log found when it was opened, or by the word of a leader who knows that
// the log had been longer. Such a replica must not decide anything until a
// leader of a later term has filled its log again (LogState::owed,
// PROTOCOL.md section 9).
//
// Invariants:
//  1. While something is owed no vote leaves, nor a request for one, nor an
//     acknowledgement of a term whose leader may count on what is lost.
//  2. A term is left only when what is owed is durable, so that no restart
//     forgets it.
//
// Thread: the raft lane.
class Debt {
 public:
  // `failed` hears of an error that leaves it unknown what is noted.
  Debt(engine::LogStore& log, Lane& log_lane, Errands& errands,
       const Logger& logger, absl::AnyInvocable<void(absl::Status)> failed);

  const std::optional<EntryId>& owed() const { return owed_; }

  // The leader of `term` knows that the log had reached `index`, which it has
  // not.
  void Note(LogIndex index, Term term);
  // Something has been written; perhaps it has paid.
  void OnDurable();

  // Whether a leader of `term` may count on what is not here.
  bool IsOwedBy(Term term) const { return owed_ && term < owed_->term; }
  bool MayLeave(const raft::Message& message) const;
  // Whether the leader of `term` can only be answered in a later one.
  bool DoubtsLeaderOf(Term term) const;

 private:
  engine::LogStore& log_;
  Lane& log_lane_;
  Errands& errands_;
  const Logger logger_;
  absl::AnyInvocable<void(absl::Status)> failed_;
  std::optional<EntryId> owed_;
  // It is not durable yet.
  bool noting_ = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_DEBT_H_
