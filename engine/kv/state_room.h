#ifndef TRIMARAN_ENGINE_KV_STATE_ROOM_H_
#define TRIMARAN_ENGINE_KV_STATE_ROOM_H_

#include "absl/status/status.h"
#include "engine/file/disk_room.h"
#include "engine/file/file_system.h"

namespace trimaran::engine {

// As CheckRoom, in a home of WiredTiger and with what that writes beside: where
// it finds no room, it has failed for good.
//
// Thread: any.
absl::Status CheckStateRoom(FileSystem& files, RoomNeed need);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_STATE_ROOM_H_
