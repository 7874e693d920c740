#ifndef TRIMARAN_ENGINE_FILE_PUT_IN_PLACE_H_
#define TRIMARAN_ENGINE_FILE_PUT_IN_PLACE_H_

#include <string_view>

#include "absl/status/status.h"
#include "engine/file/file_system.h"

// For whatever takes long to write and must not be there before it is whole: it
// is written under another name, and gets its own at the end.
//
// Thread: all functions may be called from any thread.

namespace trimaran::engine {

// AlreadyExists, saying that `what` ("a backup") goes elsewhere, unless there
// is nothing at `target`, or an empty directory.
absl::Status CheckFree(FileSystem& files, std::string_view target,
                       std::string_view what);

// Gives the directory `from`, of which everything is durable, the name
// `target`, which is free in the sense of CheckFree. Durable when this returns
// OK. After an error it has either of the two names.
absl::Status PutInPlace(FileSystem& files, std::string_view from,
                        std::string_view target);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FILE_PUT_IN_PLACE_H_
