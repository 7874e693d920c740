#include "tests/support/node/crashable_home.h"

#include <utility>

#include "engine/file/file_system.h"

namespace trimaran {

CrashableHome::CrashableHome(std::string root)
    : root_(std::move(root)),
      machine_(std::make_unique<Machine>(root_, disk::DiskImage())) {}

engine::EngineOptions CrashableHome::options() {
  engine::EngineOptions options;
  options.directory = engine::JoinPath(root_, "store");
  options.cache_bytes = uint64_t{16} << 20;
  options.log_segment_bytes = uint64_t{64} << 10;
  options.files = &machine_->files;
  options.clock = &clock_;
  options.wiredtiger_extensions = std::string(disk::WiredTigerExtension());
  return options;
}

void CrashableHome::CutPower() { machine_->disk.CutPowerAfter(0); }

void CrashableHome::Restart(disk::Survival survival, uint64_t seed) {
  const disk::DiskImage image = machine_->disk.AfterCrash(survival, seed);
  // One mount of a root at a time.
  machine_.reset();
  machine_ = std::make_unique<Machine>(root_, image);
}

}  // namespace trimaran
