#ifndef TRIMARAN_ENGINE_SNAPSHOT_SNAPSHOT_STORE_H_
#define TRIMARAN_ENGINE_SNAPSHOT_SNAPSHOT_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/log_types.h"
#include "engine/base/logging.h"
#include "engine/file/file_system.h"
#include "engine/format/manifest.h"

namespace trimaran::engine {

enum class StoredKind : uint8_t {
  // Whole, made here.
  kOutgoing,
  // From a peer; chunks are missing.
  kPartial,
  // From a peer, whole.
  kReceived,
};

struct StoredSnapshot {
  // Of its directory.
  std::string name;
  StoredKind kind = StoredKind::kOutgoing;
  SnapshotId id;
  EntryId position;
  // Of all chunks, whether or not they are there.
  uint64_t chunk_bytes = 0;
  // When this process saw it first: moments do not survive a restart.
  MonotonicTime seen_at;

  friend bool operator==(const StoredSnapshot&,
                         const StoredSnapshot&) = default;
};

// For people: "out-20-3: outgoing, 20/3, 4096 bytes".
std::string DebugString(const StoredSnapshot& snapshot);

// ---- Which snapshots are of no use any more ----

struct GarbagePolicy {
  // Since it was seen first. A transfer takes minutes.
  absl::Duration age_max = absl::Hours(4);
  // How many of this store's own are kept, the newest.
  size_t outgoing_max = 2;
};

struct GarbageFacts {
  LogIndex applied;
  LogIndex truncated;
  MonotonicTime now;
  // Names of those that are being sent, received or installed. Never garbage.
  std::set<std::string> in_use;
};

// A snapshot of this store's own is garbage when the log cannot go on from it
// (it is below the truncated index) or there are newer ones enough; a received
// one when the state has got past it; and either when it is too old.
std::vector<std::string> ChooseGarbage(
    const std::vector<StoredSnapshot>& snapshots, const GarbageFacts& facts,
    const GarbagePolicy& policy);

// ---- The directory ----

// The snapshots below one directory.
//
// Thread: one at a time.
class SnapshotStore {
 public:
  // Makes the directory if it is not there. Removes what a crash left behind: a
  // snapshot of this store's own without a manifest, and any snapshot whose
  // manifest is damaged, not that of its name, or of a later format version:
  // all of them can be made again. What has no name of ours is left alone, and
  // reported in the log. `files` outlives the store.
  static absl::StatusOr<std::unique_ptr<SnapshotStore>> Open(
      FileSystem& files, std::string_view root, MonotonicTime now,
      Logger logger);

  // Looks again, and reports what has a manifest, by name. What is being
  // written is not there yet.
  absl::StatusOr<std::vector<StoredSnapshot>> List(MonotonicTime now);

  // Removes what ChooseGarbage chooses. Returns how many it removed. A snapshot
  // with a file in it that is not ours is left alone, and reported in the log
  // once. An error of one snapshot keeps no other from being removed.
  absl::StatusOr<size_t> CollectGarbage(const GarbageFacts& facts,
                                        const GarbagePolicy& policy);

  std::string PathOf(std::string_view name) const;
  const std::string& root() const { return root_; }
  // What Open removed.
  size_t leftovers_removed() const { return leftovers_removed_; }

 private:
  SnapshotStore(FileSystem& files, std::string_view root, Logger logger)
      : files_(files), root_(root), logger_(logger) {}

  absl::Status RemoveLeftovers();
  // False if something in it is not ours.
  absl::StatusOr<bool> RemoveOurs(const std::string& name);
  // NotFound: no snapshot yet. Corruption: never will be one.
  // FailedPrecondition: none that this program can read.
  absl::StatusOr<StoredSnapshot> Describe(const std::string& name);

  FileSystem& files_;
  const std::string root_;
  const Logger logger_;
  std::vector<StoredSnapshot> known_;
  // Names that have been reported.
  std::set<std::string> left_alone_;
  size_t leftovers_removed_ = 0;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_SNAPSHOT_SNAPSHOT_STORE_H_
