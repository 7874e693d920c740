#ifndef TRIMARAN_REPLICATION_NODE_LANE_H_
#define TRIMARAN_REPLICATION_NODE_LANE_H_

#include "absl/functional/any_invocable.h"
#include "engine/base/clock.h"

namespace trimaran {

// Runs once.
using Task = absl::AnyInvocable<void()>;

// Where work of one kind is done: one task at a time, in the order of posting.
// Several lanes may share a thread; whoever posts does not know. What belongs
// to a lane needs no lock, for only one task runs at a time.
//
// Thread: any, for all calls.
class Lane {
 public:
  virtual ~Lane() = default;

  // Runs `task` after everything that was posted before, and never within this
  // call. Tasks that are still waiting when the lane ends are destroyed without
  // being run.
  virtual void Post(Task task) = 0;

  // Runs `task` at `when`, or soon after.
  virtual void PostAt(MonotonicTime when, Task task) = 0;
};

// The lanes of one replica. They outlive whatever is given them.
struct Lanes {
  // Decisions: the consensus core, and all that is waiting for something.
  Lane* raft = nullptr;
  // Writing calls of the raft log.
  Lane* log = nullptr;
  // Writing calls of the state machine.
  Lane* apply = nullptr;
  // What takes long: checkpoints, snapshots.
  Lane* maintenance = nullptr;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_NODE_LANE_H_
