#ifndef TRIMARAN_TESTS_SUPPORT_DISK_SIM_DISK_H_
#define TRIMARAN_TESTS_SUPPORT_DISK_SIM_DISK_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/mutex.h"
#include "engine/base/random.h"
#include "tests/support/disk/disk_image.h"
#include "tests/support/disk/disk_state.h"
#include "tests/support/disk/fault_plan.h"
#include "tests/support/disk/file_bytes.h"
#include "tests/support/disk/operation.h"
#include "tests/support/disk/recording.h"
#include "tests/support/disk/survival.h"

namespace trimaran::disk {

enum class NodeKind : uint8_t { kAbsent, kFile, kDirectory };
struct NodeInfo {
  NodeKind kind = NodeKind::kAbsent;
  uint64_t size_bytes = 0;
};

// A disk in memory, which keeps what was not synced apart from what was,
// writes down every operation, and fails where it is told to. Programs reach
// it by SimFileSystem (the storage engine's own files) and by WiredTiger's
// file system (sim_wiredtiger.h); both see the same disk.
//
// All its paths begin with its root, as "/sim/home/log/1" on a disk whose root
// is "/sim"; disks that live at the same time have different roots, none of
// which begins with another.
//
// An operation is a call that changes the disk, and was possible. Failed ones
// count too: of a run that made n of them, each of 1..n can be made to fail.
//
// Errors: NotFound, AlreadyExists, FailedPrecondition (a directory instead of
// a file, or the reverse, or one that is not empty), ResourceExhausted (no
// space), Internal (the device failed, or has no power any more).
//
// Thread: any. No lock is held while the hook of SetSyncHook runs.
class SimDisk {
 public:
  // A disk that holds `start`, all of it durable: the machine has started.
  explicit SimDisk(std::string root, const DiskImage& start = {})
      : SimDisk(std::move(root), DiskState(start)) {}
  // A disk as another was at some moment, synced or not: the program has died,
  // or given up, and the machine runs on. Syncs that failed are forgotten, as
  // operating systems do: what they were to write can be read, and gets to the
  // disk only where it is written again.
  SimDisk(std::string root, DiskState start);
  SimDisk(const SimDisk&) = delete;
  SimDisk& operator=(const SimDisk&) = delete;

  const std::string& root() const { return root_; }
  bool Holds(std::string_view path) const;

  // ---- What programs do ----

  absl::StatusOr<NodeId> Open(std::string_view path) const;
  // An empty file that was not there.
  absl::StatusOr<NodeId> Create(std::string_view path);
  absl::Status MakeDirectory(std::string_view path);
  // A file or an empty directory. Whoever has it open goes on.
  absl::Status Remove(std::string_view path);
  // Replaces a file, not a directory.
  absl::Status Rename(std::string_view from, std::string_view to);
  absl::StatusOr<std::vector<std::string>> List(std::string_view path) const;
  absl::StatusOr<NodeInfo> Inspect(std::string_view path) const;
  absl::StatusOr<uint64_t> FreeBytes() const;

  // As a system does them: what is done may be a part (FaultError::kShort).
  absl::StatusOr<size_t> WriteSome(NodeId file, uint64_t offset,
                                   std::string_view data);
  absl::StatusOr<size_t> ReadSome(NodeId file, uint64_t offset,
                                  absl::Span<char> buffer);
  // In as many calls as it takes.
  absl::Status Write(NodeId file, uint64_t offset, std::string_view data);
  absl::StatusOr<size_t> Read(NodeId file, uint64_t offset,
                              absl::Span<char> buffer);
  absl::Status Resize(NodeId file, uint64_t size);
  absl::StatusOr<NodeInfo> Inspect(NodeId node) const;
  // Of a file its content, of a directory its names.
  absl::Status Sync(NodeId node);
  // Unavailable if it is locked.
  absl::Status Lock(NodeId file);
  void Unlock(NodeId file);

  // ---- What tests do to it ----

  void Inject(Fault fault);
  void ClearFaults();
  // How many calls have failed because of faults.
  uint64_t faults_struck() const;
  // Once so many operations have been done, every call fails and nothing
  // changes any more.
  void CutPowerAfter(uint64_t operation_count);
  // Files may hold so many bytes together.
  void SetCapacity(uint64_t bytes);
  // Bytes of a file rot, on the disk and in what programs see of it from now
  // on. False, and nothing has happened, where something of it waits to be
  // synced, or there is no such file, or no power. No recording can be taken
  // afterwards: it would not know of this.
  bool Decay(std::string_view path, absl::FunctionRef<void(FileBytes&)> damage);
  // Called before each sync, with the path, on the thread that syncs.
  void SetSyncHook(std::function<void(std::string_view path)> hook);

  void Mark(std::string_view name, uint64_t value);

  // ---- What tests learn from it ----

  uint64_t operation_count() const;
  // Of all files.
  uint64_t UsedBytes() const;
  Recording TakeRecording() const;
  // What a program that gave up at this moment leaves to the next one.
  DiskState TakeState() const;
  // What a crash would leave at this moment.
  DiskImage AfterCrash(Survival survival, uint64_t seed) const;
  // What programs see at this moment.
  DiskImage Visible() const;

 private:
  std::vector<std::string_view> Parts(std::string_view path) const;
  absl::Status CheckPower() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<NodeId> Find(std::string_view path) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Where the name of `path` stands or would stand; the node is none if
  // nothing is there.
  struct Place {
    NodeId directory;
    std::string name;
    NodeId node;
  };
  absl::StatusOr<Place> FindPlace(std::string_view path) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<NodeId> Make(std::string_view path, OperationKind kind);
  absl::Status CheckSpace(NodeId file, uint64_t end) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Does the operation and writes it down, or fails as planned.
  absl::Status Perform(Operation operation)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status PerformWith(const std::optional<Fault>& fault,
                           Operation operation)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Record(Operation operation) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string root_;
  mutable Mutex mutex_;
  DiskState state_ ABSL_GUARDED_BY(mutex_);
  Recording recording_ ABSL_GUARDED_BY(mutex_);
  FaultPlan faults_ ABSL_GUARDED_BY(mutex_);
  std::set<NodeId> locked_ ABSL_GUARDED_BY(mutex_);
  std::function<void(std::string_view)> sync_hook_ ABSL_GUARDED_BY(mutex_);
  bool decayed_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t power_cut_after_ ABSL_GUARDED_BY(mutex_) =
      std::numeric_limits<uint64_t>::max();
  uint64_t capacity_bytes_ ABSL_GUARDED_BY(mutex_) =
      std::numeric_limits<uint64_t>::max();
};

}  // namespace trimaran::disk

#endif  // TRIMARAN_TESTS_SUPPORT_DISK_SIM_DISK_H_
