#ifndef TRIMARAN_TOOLS_SERVE_LOOP_QUEUE_H_
#define TRIMARAN_TOOLS_SERVE_LOOP_QUEUE_H_

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "engine/base/mutex.h"
#include "replication/tcp/io_loop.h"

namespace trimaran::serve {

// Hands tasks to a loop, many at a time, so that answers which come together
// wake it once.
//
// Thread: any.
class LoopQueue {
 public:
  using Task = absl::AnyInvocable<void()>;

  // `loop` is stopped before this goes.
  explicit LoopQueue(IoLoop& loop) : loop_(loop) {}
  LoopQueue(const LoopQueue&) = delete;
  LoopQueue& operator=(const LoopQueue&) = delete;

  // Runs the task on the loop's thread, behind those before it.
  void Add(Task task);

 private:
  void Run();

  IoLoop& loop_;
  Mutex mutex_;
  std::vector<Task> tasks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_LOOP_QUEUE_H_
