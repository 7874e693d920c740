#ifndef TRIMARAN_ENGINE_FORMAT_KEYS_H_
#define TRIMARAN_ENGINE_FORMAT_KEYS_H_

#include <string>
#include <string_view>
#include <variant>

#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/format/command.h"

// The keys of the state machine's table, and the names under which the dump
// tool shows what is in the log. FORMAT.md has them byte by byte. Numbers in
// them sort as numbers do, and each key has exactly one encoding. On disk:
// never change.
//
// Thread: all functions may be called from any thread.

namespace trimaran::engine {

// The generation and the store that a table belongs to. Not part of the
// replicated state.
struct LocalIdentKey {
  friend bool operator==(LocalIdentKey, LocalIdentKey) = default;
};
// An entry of the log; only in dumps.
struct LogEntryKey {
  GroupId group;
  LogIndex index;
  friend bool operator==(LogEntryKey, LogEntryKey) = default;
};
// Term, vote, commit and last entry; only in dumps.
struct RaftStateKey {
  GroupId group;
  friend bool operator==(RaftStateKey, RaftStateKey) = default;
};
struct ApplyStateKey {
  GroupId group;
  friend bool operator==(ApplyStateKey, ApplyStateKey) = default;
};
struct RegionStateKey {
  GroupId group;
  friend bool operator==(RegionStateKey, RegionStateKey) = default;
};
struct SessionKey {
  GroupId group;
  SessionId session;
  friend bool operator==(SessionKey, SessionKey) = default;
};
// A column family that exists.
struct FamilyKey {
  GroupId group;
  FamilyId family;
  friend bool operator==(FamilyKey, FamilyKey) = default;
};
// A dropped column family of which this table may still hold rows. When they
// are removed is each store's own affair, so that this is not part of the
// replicated state, and neither are those rows.
struct GarbageKey {
  GroupId group;
  FamilyId family;
  friend bool operator==(GarbageKey, GarbageKey) = default;
};
// A row of a column family.
struct RowKey {
  GroupId group;
  FamilyId family;
  // 1 to kKeyBytesMax bytes, where it was decoded. Points into what it was
  // decoded from.
  std::string_view user_key;
  friend bool operator==(const RowKey&, const RowKey&) = default;
};

using Key =
    std::variant<LocalIdentKey, LogEntryKey, RaftStateKey, ApplyStateKey,
                 RegionStateKey, SessionKey, FamilyKey, GarbageKey, RowKey>;

// Each replaces `out`, whose memory is used again.
void EncodeKey(LocalIdentKey key, std::string& out);
void EncodeKey(LogEntryKey key, std::string& out);
void EncodeKey(RaftStateKey key, std::string& out);
void EncodeKey(ApplyStateKey key, std::string& out);
void EncodeKey(RegionStateKey key, std::string& out);
void EncodeKey(SessionKey key, std::string& out);
void EncodeKey(FamilyKey key, std::string& out);
void EncodeKey(GarbageKey key, std::string& out);
void EncodeKey(const RowKey& key, std::string& out);
void EncodeKey(const Key& key, std::string& out);

// For a single use.
template <typename AnyKey>
std::string KeyOf(const AnyKey& key) {
  std::string out;
  EncodeKey(key, out);
  return out;
}

// What every row of a family begins with, and nothing else does. A row's key is
// this and the user's key, so that whoever makes many keys of one family can
// keep it: three bytes for the first 247 groups and families.
std::string FamilyPrefix(GroupId group, FamilyId family);

// What every session, family or garbage key of a group begins with.
std::string SessionPrefix(GroupId group);
std::string FamilyKeyPrefix(GroupId group);
std::string GarbagePrefix(GroupId group);

// Corruption if `bytes` are no key.
absl::StatusOr<Key> DecodeKey(std::string_view bytes);

// Whether the key is one store's own, and no part of the replicated state:
// LocalIdentKey, LogEntryKey, RaftStateKey and GarbageKey. (A row of a dropped
// family cannot be told by its key.)
bool IsStoreLocal(const Key& key);

// For people: `group 1 family 2 row "k\000"`.
std::string DebugString(const Key& key);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FORMAT_KEYS_H_
