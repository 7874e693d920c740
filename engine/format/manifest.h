#ifndef TRIMARAN_ENGINE_FORMAT_MANIFEST_H_
#define TRIMARAN_ENGINE_FORMAT_MANIFEST_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/cluster_id.h"
#include "engine/base/conf_state.h"
#include "engine/base/ids.h"
#include "engine/format/chain.h"
#include "engine/format/limits.h"
#include "engine/format/state_summary.h"

namespace trimaran::engine {

// One snapshot, for as long as copies of it exist. Drawn at random when its
// writing begins, so that pieces of two snapshots of one position do not mix.
using SnapshotId = StrongId<struct SnapshotIdTag>;

// ---- Limits; on disk and on the wire: a change needs a new format version
// ----

// A record is a key and a value of the state machine's table, which are a
// user's plus what the engine puts before them.
inline constexpr size_t kRecordKeyBytesMax = kKeyBytesMax + 64;
inline constexpr size_t kRecordValueBytesMax = kValueBytesMax + 1024;
// What a chunk is filled up to, at most. A record that does not fit has a
// chunk of its own.
inline constexpr size_t kChunkBytesTargetMax = size_t{4} << 20;
// A whole chunk as it is stored: the largest record and what frames it.
inline constexpr size_t kChunkBytesMax =
    kRecordKeyBytesMax + kRecordValueBytesMax + 128;
inline constexpr size_t kSnapshotChunksMax = size_t{1} << 20;
inline constexpr size_t kManifestBytesMax = size_t{16} << 20;

// ---- The manifest ----

struct ChunkInfo {
  uint64_t rows = 0;
  // The size of the stored chunk, and the checksum at its end.
  uint64_t bytes = 0;
  uint32_t crc32c = 0;

  friend constexpr bool operator==(const ChunkInfo&,
                                   const ChunkInfo&) = default;
};

// What a snapshot is made of, and of what it is one. A snapshot without its
// manifest does not exist.
struct SnapshotManifest {
  SnapshotId id;
  ClusterId cluster;
  GroupId group;
  // The last entry that the state contains, and the group as of that entry.
  LogPosition position;
  ConfState conf;
  // The records, whichever chunks they lie in.
  StateSummary state;
  std::vector<ChunkInfo> chunks;

  // Of all chunks as they are stored.
  uint64_t chunk_bytes() const;

  friend bool operator==(const SnapshotManifest&,
                         const SnapshotManifest&) = default;
};

// Checks that the manifest is whole and agrees with itself: (1) it names a
// snapshot, a cluster, a group and a position; (2) the configuration is valid
// and has voters; (3) families are in order, named once each, and within the
// limits; (4) chunks are within the limits and none is empty; (5) the rows of
// the families, and of the chunks, add up to those of the state. Corruption
// with the rule that is broken.
absl::Status ValidateManifest(const SnapshotManifest& manifest);

// For people, one line: "snapshot 00..1f of group 1 at 20/3, 2 chunks, ...".
std::string DebugString(const SnapshotManifest& manifest);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FORMAT_MANIFEST_H_
