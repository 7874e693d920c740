#include "tests/crash/crash_points.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/base/clock.h"
#include "engine/base/status_macros.h"
#include "tests/support/disk/fault_plan.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/timeline.h"

namespace trimaran::crash {
namespace {

using disk::DiskImage;
using disk::Recording;
using disk::SimDisk;
using disk::Survival;
using disk::Timeline;

constexpr char kRoot[] = "/sim";

bool Takes(uint64_t stride, uint64_t number) {
  return stride != 0 && number % stride == 0;
}

// The images of the present point and of the one before. What was promised by
// then decides what an image is held against, so that a change of it begins
// anew.
class TriedImages {
 public:
  void NextPoint(const Progress& promised) {
    before_.clear();
    if (promised == promised_) before_.swap(here_);
    here_.clear();
    promised_ = promised;
  }
  // False if the image was tried already.
  bool Add(const DiskImage& image) {
    const bool is_new = !Has(here_, image) && !Has(before_, image);
    here_.push_back(image);
    return is_new;
  }

 private:
  static bool Has(const std::vector<DiskImage>& images,
                  const DiskImage& image) {
    return std::find(images.begin(), images.end(), image) != images.end();
  }

  std::vector<DiskImage> here_;
  std::vector<DiskImage> before_;
  Progress promised_;
};

// One scenario being crashed.
class Crasher {
 public:
  Crasher(Scenario& scenario, const CrashPlan& plan)
      : scenario_(scenario), plan_(plan), start_(clock_.Now()) {}

  CrashReport Crashes();
  CrashReport Errors();

 private:
  bool Mine(uint64_t number) const {
    return number % plan_.shards == plan_.shard;
  }
  // Asked only where there is something left to do.
  bool Over() {
    if (report_.failures.size() >= plan_.failures_max ||
        (plan_.max_seconds != 0 &&
         clock_.Now() - start_ >= absl::Seconds(plan_.max_seconds))) {
      report_.ended_early = true;
    }
    return report_.ended_early;
  }
  void Fail(std::string_view where, const absl::Status& status);

  // Those of this shard, up to the last one. Where time may run out, far apart
  // first and then between them, so that no part of the story is left out.
  std::vector<size_t> Points(size_t last) const;
  void TryPoint(Timeline& timeline, const Recording& recording);
  void TryImage(const DiskImage& image, const Progress& progress,
                const std::string& where) {
    SimDisk disk(kRoot, image);
    TryDisk(disk, progress, where);
  }
  void TryDisk(SimDisk& disk, const Progress& progress,
               const std::string& where);
  absl::Status CheckDisk(SimDisk& disk, const Progress& progress);
  absl::Status TryNested(const Recording& recovery, const Progress& progress,
                         const std::string& state);
  void TryError(const disk::Fault& fault, const std::string& where);

