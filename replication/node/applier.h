#ifndef TRIMARAN_REPLICATION_NODE_APPLIER_H_
#define TRIMARAN_REPLICATION_NODE_APPLIER_H_

#include <cstddef>
#include <deque>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/conf_state.h"
#include "engine/base/histogram.h"
#include "engine/kv/state_machine.h"
#include "engine/store.h"
#include "replication/node/lane.h"
#include "replication/raft/conf_change.h"

namespace trimaran {

// Applies committed entries in their order, a transaction at a time.
//
// Invariants:
//  1. At most one transaction is under way.
//  2. A change of membership is applied by itself, and when everything before
//     it is: the core learns of it at its place in the log.
//
// Thread: the raft lane, on which the reports come as well.
class Applier {
 public:
  struct Host {
    // The core takes over a change of membership that the state machine has
    // reached; the configuration to store with it.
    absl::AnyInvocable<absl::StatusOr<ConfState>(
        LogIndex index, const raft::ConfChange& change)>
        change_members;
    // These entries, and no others, have been applied.
    absl::AnyInvocable<void(std::vector<engine::CommittedEntry> entries,
                            std::vector<engine::EntryResult> results)>
        applied;
    // Nothing is applied any more.
    absl::AnyInvocable<void(absl::Status error)> failed;
  };

  // All outlive this.
  Applier(engine::Store& store, const Lanes& lanes, const Clock& clock,
          Host host);

  void Submit(std::vector<LogEntry> entries);
  // Drops what is not being applied yet.
  void ForgetQueued();
  // Begins nothing until as many Resumes have come as Pauses.
  void Pause() { ++pauses_; }
  void Resume();

  // Begins nothing any more.
  void Stop();
  // Whether something is under way that will still report.
  bool busy() const { return busy_; }
  // Of a transaction. Thread: any.
  const Histogram& apply_time() const { return apply_time_; }

 private:
  void BeginNext();
  bool TakeConfChange();
  void TakeNormal();
  void Applied(absl::StatusOr<std::vector<engine::EntryResult>> results);
  // Of the batch the state machine has applied the first `applied` entries: the
  // others are the next ones.
  void PutBack(size_t applied);
  void Fail(absl::Status error);

  engine::Store& store_;
  const Lanes lanes_;
  const Clock& clock_;
  Host host_;
  std::deque<LogEntry> waiting_;
  // What is being applied.
  std::vector<engine::CommittedEntry> batch_;
  // What is left of it is not wanted any more.
  bool forget_rest_ = false;
  bool busy_ = false;
  int pauses_ = 0;
  bool stopped_ = false;
  Histogram apply_time_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_APPLIER_H_
