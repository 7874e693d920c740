#include "tests/support/disk/operation.h"

#include "absl/strings/str_cat.h"

namespace trimaran::disk {
namespace {

std::string Call(const Operation& operation) {
  switch (operation.kind) {
    case OperationKind::kWrite:
      return absl::StrCat("write ", operation.path, " at ", operation.offset,
                          ", ", operation.data->size(), " bytes");
    case OperationKind::kResize:
      return absl::StrCat("set size of ", operation.path, " to ",
                          operation.offset);
    case OperationKind::kSync:
      return absl::StrCat("sync ", operation.path);
    case OperationKind::kCreate:
      return absl::StrCat("create ", operation.path);
    case OperationKind::kMakeDirectory:
      return absl::StrCat("make directory ", operation.path);
    case OperationKind::kRemove:
      return absl::StrCat("remove ", operation.path);
    case OperationKind::kRename:
      return absl::StrCat("rename ", operation.path, " to .../",
                          operation.change.to_name);
    case OperationKind::kSyncDirectory:
      return absl::StrCat("sync directory /", operation.path);
  }
  return "?";
}

}  // namespace

std::string Describe(const Operation& operation) {
  return Call(operation) + (operation.failed ? " (failed)" : "");
}

}  // namespace trimaran::disk