  Scenario& scenario_;
  const CrashPlan plan_;
  MonotonicClock clock_;
  const MonotonicTime start_;
  CrashReport report_;
  TriedImages tried_;
};

void Crasher::Fail(std::string_view where, const absl::Status& status) {
  report_.failures.push_back(absl::StrCat(
      ToAbsl(scenario_.name()), ": ", ToAbsl(where), ": ", status.ToString()));
}

std::vector<size_t> Crasher::Points(size_t last) const {
  std::vector<size_t> points;
  for (size_t point = 0; point <= last; ++point) {
    if (Mine(point)) points.push_back(point);
  }
  if (plan_.max_seconds == 0 || points.empty()) return points;
  std::vector<size_t> spread = {points[0]};
  for (size_t first = std::bit_ceil(points.size()) / 2; first != 0;
       first /= 2) {
    for (size_t i = first; i < points.size(); i += 2 * first) {
      spread.push_back(points[i]);
    }
  }
  TRIMARAN_CHECK_EQ(spread.size(), points.size());
  return spread;
}

CrashReport Crasher::Crashes() {
  SimDisk disk(kRoot);
  const absl::Status run = scenario_.Run(disk);
  if (!run.ok()) {
    Fail("without any crash", run);
    return std::move(report_);
  }
  const Recording recording = disk.TakeRecording();
  report_.operations = recording.operations.size();
  const std::vector<size_t> points = Points(recording.operations.size());
  report_.points_planned = points.size();
  Timeline timeline(recording);
  for (const size_t point : points) {
    if (Over()) break;
    timeline.MoveTo(point);
    TryPoint(timeline, recording);
  }
  return std::move(report_);
}

void Crasher::TryPoint(Timeline& timeline, const Recording& recording) {
  const size_t point = timeline.position();
  const Progress progress = ProgressAt(recording, point);
  const uint64_t number = point / plan_.shards;
  const auto where = [&](std::string_view what, uint64_t seed) {
    return absl::StrCat(
        "--point ", point, " --survival ", ToAbsl(what), " --seed ", seed,
        " (after: ",
        point == 0 ? "" : Describe(recording.operations[point - 1]), ")");
  };
  const auto attempt = [&](Survival survival, uint64_t seed) {
    const DiskImage image = timeline.AfterCrash(survival, seed);
    if (tried_.Add(image)) {
      TryImage(image, progress, where(disk::SurvivalName(survival), seed));
    }
  };
  ++report_.points;
  tried_.NextPoint(progress);
  if (Takes(plan_.fixed_stride, number)) {
    for (const Survival survival : disk::kFixedSurvivals) attempt(survival, 0);
    if (timeline.HasUnsynced()) {
      SimDisk killed(kRoot, timeline.state());
      TryDisk(killed, progress, where("killed", 0));
    }
  }
  if (!Takes(plan_.seeded_stride, number) || !timeline.HasUnsynced()) return;
  for (const Survival survival : disk::kSeededSurvivals) {
    for (uint64_t i = 0; i < plan_.choices; ++i) {
      attempt(survival, plan_.seed + i);
    }
  }
}

void Crasher::TryDisk(SimDisk& disk, const Progress& progress,
                      const std::string& where) {
  ++report_.images;
  const absl::Status status = CheckDisk(disk, progress);
  if (!status.ok()) {
    Fail(absl::StrCat(where, ", steps done ", progress.done, ", begun ",
                      progress.begun),
         status);
  }
}

absl::Status Crasher::CheckDisk(SimDisk& disk, const Progress& progress) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::string state,
                            scenario_.Verify(disk, progress));
  const Recording recovery = disk.TakeRecording();
  {
    SimDisk again(kRoot, disk.AfterCrash(disk::kNothingSurvives, 0));
    TRIMARAN_ASSIGN_OR_RETURN(const std::string second,
                              scenario_.Verify(again, progress));
    if (second != state) {
      return Violation(
          absl::StrCat("opened again it is\n", second, "\nand not\n", state));
    }
  }
  TRIMARAN_RETURN_IF_ERROR(scenario_.Resume(disk, progress));
  if (!Takes(plan_.nested_stride, report_.images)) return absl::OkStatus();
  return TryNested(recovery, progress, state);
}

// Crashes at every operation of a recovery. What it had shown must stay, even
// where it had been promised to nobody before.
absl::Status Crasher::TryNested(const Recording& recovery,
                                const Progress& progress,
                                const std::string& state) {
  Timeline timeline(recovery);
  TriedImages tried;
  for (size_t point = 0; point <= recovery.operations.size();
       point += static_cast<size_t>(plan_.nested_point_stride)) {
    timeline.MoveTo(point);
    tried.NextPoint({OpenedAt(recovery, point) ? 1u : 0u, 0});
    std::vector<Survival> survivals(disk::kFixedSurvivals.begin(),
                                    disk::kFixedSurvivals.end());
    survivals.insert(survivals.end(), disk::kSeededSurvivals.begin(),
                     disk::kSeededSurvivals.end());
    for (const Survival survival : survivals) {
      // One recovery of an engine can be crashed hundreds of times.
      if (Over()) return absl::OkStatus();
      const DiskImage image = timeline.AfterCrash(survival, plan_.seed);
      if (!tried.Add(image)) continue;
      ++report_.nested_images;
      SimDisk disk(kRoot, image);
      const auto found = scenario_.Verify(disk, progress);
      absl::Status status = found.status();
      if (status.ok() && OpenedAt(recovery, point) && *found != state) {
        status = Violation(absl::StrCat("what had been shown\n", state,
                                        "\nhas become\n", *found));
      }
      if (status.ok()) continue;
      return Violation(absl::StrCat(
          "then in recovery, point ", point, " ", disk::SurvivalName(survival),
          ", after ",
          point == 0 ? "nothing" : Describe(recovery.operations[point - 1]),
          ": ", status.ToString()));
    }
  }
  return absl::OkStatus();
}

