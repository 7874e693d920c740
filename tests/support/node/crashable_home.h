#ifndef TRIMARAN_TESTS_SUPPORT_NODE_CRASHABLE_HOME_H_
#define TRIMARAN_TESTS_SUPPORT_NODE_CRASHABLE_HOME_H_

#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/clock.h"
#include "engine/engine_options.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"
#include "tests/support/disk/sim_wiredtiger.h"
#include "tests/support/disk/survival.h"

namespace trimaran {

// The place of a data directory on a machine that may lose its power: a
// simulated disk, on which WiredTiger and the engine's own files are.
//
// Thread: CutPower: any. Everything else: owner.
class CrashableHome {
 public:
  // `root` is the disk's; no other disk has one that begins with it.
  explicit CrashableHome(std::string root);

  // Of a small engine.
  engine::EngineOptions options();

  // From now on nothing gets to the disk any more, and every call fails.
  void CutPower();
  // The machine starts again with what `survival` left of the disk. Whatever
  // had it open is gone.
  void Restart(disk::Survival survival, uint64_t seed);

 private:
  struct Machine {
    Machine(const std::string& root, const disk::DiskImage& image)
        : disk(root, image), files(disk), mount(disk) {}

    disk::SimDisk disk;
    disk::SimFileSystem files;
    disk::WiredTigerMount mount;
  };

  const std::string root_;
  MonotonicClock clock_;
  std::unique_ptr<Machine> machine_;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_SUPPORT_NODE_CRASHABLE_HOME_H_
