#include "tools/serve/task_threads.h"

#include <utility>

namespace trimaran::serve {

TaskThreads::TaskThreads(size_t threads, size_t tasks_max)
    : tasks_max_(tasks_max) {
  try {
    for (size_t i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { Work(); });
    }
  } catch (...) {
    // Those that there are must not outlive this.
    Stop();
    throw;
  }
}

TaskThreads::~TaskThreads() { Stop(); }

bool TaskThreads::Run(Task task) {
  const MutexLock lock(mutex_);
  if (stopping_ || tasks_.size() >= tasks_max_) return false;
  tasks_.push_back(std::move(task));
  changed_.NotifyOne();
  return true;
}

void TaskThreads::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void TaskThreads::Work() {
  while (true) {
    Task task;
    {
      const MutexLock lock(mutex_);
      while (tasks_.empty() && !stopping_) changed_.Wait(mutex_);
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace trimaran::serve
