#ifndef TRIMARAN_TOOLS_TRIMARAN_INSPECTED_PATH_H_
#define TRIMARAN_TOOLS_TRIMARAN_INSPECTED_PATH_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/file/file_system.h"

namespace trimaran::tool {

enum class PathKind : uint8_t {
  // The data directory of a store.
  kStore,
  // A directory with a snapshot, as a backup is one; it may be unfinished.
  kSnapshot,
  // One chunk of a snapshot.
  kChunk,
};

struct InspectedPath {
  PathKind kind = PathKind::kStore;
  // Without symbolic links.
  std::string path;
  // Of a store; null where there is no lock file, as in a copy, or where it
  // cannot be locked for want of a permission to write.
  std::unique_ptr<engine::FileLock> lock;
};

// Tells what `path` is from what is there, and locks a store. NotFound: nothing
// that this program knows. Unavailable: a store that is open. Corruption: a
// store that has lost its identity. PermissionDenied, Internal.
//
// Thread: any.
absl::StatusOr<InspectedPath> InspectPath(engine::FileSystem& files,
                                          std::string_view path);

// NotFound unless there is a directory at `path`, or behind a link.
// PermissionDenied.
//
// Thread: any.
absl::Status CheckDirectory(std::string_view path);
// NotFound unless `target` has a name, and a directory that it would be in.
// Says nothing about what is there now.
//
// Thread: any.
absl::Status CheckDestination(std::string_view target);

// A directory for a short time, below the system's place for such things, and
// for this user only.
//
// Thread: owner.
class ScratchDirectory {
 public:
  static absl::StatusOr<std::unique_ptr<ScratchDirectory>> Make();
  // Removes it with all that is in it.
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  explicit ScratchDirectory(std::string path) : path_(std::move(path)) {}

  const std::string path_;
};

// Where WiredTiger can look at the state of a store without changing anything:
// its home or, where a crash has left something there that WiredTiger would
// remove, a directory of links to everything else.
struct StateHome {
  std::string path;
  // Holds the links; null if there are none. Must outlive the look.
  std::unique_ptr<ScratchDirectory> links;
};
absl::StatusOr<StateHome> FindStateHome(engine::FileSystem& files,
                                        std::string_view store);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_INSPECTED_PATH_H_
