#ifndef TRIMARAN_ENGINE_BASE_FAULT_POINT_H_
#define TRIMARAN_ENGINE_BASE_FAULT_POINT_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "engine/base/mutex.h"

// Named places at which a crash test can stop the program: between two steps
// of which a crash must not see only the first.
//
//   TRIMARAN_FAULT_POINT("log/after_write_before_sync");
//
// Compiled to nothing, its name included, unless TRIMARAN_FAULT_POINTS is
// defined. Define it for the whole build or not at all.
#ifdef TRIMARAN_FAULT_POINTS
#define TRIMARAN_FAULT_POINT(name) ::trimaran::FaultRegistry::Global().Hit(name)
#else
#define TRIMARAN_FAULT_POINT(name) static_cast<void>(0)
#endif

namespace trimaran {

// Counts the hits of every point, and runs what a test has armed.
//
// Thread: any.
class FaultRegistry {
 public:
  using Action = std::function<void()>;

  FaultRegistry() = default;
  FaultRegistry(const FaultRegistry&) = delete;
  FaultRegistry& operator=(const FaultRegistry&) = delete;

#ifdef TRIMARAN_FAULT_POINTS
  // The registry of TRIMARAN_FAULT_POINT. The one global object of the
  // library, and in this build flavour only: a point may stand at the bottom
  // of any call, and to hand a registry down to it would change the signatures
  // that are under test.
  static FaultRegistry& Global();
#endif

  // Runs `action` at the `nth_hit`-th hit of `name` from now on, once, on the
  // thread that hits it and without a lock held; 1 is the next hit. Replaces
  // what was armed for `name` before. `nth_hit` > 0.
  void Arm(std::string_view name, uint64_t nth_hit, Action action);
  void Disarm(std::string_view name);

  // Called by TRIMARAN_FAULT_POINT.
  void Hit(std::string_view name);

  // Hits of `name` since the last Reset(), armed or not.
  uint64_t HitCount(std::string_view name) const;
  // The names of all points hit since the last Reset(), sorted: a crash test
  // runs once without faults, and then stops at each of these.
  std::vector<std::string> PointsHit() const;

  // Forgets all hits and disarms everything.
  void Reset();

 private:
  struct Point {
    uint64_t hit_count = 0;
    // Hits until the action runs; 0 when nothing is armed.
    uint64_t hits_left = 0;
    Action action;
  };

  Point& PointOf(std::string_view name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  std::map<std::string, Point, std::less<>> points_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_FAULT_POINT_H_
