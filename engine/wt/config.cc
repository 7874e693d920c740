#include "engine/wt/config.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"

namespace trimaran::wt {
namespace {

constexpr absl::string_view kUriPrefix = "file:";

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

bool IsValidTableName(std::string_view name) {
  return !name.empty() && name.size() <= kTableNameBytesMax &&
         name.front() >= 'a' && name.front() <= 'z' &&
         std::all_of(name.begin(), name.end(), IsNameCharacter);
}

bool IsValidCheckpointName(std::string_view name) {
  // "drop=(all)", "drop=(from=x)" and "drop=(to=x)" mean more than one.
  return IsValidTableName(name) && name != "all" && name != "from" &&
         name != "to";
}

std::string TableFileName(std::string_view table) {
  TRIMARAN_CHECK(IsValidTableName(table)) << "table name \"" << table << "\"";
  return absl::StrCat(ToAbsl(table), ToAbsl(kTableFileSuffix));
}

std::string TableUri(std::string_view table) {
  return absl::StrCat(kUriPrefix, TableFileName(table));
}

std::string_view TableOfUri(std::string_view uri) {
  absl::string_view name = ToAbsl(uri);
  if (!absl::ConsumePrefix(&name, kUriPrefix) ||
      !absl::ConsumeSuffix(&name, ToAbsl(kTableFileSuffix)) ||
      !IsValidTableName(ToStd(name))) {
    return {};
  }
  return ToStd(name);
}

std::string ConnectionConfigString(const ConnectionConfig& config) {
  std::string text;
  if (config.creation == ConnectionConfig::Creation::kAllowed) {
    text = "create=true,";
  }
  if (config.access == ConnectionConfig::Access::kReadOnly) {
    absl::StrAppend(&text, "readonly=true,");
  }
  absl::StrAppend(
      &text,
      // No settings from a file in the home, or from the environment, that
      // nobody remembers: what is written here holds.
      "config_base=false,use_environment=false,",
      "cache_size=", config.cache_bytes, ",session_max=", config.sessions_max,
      // The raft log is the journal; after a crash a home is its last
      // checkpoint.
      ",log=(enabled=false)",
      // A checkpoint that is not synced is none.
      ",checkpoint_sync=true",
      // Small checkpoints stall the raft log, which shares the device, for a
      // short time only.
      ",eviction=(threads_min=2,threads_max=4)",
      ",eviction_dirty_target=5,eviction_dirty_trigger=20",
      // Idle tables stay open: closing them beside a checkpoint or a drop has
      // known faults in 3.2.1, and there are few of them.
      ",file_manager=(close_idle_time=0)", ",statistics=(fast)",
      // One way to read, the same under the disks of tests.
      ",mmap=false");
  if (!config.extensions.empty()) {
    absl::StrAppend(&text, ",extensions=[", ToAbsl(config.extensions), "]");
  }
  return text;
}

std::string_view SessionConfigString() {
  // Of its transactions, which then need no settings of their own, and of what
  // is read outside them.
  return "isolation=snapshot";
}

std::string_view TableConfigString() {
  return
      // An existing table is an error, not a success.
      "exclusive=true,"
      // Bytes, in the order of memcmp.
      "key_format=u,value_format=u"
      // Would be ignored without a journal, and must never be believed.
      ",log=(enabled=false)"
      // Every block, also one that is compressed.
      ",checksum=on"
      // Changes at random places make half as many dirty bytes with 8 KB
      // leaves as with the 32 KB that WiredTiger takes by itself.
      ",allocation_size=4KB,leaf_page_max=8KB,internal_page_max=16KB"
      // Keys never go to overflow pages, which 3.2.1 mishandles; values do
      // not either.
      ",leaf_key_max=2KB,internal_key_max=2KB,leaf_value_max=64MB"
      ",memory_page_max=1MB,split_pct=90";
}

std::string_view DropConfigString() {
  // Neither waits for a checkpoint nor for a lock: the caller tries later.
  return "checkpoint_wait=false,lock_wait=false";
}

std::string_view BulkCursorConfigString() { return "bulk"; }

std::string CheckpointCursorConfigString(std::string_view checkpoint) {
  TRIMARAN_CHECK(IsValidCheckpointName(checkpoint))
      << "checkpoint name \"" << checkpoint << "\"";
  return absl::StrCat("checkpoint=", ToAbsl(checkpoint));
}

std::string_view LastCheckpointCursorConfigString() {
  return "checkpoint=WiredTigerCheckpoint";
}

}  // namespace trimaran::wt
