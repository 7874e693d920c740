#include "engine/home/home_kind.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/absl_compat.h"
#include "engine/home/home_paths.h"

namespace trimaran::engine {
namespace {

constexpr uint32_t kPermissionBits = 0777;
constexpr uint32_t kOwnerOnly = 0700;
// Where WriteFileAtomically puts a file before it gets its name.
constexpr std::string_view kTemporarySuffix = ".tmp";

// All names that a home has, but for LOCK, which says nothing.
bool IsPartOfHome(std::string_view name) {
  constexpr std::array<std::string_view, 5> parts = {
      kFloorFile, kLogDirectory, kStateDirectory, kSnapshotDirectory,
      kReserveFile};
  if (std::find(parts.begin(), parts.end(), name) != parts.end()) {
    return true;
  }
  if (!name.ends_with(kTemporarySuffix)) return false;
  name.remove_suffix(kTemporarySuffix.size());
  return name == kIdentityFile || name == kFloorFile || name == kReserveFile;
}

}  // namespace

HomeKind ClassifyHome(absl::Span<const std::string> names) {
  bool founding = false;
  bool parts = false;
  bool foreign = false;
  for (const std::string_view name : names) {
    if (name == kIdentityFile) return HomeKind::kHome;
    if (name == kFoundingFile) {
      founding = true;
    } else if (IsPartOfHome(name)) {
      parts = true;
    } else if (name != kLockFile) {
      foreign = true;
    }
  }
  if (foreign) return HomeKind::kForeign;
  if (founding) return HomeKind::kUnfinished;
  return parts ? HomeKind::kIdentityLost : HomeKind::kEmpty;
}

absl::Status CheckIsDirectory(std::string_view home, const PathInfo& info) {
  if (info.kind == FileKind::kDirectory) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      ToAbsl(home), " cannot be a data directory: it is ",
      info.kind == FileKind::kFile
          ? "a file"
          : "a symbolic link or a device; name the directory itself"));
}

absl::Status CheckIsPrivate(std::string_view home, const PathInfo& info) {
  if (!info.owned) {
    return absl::PermissionDeniedError(absl::StrCat(
        "data directory ", ToAbsl(home), " belongs to another user"));
  }
  if ((info.mode & kPermissionBits) != kOwnerOnly) {
    return absl::PermissionDeniedError(absl::StrFormat(
        "data directory %s has mode %04o; nobody but its owner may reach into "
        "it: chmod 0700",
        ToAbsl(home), info.mode & kPermissionBits));
  }
  return absl::OkStatus();
}

}  // namespace trimaran::engine
