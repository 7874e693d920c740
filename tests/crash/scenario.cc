#include "tests/crash/scenario.h"

#include "absl/strings/cord.h"
#include "engine/base/absl_compat.h"

namespace trimaran::crash {
namespace {

constexpr char kBegun[] = "begun";
constexpr char kDone[] = "done";
constexpr char kOpened[] = "opened";
constexpr char kViolationUrl[] = "trimaran/crash-violation";

uint64_t LastMarked(const disk::Recording& recording, size_t position,
                    std::string_view name) {
  uint64_t value = 0;
  for (const disk::Marker& marker : recording.markers) {
    if (marker.position > position) break;
    if (marker.name == name) value = marker.value;
  }
  return value;
}

}  // namespace

void BeginStep(disk::SimDisk& disk, uint64_t step) { disk.Mark(kBegun, step); }
void EndStep(disk::SimDisk& disk, uint64_t step) { disk.Mark(kDone, step); }
void MarkOpened(disk::SimDisk& disk) { disk.Mark(kOpened, 1); }

Progress ProgressAt(const disk::Recording& recording, size_t position) {
  return {LastMarked(recording, position, kDone),
          LastMarked(recording, position, kBegun)};
}

bool OpenedAt(const disk::Recording& recording, size_t position) {
  return LastMarked(recording, position, kOpened) != 0;
}

absl::Status Violation(std::string_view text) {
  absl::Status status = absl::InternalError(ToAbsl(text));
  status.SetPayload(kViolationUrl, absl::Cord("1"));
  return status;
}

bool IsViolation(const absl::Status& status) {
  return status.GetPayload(kViolationUrl).has_value();
}

}  // namespace trimaran::crash
