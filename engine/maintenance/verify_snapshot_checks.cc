#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/home/home_paths.h"
#include "engine/maintenance/verify_checks.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_reader.h"

namespace trimaran::engine {
namespace {

absl::Status CheckChunks(const SnapshotReader& reader,
                         const VerifyOptions& options, CheckResult& result) {
  WorkProgress progress{.step = result.name(), .total = reader.chunk_count()};
  for (uint32_t number = 0; number < reader.chunk_count(); ++number) {
    const absl::StatusOr<std::string> chunk = reader.ReadChunk(number);
    result.CountExamined(1);
    if (!chunk.ok()) {
      if (!IsVerdict(chunk.status())) return chunk.status();
      result.Fail(ChunkFileName(number), chunk.status());
    }
    ++progress.done;
    if (chunk.ok()) progress.bytes += chunk->size();
    // A chunk is large: ask after each.
    TRIMARAN_RETURN_IF_ERROR(Tell(options.progress, progress));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<StateDigest>> CheckRecords(
    const SnapshotReader& reader, const VerifyOptions& options,
    CheckResult& result) {
  const SnapshotManifest& manifest = reader.manifest();
  SnapshotExport state(reader);
  StateSource source;
  source.kind = StateSource::Kind::kReplicated;
  source.group = manifest.group;
  TRIMARAN_ASSIGN_OR_RETURN(
      const StateFacts facts,
      CheckRows({.source = source,
                 .next = [&](StateRecord& row) { return state.Next(row); },
                 .work = {.step = "rows of a snapshot",
                          .total = manifest.state.rows}},
                options, result));
  if (facts.applied.has_value() &&
      facts.applied->applied != manifest.position) {
    result.Damage(
        reader.directory(),
        absl::StrCat("holds the state of entry ",
                     facts.applied->applied.id.index.value(), ", and says ",
                     manifest.position.id.index.value()));
  }
  if (!facts.summary.has_value()) return std::nullopt;
  if (*facts.summary != manifest.state) {
    result.Damage(
        reader.directory(),
        absl::StrCat("holds a state of hash ", ToString(facts.summary->hash),
                     ", and says ", ToString(manifest.state.hash)));
  }
  return StateDigest{manifest.position, *facts.summary};
}

// In the directory of a store, where a crash may have left any part.
absl::Status CheckNamed(const StoredStore& store, const std::string& name,
                        GroupId group, const VerifyOptions& options,
                        CheckResult& result) {
  if (!ParseSnapshotName(name).has_value()) {
    result.Warn(name, "has no name of a snapshot");
    return absl::OkStatus();
  }
  const std::string directory =
      JoinPath(JoinPath(store.directory, kSnapshotDirectory), name);
  const auto reader = SnapshotReader::Open(*store.files, directory);
  if (absl::IsNotFound(reader.status())) {
    result.Note(name, "is not finished");
    return absl::OkStatus();
  }
  if (IsNewerFormat(reader.status())) {
    result.Note(name, "is of a later version, and the next open removes it");
    return absl::OkStatus();
  }
  if (!reader.ok()) {
    if (!IsVerdict(reader.status())) return reader.status();
    result.Fail(name, reader.status());
    return absl::OkStatus();
  }
  if ((*reader)->manifest().group != group) {
    result.Damage(name, "is of another group");
  }
  return CheckSnapshot(*store.files, directory, options, result).status();
}

}  // namespace

absl::StatusOr<std::optional<StateDigest>> CheckSnapshot(
    FileSystem& files, std::string_view directory, const VerifyOptions& options,
    CheckResult& result) {
  const auto reader = SnapshotReader::Open(files, directory);
  if (absl::IsNotFound(reader.status())) return reader.status();
  if (!reader.ok()) {
    if (!IsVerdict(reader.status())) return reader.status();
    result.Fail(kManifestFile, reader.status());
    return std::nullopt;
  }
  if (options.depth == VerifyDepth::kQuick) return std::nullopt;
  TRIMARAN_RETURN_IF_ERROR(CheckChunks(**reader, options, result));
  result.Summarize(DebugString((*reader)->manifest()));
  if (options.depth != VerifyDepth::kDeep || result.damaged()) {
    return std::nullopt;
  }
  return CheckRecords(**reader, options, result);
}

absl::Status CheckSnapshots(const StoredStore& store, GroupId group,
                            const VerifyOptions& options, CheckResult& result) {
  const std::string root = JoinPath(store.directory, kSnapshotDirectory);
  const absl::StatusOr<std::vector<std::string>> names =
      store.files->List(root);
  if (absl::IsNotFound(names.status())) {
    result.Skip("there is no such directory");
    return absl::OkStatus();
  }
  TRIMARAN_RETURN_IF_ERROR(names.status());
  for (const std::string& name : *names) {
    TRIMARAN_RETURN_IF_ERROR(CheckNamed(store, name, group, options, result));
  }
  result.Summarize(absl::StrCat(names->size(), " snapshots"));
  return absl::OkStatus();
}

}  // namespace trimaran::engine
