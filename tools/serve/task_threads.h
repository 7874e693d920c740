#ifndef TRIMARAN_TOOLS_SERVE_TASK_THREADS_H_
#define TRIMARAN_TOOLS_SERVE_TASK_THREADS_H_

#include <cstddef>
#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "engine/base/mutex.h"

namespace trimaran::serve {

// A few threads for what may wait, and takes long.
//
// Thread: any.
class TaskThreads {
 public:
  using Task = absl::AnyInvocable<void()>;

  // No more than `tasks_max` wait. Throws std::system_error where there is no
  // room for a thread.
  TaskThreads(size_t threads, size_t tasks_max);
  // As Stop does.
  ~TaskThreads();
  TaskThreads(const TaskThreads&) = delete;
  TaskThreads& operator=(const TaskThreads&) = delete;

  // False, and it is not run, if too many wait, or after Stop.
  bool Run(Task task);
  // Runs what waits, and joins.
  void Stop();

 private:
  void Work();

  const size_t tasks_max_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_TASK_THREADS_H_
