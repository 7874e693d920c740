#include "tests/support/disk/sim_disk.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "engine/file/whole_transfer.h"

namespace trimaran::disk {
namespace {

const NodeId kNoNode{};

absl::Status Missing(std::string_view path) {
  return absl::NotFoundError(absl::StrCat(ToAbsl(path), ": no such file"));
}
absl::Status WrongKind(std::string_view path) {
  return absl::FailedPreconditionError(
      absl::StrCat(ToAbsl(path), ": not the kind of thing that was asked for"));
}
absl::Status NoSpace(std::string_view path) {
  return absl::ResourceExhaustedError(
      absl::StrCat(ToAbsl(path), ": no space left on the simulated disk"));
}
absl::Status DeviceFailed(std::string_view path) {
  return absl::InternalError(
      absl::StrCat(ToAbsl(path), ": the simulated device failed"));
}

absl::Status ErrorOf(const Fault& fault, std::string_view path) {
  return fault.error == FaultError::kNoSpace ? NoSpace(path)
                                             : DeviceFailed(path);
}

bool IsShort(const std::optional<Fault>& fault) {
  return fault.has_value() && fault->error == FaultError::kShort;
}

// How much of `size` bytes is read or written.
size_t SizeUnder(const std::optional<Fault>& fault, size_t size) {
  if (!IsShort(fault) || size <= 1) return size;
  const uint64_t wanted = std::max<uint64_t>(fault->short_bytes, 1);
  return static_cast<size_t>(std::min<uint64_t>(wanted, size - 1));
}

}  // namespace

SimDisk::SimDisk(std::string root, DiskState start) : root_(std::move(root)) {
  TRIMARAN_CHECK(root_.size() > 1 && root_.front() == '/');
  TRIMARAN_CHECK(root_.back() != '/');
  start.ForgetFailedSyncs();
  MutexLock lock(mutex_);
  state_ = start;
  recording_.start = std::move(start);
}

bool SimDisk::Holds(std::string_view path) const {
  return path.substr(0, root_.size()) == root_ &&
         (path.size() == root_.size() || path[root_.size()] == '/');
}

// ---- Names ----

absl::StatusOr<NodeId> SimDisk::Open(std::string_view path) const {
  MutexLock lock(mutex_);
  return Find(path);
}

absl::StatusOr<NodeId> SimDisk::Create(std::string_view path) {
  return Make(path, OperationKind::kCreate);
}

absl::Status SimDisk::MakeDirectory(std::string_view path) {
  return Make(path, OperationKind::kMakeDirectory).status();
}

absl::StatusOr<NodeId> SimDisk::Make(std::string_view path,
                                     OperationKind kind) {
  MutexLock lock(mutex_);
  TRIMARAN_ASSIGN_OR_RETURN(Place place, FindPlace(path));
  if (place.node != kNoNode) {
    return absl::AlreadyExistsError(absl::StrCat(ToAbsl(path), ": is there"));
  }
  Operation operation;
  operation.kind = kind;
  operation.path = std::string(path.substr(root_.size() + 1));
  operation.change.node = state_.next_node();
  operation.change.to_directory = place.directory;
  operation.change.to_name = std::move(place.name);
  const NodeId made = operation.change.node;
  TRIMARAN_RETURN_IF_ERROR(Perform(std::move(operation)));
  return made;
}

absl::Status SimDisk::Remove(std::string_view path) {
  MutexLock lock(mutex_);
  TRIMARAN_ASSIGN_OR_RETURN(Place place, FindPlace(path));
  if (place.node == kNoNode) return Missing(path);
  if (state_.IsDirectory(place.node) && !state_.EntriesOf(place.node).empty()) {
    return WrongKind(path);
  }
  Operation operation;
  operation.kind = OperationKind::kRemove;
  operation.path = state_.PathOf(place.node);
  operation.change.node = place.node;
  operation.change.from_directory = place.directory;
  operation.change.from_name = std::move(place.name);
  return Perform(std::move(operation));
}

absl::Status SimDisk::Rename(std::string_view from, std::string_view to) {
  MutexLock lock(mutex_);
  TRIMARAN_ASSIGN_OR_RETURN(Place source, FindPlace(from));
  TRIMARAN_ASSIGN_OR_RETURN(Place target, FindPlace(to));
  if (source.node == kNoNode) return Missing(from);
  if (target.node == source.node) return absl::OkStatus();
  if (target.node != kNoNode &&
      (state_.IsDirectory(target.node) || state_.IsDirectory(source.node))) {
    return WrongKind(to);
  }
  Operation operation;
  operation.kind = OperationKind::kRename;
  operation.path = state_.PathOf(source.node);
  operation.change.node = source.node;
  operation.change.from_directory = source.directory;
  operation.change.from_name = std::move(source.name);
  operation.change.to_directory = target.directory;
  operation.change.to_name = std::move(target.name);
  return Perform(std::move(operation));
}

absl::StatusOr<std::vector<std::string>> SimDisk::List(
    std::string_view path) const {
  MutexLock lock(mutex_);
  TRIMARAN_ASSIGN_OR_RETURN(const NodeId node, Find(path));
  if (!state_.IsDirectory(node)) return WrongKind(path);
  std::vector<std::string> names;
  for (const auto& [name, child] : state_.EntriesOf(node)) {
    names.push_back(name);
  }
  return names;
}

absl::StatusOr<NodeInfo> SimDisk::Inspect(std::string_view path) const {
  const auto node = Open(path);
  if (node.ok()) return Inspect(*node);
  if (absl::IsNotFound(node.status())) return NodeInfo{};
  return node.status();
}

// ---- Content ----

absl::Status SimDisk::Write(NodeId file, uint64_t offset,
                            std::string_view data) {
  const auto write = [&](uint64_t at, std::string_view rest) {
    return WriteSome(file, at, rest);
  };
  return engine::WriteWhole(offset, data, write);
}

absl::StatusOr<size_t> SimDisk::WriteSome(NodeId file, uint64_t offset,
                                          std::string_view data) {
  MutexLock lock(mutex_);
  TRIMARAN_CHECK(!state_.IsDirectory(file));
  TRIMARAN_RETURN_IF_ERROR(CheckPower());
  TRIMARAN_RETURN_IF_ERROR(CheckSpace(file, offset + data.size()));
  Operation operation;
  operation.kind = OperationKind::kWrite;
  operation.node = file;
  operation.path = state_.PathOf(file);
  operation.offset = offset;
  std::optional<Fault> fault =
      faults_.Strike(FaultTarget::kWrite, operation.path);
  data = data.substr(0, SizeUnder(fault, data.size()));
  if (IsShort(fault)) fault.reset();
  operation.data = std::make_shared<const std::string>(data);
  TRIMARAN_RETURN_IF_ERROR(PerformWith(fault, std::move(operation)));
  return data.size();
}

absl::Status SimDisk::Resize(NodeId file, uint64_t size) {
  MutexLock lock(mutex_);
  TRIMARAN_CHECK(!state_.IsDirectory(file));
  TRIMARAN_RETURN_IF_ERROR(CheckPower());
  TRIMARAN_RETURN_IF_ERROR(CheckSpace(file, size));
  Operation operation;
  operation.kind = OperationKind::kResize;
  operation.node = file;
  operation.path = state_.PathOf(file);
  operation.offset = size;
  return Perform(std::move(operation));
}

absl::StatusOr<size_t> SimDisk::Read(NodeId file, uint64_t offset,
                                     absl::Span<char> buffer) {
  const auto read = [&](uint64_t at, absl::Span<char> rest) {
    return ReadSome(file, at, rest);
  };
  return engine::ReadWhole(offset, buffer, read);
}

absl::StatusOr<size_t> SimDisk::ReadSome(NodeId file, uint64_t offset,
                                         absl::Span<char> buffer) {
  MutexLock lock(mutex_);
  TRIMARAN_CHECK(!state_.IsDirectory(file));
  TRIMARAN_RETURN_IF_ERROR(CheckPower());
  const std::string path = state_.PathOf(file);
  const auto fault = faults_.Strike(FaultTarget::kRead, path);
  if (fault.has_value() && !IsShort(fault)) return ErrorOf(*fault, path);
  return state_.Content(file).Read(
      offset, buffer.subspan(0, SizeUnder(fault, buffer.size())));
}

absl::StatusOr<NodeInfo> SimDisk::Inspect(NodeId node) const {
  MutexLock lock(mutex_);
  TRIMARAN_RETURN_IF_ERROR(CheckPower());
  if (state_.IsDirectory(node)) return NodeInfo{NodeKind::kDirectory, 0};
  return NodeInfo{NodeKind::kFile, state_.Content(node).size()};
}

absl::Status SimDisk::Sync(NodeId node) {
  std::function<void(std::string_view)> hook;
  Operation operation;
  {
    MutexLock lock(mutex_);
    TRIMARAN_RETURN_IF_ERROR(CheckPower());
    operation.kind = state_.IsDirectory(node) ? OperationKind::kSyncDirectory
                                              : OperationKind::kSync;
    operation.node = node;
    operation.path = state_.PathOf(node);
    hook = sync_hook_;
  }
  if (hook) hook(operation.path);
  MutexLock lock(mutex_);
  return Perform(std::move(operation));
}

absl::Status SimDisk::Lock(NodeId file) {
  MutexLock lock(mutex_);
  if (locked_.insert(file).second) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat(state_.PathOf(file), ": is locked"));
}

