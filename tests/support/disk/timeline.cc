#include "tests/support/disk/timeline.h"

#include "engine/base/check.h"
#include "engine/base/random.h"

namespace trimaran::disk {

Timeline::Timeline(const Recording& recording)
    : recording_(recording), state_(recording.start) {}

void Timeline::MoveTo(size_t count) {
  TRIMARAN_CHECK_LE(count, recording_.operations.size());
  if (count < position_) {
    state_ = recording_.start;
    position_ = 0;
  }
  for (; position_ < count; ++position_) {
    state_.Apply(recording_.operations[position_]);
  }
}

DiskImage Timeline::AfterCrash(Survival survival, uint64_t seed) const {
  // Neighbouring points must not make the same choices.
  uint64_t mix = seed ^ (uint64_t{position_} << 32);
  SeededRandom random(random_internal::SplitMix64(mix));
  return state_.AfterCrash(survival, random);
}

}  // namespace trimaran::disk
