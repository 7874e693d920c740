#ifndef TRIMARAN_TESTS_SUPPORT_DISK_FAULT_PLAN_H_
#define TRIMARAN_TESTS_SUPPORT_DISK_FAULT_PLAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/disk/operation.h"

namespace trimaran::disk {

enum class FaultError : uint8_t {
  // EIO, to callers of the operating system.
  kDevice,
  // ENOSPC.
  kNoSpace,
  // None: a read or a write does less than it was asked for, and says so. No
  // other call is struck.
  kShort,
};

// Calls that a fault is about. The kinds that change the disk are counted as
// operations; reading is not.
enum class FaultTarget : uint8_t {
  kAnyChange,
  kWrite,
  kResize,
  kSync,
  kCreate,
  kRemove,
  kRename,
  kSyncDirectory,
  kRead
};

// A call that is going to fail.
struct Fault {
  FaultTarget target = FaultTarget::kAnyChange;
  // The path contains this.
  std::string path_part = "";
  // Of the calls that match from now on; 1 is the next one.
  uint64_t nth = 1;
  FaultError error = FaultError::kDevice;
  // Every later one fails as well.
  bool for_ever = false;
  // How much of a failing write is done all the same, in sectors.
  uint64_t written_sectors = 0;
  // How much of a short read or write is done, in bytes; but at least one, and
  // fewer than were asked for, if those are more than one.
  uint64_t short_bytes = 1;
};

// Says which call fails.
//
// Thread: owner.
class FaultPlan {
 public:
  void Add(Fault fault) { faults_.push_back({std::move(fault), 0}); }
  void Clear() { faults_.clear(); }

  // The fault that strikes this call, if one does. Every call that changes
  // something, or reads, is asked about once.
  std::optional<Fault> Strike(FaultTarget call, std::string_view path);
  uint64_t strikes() const { return strikes_; }

 private:
  struct Armed {
    Fault fault;
    uint64_t matched = 0;
  };

  std::vector<Armed> faults_;
  uint64_t strikes_ = 0;
};

FaultTarget TargetOf(OperationKind kind);

}  // namespace trimaran::disk

#endif  // TRIMARAN_TESTS_SUPPORT_DISK_FAULT_PLAN_H_
