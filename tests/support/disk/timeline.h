#ifndef TRIMARAN_TESTS_SUPPORT_DISK_TIMELINE_H_
#define TRIMARAN_TESTS_SUPPORT_DISK_TIMELINE_H_

#include <cstddef>
#include <cstdint>

#include "tests/support/disk/disk_image.h"
#include "tests/support/disk/disk_state.h"
#include "tests/support/disk/recording.h"
#include "tests/support/disk/survival.h"

namespace trimaran::disk {

// Goes through a recording and tells what a crash at each point of it leaves,
// without running again what was recorded. Going forward costs what lies
// between; going back starts over.
//
// Thread: owner; several may share a recording.
class Timeline {
 public:
  // `recording` outlives this.
  explicit Timeline(const Recording& recording);

  // Stands behind the first `count` operations from now on.
  void MoveTo(size_t count);
  size_t position() const { return position_; }

  // What a process that died here leaves to the next one.
  const DiskState& state() const { return state_; }
  // Whether a crash here can take anything away. If not, all survivals leave
  // the same.
  bool HasUnsynced() const { return state_.HasUnsynced(); }
  // The same arguments give the same image, whatever was asked before.
  DiskImage AfterCrash(Survival survival, uint64_t seed) const;

  DiskImage ImageAfter(size_t count, Survival survival, uint64_t seed) {
    MoveTo(count);
    return AfterCrash(survival, seed);
  }

 private:
  const Recording& recording_;
  DiskState state_;
  size_t position_ = 0;
};

}  // namespace trimaran::disk

#endif  // TRIMARAN_TESTS_SUPPORT_DISK_TIMELINE_H_
