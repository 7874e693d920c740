#include "tests/engine/conformance/segment_log_subject.h"

#include <limits>
#include <utility>

#include "engine/base/status_macros.h"
#include "tests/engine/conformance/survivals.h"

namespace trimaran::engine {
namespace {

constexpr uint64_t kForEver = std::numeric_limits<uint64_t>::max();

}  // namespace

SegmentLogSubject::SegmentLogSubject()
    : disk_(std::make_unique<disk::SimDisk>("/sim")),
      files_(std::make_unique<disk::SimFileSystem>(*disk_)),
      power_end_(kForEver) {}

SegmentLogOptions SegmentLogSubject::Options() {
  SegmentLogOptions options;
  options.files = files_.get();
  options.clock = &clock_;
  options.store = StoreId(7);
  options.directory = "/sim/log";
  options.floor_path = "/sim/FLOOR";
  // Small, so that every run begins and recycles many.
  options.segment_bytes = 16 << 10;
  return options;
}

absl::StatusOr<std::unique_ptr<LogStore>> SegmentLogSubject::Open() {
  if (!created_) {
    TRIMARAN_RETURN_IF_ERROR(
        SegmentLog::Create(Options(), {{}, {}, kFirstGeneration}));
    created_ = true;
  }
  TRIMARAN_ASSIGN_OR_RETURN(SegmentLog::Opened opened,
                            SegmentLog::Open(Options()));
  return std::move(opened.log);
}

void SegmentLogSubject::Crash(std::unique_ptr<LogStore> log, Random& random) {
  disk::DiskImage image = disk_->AfterCrash(AnySurvival(random), random.Next());
  log.reset();
  files_.reset();
  disk_ = std::make_unique<disk::SimDisk>("/sim", std::move(image));
  files_ = std::make_unique<disk::SimFileSystem>(*disk_);
  power_end_ = kForEver;
}

void SegmentLogSubject::CutPowerAfter(uint64_t operation_count) {
  power_end_ = disk_->operation_count() + operation_count;
  disk_->CutPowerAfter(power_end_);
}

bool SegmentLogSubject::power_is_cut() const {
  return disk_->operation_count() >= power_end_;
}

}  // namespace trimaran::engine
