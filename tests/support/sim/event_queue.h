#ifndef TRIMARAN_TESTS_SUPPORT_SIM_EVENT_QUEUE_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_EVENT_QUEUE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tests/support/sim/sim_time.h"

namespace trimaran::sim {

enum class EventKind : uint8_t {
  // Of one replica; void if it has been restarted since.
  kTick,
  kDeliver,
  kPump,
  kDiskDone,
  kApplyDone,
  kFetchDone,
  kSnapshotAnswer,
  kSnapshotReport,
  kUnreachable,
  kResume,
  // Of the cluster.
  kRestart,
  kClient,
  kNemesis,
};

inline std::string_view EventName(EventKind kind) {
  constexpr std::string_view kNames[] = {"tick",
                                         "deliver",
                                         "pump",
                                         "disk-done",
                                         "apply-done",
                                         "fetch-done",
                                         "snapshot-answer",
                                         "snapshot-report",
                                         "unreachable",
                                         "resume",
                                         "restart",
                                         "client",
                                         "nemesis"};
  return kNames[static_cast<size_t>(kind)];
}

struct Event {
  SimTime at = 0;
  // Breaks ties by the order of scheduling, so that a run can be repeated.
  uint64_t order = 0;
  EventKind kind = EventKind::kTick;
  // Position of the replica that it belongs to.
  uint16_t replica = 0;
  // Which of the replica's lives it belongs to.
  uint32_t life = 0;
  uint64_t argument = 0;
};

// What will happen, earliest first.
//
// Thread: owner.
class EventQueue {
 public:
  void Push(Event event) {
    event.order = ++pushed_;
    heap_.push_back(event);
    std::push_heap(heap_.begin(), heap_.end(), Later);
  }
  // Not when empty().
  Event Pop() {
    std::pop_heap(heap_.begin(), heap_.end(), Later);
    const Event event = heap_.back();
    heap_.pop_back();
    return event;
  }
  // Not when empty().
  const Event& next() const { return heap_.front(); }
  bool empty() const { return heap_.empty(); }
  size_t size() const { return heap_.size(); }

 private:
  static bool Later(const Event& a, const Event& b) {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }

  uint64_t pushed_ = 0;
  std::vector<Event> heap_;
};

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_EVENT_QUEUE_H_
