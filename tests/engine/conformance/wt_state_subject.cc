#include "tests/engine/conformance/wt_state_subject.h"

#include <string>
#include <utility>

#include "engine/base/status_macros.h"
#include "tests/engine/conformance/survivals.h"

namespace trimaran::engine {

WtStateSubject::Mounted::Mounted(disk::DiskImage image)
    : disk("/sim", std::move(image)), files(disk), mount(disk) {}

WtStateSubject::WtStateSubject()
    : mounted_(std::make_unique<Mounted>(disk::DiskImage())) {}

WtStateMachineOptions WtStateSubject::Options() {
  WtStateMachineOptions options;
  options.home = "/sim/kv";
  options.group = kGroup;
  options.store = StoreId(7);
  options.cache_bytes = uint64_t{16} << 20;
  options.clock = &clock_;
  options.files = &mounted_->files;
  options.wiredtiger_extensions = std::string(disk::WiredTigerExtension());
  return options;
}

absl::StatusOr<std::unique_ptr<StateMachine>> WtStateSubject::Open(
    uint64_t generation) {
  if (created_) {
    TRIMARAN_ASSIGN_OR_RETURN(std::unique_ptr<WtStateMachine> machine,
                              WtStateMachine::Open(Options(), generation));
    TRIMARAN_RETURN_IF_ERROR(
        machine->RemoveLeftovers(WtStateMachine::OtherGenerations::kDrop));
    return machine;
  }
  TRIMARAN_RETURN_IF_ERROR(mounted_->files.CreateDirectory("/sim/kv"));
  TRIMARAN_RETURN_IF_ERROR(mounted_->files.SyncDirectory("/sim"));
  created_ = true;
  return WtStateMachine::Create(Options(), {});
}

absl::StatusOr<std::vector<std::string>> WtStateSubject::TableFiles() {
  TRIMARAN_ASSIGN_OR_RETURN(std::vector<std::string> names,
                            mounted_->files.List("/sim/kv"));
  std::erase_if(names, [](const std::string& name) {
    return name.rfind("kv_g", 0) != 0;
  });
  return names;
}

void WtStateSubject::Crash(std::unique_ptr<StateMachine> state,
                           Random& random) {
  disk::DiskImage image =
      mounted_->disk.AfterCrash(AnySurvival(random), random.Next());
  // What it still does, it does to the disk of the past.
  state.reset();
  mounted_.reset();
  mounted_ = std::make_unique<Mounted>(std::move(image));
}

}  // namespace trimaran::engine
