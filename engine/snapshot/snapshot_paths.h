#ifndef TRIMARAN_ENGINE_SNAPSHOT_SNAPSHOT_PATHS_H_
#define TRIMARAN_ENGINE_SNAPSHOT_SNAPSHOT_PATHS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "engine/base/log_types.h"
#include "engine/file/file_system.h"
#include "engine/format/manifest.h"

// The names of snapshots and of their files. They are made here, from numbers,
// and never taken from a peer. On disk: never change.
//
// Thread: all functions may be called from any thread.

namespace trimaran::engine {

// The last file to be written: a directory without it is no snapshot.
inline constexpr std::string_view kManifestFile = "MANIFEST";
// What an incoming snapshot will be, while chunks are missing.
inline constexpr std::string_view kPartialManifestFile = "MANIFEST.partial";

// "chunk-000001" for chunk 0, in the order of their numbers up to a million.
std::string ChunkFileName(uint32_t number);

// "out-<index>-<term>": a snapshot of this store's own.
std::string OutgoingName(EntryId position);
// "in-<index>-<term>-<id>": a snapshot that is received.
std::string IncomingName(EntryId position, SnapshotId id);

// What such a name says.
struct SnapshotName {
  EntryId position;
  // Only for an incoming one.
  std::optional<SnapshotId> id;

  friend bool operator==(const SnapshotName&, const SnapshotName&) = default;
};
// Empty for any other name.
std::optional<SnapshotName> ParseSnapshotName(std::string_view name);

// Removes a snapshot, whole or not, so that a crash at any moment leaves none
// of it or one without a manifest. Does nothing if it is not there.
// FailedPrecondition, and nothing is removed, if there is anything in it that
// no snapshot has.
absl::Status RemoveSnapshot(FileSystem& files, std::string_view directory);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_SNAPSHOT_SNAPSHOT_PATHS_H_
