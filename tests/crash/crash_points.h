#ifndef TRIMARAN_TESTS_CRASH_CRASH_POINTS_H_
#define TRIMARAN_TESTS_CRASH_CRASH_POINTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/crash/scenario.h"
#include "tests/support/disk/disk_image.h"
#include "tests/support/disk/recording.h"
#include "tests/support/disk/survival.h"

namespace trimaran::crash {

// Which crashes are tried. A stride of n takes every n-th; 0 takes none.
struct CrashPlan {
  uint64_t seed = 1;
  // Points, for the survivals that leave no choice, and for those that do.
  uint64_t fixed_stride = 1;
  uint64_t seeded_stride = 1;
  // Choices of each seeded survival at a point.
  uint64_t choices = 1;
  // Images during whose recovery there is another crash, and the operations of
  // it at which there is one (at least 1).
  uint64_t nested_stride = 0;
  uint64_t nested_point_stride = 1;
  // Operations that fail instead.
  uint64_t error_stride = 0;
  // This is the part `shard` of `shards`.
  uint64_t shard = 0;
  uint64_t shards = 1;
  // Ends early, with what was done. 0: never.
  uint64_t max_seconds = 0;
  // Failures after which it ends.
  size_t failures_max = 5;
};

struct CrashReport {
  uint64_t operations = 0;
  // Of `points_planned`, those that were done; all, unless it ended early. The
  // last one may have been done in part.
  uint64_t points = 0;
  uint64_t points_planned = 0;
  bool ended_early = false;
  // Images that differed from others of the same point and of the one before,
  // and so were opened.
  uint64_t images = 0;
  uint64_t nested_images = 0;
  uint64_t errors_injected = 0;
  // Each with what it takes to see it again.
  std::vector<std::string> failures;

  // One line, and one for each failure.
  std::string ToString() const;
};

// Runs the scenario once; then crashes it at each operation, with each
// survival, and also kills the process alone. Looks whether what is left is
// what was promised: it opens, it holds every promise, opening it again gives
// the same, also after another crash, and work goes on from there.
CrashReport TryCrashes(Scenario& scenario, const CrashPlan& plan);

// Runs the scenario anew for each operation of it, which fails, for each error.
// Then it is looked at what is left when the disk is opened again, and what a
// crash leaves.
CrashReport TryErrors(Scenario& scenario, const CrashPlan& plan);

// One crash by itself.
struct CrashCase {
  size_t point = 0;
  disk::Survival survival;
  uint64_t seed = 1;
};
// The image of it, to be saved and looked at.
disk::DiskImage ImageOf(Scenario& scenario, const CrashCase& crash);

}  // namespace trimaran::crash

#endif  // TRIMARAN_TESTS_CRASH_CRASH_POINTS_H_
