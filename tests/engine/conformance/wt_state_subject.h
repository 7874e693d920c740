#ifndef TRIMARAN_TESTS_ENGINE_CONFORMANCE_WT_STATE_SUBJECT_H_
#define TRIMARAN_TESTS_ENGINE_CONFORMANCE_WT_STATE_SUBJECT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/kv/wt_state_machine.h"
#include "tests/engine/conformance/state_comparison.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"
#include "tests/support/disk/sim_wiredtiger.h"
#include "tests/support/manual_clock.h"

namespace trimaran::engine {

// The state machine in WiredTiger, on a simulated disk that forgets what was
// not synced in every way that a disk can.
//
// Thread: owner.
class WtStateSubject final : public StateSubject {
 public:
  WtStateSubject();

  absl::StatusOr<std::unique_ptr<StateMachine>> Open(
      uint64_t generation) override;
  void Crash(std::unique_ptr<StateMachine> state, Random& random) override;

  // The files that hold states, as far as programs see them.
  absl::StatusOr<std::vector<std::string>> TableFiles();

 private:
  // A disk while it is in a machine.
  struct Mounted {
    explicit Mounted(disk::DiskImage image);
    disk::SimDisk disk;
    disk::SimFileSystem files;
    disk::WiredTigerMount mount;
  };

  WtStateMachineOptions Options();

  ManualClock clock_;
  std::unique_ptr<Mounted> mounted_;
  bool created_ = false;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_ENGINE_CONFORMANCE_WT_STATE_SUBJECT_H_
