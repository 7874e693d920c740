#ifndef TRIMARAN_API_SRC_LONG_WORKS_H_
#define TRIMARAN_API_SRC_LONG_WORKS_H_

#include <atomic>
#include <deque>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "replication/node/lane.h"

namespace trimaran {

// What callers ask of the maintenance lane and wait for, a step at a time, so
// that the lane's own work goes on in between. Each may hold a view of the data
// from its first step to its last, and there are not many of these: only some
// works are under way at a time, and the others wait in the order of asking.
class LongWorks {
 public:
  static constexpr int kUnderWayMax = 4;

  // One step; true if there are more. A step that takes long itself asks now
  // and then whether it is `wanted`.
  using Step = absl::AnyInvocable<absl::StatusOr<bool>(
      absl::FunctionRef<bool()> wanted)>;

  // `clock` and `closing` outlive this, which outlives all that is posted to
  // `lane`. The step that is under way when `closing` is set may post one more
  // task, which takes no step.
  LongWorks(Lane& lane, const Clock& clock, const std::atomic<bool>& closing);
  LongWorks(const LongWorks&) = delete;
  LongWorks& operator=(const LongWorks&) = delete;

  // Takes steps until there are no more, or one fails, whose error this
  // returns. FailedPrecondition: closing. DeadlineExceeded after `timeout`, not
  // applied if it had to wait for its turn all the while; a step may be under
  // way even then, which is the last one: `step` owns what it uses.
  //
  // Thread: any but the lane's.
  absl::Status Run(absl::Duration timeout, Step step);

 private:
  // What a caller shares with the lane.
  struct Work;
  using WorkPtr = std::shared_ptr<Work>;

  void Begin(WorkPtr work);
  void PostStep(WorkPtr work);
  void TakeStep(WorkPtr work);
  static void End(Work& work, absl::Status ended);
  void BeginNext();
  void DropUnwanted();
  // Not OK if no more steps are to be taken.
  absl::Status Wanted(const Work& work) const;

  Lane& lane_;
  const Clock& clock_;
  const std::atomic<bool>& closing_;
  // The lane's.
  int under_way_ = 0;
  std::deque<WorkPtr> waiting_;
};

}  // namespace trimaran

#endif  // TRIMARAN_API_SRC_LONG_WORKS_H_
