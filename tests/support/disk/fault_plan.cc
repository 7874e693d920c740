#include "tests/support/disk/fault_plan.h"

namespace trimaran::disk {
namespace {

bool Matches(const Fault& fault, FaultTarget call, std::string_view path) {
  const bool can_be_short =
      call == FaultTarget::kWrite || call == FaultTarget::kRead;
  if (fault.error == FaultError::kShort && !can_be_short) return false;
  const bool same =
      fault.target == call ||
      (fault.target == FaultTarget::kAnyChange && call != FaultTarget::kRead);
  return same && path.find(fault.path_part) != path.npos;
}

}  // namespace

std::optional<Fault> FaultPlan::Strike(FaultTarget call,
                                       std::string_view path) {
  std::optional<Fault> striking;
  for (Armed& armed : faults_) {
    if (!Matches(armed.fault, call, path)) continue;
    ++armed.matched;
    const bool strikes = armed.fault.for_ever
                             ? armed.matched >= armed.fault.nth
                             : armed.matched == armed.fault.nth;
    if (strikes && !striking.has_value()) striking = armed.fault;
  }
  if (striking.has_value()) ++strikes_;
  return striking;
}

FaultTarget TargetOf(OperationKind kind) {
  switch (kind) {
    case OperationKind::kWrite:
      return FaultTarget::kWrite;
    case OperationKind::kResize:
      return FaultTarget::kResize;
    case OperationKind::kSync:
      return FaultTarget::kSync;
    case OperationKind::kCreate:
    case OperationKind::kMakeDirectory:
      return FaultTarget::kCreate;
    case OperationKind::kRemove:
      return FaultTarget::kRemove;
    case OperationKind::kRename:
      return FaultTarget::kRename;
    case OperationKind::kSyncDirectory:
      return FaultTarget::kSyncDirectory;
  }
  return FaultTarget::kAnyChange;
}

}  // namespace trimaran::disk
