#include "engine/base/fault_point.h"

#include <utility>

#include "engine/base/check.h"

namespace trimaran {

#ifdef TRIMARAN_FAULT_POINTS
FaultRegistry& FaultRegistry::Global() {
  // Never destroyed: points are hit while other objects of static life end. A
  // point names no object, so that what it reports to has to be global; only
  // crash tests are built with it.
  // NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
  static FaultRegistry* const registry = new FaultRegistry;
  return *registry;
}
#endif

void FaultRegistry::Arm(std::string_view name, uint64_t nth_hit,
                        Action action) {
  TRIMARAN_CHECK_GT(nth_hit, 0u) << name;
  TRIMARAN_CHECK(action != nullptr) << name;
  MutexLock lock(mutex_);
  Point& point = PointOf(name);
  point.hits_left = nth_hit;
  point.action = std::move(action);
}

void FaultRegistry::Disarm(std::string_view name) {
  MutexLock lock(mutex_);
  Point& point = PointOf(name);
  point.hits_left = 0;
  point.action = nullptr;
}

void FaultRegistry::Hit(std::string_view name) {
  Action due;
  {
    MutexLock lock(mutex_);
    Point& point = PointOf(name);
    ++point.hit_count;
    if (point.hits_left == 0) return;
    if (--point.hits_left > 0) return;
    due = std::exchange(point.action, nullptr);
  }
  // Without the lock: the action may block this thread for good, arm other
  // points, or end the process.
  due();
}

uint64_t FaultRegistry::HitCount(std::string_view name) const {
  MutexLock lock(mutex_);
  const auto it = points_.find(name);
  return it == points_.end() ? 0 : it->second.hit_count;
}

std::vector<std::string> FaultRegistry::PointsHit() const {
  MutexLock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, point] : points_) {
    if (point.hit_count > 0) names.push_back(name);
  }
  return names;
}

void FaultRegistry::Reset() {
  MutexLock lock(mutex_);
  points_.clear();
}

FaultRegistry::Point& FaultRegistry::PointOf(std::string_view name) {
  const auto it = points_.find(name);
  if (it != points_.end()) return it->second;
  return points_.emplace(std::string(name), Point{}).first->second;
}

}  // namespace trimaran