CrashReport Crasher::Errors() {
  SimDisk disk(kRoot);
  const absl::Status run = scenario_.Run(disk);
  if (!run.ok()) {
    Fail("without any error", run);
    return std::move(report_);
  }
  report_.operations = disk.operation_count();
  std::vector<uint64_t> failing;
  for (uint64_t nth = 1; nth <= report_.operations; ++nth) {
    if (Mine(nth) && Takes(plan_.error_stride, nth / plan_.shards)) {
      failing.push_back(nth);
    }
  }
  report_.points_planned = failing.size();
  for (const uint64_t nth : failing) {
    if (Over()) break;
    ++report_.points;
    for (const disk::FaultError error :
         {disk::FaultError::kDevice, disk::FaultError::kNoSpace}) {
      for (const bool for_ever : {false, true}) {
        disk::Fault fault;
        fault.nth = nth;
        fault.error = error;
        fault.for_ever = for_ever;
        fault.written_sectors = for_ever ? 0 : nth % 4;
        TryError(
            fault,
            absl::StrCat("operation ", nth, " fails with ",
                         error == disk::FaultError::kDevice ? "EIO" : "ENOSPC",
                         for_ever ? " for ever" : " once"));
      }
    }
  }
  return std::move(report_);
}

void Crasher::TryError(const disk::Fault& fault, const std::string& where) {
  SimDisk disk(kRoot);
  disk.Inject(fault);
  const absl::Status run = scenario_.Run(disk);
  if (disk.faults_struck() == 0) return;
  ++report_.errors_injected;
  if (IsViolation(run)) return Fail(where, run);
  const Recording recording = disk.TakeRecording();
  const Progress progress = ProgressAt(recording, recording.operations.size());
  const std::string what =
      absl::StrCat(where, " (", Describe(recording.operations[fault.nth - 1]),
                   "; ", run.ToString(), ")");
  SimDisk reopened(kRoot, disk.TakeState());
  TryDisk(reopened, progress, what + " opened again");
  TriedImages tried;
  for (const Survival survival :
       {disk::kEverythingSurvives, disk::kNothingSurvives,
        disk::kSeededSurvivals[3]}) {
    const DiskImage image = disk.AfterCrash(survival, plan_.seed + fault.nth);
    if (!tried.Add(image)) continue;
    TryImage(image, progress,
             absl::StrCat(what, " survival ", disk::SurvivalName(survival)));
  }
}

}  // namespace

std::string CrashReport::ToString() const {
  std::string text = absl::StrCat(
      operations, " operations, ",
      ended_early
          ? absl::StrCat("ended early after ", points, " of ", points_planned,
                         " points, ")
          : absl::StrCat("all ", points, " of ", points_planned, " points, "),
      images, " images, ", nested_images, " images of crashed recoveries, ",
      errors_injected, " errors: ", failures.size(), " failures\n");
  for (const std::string& failure : failures) {
    absl::StrAppend(&text, "FAILED: ", failure, "\n");
  }
  return text;
}

CrashReport TryCrashes(Scenario& scenario, const CrashPlan& plan) {
  return Crasher(scenario, plan).Crashes();
}

CrashReport TryErrors(Scenario& scenario, const CrashPlan& plan) {
  return Crasher(scenario, plan).Errors();
}

disk::DiskImage ImageOf(Scenario& scenario, const CrashCase& crash) {
  SimDisk disk(kRoot);
  const absl::Status run = scenario.Run(disk);
  TRIMARAN_CHECK(run.ok()) << run;
  const Recording recording = disk.TakeRecording();
  Timeline timeline(recording);
  return timeline.ImageAfter(crash.point, crash.survival, crash.seed);
}

}  // namespace trimaran::crash
