#include "engine/kv/state_room.h"

#include <cstdint>

namespace trimaran::engine {
namespace {

// What WiredTiger writes about its tables when one is made, filled or dropped,
// and at a checkpoint: some pages each time, of which the old ones are used
// again.
constexpr uint64_t kBookkeepingBytes = uint64_t{1} << 20;

}  // namespace

absl::Status CheckStateRoom(FileSystem& files, RoomNeed need) {
  need.bytes += kBookkeepingBytes;
  return CheckRoom(files, need);
}

}  // namespace trimaran::engine
