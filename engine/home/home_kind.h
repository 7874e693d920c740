#ifndef TRIMARAN_ENGINE_HOME_HOME_KIND_H_
#define TRIMARAN_ENGINE_HOME_HOME_KIND_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "engine/file/file_system.h"

// What a directory is, told from what can be seen of it. No I/O here.
//
// Thread: any.

namespace trimaran::engine {

enum class HomeKind : uint8_t {
  // Nothing, or a lock file only.
  kEmpty,
  // A home that was being made when something stopped it: nobody has been told
  // that it exists, and what is in it may be removed.
  kUnfinished,
  kHome,
  // The parts of a home, and no STORE, which must have been there.
  kIdentityLost,
  // Somebody else's: it has names that are not ours, and no STORE.
  kForeign,
};

// `names` are those in the directory, in any order.
HomeKind ClassifyHome(absl::Span<const std::string> names);

// FailedPrecondition, saying what was found, if `home` is no directory but a
// file, a symbolic link or a device.
absl::Status CheckIsDirectory(std::string_view home, const PathInfo& info);

// PermissionDenied, saying what was found and what to do, if anybody but this
// user can reach into the directory: it is another user's, or its mode is not
// 0700.
absl::Status CheckIsPrivate(std::string_view home, const PathInfo& info);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_HOME_HOME_KIND_H_
