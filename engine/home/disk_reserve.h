#ifndef TRIMARAN_ENGINE_HOME_DISK_RESERVE_H_
#define TRIMARAN_ENGINE_HOME_DISK_RESERVE_H_

#include <cstdint>
#include <string_view>

#include "engine/base/logging.h"
#include "engine/file/file_system.h"

// A file that holds nothing but room. WiredTiger cannot open its home on a disk
// that is full to the last byte, and what fills it is often its own: a table
// that was being imported, blocks of a checkpoint that did not complete. They
// can be told from what is needed, and removed, only by whoever has opened it.
// So an open that finds no room gives up the reserve first, and makes it again
// when it has removed the rest.
//
// It is never read, and any state of it is a good one: none, or too small a
// one, is made again. So what cannot be done is told, and keeps nobody from
// opening the directory.
//
// Thread: whoever opens the directory.

namespace trimaran::engine {

// Removes the reserve of a data directory where the disk has less room than it
// would give. Before anything in the directory is opened.
void GiveUpReserve(FileSystem& files, std::string_view directory,
                   uint64_t bytes, const Logger& logger);

// Makes it where it is not there, or smaller than `bytes`, and the disk has
// room for twice as much.
void KeepReserve(FileSystem& files, std::string_view directory, uint64_t bytes,
                 const Logger& logger);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_HOME_DISK_RESERVE_H_
