#include "tools/serve/loop_queue.h"

#include <utility>

namespace trimaran::serve {

void LoopQueue::Add(Task task) {
  bool first = false;
  {
    const MutexLock lock(mutex_);
    first = tasks_.empty();
    tasks_.push_back(std::move(task));
  }
  if (first) loop_.Post([this] { Run(); });
}

void LoopQueue::Run() {
  std::vector<Task> tasks;
  {
    const MutexLock lock(mutex_);
    tasks.swap(tasks_);
  }
  for (Task& task : tasks) task();
}

}  // namespace trimaran::serve