void SimDisk::Unlock(NodeId file) {
  MutexLock lock(mutex_);
  locked_.erase(file);
}

absl::StatusOr<uint64_t> SimDisk::FreeBytes() const {
  MutexLock lock(mutex_);
  TRIMARAN_RETURN_IF_ERROR(CheckPower());
  const uint64_t used = state_.TotalBytes();
  return capacity_bytes_ > used ? capacity_bytes_ - used : 0;
}

// ---- Tests ----

void SimDisk::Inject(Fault fault) {
  MutexLock lock(mutex_);
  faults_.Add(std::move(fault));
}

void SimDisk::ClearFaults() {
  MutexLock lock(mutex_);
  faults_.Clear();
}

uint64_t SimDisk::faults_struck() const {
  MutexLock lock(mutex_);
  return faults_.strikes();
}

void SimDisk::CutPowerAfter(uint64_t operation_count) {
  MutexLock lock(mutex_);
  power_cut_after_ = operation_count;
}

void SimDisk::SetCapacity(uint64_t bytes) {
  MutexLock lock(mutex_);
  capacity_bytes_ = bytes;
}

bool SimDisk::Decay(std::string_view path,
                    absl::FunctionRef<void(FileBytes&)> damage) {
  MutexLock lock(mutex_);
  const auto file = Find(path);
  const bool done = file.ok() && state_.Decay(*file, damage);
  decayed_ = decayed_ || done;
  return done;
}

