#ifndef TRIMARAN_ENGINE_FILE_DISK_ROOM_H_
#define TRIMARAN_ENGINE_FILE_DISK_ROOM_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "engine/file/file_system.h"

namespace trimaran::engine {

// What is about to be written, and where.
struct RoomNeed {
  // As in "no room for a checkpoint in <directory>".
  std::string_view what;
  std::string_view directory;
  uint64_t bytes = 0;
};

// ResourceExhausted, naming what, where and the numbers, unless the file system
// has so many bytes left. A look and no promise: it is for what would otherwise
// find out by filling the disk to its last byte, which others write to as well.
//
// Thread: any.
absl::Status CheckRoom(FileSystem& files, const RoomNeed& need);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FILE_DISK_ROOM_H_
