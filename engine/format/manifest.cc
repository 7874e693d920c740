#include "engine/format/manifest.h"

#include <set>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/base/log_types.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {
namespace {

template <typename... Parts>
absl::Status Broken(const Parts&... parts) {
  return CorruptionError(absl::StrCat("snapshot manifest: ", parts...));
}

absl::Status ValidateNames(const SnapshotManifest& manifest) {
  if (manifest.id == SnapshotId()) return Broken("it has no id");
  if (manifest.cluster == ClusterId()) return Broken("it names no cluster");
  if (manifest.group == GroupId()) return Broken("it names no group");
  const EntryId id = manifest.position.id;
  if (id.index == LogIndex() || id.term == Term() || id.index > kMaxLogIndex) {
    return Broken("it is of no position: index ", id.index.value(), ", term ",
                  id.term.value());
  }
  return absl::OkStatus();
}

absl::Status ValidateConf(const ConfState& conf) {
  const absl::Status status = conf.Validate();
  if (!status.ok()) return Broken(status.message());
  if (conf.voters.empty()) return Broken("its configuration has no voters");
  for (const auto* list : {&conf.voters, &conf.voters_outgoing, &conf.learners,
                           &conf.learners_next}) {
    if (list->size() > kMembersMax) {
      return Broken("its configuration lists ", list->size(),
                    " replicas; the limit is ", kMembersMax);
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateFamilies(const StateSummary& state) {
  // Family 0, of what is no row, comes on top.
  if (state.families.size() > kFamiliesMax + 1) {
    return Broken("it has ", state.families.size(), " families; the limit is ",
                  kFamiliesMax + 1);
  }
  std::set<std::string_view> names;
  uint64_t rows = 0;
  uint64_t bytes = 0;
  for (size_t i = 0; i < state.families.size(); ++i) {
    const FamilySummary& family = state.families[i];
    if ((family.family == FamilyId()) != (i == 0) ||
        (i > 0 && family.family <= state.families[i - 1].family)) {
      return Broken("family ", family.family.value(), " is out of order");
    }
    const size_t name_bytes = family.name.size();
    if ((i == 0) != (name_bytes == 0) || name_bytes > kFamilyNameBytesMax) {
      return Broken("family ", family.family.value(), " has a name of ",
                    name_bytes, " bytes; the limit is ", kFamilyNameBytesMax);
    }
    if (!names.insert(family.name).second) {
      return Broken("family ", family.family.value(),
                    " has the name of another one");
    }
    // No row is without bytes, which bounds the sum.
    if (family.rows > family.bytes || family.bytes > state.bytes - bytes) {
      return Broken("family ", family.family.value(), " has ", family.rows,
                    " rows of ", family.bytes, " bytes in all");
    }
    rows += family.rows;
    bytes += family.bytes;
  }
  if (rows != state.rows || bytes != state.bytes) {
    return Broken("its families have ", rows, " rows of ", bytes,
                  " bytes, and the state ", state.rows, " rows of ",
                  state.bytes);
  }
  return absl::OkStatus();
}

absl::Status ValidateChunks(const SnapshotManifest& manifest) {
  if (manifest.chunks.size() > kSnapshotChunksMax) {
    return Broken("it has ", manifest.chunks.size(), " chunks; the limit is ",
                  kSnapshotChunksMax);
  }
  uint64_t rows = 0;
  for (size_t i = 0; i < manifest.chunks.size(); ++i) {
    const ChunkInfo& chunk = manifest.chunks[i];
    if (chunk.bytes > kChunkBytesMax) {
      return Broken("chunk ", i, " has ", chunk.bytes, " bytes; the limit is ",
                    kChunkBytesMax);
    }
    if (chunk.rows == 0 || chunk.rows > chunk.bytes) {
      return Broken("chunk ", i, " has ", chunk.rows, " rows in ", chunk.bytes,
                    " bytes");
    }
    rows += chunk.rows;
  }
  if (rows != manifest.state.rows) {
    return Broken("its chunks have ", rows, " rows, and the state ",
                  manifest.state.rows);
  }
  return absl::OkStatus();
}

}  // namespace

uint64_t SnapshotManifest::chunk_bytes() const {
  uint64_t bytes = 0;
  for (const ChunkInfo& chunk : chunks) bytes += chunk.bytes;
  return bytes;
}

absl::Status ValidateManifest(const SnapshotManifest& manifest) {
  TRIMARAN_RETURN_IF_ERROR(ValidateNames(manifest));
  TRIMARAN_RETURN_IF_ERROR(ValidateConf(manifest.conf));
  TRIMARAN_RETURN_IF_ERROR(ValidateFamilies(manifest.state));
  return ValidateChunks(manifest);
}

std::string DebugString(const SnapshotManifest& manifest) {
  const EntryId id = manifest.position.id;
  return absl::StrCat(
      "snapshot ", absl::Hex(manifest.id.value(), absl::kZeroPad16),
      " of group ", manifest.group.value(), " of cluster ",
      manifest.cluster.ToString(), " at ", id.index.value(), "/",
      id.term.value(), ", ", manifest.conf.DebugString(), ", ",
      manifest.state.families.size(), " families, ", manifest.state.rows,
      " records of ", manifest.state.bytes, " bytes, hash ",
      ToString(manifest.state.hash), ", ", manifest.chunks.size(),
      " chunks of ", manifest.chunk_bytes(), " bytes");
}

}  // namespace trimaran::engine