void SimDisk::SetSyncHook(std::function<void(std::string_view path)> hook) {
  MutexLock lock(mutex_);
  sync_hook_ = std::move(hook);
}

void SimDisk::Mark(std::string_view name, uint64_t value) {
  MutexLock lock(mutex_);
  recording_.markers.push_back(
      {recording_.operations.size(), std::string(name), value});
}

uint64_t SimDisk::operation_count() const {
  MutexLock lock(mutex_);
  return recording_.operations.size();
}

uint64_t SimDisk::UsedBytes() const {
  MutexLock lock(mutex_);
  return state_.TotalBytes();
}

Recording SimDisk::TakeRecording() const {
  MutexLock lock(mutex_);
  TRIMARAN_CHECK(!decayed_);
  return recording_;
}

DiskState SimDisk::TakeState() const {
  MutexLock lock(mutex_);
  return state_;
}

DiskImage SimDisk::AfterCrash(Survival survival, uint64_t seed) const {
  SeededRandom random(seed);
  MutexLock lock(mutex_);
  return state_.AfterCrash(survival, random);
}

DiskImage SimDisk::Visible() const {
  return AfterCrash(kEverythingSurvives, 0);
}

// ---- Inside ----

std::vector<std::string_view> SimDisk::Parts(std::string_view path) const {
  TRIMARAN_CHECK(Holds(path)) << path << " is not below " << root_;
  path.remove_prefix(root_.size());
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    TRIMARAN_CHECK(part != "..") << path;
    if (!part.empty() && part != ".") parts.push_back(part);
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return parts;
}

absl::Status SimDisk::CheckPower() const {
  if (recording_.operations.size() < power_cut_after_) return absl::OkStatus();
  return absl::InternalError("the simulated disk has no power");
}

absl::StatusOr<NodeId> SimDisk::Find(std::string_view path) const {
  TRIMARAN_RETURN_IF_ERROR(CheckPower());
  const NodeId node = state_.Find(Parts(path));
  if (node == kNoNode) return Missing(path);
  return node;
}

absl::StatusOr<SimDisk::Place> SimDisk::FindPlace(std::string_view path) const {
  TRIMARAN_RETURN_IF_ERROR(CheckPower());
  std::vector<std::string_view> parts = Parts(path);
  TRIMARAN_CHECK(!parts.empty()) << "not for the root";
  Place place;
  place.node = state_.Find(parts);
  place.name = std::string(parts.back());
  parts.pop_back();
  place.directory = state_.Find(parts);
  if (place.directory == kNoNode) return Missing(path);
  if (!state_.IsDirectory(place.directory)) return WrongKind(path);
  return place;
}

absl::Status SimDisk::CheckSpace(NodeId file, uint64_t end) const {
  const uint64_t size = state_.Content(file).size();
  if (end <= size || capacity_bytes_ == std::numeric_limits<uint64_t>::max() ||
      state_.TotalBytes() + (end - size) <= capacity_bytes_) {
    return absl::OkStatus();
  }
  return NoSpace(state_.PathOf(file));
}

absl::Status SimDisk::Perform(Operation operation) {
  TRIMARAN_RETURN_IF_ERROR(CheckPower());
  const auto fault = faults_.Strike(TargetOf(operation.kind), operation.path);
  return PerformWith(fault, std::move(operation));
}

absl::Status SimDisk::PerformWith(const std::optional<Fault>& fault,
                                  Operation operation) {
  absl::Status result;
  if (fault.has_value()) {
    result = ErrorOf(*fault, operation.path);
  } else if ((operation.kind == OperationKind::kSync ||
              operation.kind == OperationKind::kSyncDirectory) &&
             state_.SyncFailed(operation.node)) {
    result = DeviceFailed(operation.path);
  }
  operation.failed = !result.ok();
  if (operation.failed && operation.kind == OperationKind::kWrite) {
    const uint64_t written = fault->written_sectors * kSectorBytes -
                             std::min(fault->written_sectors * kSectorBytes,
                                      operation.offset % kSectorBytes);
    operation.data = std::make_shared<const std::string>(
        operation.data->substr(0, static_cast<size_t>(written)));
  }
  Record(std::move(operation));
  return result;
}

void SimDisk::Record(Operation operation) {
  state_.Apply(operation);
  recording_.operations.push_back(std::move(operation));
}

}  // namespace trimaran::disk
