#include "engine/file/disk_room.h"

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {

absl::Status CheckRoom(FileSystem& files, const RoomNeed& need) {
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t free,
                            files.FreeBytes(need.directory));
  if (free >= need.bytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("no room for ", ToAbsl(need.what), " in ",
                   ToAbsl(need.directory), ": the file system has ", free,
                   " bytes, and ", need.bytes, " are needed"));
}

}  // namespace trimaran::engine
