#ifndef TRIMARAN_ENGINE_WT_CONFIG_H_
#define TRIMARAN_ENGINE_WT_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Every configuration string that is handed to WiredTiger, each setting with
// its reason (config.cc), and the names that WiredTiger gives to its files.
//
// Thread: any.

namespace trimaran::wt {

// ---- Files of a home. On disk: chosen by WiredTiger ----

// What the whole home hangs on. WiredTiger takes a home without it for a new
// one, and starts empty, even when it is told not to create anything.
inline constexpr std::string_view kTurtleFile = "WiredTiger.turtle";
// The new turtle file until it replaces the old one.
inline constexpr std::string_view kTurtleSetFile = "WiredTiger.turtle.set";
inline constexpr std::string_view kMetadataFile = "WiredTiger.wt";
inline constexpr std::string_view kVersionFile = "WiredTiger";
inline constexpr std::string_view kLockFile = "WiredTiger.lock";
inline constexpr std::string_view kLookasideFile = "WiredTigerLAS.wt";
// Left behind by a backup that a crash cut off. The next open would believe it
// rather than the newer metadata, and go back to the moment of the backup:
// remove it first, from a live home, never from a copy that is being restored.
inline constexpr std::string_view kBackupFile = "WiredTiger.backup";
// Files whose names begin so are WiredTiger's own.
inline constexpr std::string_view kReservedFilePrefix = "WiredTiger";

inline constexpr std::string_view kTableFileSuffix = ".wt";

// ---- Names ----

inline constexpr size_t kTableNameBytesMax = 64;

// 1 to 64 of a-z, 0-9 and _, the first of them a letter.
bool IsValidTableName(std::string_view name);
// The same, and no word that means something in a list of checkpoints.
bool IsValidCheckpointName(std::string_view name);

// "kv_g1.wt" for "kv_g1": the file in the home.
std::string TableFileName(std::string_view table);

// "file:kv_g1.wt". Tables are files and never "table:" objects, which take
// several steps to make and to drop that a crash tears apart.
std::string TableUri(std::string_view table);

// The table of a URI; empty for one that is no table of ours.
std::string_view TableOfUri(std::string_view uri);

// ---- Strings ----

struct ConnectionConfig {
  // Says "create".
  enum class Creation : uint8_t { kForbidden, kAllowed };
  Creation creation = Creation::kForbidden;
  // Says "readonly".
  enum class Access : uint8_t { kReadWrite, kReadOnly };
  Access access = Access::kReadWrite;
  uint64_t cache_bytes = 0;
  uint32_t sessions_max = 0;
  std::string_view extensions;
};
std::string ConnectionConfigString(const ConnectionConfig& config);

std::string_view SessionConfigString();
std::string_view TableConfigString();
std::string_view DropConfigString();
std::string_view BulkCursorConfigString();
// For a cursor that reads a checkpoint.
std::string CheckpointCursorConfigString(std::string_view checkpoint);
// The checkpoint that was completed last, whatever it is called.
std::string_view LastCheckpointCursorConfigString();

}  // namespace trimaran::wt

#endif  // TRIMARAN_ENGINE_WT_CONFIG_H_
