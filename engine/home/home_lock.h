#ifndef TRIMARAN_ENGINE_HOME_HOME_LOCK_H_
#define TRIMARAN_ENGINE_HOME_HOME_LOCK_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/file/file_system.h"
#include "engine/home/home_kind.h"
#include "engine/home/store_identity.h"

// The way into a data directory: nobody may look into one, or change anything
// in it, but whoever has locked it.
//
//   LockHome ---> kHome --------> ReadIdentity ...
//            \--> kEmpty -------> BeginFounding ... FinishFounding -> kHome
//             \-> kUnfinished --/
//
// Thread: all functions may be called from any thread.

namespace trimaran::engine {

enum class HomeUse : uint8_t {
  // To be opened. It must be there.
  kOpen,
  // To be opened, or founded if there is none.
  kOpenOrFound,
  // To be looked at. Nothing at all is written, neither is the lock file made;
  // and who owns it, and its mode, do not matter.
  kInspect,
};

struct LockedHome {
  // Null only for kInspect, where there is no lock file: a copy of a home.
  std::unique_ptr<FileLock> lock;
  // kHome; for kOpenOrFound kEmpty and kUnfinished as well.
  HomeKind kind = HomeKind::kEmpty;
};

// Makes sure that `home` is a data directory, or can become one, that nobody
// else can reach into it, and that nobody else has it open. Errors:
//   InvalidArgument     an empty path
//   NotFound            no data directory there, and `use` does not make one;
//                       or, for kOpenOrFound, nothing to put one into
//   Unavailable         open in another process, or twice in this one
//   PermissionDenied    another user's, or open to others
//   FailedPrecondition  not a directory, or somebody else's files in it
//   Corruption          the parts of a home without its identity
// Makes, at most, the directory (for kOpenOrFound) and the lock file, and that
// only where none of the other errors stands against it.
absl::StatusOr<LockedHome> LockHome(FileSystem& files, std::string_view home,
                                    HomeUse use);

// Marks the locked `home`, which is kEmpty or kUnfinished, as being made, and
// removes what an earlier attempt has left. May be repeated after an error.
// AlreadyExists, and nothing happens, if it is a home; the errors of LockHome
// if it is something else.
absl::Status BeginFounding(FileSystem& files, std::string_view home);

// Writes the identity: from here on, and not before, `home` is a home, also
// after a crash. All that belongs into it is there and durable. After an error
// it is one or is still unfinished, as LockHome will tell.
absl::Status FinishFounding(FileSystem& files, std::string_view home,
                            const StoreIdentity& identity);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_HOME_HOME_LOCK_H_
