#ifndef TRIMARAN_TESTS_CRASH_SCENARIO_H_
#define TRIMARAN_TESTS_CRASH_SCENARIO_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/support/disk/recording.h"
#include "tests/support/disk/sim_disk.h"

namespace trimaran::crash {

// How far a scenario had come. Its steps count from 1.
struct Progress {
  // The last step that it had been promised.
  uint64_t done = 0;
  // The last step that it had begun: done, or the one after.
  uint64_t begun = 0;

  friend bool operator==(const Progress&, const Progress&) = default;
};

// Called by a scenario around each of its steps.
void BeginStep(disk::SimDisk& disk, uint64_t step);
void EndStep(disk::SimDisk& disk, uint64_t step);
// Called by a scenario when it has opened what a crash left: from here on, what
// it found has been shown to somebody and must stay.
void MarkOpened(disk::SimDisk& disk);

Progress ProgressAt(const disk::Recording& recording, size_t position);
bool OpenedAt(const disk::Recording& recording, size_t position);

// A story that is crashed at every point of it.
//
// Thread: owner. The same calls on equal disks do the same.
class Scenario {
 public:
  virtual ~Scenario() = default;

  virtual std::string_view name() const = 0;

  // Does all steps on an empty disk and ends in order. Returns the first error
  // that the engine gave, after which it has seen to it that nothing is
  // promised any more; a Violation if something is.
  virtual absl::Status Run(disk::SimDisk& disk) = 0;

  // Opens what is there, compares it with what `progress` allows, and closes.
  // Returns a text that is equal for equal states.
  virtual absl::StatusOr<std::string> Verify(disk::SimDisk& disk,
                                             const Progress& progress) = 0;

  // Goes on working with what is there, where Verify was content, and finds
  // its work again.
  virtual absl::Status Resume(disk::SimDisk& disk,
                              const Progress& progress) = 0;
};

// The engine broke a promise, as opposed to an error that it reports.
absl::Status Violation(std::string_view text);
bool IsViolation(const absl::Status& status);

}  // namespace trimaran::crash

#endif  // TRIMARAN_TESTS_CRASH_SCENARIO_H_
