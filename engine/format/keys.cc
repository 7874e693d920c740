#include "engine/format/keys.h"

#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/bytes.h"
#include "engine/base/errors.h"
#include "engine/format/limits.h"
#include "engine/format/ordered_number.h"

namespace trimaran::engine {
namespace {

// The first byte: what the engine keeps about a group, or its rows.
constexpr uint8_t kLocalSpace = 0x01;
constexpr uint8_t kRowSpace = 0x02;
// The second byte of the local space.
constexpr uint8_t kRaftFamily = 0x02;
constexpr uint8_t kRegionFamily = 0x03;
constexpr uint8_t kSessionFamily = 0x04;
constexpr uint8_t kFamilyFamily = 0x05;
constexpr uint8_t kGarbageFamily = 0x06;
// What stands behind the group.
constexpr uint8_t kLogEntrySuffix = 0x01;
constexpr uint8_t kRaftStateSuffix = 0x02;
constexpr uint8_t kApplyStateSuffix = 0x03;
constexpr uint8_t kRegionStateSuffix = 0x01;

void EncodeGroup(uint8_t family, GroupId group, std::string& out) {
  out.clear();
  ByteWriter writer(out);
  writer.WriteU8(kLocalSpace);
  writer.WriteU8(family);
  writer.WriteU64(group.value());
}

void EncodeSuffix(uint8_t family, GroupId group, uint8_t suffix,
                  std::string& out) {
  EncodeGroup(family, group, out);
  ByteWriter(out).WriteU8(suffix);
}

void EncodeNumbered(uint8_t family, GroupId group, uint64_t number,
                    std::string& out) {
  EncodeGroup(family, group, out);
  ByteWriter(out).WriteU64(number);
}

std::string GroupPrefix(uint8_t family, GroupId group) {
  std::string out;
  EncodeGroup(family, group, out);
  return out;
}

absl::Status NoKey(std::string_view bytes) {
  // Long enough to recognize it by, and no longer than a line of a log.
  constexpr size_t shown_bytes = 40;
  return CorruptionError(absl::StrCat(
      "not a key of the state machine (", bytes.size(), " bytes): ",
      absl::BytesToHexString(ToAbsl(bytes.substr(0, shown_bytes)))));
}

// The three kinds that share TinyKV's raft prefix.
absl::StatusOr<Key> DecodeRaftKey(std::string_view bytes, GroupId group,
                                  ByteReader reader) {
  uint8_t suffix = 0;
  if (!reader.ReadU8(suffix)) return NoKey(bytes);
  uint64_t index = 0;
  if (suffix == kLogEntrySuffix && reader.ReadU64(index) && reader.empty()) {
    return LogEntryKey{group, LogIndex(index)};
  }
  if (!reader.empty()) return NoKey(bytes);
  if (suffix == kRaftStateSuffix) return RaftStateKey{group};
  if (suffix == kApplyStateSuffix) return ApplyStateKey{group};
  return NoKey(bytes);
}

absl::StatusOr<Key> DecodeLocalKey(std::string_view bytes, ByteReader reader) {
  uint8_t family = 0;
  if (!reader.ReadU8(family)) return NoKey(bytes);
  if (family == kRaftFamily && reader.empty()) return LocalIdentKey{};
  uint64_t group_number = 0;
  if (!reader.ReadU64(group_number)) return NoKey(bytes);
  const GroupId group(group_number);
  if (family == kRaftFamily) return DecodeRaftKey(bytes, group, reader);
  if (family == kRegionFamily) {
    uint8_t suffix = 0;
    if (reader.ReadU8(suffix) && suffix == kRegionStateSuffix &&
        reader.empty()) {
      return RegionStateKey{group};
    }
    return NoKey(bytes);
  }
  uint64_t number = 0;
  if (!reader.ReadU64(number) || !reader.empty()) return NoKey(bytes);
  if (family == kSessionFamily) return SessionKey{group, SessionId(number)};
  if (family == kFamilyFamily) return FamilyKey{group, FamilyId(number)};
  if (family == kGarbageFamily) return GarbageKey{group, FamilyId(number)};
  return NoKey(bytes);
}

absl::StatusOr<Key> DecodeRowKey(std::string_view bytes, ByteReader reader) {
  uint64_t group = 0;
  uint64_t family = 0;
  if (!ReadOrderedNumber(reader, group) || !ReadOrderedNumber(reader, family) ||
      reader.empty() || reader.remaining() > kKeyBytesMax) {
    return NoKey(bytes);
  }
  return RowKey{GroupId(group), FamilyId(family), reader.rest()};
}

struct Describer {
  std::string operator()(LocalIdentKey) const { return "local ident"; }
  std::string operator()(LogEntryKey key) const {
    return InGroup(key.group, "log entry ", key.index.value());
  }
  std::string operator()(RaftStateKey key) const {
    return InGroup(key.group, "raft state");
  }
  std::string operator()(ApplyStateKey key) const {
    return InGroup(key.group, "apply state");
  }
  std::string operator()(RegionStateKey key) const {
    return InGroup(key.group, "region state");
  }
  std::string operator()(SessionKey key) const {
    return InGroup(key.group, "session ", key.session.value());
  }
  std::string operator()(FamilyKey key) const {
    return InGroup(key.group, "family ", key.family.value());
  }
  std::string operator()(GarbageKey key) const {
    return InGroup(key.group, "garbage of family ", key.family.value());
  }
  std::string operator()(const RowKey& key) const {
    return InGroup(key.group, "family ", key.family.value(), " row \"",
                   absl::CHexEscape(ToAbsl(key.user_key)), "\"");
  }

