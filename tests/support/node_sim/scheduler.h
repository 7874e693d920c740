#ifndef TRIMARAN_TESTS_SUPPORT_NODE_SIM_SCHEDULER_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_SIM_SCHEDULER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "engine/base/check.h"
#include "tests/support/sim/sim_time.h"

namespace trimaran::node_sim {

using sim::SimTime;

// Virtual time, and what is to happen in it. Nothing happens outside of
// RunNext.
//
// Thread: owner.
class Scheduler {
 public:
  using Event = absl::AnyInvocable<void()>;

  SimTime now() const { return now_; }

  // Events of one moment happen in the order in which they were asked for, so
  // that a run can be repeated. `when` may be past, and is now then.
  void At(SimTime when, Event event) {
    heap_.push_back({std::max(when, now_), ++asked_, std::move(event)});
    std::push_heap(heap_.begin(), heap_.end(), Later);
  }
  void After(SimTime delay, Event event) { At(now_ + delay, std::move(event)); }

  // The next thing happens, if it does by `end`. Else it is `end`, and false is
  // returned.
  bool RunNext(SimTime end) {
    if (heap_.empty() || heap_.front().at > end) {
      now_ = std::max(now_, end);
      return false;
    }
    std::pop_heap(heap_.begin(), heap_.end(), Later);
    Planned next = std::move(heap_.back());
    heap_.pop_back();
    TRIMARAN_CHECK_GE(next.at, now_);
    now_ = next.at;
    ++happened_;
    next.event();
    return true;
  }

  uint64_t happened() const { return happened_; }

 private:
  struct Planned {
    SimTime at = 0;
    uint64_t order = 0;
    Event event;
  };
  static bool Later(const Planned& a, const Planned& b) {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }

  SimTime now_ = 0;
  uint64_t asked_ = 0;
  uint64_t happened_ = 0;
  std::vector<Planned> heap_;
};

}  // namespace trimaran::node_sim

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_SIM_SCHEDULER_H_
