#ifndef TRIMARAN_TESTS_REPLICATION_NODE_MANUAL_LANE_H_
#define TRIMARAN_TESTS_REPLICATION_NODE_MANUAL_LANE_H_

#include <cstddef>
#include <deque>
#include <utility>

#include "replication/node/lane.h"

namespace trimaran {

// Runs its tasks when it is told to.
//
// Thread: one.
class ManualLane final : public Lane {
 public:
  void Post(Task task) override { tasks_.push_back(std::move(task)); }
  void PostAt(MonotonicTime, Task task) override { Post(std::move(task)); }

  // False if there was none.
  bool RunOne() {
    if (tasks_.empty()) return false;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    std::move(task)();
    return true;
  }
  bool idle() const { return tasks_.empty(); }
  size_t size() const { return tasks_.size(); }

 private:
  std::deque<Task> tasks_;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_REPLICATION_NODE_MANUAL_LANE_H_