  template <typename... Parts>
  static std::string InGroup(GroupId group, const Parts&... parts) {
    return absl::StrCat("group ", group.value(), " ", parts...);
  }
};

}  // namespace

void EncodeKey(LocalIdentKey, std::string& out) {
  out.clear();
  ByteWriter writer(out);
  writer.WriteU8(kLocalSpace);
  writer.WriteU8(kRaftFamily);
}

void EncodeKey(LogEntryKey key, std::string& out) {
  EncodeSuffix(kRaftFamily, key.group, kLogEntrySuffix, out);
  ByteWriter(out).WriteU64(key.index.value());
}

void EncodeKey(RaftStateKey key, std::string& out) {
  EncodeSuffix(kRaftFamily, key.group, kRaftStateSuffix, out);
}

void EncodeKey(ApplyStateKey key, std::string& out) {
  EncodeSuffix(kRaftFamily, key.group, kApplyStateSuffix, out);
}

void EncodeKey(RegionStateKey key, std::string& out) {
  EncodeSuffix(kRegionFamily, key.group, kRegionStateSuffix, out);
}

void EncodeKey(SessionKey key, std::string& out) {
  EncodeNumbered(kSessionFamily, key.group, key.session.value(), out);
}

void EncodeKey(FamilyKey key, std::string& out) {
  EncodeNumbered(kFamilyFamily, key.group, key.family.value(), out);
}

void EncodeKey(GarbageKey key, std::string& out) {
  EncodeNumbered(kGarbageFamily, key.group, key.family.value(), out);
}

void EncodeKey(const RowKey& key, std::string& out) {
  out.clear();
  ByteWriter writer(out);
  writer.WriteU8(kRowSpace);
  WriteOrderedNumber(key.group.value(), writer);
  WriteOrderedNumber(key.family.value(), writer);
  writer.WriteBytes(key.user_key);
}

void EncodeKey(const Key& key, std::string& out) {
  std::visit([&out](const auto& one) { EncodeKey(one, out); }, key);
}

std::string FamilyPrefix(GroupId group, FamilyId family) {
  return KeyOf(RowKey{group, family, ""});
}

std::string SessionPrefix(GroupId group) {
  return GroupPrefix(kSessionFamily, group);
}

std::string FamilyKeyPrefix(GroupId group) {
  return GroupPrefix(kFamilyFamily, group);
}

std::string GarbagePrefix(GroupId group) {
  return GroupPrefix(kGarbageFamily, group);
}

absl::StatusOr<Key> DecodeKey(std::string_view bytes) {
  ByteReader reader(bytes);
  uint8_t space = 0;
  if (!reader.ReadU8(space)) return NoKey(bytes);
  if (space == kLocalSpace) return DecodeLocalKey(bytes, reader);
  if (space == kRowSpace) return DecodeRowKey(bytes, reader);
  return NoKey(bytes);
}

bool IsStoreLocal(const Key& key) {
  return std::holds_alternative<LocalIdentKey>(key) ||
         std::holds_alternative<LogEntryKey>(key) ||
         std::holds_alternative<RaftStateKey>(key) ||
         std::holds_alternative<GarbageKey>(key);
}

std::string DebugString(const Key& key) { return std::visit(Describer{}, key); }

}  // namespace trimaran::engine
