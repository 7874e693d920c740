#include "engine/home/store_identity.h"

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "engine/base/crc32c.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/home/home_paths.h"

namespace trimaran::engine {
namespace {

// On disk: never change. Every version begins with the magic and the version,
// and ends with the checksum of all before it, so that a later one can be told
// from damage.
//   magic, version u32, cluster u64 u64, store u64, group u64, replica u64,
//   crc u32
constexpr std::string_view kMagic = "TRIMARAN";
constexpr size_t kIdentityBytesMax = 4096;

bool IsComplete(const StoreIdentity& identity) {
  return identity.cluster != ClusterId() && identity.store != StoreId() &&
         identity.group != GroupId() && identity.replica != kNoReplica;
}

bool ReadFields(ByteReader& reader, StoreIdentity& identity) {
  uint64_t store = 0;
  uint64_t group = 0;
  uint64_t replica = 0;
  if (!reader.ReadU64(identity.cluster.high) ||
      !reader.ReadU64(identity.cluster.low) || !reader.ReadU64(store) ||
      !reader.ReadU64(group) || !reader.ReadU64(replica)) {
    return false;
  }
  identity.store = StoreId(store);
  identity.group = GroupId(group);
  identity.replica = ReplicaId(replica);
  return true;
}

absl::Status WithPath(const absl::Status& status, std::string_view path) {
  const std::string text = absl::StrCat(ToAbsl(path), ": ", status.message());
  return IsNewerFormat(status) ? NewerFormatError(text) : CorruptionError(text);
}

template <typename Id>
absl::Status Mismatch(std::string_view home, absl::string_view what,
                      const Id& found, const Id& expected) {
  return absl::FailedPreconditionError(
      absl::StrCat("data directory ", ToAbsl(home), " belongs to ", what, " ",
                   found, ", not to ", what, " ", expected));
}

}  // namespace

std::string EncodeIdentity(const StoreIdentity& identity) {
  TRIMARAN_CHECK(IsComplete(identity)) << "an identity without a name";
  std::string out;
  ByteWriter writer(out);
  writer.WriteBytes(kMagic);
  writer.WriteU32(kHomeFormatVersion);
  writer.WriteU64(identity.cluster.high);
  writer.WriteU64(identity.cluster.low);
  writer.WriteU64(identity.store.value());
  writer.WriteU64(identity.group.value());
  writer.WriteU64(identity.replica.value());
  writer.WriteU32(Crc32c(out));
  return out;
}

absl::StatusOr<StoreIdentity> DecodeIdentity(std::string_view bytes) {
  ByteReader reader(bytes);
  std::string_view magic;
  std::string_view fields;
  uint32_t version = 0;
  uint32_t checksum = 0;
  if (!reader.ReadBytes(kMagic.size(), magic) || magic != kMagic) {
    return CorruptionError("store identity: no such file of this program");
  }
  if (!reader.ReadU32(version) || reader.remaining() < sizeof(checksum) ||
      !reader.ReadBytes(reader.remaining() - sizeof(checksum), fields) ||
      !reader.ReadU32(checksum)) {
    return CorruptionError("store identity: cut off");
  }
  if (Crc32c(bytes.substr(0, bytes.size() - sizeof(checksum))) != checksum) {
    return CorruptionError("store identity: checksum mismatch");
  }
  if (version > kHomeFormatVersion) {
    return NewerFormatError(
        absl::StrCat("the data directory has format version ", version,
                     "; this program reads version ", kHomeFormatVersion));
  }
  StoreIdentity identity;
  ByteReader field_reader(fields);
  if (version == 0 || !ReadFields(field_reader, identity) ||
      !field_reader.empty() || !IsComplete(identity)) {
    return CorruptionError("store identity: not what was ever written");
  }
  return identity;
}

absl::StatusOr<StoreIdentity> ReadIdentity(FileSystem& files,
                                           std::string_view home) {
  const std::string path = JoinPath(home, kIdentityFile);
  auto bytes = ReadFile(files, path, kIdentityBytesMax);
  if (!bytes.ok()) return bytes.status();
  auto identity = DecodeIdentity(*bytes);
  if (!identity.ok()) return WithPath(identity.status(), path);
  return identity;
}

absl::Status WriteIdentity(FileSystem& files, std::string_view home,
                           const StoreIdentity& identity) {
  const std::string path = JoinPath(home, kIdentityFile);
  TRIMARAN_ASSIGN_OR_RETURN(const PathInfo found, files.Inspect(path));
  if (found.kind != FileKind::kAbsent) {
    return absl::AlreadyExistsError(
        absl::StrCat(path, ": the data directory has an identity already"));
  }
  return WriteFileAtomically(files, path, EncodeIdentity(identity));
}

absl::Status CheckIdentity(std::string_view home, const StoreIdentity& found,
                           const ExpectedIdentity& expected) {
  if (found.cluster != expected.cluster) {
    return Mismatch(home, "cluster", found.cluster.ToString(),
                    expected.cluster.ToString());
  }
  if (found.group != expected.group) {
    return Mismatch(home, "group", found.group.value(), expected.group.value());
  }
  if (found.replica != expected.replica) {
    return Mismatch(home, "replica", found.replica.value(),
                    expected.replica.value());
  }
  return absl::OkStatus();
}

}  // namespace trimaran::engine
