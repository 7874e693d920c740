#ifndef TRIMARAN_ENGINE_HOME_HOME_PATHS_H_
#define TRIMARAN_ENGINE_HOME_HOME_PATHS_H_

#include <string_view>

// The names in a data directory. On disk: never change.

namespace trimaran::engine {

// Who this store is (store_identity.h). Written when all else is there, so that
// a directory without it is no home yet.
inline constexpr std::string_view kIdentityFile = "STORE";
// An empty file, there while a home is being made. Without it, data without an
// identity is not a home that is yet to be: it is one that has lost its
// identity, and must not be taken for scrap.
inline constexpr std::string_view kFoundingFile = "FOUNDING";
inline constexpr std::string_view kLockFile = "LOCK";
// The least that the log must still hold (log/floor.h).
inline constexpr std::string_view kFloorFile = "FLOOR";
// Room for an open on a full disk (disk_reserve.h).
inline constexpr std::string_view kReserveFile = "RESERVE";
inline constexpr std::string_view kLogDirectory = "log";
// The home of WiredTiger.
inline constexpr std::string_view kStateDirectory = "kv";
// Snapshots that are being sent or received.
inline constexpr std::string_view kSnapshotDirectory = "snap";

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_HOME_HOME_PATHS_H_
