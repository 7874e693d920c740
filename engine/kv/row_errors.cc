#include "engine/kv/row_errors.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "engine/base/errors.h"
#include "engine/format/keys.h"
#include "engine/format/limits.h"

namespace trimaran::engine {

absl::Status CheckUserKey(std::string_view key) {
  if (!key.empty() && key.size() <= kKeyBytesMax) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "a key has 1 to ", kKeyBytesMax, " bytes, not ", key.size()));
}

absl::Status NoSuchFamilyError(FamilyId family) {
  return absl::NotFoundError(
      absl::StrCat("there is no column family ", family.value()));
}

absl::Status UndecodableRowError(std::string_view table_key) {
  const absl::StatusOr<Key> key = DecodeKey(table_key);
  return CorruptionError(
      absl::StrCat("the value of a row cannot be decoded: ",
                   key.ok() ? DebugString(*key) : key.status().ToString()));
}

absl::Status FailOnRow(wt::Connection& connection, std::string_view table_key) {
  return connection.Poison(UndecodableRowError(table_key));
}

}  // namespace trimaran::engine
