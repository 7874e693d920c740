#ifndef TRIMARAN_ENGINE_HOME_STORE_IDENTITY_H_
#define TRIMARAN_ENGINE_HOME_STORE_IDENTITY_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/cluster_id.h"
#include "engine/base/ids.h"
#include "engine/base/region.h"
#include "engine/file/file_system.h"

// The file STORE of a data directory: whose it is. It is written once, when the
// directory is made, and never changes.
//
// Thread: all functions may be called from any thread.

namespace trimaran::engine {

// None of these is 0 ("none").
struct StoreIdentity {
  ClusterId cluster;
  StoreId store;
  GroupId group;
  ReplicaId replica;

  friend bool operator==(const StoreIdentity&, const StoreIdentity&) = default;
};

// The layout of a data directory as a whole. On disk: a change of any format
// that an older program would take for damage needs a new number.
inline constexpr uint32_t kHomeFormatVersion = 1;

// Reads the identity of the data directory `home`. NotFound if it has none;
// Corruption if what is there was not written by WriteIdentity;
// NewerFormatError, naming both versions, if it is intact and of a later
// version; else the file system's error. Each names the path.
absl::StatusOr<StoreIdentity> ReadIdentity(FileSystem& files,
                                           std::string_view home);

// Writes it, durably when this returns OK, as a whole or not at all.
// AlreadyExists, and nothing is changed, if `home` has one.
absl::Status WriteIdentity(FileSystem& files, std::string_view home,
                           const StoreIdentity& identity);

// Whom the caller takes the directory to belong to.
struct ExpectedIdentity {
  ClusterId cluster;
  GroupId group;
  ReplicaId replica;
};

// FailedPrecondition, naming the path, what was found and what was expected, if
// the directory belongs to another cluster, group or replica.
absl::Status CheckIdentity(std::string_view home, const StoreIdentity& found,
                           const ExpectedIdentity& expected);

// The content of the file. Corruption and NewerFormatError as above.
std::string EncodeIdentity(const StoreIdentity& identity);
absl::StatusOr<StoreIdentity> DecodeIdentity(std::string_view bytes);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_HOME_STORE_IDENTITY_H_
