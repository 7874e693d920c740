#include "engine/snapshot/snapshot_paths.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {
namespace {

constexpr std::string_view kChunkPrefix = "chunk-";
constexpr std::string_view kOutgoingPrefix = "out-";
constexpr std::string_view kIncomingPrefix = "in-";
// Of WriteFileAtomically.
constexpr std::string_view kTemporarySuffix = ".tmp";

bool EatPrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool EatNumber(std::string_view& text, int base, uint64_t& number) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, base);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(rest - text.data()));
  return true;
}

bool IsChunkFileName(std::string_view name) {
  std::string_view rest = name;
  uint64_t number = 0;
  return EatPrefix(rest, kChunkPrefix) && EatNumber(rest, 10, number) &&
         rest.empty() && number >= 1 && number <= kSnapshotChunksMax &&
         name == ChunkFileName(static_cast<uint32_t>(number - 1));
}

bool IsManifestName(std::string_view name) {
  if (name.ends_with(kTemporarySuffix)) {
    name.remove_suffix(kTemporarySuffix.size());
  }
  return name == kManifestFile || name == kPartialManifestFile;
}

}  // namespace

std::string ChunkFileName(uint32_t number) {
  return absl::StrCat(ToAbsl(kChunkPrefix),
                      absl::Dec(uint64_t{number} + 1, absl::kZeroPad6));
}

std::string OutgoingName(EntryId position) {
  return absl::StrCat(ToAbsl(kOutgoingPrefix), position.index.value(), "-",
                      position.term.value());
}

std::string IncomingName(EntryId position, SnapshotId id) {
  return absl::StrCat(ToAbsl(kIncomingPrefix), position.index.value(), "-",
                      position.term.value(), "-",
                      absl::Hex(id.value(), absl::kZeroPad16));
}

std::optional<SnapshotName> ParseSnapshotName(std::string_view name) {
  std::string_view rest = name;
  const bool incoming = EatPrefix(rest, kIncomingPrefix);
  if (!incoming && !EatPrefix(rest, kOutgoingPrefix)) return std::nullopt;
  uint64_t index = 0;
  uint64_t term = 0;
  if (!EatNumber(rest, 10, index) || !EatPrefix(rest, "-") ||
      !EatNumber(rest, 10, term)) {
    return std::nullopt;
  }
  SnapshotName parsed;
  parsed.position = {LogIndex(index), Term(term)};
  if (!incoming) {
    if (name != OutgoingName(parsed.position)) return std::nullopt;
    return parsed;
  }
  uint64_t id = 0;
  if (!EatPrefix(rest, "-") || !EatNumber(rest, 16, id)) return std::nullopt;
  parsed.id = SnapshotId(id);
  // One spelling only: no leading zeros, nothing behind it.
  if (name != IncomingName(parsed.position, *parsed.id)) return std::nullopt;
  return parsed;
}

namespace {

absl::Status RemoveAll(FileSystem& files, std::string_view directory,
                       const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    TRIMARAN_RETURN_IF_ERROR(files.Remove(JoinPath(directory, name)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RemoveSnapshot(FileSystem& files, std::string_view directory) {
  TRIMARAN_ASSIGN_OR_RETURN(const PathInfo info, files.Inspect(directory));
  if (info.kind == FileKind::kAbsent) return absl::OkStatus();
  TRIMARAN_ASSIGN_OR_RETURN(std::vector<std::string> names,
                            files.List(directory));
  for (const std::string& name : names) {
    if (IsChunkFileName(name) || IsManifestName(name)) continue;
    return absl::FailedPreconditionError(
        absl::StrCat(ToAbsl(directory), " is no snapshot to be removed: ", name,
                     " does not belong to one"));
  }
  // The manifest goes first, and durably, so that half a snapshot is never
  // taken for a whole one.
  const auto chunks =
      std::stable_partition(names.begin(), names.end(), IsManifestName);
  TRIMARAN_RETURN_IF_ERROR(
      RemoveAll(files, directory, {names.begin(), chunks}));
  if (chunks != names.end()) {
    TRIMARAN_RETURN_IF_ERROR(files.SyncDirectory(directory));
  }
  TRIMARAN_RETURN_IF_ERROR(RemoveAll(files, directory, {chunks, names.end()}));
  TRIMARAN_RETURN_IF_ERROR(files.Remove(directory));
  return files.SyncDirectory(ParentPath(directory));
}

}  // namespace trimaran::engine
