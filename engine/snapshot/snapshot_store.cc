#include "engine/snapshot/snapshot_store.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_reader.h"

namespace trimaran::engine {
namespace {

std::string_view KindName(StoredKind kind) {
  switch (kind) {
    case StoredKind::kOutgoing:
      return "outgoing";
    case StoredKind::kPartial:
      return "partial";
    case StoredKind::kReceived:
      return "received";
  }
  return "unknown";
}

// Whether there is nothing that it could still be used for.
bool IsUseless(const StoredSnapshot& snapshot, const GarbageFacts& facts) {
  return snapshot.kind == StoredKind::kOutgoing
             ? snapshot.position.index < facts.truncated
             : snapshot.position.index <= facts.applied;
}

// Of Describe: there is nothing that this program could send or install.
bool IsNoSnapshot(const absl::Status& status) {
  return absl::IsNotFound(status) || IsCorruption(status) ||
         // Of a later version, or no directory of files at all.
         absl::IsFailedPrecondition(status);
}

}  // namespace

std::string DebugString(const StoredSnapshot& snapshot) {
  return absl::StrCat(snapshot.name, ": ", ToAbsl(KindName(snapshot.kind)),
                      ", ", snapshot.position.index.value(), "/",
                      snapshot.position.term.value(), ", ",
                      snapshot.chunk_bytes, " bytes");
}

std::vector<std::string> ChooseGarbage(
    const std::vector<StoredSnapshot>& snapshots, const GarbageFacts& facts,
    const GarbagePolicy& policy) {
  std::vector<const StoredSnapshot*> newest_first;
  newest_first.reserve(snapshots.size());
  for (const StoredSnapshot& snapshot : snapshots) {
    newest_first.push_back(&snapshot);
  }
  std::stable_sort(newest_first.begin(), newest_first.end(),
                   [](const StoredSnapshot* a, const StoredSnapshot* b) {
                     return a->position.index > b->position.index;
                   });
  std::vector<std::string> garbage;
  size_t outgoing_kept = 0;
  for (const StoredSnapshot* snapshot : newest_first) {
    const bool outgoing = snapshot->kind == StoredKind::kOutgoing;
    if (facts.in_use.contains(snapshot->name)) {
      if (outgoing) ++outgoing_kept;
      continue;
    }
    if (IsUseless(*snapshot, facts) ||
        facts.now - snapshot->seen_at >= policy.age_max ||
        (outgoing && outgoing_kept >= policy.outgoing_max)) {
      garbage.push_back(snapshot->name);
    } else if (outgoing) {
      ++outgoing_kept;
    }
  }
  return garbage;
}

// ---- SnapshotStore ----

absl::StatusOr<std::unique_ptr<SnapshotStore>> SnapshotStore::Open(
    FileSystem& files, std::string_view root, MonotonicTime now,
    Logger logger) {
  TRIMARAN_ASSIGN_OR_RETURN(const PathInfo info, files.Inspect(root));
  if (info.kind == FileKind::kAbsent) {
    TRIMARAN_RETURN_IF_ERROR(files.CreateDirectory(root));
    TRIMARAN_RETURN_IF_ERROR(files.SyncDirectory(ParentPath(root)));
  }
  std::unique_ptr<SnapshotStore> store(new SnapshotStore(files, root, logger));
  TRIMARAN_RETURN_IF_ERROR(store->RemoveLeftovers());
  TRIMARAN_RETURN_IF_ERROR(store->List(now).status());
  return store;
}

absl::Status SnapshotStore::RemoveLeftovers() {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                            files_.List(root_));
  for (const std::string& name : names) {
    if (!ParseSnapshotName(name).has_value()) {
      logger_.Warning("left alone, for it is no snapshot: ", PathOf(name));
      continue;
    }
    const absl::Status status = Describe(name).status();
    if (status.ok()) continue;
    if (!IsNoSnapshot(status)) return status;
    logger_.Info("removing what is left of a snapshot: ", status.message());
    TRIMARAN_ASSIGN_OR_RETURN(const bool removed, RemoveOurs(name));
    if (removed) ++leftovers_removed_;
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> SnapshotStore::RemoveOurs(const std::string& name) {
  const absl::Status removed = RemoveSnapshot(files_, PathOf(name));
  if (removed.ok()) return true;
  if (!absl::IsFailedPrecondition(removed)) return removed;
  if (left_alone_.insert(name).second) {
    logger_.Warning("left alone: ", removed.message());
  }
  return false;
}

absl::StatusOr<StoredSnapshot> SnapshotStore::Describe(
    const std::string& name) {
  const std::optional<SnapshotName> parsed = ParseSnapshotName(name);
  if (!parsed.has_value()) {
    return absl::NotFoundError(absl::StrCat(PathOf(name), " is no snapshot"));
  }
  const std::string directory = PathOf(name);
  StoredSnapshot snapshot;
  snapshot.name = name;
  absl::StatusOr<SnapshotManifest> manifest =
      ReadManifest(files_, directory, kManifestFile);
  if (parsed->id.has_value()) {
    snapshot.kind = StoredKind::kReceived;
    if (absl::IsNotFound(manifest.status())) {
      snapshot.kind = StoredKind::kPartial;
      manifest = ReadManifest(files_, directory, kPartialManifestFile);
    }
  }
  if (!manifest.ok()) return manifest.status();
  if (manifest->position.id != parsed->position ||
      (parsed->id.has_value() && manifest->id != *parsed->id)) {
    return CorruptionError(absl::StrCat(
        directory,
        " holds what its name does not say: ", DebugString(*manifest)));
  }
  snapshot.id = manifest->id;
  snapshot.position = manifest->position.id;
  snapshot.chunk_bytes = manifest->chunk_bytes();
  return snapshot;
}

absl::StatusOr<std::vector<StoredSnapshot>> SnapshotStore::List(
    MonotonicTime now) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                            files_.List(root_));
  std::vector<StoredSnapshot> found;
  for (const std::string& name : names) {
    absl::StatusOr<StoredSnapshot> snapshot = Describe(name);
    if (!snapshot.ok()) {
      if (IsNoSnapshot(snapshot.status())) continue;
      return snapshot.status();
    }
    snapshot->seen_at = now;
    for (const StoredSnapshot& known : known_) {
      if (known.name == name && known.id == snapshot->id) {
        snapshot->seen_at = known.seen_at;
      }
    }
    found.push_back(*std::move(snapshot));
  }
  known_ = std::move(found);
  return known_;
}

absl::StatusOr<size_t> SnapshotStore::CollectGarbage(
    const GarbageFacts& facts, const GarbagePolicy& policy) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<StoredSnapshot> snapshots,
                            List(facts.now));
  size_t removed_count = 0;
  absl::Status first_error;
  for (const std::string& name : ChooseGarbage(snapshots, facts, policy)) {
    // One that cannot be removed is no reason to keep the others.
    const absl::StatusOr<bool> removed = RemoveOurs(name);
    if (!removed.ok()) {
      first_error.Update(removed.status());
    } else if (*removed) {
      ++removed_count;
    }
  }
  if (!first_error.ok()) return first_error;
  return removed_count;
}

std::string SnapshotStore::PathOf(std::string_view name) const {
  return JoinPath(root_, name);
}

}  // namespace trimaran::engine
